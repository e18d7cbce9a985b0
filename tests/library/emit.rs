//! Scripts that reproduce a finding without taster: written for every finding of every shipped scenario, and run.

use std::path::Path;
use std::process::Command;

use crate::not_run;
use taster::emit::{EmitError, emit};
use taster::interpreter::Installation;
use taster::interpreter::cpython::discover::{Places, discover};
use taster::run::{self, RunError, RunOptions};
use taster::scenario::{self, Scenario};

fn shipped() -> Vec<Scenario> {
    let files = scenario::files_in(Path::new("scenarios")).unwrap();
    // A script has no real code beside it.
    let files = files.iter().filter(|file| file.parent() == Some(Path::new("scenarios")));
    files.map(|file| scenario::read(file).unwrap()).collect()
}

fn each_python(versions: &[(u32, u32)], test: impl Fn(&Installation)) {
    let found = discover(&Places::from_variables(|name| std::env::var_os(name)));
    for &version in versions {
        match found.iter().find(|installation| installation.identity.version.feature() == version) {
            Some(installation) => test(installation),
            None => not_run::say(&format!("no CPython {}.{} was found", version.0, version.1)),
        }
    }
}

/// How many of the scenario's findings on an interpreter were reproduced by a script, each once under its first clock.
fn reproduced(scenario: &Scenario, installation: &Installation) -> usize {
    let mut options = RunOptions::default();
    options.audit = 0;
    let mut scripts = 0;
    for timestamps in &scenario.timestamps {
        let verdict = match run::run(scenario, installation, timestamps, &options, &|_| {}) {
            Ok(verdict) => verdict,
            Err(RunError::OtherVersion { .. }) => return 0,
            Err(problem) => panic!("{}: {problem}", scenario.path.display()),
        };
        for finding in &verdict.findings {
            match emit(scenario, installation, timestamps, finding) {
                Ok(emitted) => {
                    assert!(emitted.said.contains("reproduced:"), "{}", emitted.said);
                    scripts += 1;
                }
                Err(problem) => panic!(
                    "{} at {} on {}: {problem}",
                    scenario.path.display(),
                    timestamps.written,
                    installation.identity.label
                ),
            }
        }
    }
    scripts
}

#[test]
fn every_finding_of_every_shipped_scenario_has_a_script_that_reproduces_it() {
    each_python(&[(3, 11)], |installation| {
        let scripts: usize = shipped().iter().map(|scenario| reproduced(scenario, installation)).sum();
        println!("{scripts} scripts on {}", installation.identity.label);
        assert!(scripts > 20, "{scripts}");
    });
}

#[test]
fn scripts_are_for_old_pythons_too() {
    each_python(&[(2, 7), (3, 6)], |installation| {
        let wanted = ["stale-bytecode.toml", "same-name.toml", "missing-directory.toml"];
        for scenario in shipped() {
            if wanted.iter().any(|name| scenario.path.ends_with(name)) {
                assert!(reproduced(&scenario, installation) > 0, "{}", scenario.path.display());
            }
        }
    });
}

#[test]
fn the_model_runs_no_script() {
    let scenario = scenario::read(Path::new("scenarios/same-name.toml")).unwrap();
    let model = taster::interpreter::choose::built_in(scenario::Version::new(3, 13, 0));
    let timestamps = &scenario.timestamps[0];
    let verdict = run::run(&scenario, &model, timestamps, &RunOptions::default(), &|_| {}).unwrap();
    let problem = emit(&scenario, &model, timestamps, &verdict.findings[0]).unwrap_err();
    assert!(matches!(problem, EmitError::NoPython(_)), "{problem}");
}

#[test]
fn a_script_says_nothing_is_reproduced_where_nothing_is() {
    each_python(&[(3, 11)], |installation| {
        let scenario = scenario::read(Path::new("scenarios/bpython-582.toml")).unwrap();
        let timestamps = &scenario.timestamps[0];
        let verdict = run::run(&scenario, installation, timestamps, &RunOptions::default(), &|_| {}).unwrap();
        let script = emit(&scenario, installation, timestamps, &verdict.findings[0]).unwrap().script;
        let cured = script.replace("import tempmod2; settle()", "import tempmod2; settle(); now += 1");
        assert_ne!(cured, script);
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("cured.py");
        std::fs::write(&file, cured).unwrap();
        let python = installation.identity.path.as_ref().unwrap();
        let output = Command::new(python).arg(&file).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "not reproduced");
    });
}
