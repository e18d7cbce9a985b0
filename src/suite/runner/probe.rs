//! A look at state just before a test: how wide it is, and what is restored then.

use serde::Serialize;

use super::cell::CellName;

/// How wide the look at state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RepairScope {
    /// Modules of the suite, and everything that is not a module attribute.
    Near,
    /// The standard library's and installed modules too.
    Wide,
}

impl RepairScope {
    /// The word for it in commands.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Near => "near",
            Self::Wide => "wide",
        }
    }
}

/// What is restored before a test.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum CellRepair {
    /// Everything that differs.
    Everything,
    /// These cells.
    Cells { names: Vec<CellName> },
    /// First a user's cure; then these cells, among those that differ after it.
    Cure { cure: Cure, names: Vec<CellName> },
}

impl CellRepair {
    /// Nothing: state is only compared.
    pub(crate) const NOTHING: Self = Self::Cells { names: Vec::new() };

    /// A user's cure, and nothing else.
    pub(crate) fn cure(cure: Cure) -> Self {
        Self::Cure { cure, names: Vec::new() }
    }
}

/// Something that a user could write before the test.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Cure {
    /// `importlib.invalidate_caches()`.
    InvalidateCaches,
    /// Removes a module from `sys.modules`.
    Forget { module: String },
    /// Imports modules; a failed import fails the test.
    Import { modules: Vec<String> },
    /// Imports modules as far as possible.
    Load { modules: Vec<String> },
    /// Seeds the generator of this cell. Commands have no numbers.
    Seed { generator: String, seed: String },
}

/// A look at state just before one test.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Probe {
    pub(crate) before: usize,
    pub(crate) scope: RepairScope,
    pub(crate) repair: CellRepair,
}

#[cfg(test)]
mod tests {
    use super::{CellRepair, Cure};
    use crate::suite::runner::cell::CellName;

    #[test]
    fn a_repair_is_sent_as_an_object_whose_kind_comes_first() {
        let text = |repair: &CellRepair| serde_json::to_string(repair).unwrap();
        assert_eq!(text(&CellRepair::Everything), r#"{"kind":"everything"}"#);
        let names = vec![CellName::new("cure import x")];
        assert_eq!(text(&CellRepair::Cells { names }), r#"{"kind":"cells","names":["cure import x"]}"#);
        assert_eq!(
            text(&CellRepair::cure(Cure::Forget { module: "m".to_owned() })),
            r#"{"kind":"cure","cure":{"kind":"forget","module":"m"},"names":[]}"#
        );
    }
}
