//! What shards are shards of: two that were started with other files, options or versions of taster do not belong together.

use serde::{Deserialize, Serialize};

/// The whole that a shard is a part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whole {
    /// The command: `run`, `hunt` or `package`.
    pub verb: String,
    /// The version of taster.
    pub version: String,
    /// The seed of all randomness.
    pub seed: u64,
    /// A digest of what is judged: files, or names of tests or modules.
    pub suite: String,
    /// What else decides what is found, in words: options and interpreters.
    pub options: String,
}

/// Why two shards do not belong together, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OtherWhole(String);

impl Whole {
    /// The whole of a command of this version. `suite` is everything that is judged.
    pub fn new<'a>(
        verb: &str,
        seed: u64,
        suite: impl IntoIterator<Item = &'a [u8]>,
        options: String,
    ) -> Self {
        let mut digest = blake3::Hasher::new();
        for part in suite {
            digest.update(&part.len().to_le_bytes());
            digest.update(part);
        }
        Self {
            verb: verb.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed,
            suite: digest.finalize().to_hex()[..16].to_owned(),
            options,
        }
    }

    /// Whether shards of the other whole are shards of this one.
    ///
    /// # Errors
    /// If they are not, with what differs.
    pub fn belongs_to(&self, other: &Self) -> Result<(), OtherWhole> {
        let seeds = (self.seed.to_string(), other.seed.to_string());
        let differences = [
            ("of another command", &self.verb, &other.verb),
            ("of another version of taster", &self.version, &other.version),
            ("of another suite", &self.suite, &other.suite),
            ("of another seed", &seeds.0, &seeds.1),
            ("of other options or interpreters", &self.options, &other.options),
        ];
        match differences.into_iter().find(|(_, own, others)| own != others) {
            Some((what, own, others)) => Err(OtherWhole(format!("{what} ({own}, not {others})"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(verb: &str, seed: u64, suite: &[&str], options: &str) -> Whole {
        Whole::new(verb, seed, suite.iter().map(|part| part.as_bytes()), options.to_owned())
    }

    #[test]
    fn what_differs_is_said() {
        let one = whole("run", 0, &["ab", "c"], "all");
        assert_eq!(one.belongs_to(&one.clone()), Ok(()));
        let why = |other: Whole| other.belongs_to(&one).unwrap_err().to_string();
        assert_eq!(why(whole("hunt", 0, &["ab", "c"], "all")), "of another command (hunt, not run)");
        assert_eq!(why(whole("run", 7, &["ab", "c"], "all")), "of another seed (7, not 0)");
        assert_eq!(
            why(whole("run", 0, &["ab", "c"], "few")),
            "of other options or interpreters (few, not all)"
        );
        // Where a part ends counts, too.
        assert!(why(whole("run", 0, &["a", "bc"], "all")).starts_with("of another suite ("));
        let older = Whole { version: "0.0.1".to_owned(), ..one.clone() };
        assert!(why(older).starts_with("of another version of taster (0.0.1, not "));
    }
}
