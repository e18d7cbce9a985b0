//! How much the code of steps may use: `[limits]` without the time.

/// Past these, a step fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of address space that one process may have.
    pub memory: u64,
    /// Bytes that one file may grow to.
    pub file_size: u64,
    /// Processes that the code of steps may have started and that live at once.
    pub processes: u64,
}

impl Default for Limits {
    /// Those of a scenario that sets none.
    fn default() -> Self {
        Self { memory: 2 << 30, file_size: 1 << 30, processes: 256 }
    }
}
