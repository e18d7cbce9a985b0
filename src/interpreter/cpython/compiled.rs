//! The compiled code of agents. Compiling an agent takes longer than starting its interpreter, so each interpreter compiles
//! it once, and the code is kept among the user's caches, with a header that says what it is compiled from.
//!
//! Nothing rests on the cache: a file that is not exactly what was kept is written anew, a directory that cannot be
//! written is no error, and an interpreter that did not compile the code itself does not run it (`start.py`).

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::agent::PATIENCE;
use super::confine;
use super::source::AgentSource;

/// The beginning of every file that holds compiled code.
const TITLE: &[u8] = b"compiled agent of taster, 1\n";

/// The name under which an agent looks for its compiled code.
const COMPILED: &str = "compiled";

/// What code is compiled from and by which interpreter, as a digest.
type CodeKey = [u8; 32];

/// Compiled agents; copies share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct CompiledAgents {
    /// Where they are kept for later; `None` if nowhere.
    folder: Option<PathBuf>,
    known: Arc<Mutex<BTreeMap<CodeKey, Arc<[u8]>>>>,
}

impl CompiledAgents {
    /// Kept in `folder`, which need not exist.
    pub(super) fn kept_in(folder: Option<PathBuf>) -> Self {
        Self { folder, ..Self::default() }
    }

    /// Puts an agent's files into `directory`, with their compiled code if the interpreter can be had to compile them.
    pub(super) fn put_into(
        &self,
        directory: &Path,
        python: &Path,
        source: AgentSource<'_>,
    ) -> io::Result<()> {
        source.write_to(directory)?;
        let Ok((file_name, key)) = key_of(python, source) else {
            return Ok(());
        };
        let file = self.folder.as_ref().map(|folder| folder.join(file_name));
        let code = self.known().get(&key).cloned();
        let code = code.or_else(|| file.as_ref().and_then(|file| read(file, &key)));
        if let Some(code) = &code {
            fs::write(directory.join(COMPILED), code)?;
        }
        // Without compiled code, the agent compiles its files itself.
        let Some(code) = code.or_else(|| compile(directory, python, source).ok()) else {
            return Ok(());
        };
        if self.known().insert(key, Arc::clone(&code)).is_none()
            && let Some(file) = file
        {
            // A cache that cannot be written is none.
            let _ = keep(&file, &key, &code);
        }
        Ok(())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<CodeKey, Arc<[u8]>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of the file for this agent and interpreter, and the key of what belongs in it.
fn key_of(python: &Path, source: AgentSource<'_>) -> io::Result<(String, CodeKey)> {
    let real = python.canonicalize()?;
    let found = fs::metadata(&real)?;
    let mut digest = blake3::Hasher::new();
    digest.update(real.as_os_str().as_encoded_bytes());
    for (name, _) in source.files {
        digest.update(name.as_bytes());
    }
    let name = digest.finalize().to_hex()[..32].to_owned();
    for number in [found.dev(), found.ino(), found.size()] {
        digest.update(&number.to_le_bytes());
    }
    for number in [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()] {
        digest.update(&number.to_le_bytes());
    }
    source.digest(&mut digest);
    Ok((name, *digest.finalize().as_bytes()))
}

/// The code in a file, if the file is whole and the code has this key.
fn read(file: &Path, key: &CodeKey) -> Option<Arc<[u8]>> {
    let data = fs::read(file).ok()?;
    let rest = data.strip_prefix(TITLE)?.strip_prefix(key)?;
    let (digest, code) = rest.split_first_chunk::<32>()?;
    (blake3::hash(code).as_bytes() == digest).then(|| Arc::from(code))
}

/// Keeps code in a file: whole, or not at all.
fn keep(file: &Path, key: &CodeKey, code: &[u8]) -> io::Result<()> {
    if read(file, key).is_some() {
        return Ok(());
    }
    let folder = file.parent().ok_or_else(|| io::Error::other("a file without a folder"))?;
    fs::create_dir_all(folder)?;
    let mut written = tempfile::NamedTempFile::new_in(folder)?;
    for part in [TITLE, key, blake3::hash(code).as_bytes(), code] {
        written.write_all(part)?;
    }
    written.persist(file)?;
    Ok(())
}

/// Has the interpreter compile the files in `directory`; leaves the code there, and returns it.
fn compile(directory: &Path, python: &Path, source: AgentSource<'_>) -> io::Result<Arc<[u8]>> {
    let mut command = source.command(python, directory, directory);
    command.arg("compile").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = confine::spawn(&mut command, None)?;
    let ended = child.finish_by(Instant::now() + PATIENCE)?;
    if !ended.is_some_and(|status| status.success()) {
        // Half of it is none.
        let _ = fs::remove_file(directory.join(COMPILED));
        return Err(io::Error::other("the interpreter did not compile the agent"));
    }
    fs::read(directory.join(COMPILED)).map(Arc::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: CodeKey = [7; 32];

    #[test]
    fn what_is_kept_comes_back_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deeper/agent");
        assert_eq!(read(&file, &KEY), None);
        keep(&file, &KEY, b"code").unwrap();
        assert_eq!(read(&file, &KEY).as_deref(), Some(&b"code"[..]));
        assert_eq!(read(&file, &[8; 32]), None, "another interpreter or agent");
        let whole = fs::read(&file).unwrap();
        for at in 0..whole.len() {
            fs::write(&file, &whole[..at]).unwrap();
            assert_eq!(read(&file, &KEY), None, "short by {}", whole.len() - at);
            let mut wrong = whole.clone();
            wrong[at] ^= 1;
            fs::write(&file, &wrong).unwrap();
            assert_eq!(read(&file, &KEY), None, "wrong at {at}");
        }
        keep(&file, &KEY, b"code").unwrap();
        assert_eq!(fs::read(&file).unwrap(), whole, "it is written anew");
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn where_nothing_can_be_kept_that_is_an_error_to_ignore() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "in the way").unwrap();
        keep(&file.join("agent"), &KEY, b"code").unwrap_err();
    }
}
