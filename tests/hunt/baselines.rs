//! Known findings: a baseline is written, what is in it does not fail the hunt, and what is new or gone is told.

use std::path::Path;
use std::process::{Command, Output};

use libtest_mimic::{Failed, Trial};

use crate::hunting::equal;
use crate::{copy, pytest};

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("baselines::tell_what_is_new_and_what_is_gone", new_and_gone)]
}

fn hunt(folder: &Path, options: &[&str]) -> Result<(Output, String), Failed> {
    let cache = tempfile::tempdir()?;
    let output = Command::new(env!("CARGO_BIN_EXE_taster"))
        .args([
            "hunt",
            "--orders",
            "given,reverse,pairs",
            "--timestamps",
            "real",
            "--no-commands",
            "--python",
        ])
        .arg(pytest()?)
        .args(["--baseline", "known.toml"])
        .args(options)
        .env("XDG_CACHE_HOME", cache.path())
        .current_dir(folder)
        .output()?;
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Ok((output, text))
}

fn new_and_gone() -> Result<(), Failed> {
    let folder = copy("cleaner")?;
    let told = |options: &[&str], status: i32, said: &[&str], unsaid: &[&str]| -> Result<(), Failed> {
        let (output, text) = hunt(folder.path(), options)?;
        equal("status", output.status.code(), Some(status)).map_err(|error| format!("{error}\n{text}"))?;
        for part in said {
            equal(part, text.contains(part), true).map_err(|error| format!("{error}\n{text}"))?;
        }
        for part in unsaid {
            equal(part, text.contains(part), false).map_err(|error| format!("{error}\n{text}"))?;
        }
        Ok(())
    };
    told(
        &[],
        2,
        &["there is no baseline known.toml; to write it, add --update-baseline"],
        &["collected in"],
    )?;
    told(&["--update-baseline"], 0, &["[1] ", "baseline: 1 finding new, 0 known"], &[])?;
    told(&[], 0, &["baseline: 0 findings new, 1 known"], &["[1] ", "gone"])?;
    let more =
        "\nflag = []\n\ndef test_flags():\n    flag.append(1)\n\ndef test_no_flag():\n    assert not flag\n";
    let file = folder.path().join("test_cleaner.py");
    std::fs::write(&file, std::fs::read_to_string(&file)? + more)?;
    let new = ["test_cleaner.py::test_flags\n    pollutes", "baseline: 1 finding new, 1 known"];
    told(&["--report", "junit=report.xml"], 1, &new, &["test_cleaner.py::test_polluter\n    pollutes"])?;
    let junit = std::fs::read_to_string(folder.path().join("report.xml"))?;
    equal("failures", junit.contains("failures=\"1\""), true)?;
    std::fs::write(&file, more)?;
    told(
        &["--quiet"],
        1,
        &["gone: this hunt, which was complete", "test_cleaner.py::test_victim (victim)"],
        &[],
    )?;
    told(&["--update-baseline"], 0, &[], &[])?;
    let known = std::fs::read_to_string(folder.path().join("known.toml"))?;
    equal("known", (known.contains("::test_no_flag"), known.contains("::test_victim")), (true, false))?;
    Ok(())
}
