//! How far a step has come down its thread's stack. What a body nests, the evaluation nests too: the model refuses in
//! time what the stack might not hold.

/// Where the stack stood at some moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct StackMark(usize);

/// The bytes that a step may take. A thread that nobody gives more has 2 MiB.
const MOST: usize = 1 << 20;

impl StackMark {
    /// Where it stands now.
    #[inline(never)]
    pub(super) fn here() -> Self {
        let here = 0_u8;
        Self(std::ptr::from_ref(std::hint::black_box(&here)).addr())
    }

    /// Whether more has been used since than a step may take.
    pub(super) fn is_far(self) -> bool {
        self.0.abs_diff(Self::here().0) > MOST
    }
}
