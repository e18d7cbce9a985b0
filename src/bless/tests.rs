//! Several processes of one test run, each with what one interpreter says.

use super::*;
use crate::scenario::Version;

const SCENARIO: &str = "# Kept.\ntitle = 't'\n[clock]\ntimestamps = ['1s']\n[[test]]\nname = 'a'\nsteps = [{ mkdir = 'a' }]\n\
                        [[test]]\nname = 'b'\nsteps = [{ mkdir = 'b' }]\n";

const VERSIONS: [Version; 4] =
    [Version::new(2, 7, 18), Version::new(3, 6, 15), Version::new(3, 11, 7), Version::new(3, 13, 0)];

/// What a run on one interpreter says, which finds that `a` poisons `b` or not.
fn said(path: &Path, version: Version, finds: bool) -> Observations {
    let observed = Observed {
        kind: FindingKind::Victim,
        test: 1,
        others: vec![0],
        cause: Some(Cause::StaleDirectoryListing),
    };
    let findings = if finds { vec![observed] } else { Vec::new() };
    let observation = Observation { version, timestamps: "1s".into(), findings };
    let said = TrialsOfFile { observations: vec![observation], ended: 1 };
    Observations(BTreeMap::from([(path.to_path_buf(), said)]))
}

/// A test run of this name with so many trials of the scenario.
fn run_of(path: &Path, name: &str, trials: usize) -> TestRun {
    TestRun {
        directory: path.parent().unwrap().to_path_buf(),
        name: name.to_owned(),
        trials: BTreeMap::from([(path.to_path_buf(), trials)]),
    }
}

/// What runs keep beside the scenario.
fn kept_beside(path: &Path) -> usize {
    let entries = fs::read_dir(path.parent().unwrap()).unwrap().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("taster-bless-")).count()
}

#[test]
fn nothing_is_kept_once_all_trials_have_ended() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("t.toml");
    fs::write(&path, SCENARIO).unwrap();
    let run = run_of(&path, "run", 3);
    let last =
        Observations(BTreeMap::from([(path.clone(), TrialsOfFile { ended: 1, ..TrialsOfFile::default() })]));
    let trials = [said(&path, VERSIONS[1], false), said(&path, VERSIONS[2], true), last];
    let kept = trials.map(|trial| {
        trial.bless(Some(&run)).for_each(|blessing| drop(blessing.unwrap()));
        kept_beside(&path)
    });
    assert_eq!(kept, [1, 1, 0]);
}

/// The text after each version has been blessed by a process of its own, in this order, in a test run of this name.
fn blessed(path: &Path, name: &str, order: &[usize]) -> String {
    let run = run_of(path, name, order.len());
    for &at in order {
        let finds = VERSIONS[at] > Version::new(3, 6, 99);
        for blessing in said(path, VERSIONS[at], finds).bless(Some(&run)) {
            blessing.unwrap();
        }
    }
    fs::read_to_string(path).unwrap()
}

#[test]
fn processes_of_one_run_declare_together_whatever_their_order() {
    let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]];
    let texts = orders.map(|order| {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("t.toml");
        fs::write(&path, SCENARIO).unwrap();
        let once = blessed(&path, "first", &order);
        assert_eq!(blessed(&path, "second", &order), once, "a second blessing changes nothing");
        once
    });
    assert!(texts[0].starts_with(SCENARIO) && texts[0].ends_with("python = \">=3.11\"\n"), "{}", texts[0]);
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
}

#[test]
fn one_interpreter_narrows_what_may_hold_on_others() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("t.toml");
    let declared = format!("{SCENARIO}\n[[poisoning]]\npolluters = ['a']\nvictim = 'b'\n");
    fs::write(&path, declared).unwrap();
    let bless = |version: Version| {
        said(&path, version, false).bless(None).for_each(|blessing| drop(blessing.unwrap()));
        scenario::read(&path).unwrap()
    };
    let applies = |scenario: &scenario::Scenario, version: Version| {
        scenario.declarations.iter().any(|one| one.applies(&version, "1s"))
    };
    let narrowed = bless(VERSIONS[2]);
    assert_eq!(VERSIONS.map(|version| applies(&narrowed, version)), [true, true, false, true]);
    let minors = (6..=13).map(|minor| Version::new(3, minor, 0));
    for version in minors {
        bless(version);
    }
    assert_eq!(bless(VERSIONS[0]).declarations, [], "nothing is left once all versions have been asked");
}
