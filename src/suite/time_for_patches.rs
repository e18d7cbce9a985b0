//! What of its time a search leaves to the patches of its findings. Orders that could show what taster does not see of a test's state
//! go on for as long as they may, and seldom show more; a patch is certain to be of use.

use std::time::Duration;

/// What the patch of a finding is likely to take, in full runs with collection: each change is tried on a suite of its own.
const FULL_RUNS_EACH: usize = 8;

/// The time that patches need, as far as a search knows.
#[derive(Debug, Default)]
pub(crate) struct TimeForPatches {
    /// Whether patches are wanted.
    pub(crate) wanted: bool,
    /// What a full run takes, collection included, as far as is known.
    pub(crate) full_run: Duration,
    /// What was left when only such orders were left.
    left_then: Option<Duration>,
    /// Whether such orders were left out for it.
    pub(crate) has_come: bool,
}

impl TimeForPatches {
    /// Whether it has come, with so much time left, for so many findings: patches have at most half of what was left when such orders
    /// began.
    pub(crate) fn is_now(&mut self, left: Duration, findings: usize) -> bool {
        let left_then = *self.left_then.get_or_insert(left);
        let most = left_then / 2;
        let runs = u32::try_from(findings.saturating_mul(FULL_RUNS_EACH));
        let need = runs.map_or(most, |runs| self.full_run.saturating_mul(runs).min(most));
        self.has_come |= self.wanted && findings > 0 && left <= need;
        self.has_come
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_get_what_they_need_and_at_most_half() {
        let second = Duration::from_secs(1);
        let comes_at = |wanted: bool, findings: usize| {
            let mut time = TimeForPatches { wanted, full_run: second, ..TimeForPatches::default() };
            (0..=100).rev().find(|left| time.is_now(second * *left, findings))
        };
        assert_eq!(
            [0, 1, 3, 50].map(|findings| comes_at(true, findings)),
            [None, Some(8), Some(24), Some(50)]
        );
        assert_eq!(comes_at(false, 50), None);
    }
}
