//! Why an interpreter returned no outcome.

/// Why an interpreter returned no outcome.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoOutcome {
    /// It cannot judge this step or scenario faithfully; another interpreter may.
    #[error("needs a real interpreter, such as --python 3.11: {reason}")]
    Refused {
        /// What it cannot evaluate, and where.
        reason: String,
    },
    /// It lacks what the scenario requires.
    #[error("{reason}")]
    Lacks {
        /// Its label.
        interpreter: String,
        /// What it lacks.
        reason: String,
    },
    /// It ended, or broke the protocol, and could not be restored.
    #[error("the interpreter {interpreter} is lost: {reason}")]
    Lost {
        /// Its label.
        interpreter: String,
        /// The observed fault.
        reason: String,
    },
    /// A file operation failed.
    #[error("cannot write the scenario's files: {0}")]
    Disk(#[from] std::io::Error),
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
}
