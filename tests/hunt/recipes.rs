//! The recipes of docs/ci.md and the composite action: each command that starts taster is run in a small suite, in which it finds
//! something, and writes the files that the recipe goes on with.

use std::collections::BTreeSet;
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::hunting::equal;
use crate::{copy, pytest};

const RECIPES: &str = include_str!("../../docs/ci.md");
const ACTION: &str = include_str!("../../action.yml");

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("recipes::do_what_they_say", run)]
}

/// The commands of both files that start a hunt, in words of a shell.
fn hunts() -> BTreeSet<String> {
    let mut commands = BTreeSet::new();
    for line in RECIPES.lines().chain(ACTION.lines()) {
        let line = line
            .trim()
            .trim_start_matches("- run: ")
            .trim_start_matches("- ")
            .trim_start_matches("commands = ");
        let words = if line.starts_with("session.run(") {
            // The arguments of nox's function are the words of the command.
            line.split('"').skip(1).step_by(2).collect::<Vec<_>>().join(" ")
        } else {
            line.replace("${{ inputs.python }}", "python")
                .replace("${{ inputs.arguments }}", "--budget 10m")
                .replace(" {posargs}", "")
        };
        if let Some(arguments) = words.strip_prefix("python -m taster hunt ") {
            commands.insert(arguments.to_owned());
        }
    }
    commands
}

fn run() -> Result<(), Failed> {
    let commands = hunts();
    // One of GitHub's, which is also the action's, one of GitLab's, and that of tox and nox.
    equal("commands", commands.len(), 3)?;
    for arguments in commands {
        let suite = copy("cleaner")?;
        let cache = tempfile::tempdir()?;
        let output = Command::new("sh")
            .args(["-c", &format!("exec \"$TASTER\" hunt --python \"$PYTHON\" {arguments}")])
            .env("TASTER", env!("CARGO_BIN_EXE_taster"))
            .env("PYTHON", pytest()?)
            .env("XDG_CACHE_HOME", cache.path())
            .current_dir(suite.path())
            .output()?;
        equal(&arguments, output.status.code(), Some(1))?;
        let files = arguments.split(' ').filter_map(|word| word.split_once('=')).map(|(_, file)| file);
        for file in files {
            equal(file, std::fs::read_to_string(suite.path().join(file))?.contains("test_victim"), true)?;
        }
        let annotated =
            String::from_utf8_lossy(&output.stdout).contains("::error file=test_cleaner.py,line=15,");
        equal("annotations", annotated, arguments.contains("--report github"))?;
    }
    Ok(())
}
