//! Finds interpreters and identifies them. `choose` selects among them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::compiled::CompiledAgents;
use super::recognise::recognise;
use super::room::Shelf;
use crate::child::Child;
use crate::interpreter::{Identity, Installation, Kind};
use crate::scenario::Version;

/// How long an executable may take to identify itself.
const PATIENCE: Duration = Duration::from_secs(20);
/// The number of bytes read of its answer.
const LONGEST_ANSWER: usize = 1000;

/// Where to search: the values of some environment variables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// `PATH`.
    pub path: Option<OsString>,
    /// `VIRTUAL_ENV`: the active virtual environment.
    pub virtual_env: Option<OsString>,
    /// `PYENV_ROOT`.
    pub pyenv_root: Option<OsString>,
    /// `HOME`, where `.pyenv` is if `PYENV_ROOT` is not set, and `.cache` if `XDG_CACHE_HOME` is not.
    pub home: Option<OsString>,
    /// `XDG_CACHE_HOME`, where the compiled code of agents is kept.
    pub cache: Option<OsString>,
}

impl Places {
    /// The places that these variables name.
    pub fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        Self {
            path: variable("PATH"),
            virtual_env: variable("VIRTUAL_ENV"),
            pyenv_root: variable("PYENV_ROOT"),
            home: variable("HOME"),
            cache: variable("XDG_CACHE_HOME"),
        }
    }

    /// The compiled agents that are kept for their user.
    pub(in crate::interpreter) fn compiled_agents(&self) -> CompiledAgents {
        let named =
            |place: &Option<OsString>| place.as_ref().map(PathBuf::from).filter(|place| place.is_absolute());
        let cache = named(&self.cache).or_else(|| named(&self.home).map(|home| home.join(".cache")));
        CompiledAgents::kept_in(cache.map(|cache| cache.join("taster/agents")))
    }
}

/// Why an executable cannot be used as an interpreter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// There is no such file.
    #[error("there is no file {}", .0.display())]
    Missing(PathBuf),
    /// It is a script, as version managers' shims are, or not a program at all.
    #[error("{} is not a Python interpreter: it is not an executable program", .0.display())]
    NoProgram(PathBuf),
    /// Its answer is not that of a Python.
    #[error("{} is not a Python interpreter: it does not answer like one", .0.display())]
    NoPython(PathBuf),
    /// Its version is not supported.
    #[error("{} is Python {version}; taster needs 2.7, or 3.6 and later", .path.display())]
    Version {
        /// Its path.
        path: PathBuf,
        /// Its version.
        version: Version,
    },
}

/// The identity of a file, or why it has none.
type Probed = Result<(Kind, Version), ProbeError>;

