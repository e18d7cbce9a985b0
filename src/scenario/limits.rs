//! How much the code of steps may use: `[limits]` without the time.

/// A step that exceeds one of these fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of address space for one process.
    pub memory: u64,
    /// The largest size of a file, in bytes.
    pub file_size: u64,
    /// Processes started by the code of steps that may be alive at once.
    pub processes: u64,
}

impl Default for Limits {
    /// The limits of a scenario that sets none.
    fn default() -> Self {
        Self { memory: 2 << 30, file_size: 1 << 30, processes: 256 }
    }
}
