//! Hunts that several machines share: together they find what one finds, each part does what no other does, and a part that died is
//! done again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::{Failed, Trial};

use crate::hunting::{Hunted, equal, hunt, read, strings};
use crate::{copy, pytest};

const QUICK: &[&str] = &["--orders", "given,state,reverse", "--no-commands"];
const ALL: &[&str] = &["--orders", "given,state,reverse,pairs,random", "--no-commands"];

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("shards::find_what_one_machine_finds", find_the_same),
        Trial::test("shards::run_pairs_and_random_orders_of_their_own", own_orders),
        Trial::test("shards::a_part_that_is_missing_or_died_is_told", told_and_repeated),
    ]
}

/// What is found of which test, by which others, and why.
fn found(hunted: &Hunted) -> BTreeSet<String> {
    let of = |line: &&serde_json::Value| {
        let before = [strings(&line["polluters"]), strings(&line["state_setters"])].concat();
        format!("{} {} after {before:?}: {}", line["finding"], line["victim"], line["cause"])
    };
    hunted.of_kind("finding").iter().map(of).collect()
}

/// Hunts each part of a suite in a folder, as machines that share nothing but the path of the suite.
fn shards(suite: &Path, options: &[&str], of: usize, into: &Path) -> Result<Vec<PathBuf>, String> {
    let shard = |index: usize| {
        let number = format!("{index}/{of}");
        let hunted = hunt(suite, &pytest()?, &[options, &["--shard", &number]].concat())?;
        let lines = hunted.lines.iter().map(|line| format!("{line}\n"));
        let file = into.join(format!("{index}.json"));
        fs::write(&file, lines.collect::<String>()).map_err(|error| error.to_string())?;
        Ok(file)
    };
    (1..=of).map(shard).collect()
}

fn merge(files: &[PathBuf]) -> Result<Output, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taster"));
    command.args(["merge", "--format", "json"]).args(files).output().map_err(|error| error.to_string())
}

fn find_the_same() -> Result<(), Failed> {
    for name in ["chain_of_four", "fixtures", "setter_fails_first", "same_name", "crash"] {
        let suite = copy(name)?;
        let one = hunt(suite.path(), &pytest()?, QUICK)?;
        let folder = tempfile::tempdir()?;
        let files = shards(suite.path(), QUICK, 3, folder.path())?;
        let all = read(&merge(&files)?)?;
        equal(name, found(&all), found(&one))?;
        equal("status", all.status, one.status)?;
        equal("broken", &all.summary()?["broken"], &one.summary()?["broken"])?;
        for count in ["total", "left"] {
            equal(count, &all.summary()?["pairs"][count], &one.summary()?["pairs"][count])?;
        }
        // Each finding is of the machine whose test it is: no two machines looked into one.
        let each = files.iter().map(|file| {
            let text = fs::read_to_string(file).unwrap_or_default();
            text.lines().filter(|line| line.contains("\"kind\":\"finding\"")).count()
        });
        equal("findings of all machines", each.sum(), found(&one).len())?;
    }
    Ok(())
}

fn own_orders() -> Result<(), Failed> {
    let suite = copy("cleaner")?;
    fs::write(
        suite.path().join("test_more.py"),
        (0..9).map(|at| format!("def test_{at}(): pass\n")).collect::<String>(),
    )?;
    let one = hunt(suite.path(), &pytest()?, ALL)?;
    let folder = tempfile::tempdir()?;
    let files = shards(suite.path(), ALL, 2, folder.path())?;
    let all = read(&merge(&files)?)?;
    equal("found", found(&all), found(&one))?;
    let of = |text: &str| {
        text.lines().last().and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok())
    };
    let orders = |kind: &str| -> Result<Vec<u64>, String> {
        let count = |file: &PathBuf| {
            let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
            Ok(of(&text).ok_or("no summary")?["orders"][kind].as_u64().unwrap_or_default())
        };
        files.iter().map(count).collect()
    };
    let of_one = one.summary()?["orders"]["pairs"].as_u64().unwrap_or_default();
    let each = orders("pairs")?;
    equal("orders that cover pairs", each.iter().sum(), of_one)?;
    equal("parts of them", each.iter().all(|part| part.abs_diff(of_one / 2) <= 1), true)?;
    equal("orders that all run", orders("given")?, vec![1, 1])?;
    equal("neighbours", &all.summary()?["neighbours"], &one.summary()?["neighbours"])?;
    Ok(())
}

fn told_and_repeated() -> Result<(), Failed> {
    let suite = copy("cleaner")?;
    let folder = tempfile::tempdir()?;
    let mut files = shards(suite.path(), QUICK, 2, folder.path())?;
    let whole = read(&merge(&files)?)?;
    equal("status", whole.status, 1)?;
    let halted = |hunted: &Hunted| hunted.summary().map(|summary| summary["halted"].clone());
    equal("halted", halted(&whole)?, serde_json::Value::Null)?;
    for (at, file) in files.iter().enumerate() {
        let one = read(&merge(std::slice::from_ref(file))?)?;
        equal("halted", halted(&one)?, format!("shard {}/2 is missing", 2 - at).into())?;
        // What is there counts; what is not may be more.
        equal("status", one.status, if found(&one).is_empty() { 3 } else { 1 })?;
    }
    let text = fs::read_to_string(&files[0])?;
    let died = folder.path().join("died.json");
    fs::write(&died, text.lines().take(2).map(|line| format!("{line}\n")).collect::<String>())?;
    let half = read(&merge(&[died.clone(), files[1].clone()])?)?;
    equal("halted", halted(&half)?, "shard 1/2 ended before its summary".into())?;
    files.push(died);
    equal("found", found(&read(&merge(&files)?)?), found(&whole))?;
    // Another seed is another hunt.
    let other = hunt(suite.path(), &pytest()?, &[QUICK, &["--shard", "2/2", "--seed", "7"]].concat())?;
    let file = folder.path().join("other.json");
    fs::write(&file, other.lines.iter().map(|line| format!("{line}\n")).collect::<String>())?;
    let refused = merge(&[files[0].clone(), file])?;
    equal("status", refused.status.code(), Some(2))?;
    equal(
        "reason",
        String::from_utf8_lossy(&refused.stderr).contains("it is of another seed (7, not 0)"),
        true,
    )?;
    Ok(())
}
