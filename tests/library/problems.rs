//! Every mistake that the format knows: one scenario file per mistake in `problems/`, beside it the exact message.
//! `SNAPSHOTS=overwrite cargo test --test library problems::` writes the current messages.

use std::path::{Path, PathBuf};

use snapbox::assert::DEFAULT_ACTION_ENV;
use snapbox::{Assert, Data};
use taster::scenario::{ReadError, Style, read};

fn mistakes() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/problems");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("is readable").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

#[test]
fn each_mistake_is_told_with_its_place_and_help() {
    let assert = Assert::new().action_env(DEFAULT_ACTION_ENV);
    let mistakes = mistakes();
    assert!(mistakes.len() >= 40, "only {} mistakes are tried", mistakes.len());
    let mut differing = Vec::new();
    for path in mistakes {
        let name = PathBuf::from(path.file_name().expect("has a name"));
        let told = match read(&path) {
            Ok(scenario) => format!("no problem: {}", scenario.title),
            Err(ReadError::Problems(problems)) => problems.render(Style::Plain),
            Err(error) => error.to_string(),
        };
        let told = told.replace(&*path.to_string_lossy(), &name.to_string_lossy());
        let expected = Data::read_from(&path.with_extension("txt"), None).raw();
        if let Err(difference) = assert.try_eq(Some(&name.display()), (told + "\n").into(), expected) {
            differing.push(difference.to_string());
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
