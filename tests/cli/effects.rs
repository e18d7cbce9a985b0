//! A model that differs from a real interpreter: the interpreter is a CPython whose `importlib` has one rare defect.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Case, Need, said};

pub(super) const CASES: &[Case] = &[
    ("a_difference_from_the_model_is_told_with_its_shortest_ordering", Need::Python, a_difference),
    ("a_rare_difference_from_the_model_is_found_with_every_seed", Need::Python, every_seed),
];

/// Three tests that write and import a module each, and one that makes the interpreter forget its listings.
const SCENARIO: &str = r#"title = "Three modules, and listings that are forgotten"
permute = "steps"
setup = [{ mkdir = "lib" }, { sys-path = "lib" }]

[clock]
timestamps = ["1s"]

[[test]]
name = "t0"
steps = [{ write = "lib/m0.py" }, { import = "m0" }]

[[test]]
name = "t1"
steps = [{ write = "lib/m1.py" }, { import = "m1" }]

[[test]]
name = "t2"
steps = [{ write = "lib/m2.py" }, { import = "m2" }]

[[test]]
name = "fresh"
steps = [{ invalidate-caches = true }]
"#;

/// A CPython in whose standard library `importlib.invalidate_caches()` does nothing where one listing is known.
struct OddPython {
    folder: TempDir,
    library: PathBuf,
    executable: PathBuf,
    /// What `importlib/__init__.py` is without the defect.
    sound: String,
}

impl OddPython {
    /// A copy of the CPython of these trials: its library is linked, but for the file that gets the defect.
    fn new() -> Self {
        let python = super::python().expect("the trial needs one");
        let code =
            "import os, sys; print(os.path.dirname(os.__file__)); print(os.path.realpath(sys.executable))";
        let asked = Command::new(python).args(["-s", "-S", "-c", code]).output().expect("it runs");
        let told = String::from_utf8(asked.stdout).expect("paths of letters");
        let (library, executable) = told.trim().split_once('\n').expect("two lines");
        let (library, executable) = (Path::new(library), Path::new(executable));
        let name = |path: &Path| path.file_name().expect("a name").to_owned();
        let folder = tempfile::tempdir().expect("there is room");
        let own = folder.path().join("lib").join(name(library));
        fs::create_dir_all(folder.path().join("bin")).expect("there is room");
        fs::create_dir_all(own.join("importlib")).expect("there is room");
        let copy = folder.path().join("bin").join(name(executable));
        fs::copy(executable, &copy).expect("it can be read");
        link_all(library, &own, "importlib");
        link_all(&library.join("importlib"), &own.join("importlib"), "__init__.py");
        let sound = fs::read_to_string(library.join("importlib/__init__.py")).expect("a module");
        Self { folder, library: own, executable: copy, sound }
    }

    /// From now on a listing of exactly these modules is not forgotten.
    fn break_with(&self, listed: &[usize]) {
        let names: Vec<String> = listed.iter().map(|module| format!("'m{module}.py'")).collect();
        let defect = format!(
            "def invalidate_caches():\n    for entry, finder in sys.path_importer_cache.items():\n        \
             if entry.endswith('/lib') and finder._path_cache == {{{}}}:\n            return\n",
            names.join(", ")
        );
        let broken = self.sound.replacen("def invalidate_caches():\n", &defect, 1);
        assert_ne!(broken, self.sound);
        self.write(&broken);
    }

    fn write(&self, text: &str) {
        fs::write(self.library.join("importlib/__init__.py"), text).expect("there is room");
    }

    /// The arguments of a run on it that cannot walk all states.
    fn arguments(&self, seed: usize) -> Vec<String> {
        let scenario = self.folder.path().join("three.toml");
        fs::write(&scenario, SCENARIO).expect("there is room");
        let executable = self.executable.display().to_string();
        let seed = seed.to_string();
        let fixed = ["--diagnose", "none", "--max-states", "20", "--seed", &seed, "--python", &executable];
        let mut arguments = vec!["run".to_owned(), scenario.display().to_string()];
        arguments.extend(fixed.map(str::to_owned));
        arguments
    }
}

fn link_all(from: &Path, to: &Path, but: &str) {
    for entry in fs::read_dir(from).expect("it can be read") {
        let name = entry.expect("it can be read").file_name();
        if name != but && name != "__pycache__" {
            symlink(from.join(&name), to.join(&name)).expect("there is room");
        }
    }
}

fn run(arguments: &[String], more: &[&str]) -> super::Said {
    said(&[&arguments.iter().map(String::as_str).collect::<Vec<_>>()[..], more].concat())
}

fn verdict(python: &OddPython, seed: usize, status: i32) -> Value {
    let told = run(&python.arguments(seed), &["--format", "json"]).exits(status);
    let verdict: Value = serde_json::from_str(&told.stdout).expect("JSON");
    assert_eq!(verdict["orderings"]["method"], "effects");
    verdict
}

/// The effects that were confirmed, and all.
fn effects(verdict: &Value) -> (u64, u64) {
    let count = |what: &str| verdict["orderings"]["effects"][what].as_u64().expect("a number");
    (count("confirmed"), count("distinct"))
}

/// The note that tells of a difference from the model.
fn difference(verdict: &Value) -> &str {
    let codes = verdict["note_codes"].as_array().expect("a list");
    let at = codes.iter().position(|code| code == "model-differs");
    let note = at.and_then(|at| verdict["notes"][at].as_str());
    note.unwrap_or_else(|| panic!("no difference is told: {verdict:#}"))
}

fn a_difference() {
    let python = OddPython::new();
    python.break_with(&[0, 2]);
    let told = run(&python.arguments(3), &[]).exits(2);
    let text = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let verdict = verdict(&python, 3, 2);
    let (confirmed, distinct) = effects(&verdict);
    assert!(confirmed < distinct, "{verdict:#}");
    assert_eq!((&verdict["verdict"], &verdict["findings"]), (&json!("incomplete"), &json!([])));
    let note = difference(&verdict);
    let begin = "a defect of taster: after the steps ";
    let end = "fresh, sys.path_importer_cache is `{\"$/lib\": Some((None, {}))}` on the model and \
               `{\"$/lib\": Some((Some(1000000000.0), {\"m0.py\", \"m2.py\"}))}` on the interpreter";
    assert!(note.starts_with(begin) && note.ends_with(end), "{note}");
    assert!(text.contains(begin) && text.contains(end), "{text}");
    assert!(text.contains("only orderings that it performed are counted"), "{text}");
}

fn every_seed() {
    let python = OddPython::new();
    // A module is written before it is imported: no listing is empty.
    let listings: Vec<Vec<usize>> =
        (1..8).map(|set| (0..3).filter(|module| set >> module & 1 == 1).collect()).collect();
    for seed in 0..20 {
        let listed = &listings[seed % listings.len()];
        python.break_with(listed);
        let verdict = verdict(&python, seed, 2);
        let note = difference(&verdict);
        // The shortest way there: each is written, one is imported, and the listing is not forgotten.
        let told = note.split("after the steps ").nth(1).and_then(|rest| rest.split(", sys.").next());
        let told: Vec<&str> = told.unwrap_or_default().split(", ").collect();
        assert_eq!((told.len(), told.last()), (listed.len() + 2, Some(&"fresh")), "seed {seed}: {note}");
    }
    python.write(&python.sound);
    let (confirmed, distinct) = effects(&verdict(&python, 0, 3));
    assert_eq!(confirmed, distinct, "without the defect, there is no difference");
}
