//! The file in which a hunt keeps what it has learnt: one line for each answer, a key and a value. Which questions there are is for
//! others to say.
//!
//! The first line names the version of taster and of what it runs in suites: a journal of another one is not read.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::program;
use super::run::HuntClock;

/// Counts the forms of what is kept.
const FORM: u32 = 3;

/// The key of what was seen failing and not looked into.
const SEEN: &str = "seen";

/// The tests that ran before a test when it failed, the test, and the times that it saw.
pub(crate) type SeenInOrder = (Vec<usize>, usize, HuntClock);

/// A journal, shared by all who ask.
#[derive(Debug, Clone)]
pub(crate) struct JournalFile(Rc<RefCell<KnownAnswers>>);

/// Answers that are known, and where new ones are kept.
#[derive(Debug)]
struct KnownAnswers {
    path: PathBuf,
    file: File,
    known: HashMap<String, Box<str>>,
    /// How often a key was asked for: repeats stay repeats.
    asked: HashMap<String, usize>,
    /// The number of answers that were taken from an earlier hunt, since somebody asked.
    taken: usize,
}

impl JournalFile {
    /// Opens the journal, and keeps its contents only if the hunt is resumed.
    pub(crate) fn open(path: &Path, resume: bool) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let first = first_line();
        let mut text = String::new();
        if resume && path.exists() {
            File::open(path)?.read_to_string(&mut text)?;
        }
        // A line that was not written to its end goes: it might be misread as a shorter one.
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let kept = whole.strip_prefix(&first);
        let is_new = kept.is_none();
        let mut file =
            OpenOptions::new().create(true).write(true).append(!is_new).truncate(is_new).open(path)?;
        if is_new {
            file.write_all(first.as_bytes())?;
        } else {
            file.set_len(whole.len() as u64)?;
        }
        let known = kept.unwrap_or_default().lines().filter_map(|line| line.split_once(' '));
        let known = known.map(|(key, value)| (key.to_owned(), Box::from(value))).collect();
        let (path, asked) = (path.to_owned(), HashMap::new());
        Ok(Self(Rc::new(RefCell::new(KnownAnswers { path, file, known, asked, taken: 0 }))))
    }

    /// Whether it has nothing from an earlier hunt.
    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().known.is_empty()
    }

    /// The key for the next time that this is asked.
    pub(super) fn next_key(&self, base: &str) -> String {
        let asked = &mut self.0.borrow_mut().asked;
        let asked = asked.entry(base.to_owned()).or_default();
        *asked += 1;
        format!("{base}.{asked}")
    }

    /// What is known under a key, if anything is.
    pub(super) fn known<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let answers = &mut *self.0.borrow_mut();
        let value = answers.known.remove(key).and_then(|text| serde_json::from_str(&text).ok());
        answers.taken += usize::from(value.is_some());
        value
    }

    /// Keeps a value; a later one under the same key replaces it. That it cannot be kept does not hurt the hunt.
    pub(super) fn keep(&self, key: &str, value: &impl Serialize) {
        let Ok(value) = serde_json::to_string(value) else { return };
        // One write call per line: a crash leaves whole lines, and at worst one partial line.
        let line = format!("{key} {value}\n");
        let _a_hunt_without_a_journal_is_still_one = self.0.borrow_mut().file.write_all(line.as_bytes());
    }

    /// The answer to a question, which says all that it depends on: taken from the journal, or found out and kept.
    pub(crate) fn answer<T: Serialize + DeserializeOwned, E>(
        &self,
        question: &impl Hash,
        find_out: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let key = self.next_key(&key(question));
        if let Some(known) = self.known(&key) {
            return Ok(known);
        }
        let value = find_out()?;
        self.keep(&key, &value);
        Ok(value)
    }

    /// The tests that an earlier hunt saw failing and did not look into.
    pub(crate) fn seen_failing(&self) -> Vec<SeenInOrder> {
        let seen = self.0.borrow_mut().known.remove(SEEN);
        seen.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Keeps the tests that this hunt saw failing and did not look into, in place of those of an earlier one.
    pub(crate) fn keep_seen_failing(&self, seen: &[SeenInOrder]) {
        self.keep(SEEN, &seen);
    }

    /// Says how much was taken, once.
    pub(crate) fn note(&self) -> Option<String> {
        let answers = &mut *self.0.borrow_mut();
        let taken = std::mem::take(&mut answers.taken);
        (taken > 0).then(|| format!("{taken} runs were taken from the journal {}", answers.path.display()))
    }
}

/// A short text for everything that a question consists of.
pub(super) fn key(question: &impl Hash) -> String {
    let mut hasher = KeyHasher(blake3::Hasher::new());
    question.hash(&mut hasher);
    hasher.0.finalize().to_hex()[..24].to_owned()
}

/// Hashes values so that the result is the same in another process.
struct KeyHasher(blake3::Hasher);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let bytes = self.0.finalize();
        bytes.as_bytes().iter().take(8).fold(0, |all, byte| (all << 8) | u64::from(*byte))
    }
}

fn first_line() -> String {
    format!("taster-journal {FORM} {} {}\n", env!("CARGO_PKG_VERSION"), key(&program::FILES))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::fs;

    use super::{JournalFile, first_line};

    /// The answer that is known, or this one.
    fn ask(journal: &JournalFile, value: usize) -> usize {
        journal.answer(&"how many tests", || Ok::<_, Infallible>(value)).unwrap()
    }

    #[test]
    fn each_question_is_answered_as_it_was_and_repeats_stay_repeats() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/journal");
        let first = JournalFile::open(&path, false).unwrap();
        assert_eq!([ask(&first, 1), ask(&first, 2)], [1, 2]);
        assert_eq!(first.note(), None);
        let second = JournalFile::open(&path, true).unwrap();
        assert_eq!([ask(&second, 7), ask(&second, 7), ask(&second, 3)], [1, 2, 3]);
        assert!(second.note().unwrap().starts_with("2 runs were taken"));
        assert_eq!(ask(&JournalFile::open(&path, false).unwrap(), 9), 9);
    }

    #[test]
    fn half_a_line_and_a_journal_of_another_form_are_not_misread() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        ask(&JournalFile::open(&path, false).unwrap(), 12345);
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 3]).unwrap();
        assert_eq!(ask(&JournalFile::open(&path, true).unwrap(), 2), 2);
        assert_eq!(ask(&JournalFile::open(&path, true).unwrap(), 3), 2);
        fs::write(&path, whole.replacen(&first_line(), "taster-journal 1 0.0.1 abc\n", 1)).unwrap();
        assert_eq!(ask(&JournalFile::open(&path, true).unwrap(), 4), 4);
        fs::write(&path, "{\"key\":\"1\",\"tests\":[]}\n").unwrap();
        assert_eq!(ask(&JournalFile::open(&path, true).unwrap(), 5), 5);
    }
}
