//! How far a diagnosis is, for whoever shows it.

/// A step of a diagnosis that begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiagnosisStep {
    /// Seeking the findings of the next test.
    Seeking {
        /// Tests done.
        tests: usize,
        /// All tests.
        of: usize,
    },
    /// Seeking a finding's cause, cleaners and remedies.
    LookingInto {
        /// The finding, from 1.
        finding: usize,
        /// All findings.
        of: usize,
    },
    /// Trying a finding's recommended remedy on the whole scenario.
    TryingRemedy {
        /// The finding, from 1.
        finding: usize,
        /// All findings.
        of: usize,
    },
}

/// Receives the steps of a diagnosis.
#[derive(Clone, Copy)]
pub struct Listener<'a>(pub &'a dyn Fn(DiagnosisStep));

impl Listener<'_> {
    /// For those who show nothing.
    pub const NOBODY: Self = Listener(&|_| {});

    pub(super) fn tell(self, step: DiagnosisStep) {
        (self.0)(step);
    }
}

impl std::fmt::Debug for Listener<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listener")
    }
}
