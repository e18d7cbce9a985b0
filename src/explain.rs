//! The page that ships with taster for each cause: what happens, when it happens, what fixes it, and what has no effect.
//! `diagnose` decides which cause a finding has.

use crate::cause::Cause;

/// Why there is nothing to explain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no cause `{code}`{}", .near.map_or(String::new(), |near| format!("; did you mean `{near}`?")))]
pub struct ExplainError {
    /// As written.
    pub code: String,
    /// The code that is most like it.
    pub near: Option<&'static str>,
}

/// The cause of this code.
///
/// # Errors
/// Where there is none, with the one that may be meant.
pub fn named(code: &str) -> Result<Cause, ExplainError> {
    Cause::from_code(code).ok_or_else(|| {
        let distance = |cause: &Cause| strsim::jaro_winkler(code, cause.code());
        let nearest = Cause::ALL.into_iter().max_by(|a, b| distance(a).total_cmp(&distance(b)));
        let near = nearest.filter(|cause| distance(cause) > 0.7).map(Cause::code);
        ExplainError { code: code.to_owned(), near }
    })
}

/// Markdown on a cause.
pub const fn text(cause: Cause) -> &'static str {
    match cause {
        Cause::StaleDirectoryListing => include_str!("explain/stale-directory-listing.md"),
        Cause::NegativePathEntry => include_str!("explain/negative-path-entry.md"),
        Cause::StaleBytecode => include_str!("explain/stale-bytecode.md"),
        Cause::RetainedModule => include_str!("explain/retained-module.md"),
        Cause::CircularImport => include_str!("explain/circular-import.md"),
        Cause::MissingSubmodule => include_str!("explain/missing-submodule.md"),
        Cause::StaleNamespacePath => include_str!("explain/stale-namespace-path.md"),
        Cause::HalfImportedPackage => include_str!("explain/half-imported-package.md"),
        Cause::ImportSideEffect => include_str!("explain/import-side-effect.md"),
        Cause::ChangedState => include_str!("explain/changed-state.md"),
        Cause::NotSought => include_str!("explain/not-sought.md"),
        Cause::Unknown => include_str!("explain/unknown.md"),
    }
}

/// A cause in a sentence: the first one of its text.
pub fn sentence(cause: Cause) -> String {
    let lines = text(cause).lines().skip(1).map(str::trim).skip_while(|line| line.is_empty());
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_of_its_cause_and_says_what_to_do() {
        for cause in Cause::ALL {
            let text = text(cause);
            assert!(text.starts_with(&format!("# {}\n\n", cause.code())), "{cause:?}");
            assert!(
                text.contains("\n## What happens\n") && text.contains("\n## When it happens\n"),
                "{cause:?}"
            );
            let is_open = matches!(cause, Cause::Unknown | Cause::NotSought);
            assert!(text.contains("\n## Fixes\n") != is_open, "{cause:?}");
            assert!(sentence(cause).ends_with('.'), "{cause:?}: {}", sentence(cause));
        }
    }

    #[test]
    fn a_code_that_is_nearly_right_is_recognised() {
        assert_eq!(named("stale-bytecode"), Ok(Cause::StaleBytecode));
        let wrong = named("stale-bytecodes").unwrap_err();
        assert_eq!(wrong.to_string(), "there is no cause `stale-bytecodes`; did you mean `stale-bytecode`?");
        assert_eq!(named("xyzzy").unwrap_err().to_string(), "there is no cause `xyzzy`");
    }
}
