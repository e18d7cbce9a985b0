//! What a test has done in a run. What that means is for others to say.

/// The outcome of one test in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TestOutcome {
    /// It passed.
    Passed,
    /// It, or its set-up or tear-down, failed.
    Failed,
    /// It skipped itself.
    Skipped,
    /// The process ended, or the test loop was left, while it ran.
    Crashed,
    /// It took longer than `--test-timeout`.
    TimedOut,
}

impl TestOutcome {
    /// Whether this outcome makes a test a victim.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Crashed | Self::TimedOut)
    }

    /// The word for it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Crashed => "crashed",
            Self::TimedOut => "timed out",
        }
    }
}

/// The result of one test of a run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct TestResult {
    pub(crate) test: usize,
    pub(crate) outcome: TestOutcome,
    /// The end of a failure's message.
    pub(crate) text: String,
}
