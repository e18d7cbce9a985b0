//! The page that ships with taster for each cause and each kind of finding: what happens, when it happens, and what to do.
//! `diagnose` and `suite` decide which of them a finding has.

use crate::cause::Cause;
use crate::kind::FindingKind;

/// Why there is nothing to explain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no code `{code}`{}`taster explain` lists all", meant(.near))]
pub struct ExplainError {
    /// As written.
    pub code: String,
    /// The codes that may be meant.
    pub near: Vec<&'static str>,
}

fn meant(near: &[&str]) -> String {
    let quoted: Vec<String> = near.iter().map(|code| format!("`{code}`")).collect();
    if quoted.is_empty() { "; ".to_owned() } else { format!("; did you mean {}? ", quoted.join(" or ")) }
}

/// What a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// A cause.
    Cause(Cause),
    /// A kind of finding.
    Kind(FindingKind),
}

impl Topic {
    /// Every topic: causes first, each in the order of the documentation.
    pub fn all() -> impl Iterator<Item = Self> {
        Cause::ALL.into_iter().map(Self::Cause).chain(FindingKind::ALL.into_iter().map(Self::Kind))
    }

    /// The code in reports.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cause(cause) => cause.code(),
            Self::Kind(kind) => kind.as_str(),
        }
    }

    /// Its page in Markdown.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Cause(cause) => of_cause(cause),
            Self::Kind(kind) => of_kind(kind),
        }
    }

    /// The topic in a sentence: the first one of its text.
    pub fn sentence(self) -> String {
        let lines = self.text().lines().skip(1).map(str::trim).skip_while(|line| line.is_empty());
        lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// How alike a code and a mistake in it are, as Jaro and Winkler measure it.
const ALIKE: f64 = 0.8;
/// Letters of a word that may stand for a code.
const SHORTEST_PART: usize = 4;

/// The topic of this code.
///
/// # Errors
/// Where there is none, with those that may be meant.
pub fn named(code: &str) -> Result<Topic, ExplainError> {
    Topic::all().find(|topic| topic.code() == code).ok_or_else(|| {
        let distance = |topic: &Topic| strsim::jaro_winkler(code, topic.code());
        let nearest = Topic::all().max_by(|a, b| distance(a).total_cmp(&distance(b)));
        let like = nearest.filter(|topic| distance(topic) > ALIKE);
        let part = |topic: &Topic| code.len() >= SHORTEST_PART && topic.code().contains(code);
        let mut near: Vec<&str> = Topic::all().filter(part).map(Topic::code).collect();
        if near.is_empty() {
            near.extend(like.map(Topic::code));
        }
        ExplainError { code: code.to_owned(), near }
    })
}

/// A cause in a sentence: the first one of its text.
pub fn sentence(cause: Cause) -> String {
    Topic::Cause(cause).sentence()
}

const fn of_cause(cause: Cause) -> &'static str {
    match cause {
        Cause::StaleDirectoryListing => include_str!("explain/stale-directory-listing.md"),
        Cause::NegativePathEntry => include_str!("explain/negative-path-entry.md"),
        Cause::RelativePathEntry => include_str!("explain/relative-path-entry.md"),
        Cause::StaleBytecode => include_str!("explain/stale-bytecode.md"),
        Cause::RetainedModule => include_str!("explain/retained-module.md"),
        Cause::StaleName => include_str!("explain/stale-name.md"),
        Cause::DuplicateModule => include_str!("explain/duplicate-module.md"),
        Cause::CircularImport => include_str!("explain/circular-import.md"),
        Cause::MissingSubmodule => include_str!("explain/missing-submodule.md"),
        Cause::StaleNamespacePath => include_str!("explain/stale-namespace-path.md"),
        Cause::HalfImportedPackage => include_str!("explain/half-imported-package.md"),
        Cause::ImportSideEffect => include_str!("explain/import-side-effect.md"),
        Cause::ChangedFile => include_str!("explain/changed-file.md"),
        Cause::ChangedState => include_str!("explain/changed-state.md"),
        Cause::RandomState => include_str!("explain/random-state.md"),
        Cause::ImportLock => include_str!("explain/import-lock.md"),
        Cause::NotSought => include_str!("explain/not-sought.md"),
        Cause::Unknown => include_str!("explain/unknown.md"),
    }
}

const fn of_kind(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Victim => include_str!("explain/victim.md"),
        FindingKind::Brittle => include_str!("explain/brittle.md"),
        FindingKind::Broken => include_str!("explain/broken.md"),
        FindingKind::FlakyAlone => include_str!("explain/flaky-alone.md"),
        FindingKind::Nondeterministic => include_str!("explain/nondeterministic.md"),
        FindingKind::Collection => include_str!("explain/collection.md"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_of_its_topic_and_says_what_to_do() {
        for topic in Topic::all() {
            let text = topic.text();
            assert!(text.starts_with(&format!("# {}\n\n", topic.code())), "{topic:?}");
            assert!(
                text.contains("\n## What happens\n") && text.contains("\n## When it happens\n"),
                "{topic:?}"
            );
            let is_open = matches!(topic, Topic::Kind(_) | Topic::Cause(Cause::Unknown | Cause::NotSought));
            assert!(text.contains("\n## Fixes\n") != is_open, "{topic:?}");
            assert!(text.contains("\n## What to do\n") == is_open, "{topic:?}");
            assert!(topic.sentence().ends_with('.'), "{topic:?}: {}", topic.sentence());
        }
    }

    #[test]
    fn a_code_is_that_of_one_topic() {
        for topic in Topic::all() {
            assert_eq!(named(topic.code()), Ok(topic));
        }
    }

    #[test]
    fn a_code_that_is_nearly_right_is_recognised() {
        let wrong = named("stale-bytecodes").unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "there is no code `stale-bytecodes`; did you mean `stale-bytecode`? `taster explain` lists all"
        );
        assert_eq!(
            named("xyzzy").unwrap_err().to_string(),
            "there is no code `xyzzy`; `taster explain` lists all"
        );
    }
}
