//! The ways in which tests restore something, as lines of source: they are data that changes are made of.

/// The ways to restore one cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CellRestoring {
    pub(super) imports: Vec<String>,
    /// A statement for the start of a test with the fixture `monkeypatch`, which restores at the end.
    pub(super) monkeypatch: Option<String>,
    /// Lines before the `yield` of a fixture.
    pub(super) save: Vec<String>,
    /// Lines behind it.
    pub(super) restore: Vec<String>,
    /// Statements for a method of `unittest.TestCase`.
    pub(super) cleanup: Vec<String>,
    /// A name for what is restored.
    pub(super) name: String,
}
