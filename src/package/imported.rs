//! What one import came to, and how the agent tells it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::interpreter::{Crash, Outcome};

/// Status of an agent's process that could no longer answer; in protocol.py, `LOST`.
const LOST: i32 = 117;

/// An import, and what it left in the package's modules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Imported {
    pub(super) outcome: Outcome,
    /// The modules whose bodies ran when it failed, the outermost first.
    pub(super) chain: Vec<String>,
    /// The part of the chain that comes back to its beginning, if it failed in a circle.
    pub(super) circle: Vec<String>,
    /// By loaded module of the package: a digest of what it holds, as the agent wrote it. Once all is
    /// compared, only which modules are loaded matters: that is what shards carry.
    #[serde(serialize_with = "loaded", deserialize_with = "known_as_loaded")]
    pub(super) digests: BTreeMap<String, String>,
    /// Loaded modules that their parent does not name.
    #[serde(skip)]
    pub(super) unbound: Vec<String>,
    /// Modules of the standard library that were loaded on the way.
    #[serde(skip)]
    pub(super) library: Vec<String>,
    /// The cells of the modules that were asked for.
    #[serde(skip)]
    pub(super) cells: BTreeMap<(String, String), String>,
    /// What it printed.
    pub(super) output: String,
}

fn loaded<S: Serializer>(digests: &BTreeMap<String, String>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(digests.keys())
}

fn known_as_loaded<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let modules = Vec::deserialize(from)?;
    Ok(modules.into_iter().map(|module| (module, String::new())).collect())
}

impl Imported {
    /// From the agent's answer: a letter (none if the copy came back), and what the copy told.
    pub(super) fn of_answer(letter: &[u8], told: &[Vec<u8>], ended: &[u8]) -> Self {
        let mut this = Self {
            outcome: Outcome::TimedOut,
            chain: Vec::new(),
            circle: Vec::new(),
            digests: BTreeMap::new(),
            unbound: Vec::new(),
            library: Vec::new(),
            cells: BTreeMap::new(),
            output: String::new(),
        };
        if !letter.is_empty() {
            this.outcome = without_answer(letter, ended);
            return this;
        }
        let field = |at: usize| told.get(at).map(Vec::as_slice).unwrap_or_default();
        this.outcome = outcome(field(0), field(1), field(2));
        (this.chain, this.circle) = (names(field(3), '>'), names(field(4), '>'));
        let digest =
            |line: String| line.split_once('=').map(|(name, digest)| (name.to_owned(), digest.to_owned()));
        this.digests = names(field(6), '\n').into_iter().filter_map(digest).collect();
        this.unbound = names(field(7), '\n');
        this.library = names(field(8), '\n');
        for cell in told.get(9..).unwrap_or_default().chunks_exact(3) {
            this.cells.insert((text(&cell[0]), text(&cell[1])), text(&cell[2]));
        }
        this
    }

    /// The digests as the agent reads them.
    pub(super) fn digests_told(&self) -> String {
        self.digests.iter().map(|(name, digest)| format!("{name}={digest}")).collect::<Vec<_>>().join("\n")
    }

    /// The letter and the exception that the agent compares.
    pub(super) fn letter_and_exception(&self) -> (&'static str, &str) {
        match &self.outcome {
            Outcome::Passed => ("p", ""),
            Outcome::Failed { exception, .. } => ("f", exception),
            Outcome::TimedOut => ("t", ""),
            _ => ("x", ""),
        }
    }

    /// Whether another module can be imported after it: its process is still there.
    pub(super) fn came_back(&self) -> bool {
        matches!(self.outcome, Outcome::Passed | Outcome::Failed { .. })
    }
}

/// The outcome that the agent's letter and texts mean.
pub(super) fn outcome(letter: &[u8], exception: &[u8], message: &[u8]) -> Outcome {
    match letter {
        b"p" => Outcome::Passed,
        b"f" => Outcome::failed(text(exception), text(message)),
        _ => without_answer(letter, exception),
    }
}

fn without_answer(letter: &[u8], status: &[u8]) -> Outcome {
    if letter == b"t" {
        return Outcome::TimedOut;
    }
    let status: i32 = text(status).parse().unwrap_or(LOST << 8);
    Outcome::Crashed(match (status & 0x7f, status >> 8) {
        (0, LOST) => Crash::Lost,
        (0, exit) => Crash::Exit(exit),
        (signal, _) => Crash::Signal(signal),
    })
}

/// A field as text.
pub(super) fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(field).into_owned()
}

/// The parts of a field; none if it is empty.
pub(super) fn names(field: &[u8], between: char) -> Vec<String> {
    text(field).split(between).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_becomes_what_it_says() {
        let told =
            ["f", "ImportError", "no", "p>p.a", "p.a>p.a", "12", "p=1\np.a=-2", "p.a", "os", "p", "x", "1"];
        let told: Vec<Vec<u8>> = told.iter().map(|field| field.as_bytes().to_vec()).collect();
        let read = Imported::of_answer(b"", &told, b"");
        assert_eq!(read.outcome.to_string(), "ImportError: no");
        assert_eq!(
            (read.chain.len(), read.circle, read.unbound),
            (2, vec!["p.a".to_owned(); 2], vec!["p.a".to_owned()])
        );
        assert_eq!(read.digests["p.a"], "-2");
        assert_eq!(read.cells[&("p".to_owned(), "x".to_owned())], "1");
    }

    #[test]
    fn a_copy_that_did_not_come_back_has_an_outcome_too() {
        let ended =
            |letter: &[u8], status: &[u8]| Imported::of_answer(letter, &[], status).outcome.to_string();
        assert_eq!(ended(b"t", b""), "timed out");
        assert_eq!(ended(b"x", b"768"), "crashed: exited with status 3");
        assert_eq!(ended(b"x", b"11"), "crashed by signal 11");
        assert_eq!(ended(b"x", b"29952"), "crashed: the interpreter no longer answers");
    }
}