/// All interpreters found, in the order of the places: `PATH`, the active virtual environment, pyenv's
/// versions. The first of each kind and minor version has the short label; the others have the full version.
pub fn discover(places: &Places) -> Vec<Installation> {
    let candidates = candidates(places);
    let probed: Vec<_> = thread::scope(|scope| {
        let probes: Vec<_> = candidates.iter().map(|(path, _)| scope.spawn(|| identify(path))).collect();
        probes.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    let mut labels = BTreeSet::new();
    let mut found = Vec::new();
    let compiled = places.compiled_agents();
    for ((_, place), identity) in candidates.iter().zip(probed) {
        let Ok(Ok(mut identity)) = identity else { continue };
        if !labels.insert(identity.label.clone()) {
            identity.label = full_label(&identity);
        }
        found.push(Installation {
            identity,
            found: (*place).to_owned(),
            confined: true,
            compiled: compiled.clone(),
            shelf: Shelf::default(),
        });
    }
    found
}

/// The interpreter in this file, under the short label of its version.
///
/// # Errors
/// Returns an error if the file is not an interpreter, or one of an unsupported version.
pub fn identify(path: &Path) -> Result<Identity, ProbeError> {
    static KNOWN: Mutex<BTreeMap<PathBuf, Probed>> = Mutex::new(BTreeMap::new());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let cached = known().get(path).cloned();
    let answer = cached.unwrap_or_else(|| {
        let answer = probe(path);
        known().insert(path.to_owned(), answer.clone());
        answer
    });
    let (kind, version) = answer?;
    if version.feature() != (2, 7) && version.feature() < (3, 6) {
        let path = path.to_owned();
        return Err(ProbeError::Version { path, version });
    }
    Ok(Identity {
        kind,
        version,
        path: Some(path.to_owned()),
        label: format!("{}-{}", kind.as_str(), version.short()),
    })
}

/// The label of an interpreter whose short label is taken.
pub fn full_label(identity: &Identity) -> String {
    format!("{}-{}", identity.kind.as_str(), identity.version)
}

/// Whether taster is tested with interpreters like this one.
pub fn is_tested(identity: &Identity) -> bool {
    identity.kind != Kind::PyPy && is_tested_version(&identity.version)
}

/// Whether taster is tested with CPython of this version.
pub fn is_tested_version(version: &Version) -> bool {
    version.is_tested()
}

fn candidates(places: &Places) -> Vec<(PathBuf, &'static str)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut look = |directory: &Path, place: &'static str| {
        for name in names() {
            let path = directory.join(name);
            // Most of these names do not exist, and one check is cheaper than resolving each folder on the way.
            let Some(Ok(real)) = path.exists().then(|| path.canonicalize()) else { continue };
            if is_program(&real) && seen.insert(real) {
                found.push((path, place));
            }
        }
    };
    for directory in places.path.iter().flat_map(std::env::split_paths) {
        if directory.is_absolute() {
            look(&directory, "PATH");
        }
    }
    if let Some(environment) = &places.virtual_env {
        look(&Path::new(environment).join("bin"), "the active virtual environment");
    }
    for version in pyenv_versions(places) {
        look(&version.join("bin"), "pyenv");
    }
    found
}

/// The names of executables, newest first.
fn names() -> impl Iterator<Item = String> {
    let plain = ["python3", "python", "python2", "pypy3", "pypy"].map(String::from);
    let minor = (6..=30).rev().map(|minor| format!("python3.{minor}"));
    plain.into_iter().chain(minor).chain([String::from("python2.7")])
}

/// The directories of pyenv's versions, newest first.
fn pyenv_versions(places: &Places) -> Vec<PathBuf> {
    let root = match (&places.pyenv_root, &places.home) {
        (Some(root), _) => PathBuf::from(root),
        (None, Some(home)) => Path::new(home).join(".pyenv"),
        (None, None) => return Vec::new(),
    };
    let Ok(entries) = fs::read_dir(root.join("versions")) else {
        return Vec::new();
    };
    let mut versions: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    let numbers = |path: &PathBuf| -> Vec<u32> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.split('.').map_while(|part| part.parse().ok()).collect()
    };
    versions.sort_by_key(|path| std::cmp::Reverse((numbers(path), path.clone())));
    versions
}

/// Whether this is executable machine code: not a script, as version managers' shims are.
fn is_program(path: &Path) -> bool {
    let executable =
        fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0);
    let mut magic = [0; 4];
    let mut read = || fs::File::open(path)?.read_exact(&mut magic);
    executable
        && read().is_ok()
        && matches!(
            magic,
            [0x7F, b'E', b'L', b'F'] | [0xCF | 0xCE, 0xFA, 0xED, 0xFE] | [0xCA, 0xFE, 0xBA, 0xBE]
        )
}

/// Identifies an executable: from the files on disk, or else by running it.
fn probe(path: &Path) -> Probed {
    let real = path.canonicalize().map_err(|_| ProbeError::Missing(path.to_owned()))?;
    if !is_program(&real) {
        return Err(ProbeError::NoProgram(path.to_owned()));
    }
    if let Some(version) = recognise(&real) {
        return Ok((Kind::CPython, version));
    }
    let said = ask(path).unwrap_or_default();
    let words: Vec<&str> = said.split_whitespace().collect();
    let ["taster", kind, major, minor, micro] = words[..] else {
        return Err(ProbeError::NoPython(path.to_owned()));
    };
    let kind = if kind == "True" { Kind::PyPy } else { Kind::CPython };
    match (major.parse(), minor.parse(), micro.parse()) {
        (Ok(major), Ok(minor), Ok(micro)) => Ok((kind, Version::new(major, minor, micro))),
        _ => Err(ProbeError::NoPython(path.to_owned())),
    }
}

/// What the executable prints when asked, or nothing if it does not end in time.
fn ask(path: &Path) -> std::io::Result<String> {
    const QUESTION: &str = "import sys; \
        sys.stdout.write('taster %s %d %d %d' % (('__pypy__' in sys.builtin_module_names,) + tuple(sys.version_info[:3])))";
    let mut command = Command::new(path);
    command
        .args(["-s", "-S", "-c", QUESTION])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = Child::spawn(&mut command)?;
    let output = child.pipes().stdout.take();
    let ended = child.finish_by(Instant::now() + PATIENCE)?;
    let (Some(_), Some(output)) = (ended, output) else { return Ok(String::new()) };
    // A process that left the group may hold the pipe open. The answer is complete, since the process that
    // writes it has ended.
    rustix::io::ioctl_fionbio(&output, true)?;
    let mut said = [0; LONGEST_ANSWER];
    let length = rustix::io::read(&output, &mut said)?;
    Ok(String::from_utf8_lossy(&said[..length]).into_owned())
}
