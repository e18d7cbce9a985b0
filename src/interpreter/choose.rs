//! Finds the installations that the words of `--python` and `TASTER_PYTHON` name. `cpython::discover` searches
//! the machine; `start` starts an interpreter.

use std::path::Path;

use super::cpython::discover::{self, Places, ProbeError, discover};
use super::cpython::{CompiledAgents, Shelf};
use super::{Identity, Installation, Kind};
use crate::scenario::Version;

/// The version of the model if none is named.
const MODEL_VERSION: Version = Version::new(3, 13, 0);

/// Why the words name no interpreter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChooseError {
    /// A path without an interpreter.
    #[error(transparent)]
    ProbeError(#[from] ProbeError),
    /// A version that is not installed.
    #[error("no Python {word} was found; there are: {found}")]
    Version {
        /// As written.
        word: String,
        /// The labels of the interpreters found.
        found: String,
    },
    /// `all`, although no interpreter is installed.
    #[error("no CPython was found on PATH, in the active virtual environment or among pyenv's versions")]
    None,
    /// Not a word that names interpreters.
    #[error(
        "`{0}` names no interpreter: write a path, a version such as 3.11, `all`, `model`, or `model:3.12`"
    )]
    Word(String),
}

/// The installations that comma-separated words name, each once, in the order of the words: a path, a version
/// (`3.11`, `3.11.7`), `all` (every interpreter found), `model`, `model:3.12`.
///
/// # Errors
/// Returns an error if a word names no interpreter.
pub fn choose<W: AsRef<str>>(words: &[W], places: &Places) -> Result<Vec<Installation>, ChooseError> {
    let words = words.iter().flat_map(|word| word.as_ref().split(','));
    let mut chosen: Vec<Installation> = Vec::new();
    for word in words.map(str::trim).filter(|word| !word.is_empty()) {
        for installation in named(word, places)? {
            if !chosen.iter().any(|other| other.identity == installation.identity) {
                chosen.push(installation);
            }
        }
    }
    Ok(chosen)
}

/// The default installations: the first CPython found and the model of the same version, or the model alone if
/// there is no CPython.
pub fn choose_first(places: &Places) -> Vec<Installation> {
    let found = discover(places);
    let first = found.into_iter().find(|found| found.identity.kind == Kind::CPython);
    let version = first.as_ref().map(|first| first.identity.version);
    let model = version.filter(discover::is_tested_version).unwrap_or(MODEL_VERSION);
    first.into_iter().chain([built_in(model)]).collect()
}

/// The model as an installation.
pub fn built_in(version: Version) -> Installation {
    Installation {
        identity: Identity {
            kind: Kind::Model,
            version,
            path: None,
            label: format!("model-{}", version.short()),
        },
        found: "built in".into(),
        confined: false,
        compiled: CompiledAgents::default(),
        shelf: Shelf::default(),
    }
}

fn named(word: &str, places: &Places) -> Result<Vec<Installation>, ChooseError> {
    if word == "all" {
        return all(places);
    }
    if let Some(rest) = word.strip_prefix("model") {
        let version = match rest.strip_prefix(':') {
            Some(version) => numbers(version),
            None => rest.is_empty().then(|| vec![3, 13]),
        };
        let version = version.and_then(|numbers| full_version(&numbers));
        let version = version.ok_or_else(|| ChooseError::Word(word.to_owned()))?;
        return Ok(vec![built_in(version)]);
    }
    if let Some(wanted) = numbers(word) {
        return of_version(word, &wanted, places).map(|found| vec![found]);
    }
    if word.contains('/') {
        return at_path(Path::new(word), places).map(|found| vec![found]);
    }
    Err(ChooseError::Word(word.to_owned()))
}

/// The first interpreter found of each kind and minor version.
fn all(places: &Places) -> Result<Vec<Installation>, ChooseError> {
    let mut found = discover(places);
    found.retain(|found| found.identity.label != discover::full_label(&found.identity));
    found.sort_by_key(|found| (found.identity.kind, found.identity.version));
    if found.is_empty() {
        return Err(ChooseError::None);
    }
    Ok(found)
}

fn of_version(word: &str, wanted: &[u32], places: &Places) -> Result<Installation, ChooseError> {
    let found = discover(places);
    let labels: Vec<&str> = found.iter().map(|found| found.identity.label.as_str()).collect();
    let labels = if labels.is_empty() { String::from("none") } else { labels.join(", ") };
    let fits = |found: &Installation| {
        let Version { major, minor, micro } = found.identity.version;
        [major, minor, micro].starts_with(wanted)
    };
    found.into_iter().find(fits).ok_or_else(|| ChooseError::Version { word: word.to_owned(), found: labels })
}

/// The interpreter at a path. It gets its full version as label if an interpreter found earlier has the short one.
fn at_path(path: &Path, places: &Places) -> Result<Installation, ChooseError> {
    let mut identity = discover::identify(path)?;
    // The interpreter starts in a directory of its own, where a relative path would lead elsewhere. Links stay: a
    // virtual environment is known by the path of its executable.
    let path = &std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    identity.path = Some(path.clone());
    let real = |path: &Path| path.canonicalize().ok();
    let same_label = |found: &Installation| found.identity.label == identity.label;
    let other = discover(places).into_iter().find(same_label);
    if other.is_some_and(|other| other.identity.path.as_deref().and_then(real) != real(path)) {
        identity.label = discover::full_label(&identity);
    }
    let (found, compiled) = (String::from("named by its path"), places.compiled_agents());
    Ok(Installation { identity, found, confined: true, compiled, shelf: Shelf::default() })
}

fn numbers(word: &str) -> Option<Vec<u32>> {
    let numbers: Option<Vec<u32>> = word.split('.').map(|part| part.parse().ok()).collect();
    numbers.filter(|numbers| numbers.len() <= 3)
}

fn full_version(numbers: &[u32]) -> Option<Version> {
    match *numbers {
        [major, minor] => Some(Version::new(major, minor, 0)),
        [major, minor, micro] => Some(Version::new(major, minor, micro)),
        _ => None,
    }
}
