//! What came of the changes that were tried so far in a hunt: a kind of change that has only ever failed is tried last.

use std::collections::HashMap;

use super::candidate::PatchCandidate;
use super::group::PatchGroup;
use super::reason;

/// So often a kind of change must have failed, and never cured, to be tried last.
const FAILURES: usize = 3;

/// The kinds of changes that were tried.
#[derive(Debug, Default)]
pub(super) struct TrialExperience(HashMap<String, KindResults>);

/// What came of one kind of change.
#[derive(Debug, Default)]
struct KindResults {
    failed: usize,
    has_cured: bool,
}

impl TrialExperience {
    /// Takes note of a change that was tried.
    pub(super) fn add(&mut self, group: &PatchGroup<'_>, candidate: &PatchCandidate, cures: bool) {
        let results = self.0.entry(kind(group, candidate)).or_default();
        results.failed += usize::from(!cures);
        results.has_cured |= cures;
    }

    /// Puts the changes last of which nothing is to be expected, and leaves the others in their order.
    pub(super) fn sort(&self, group: &PatchGroup<'_>, candidates: &mut [PatchCandidate]) {
        candidates.sort_by_cached_key(|candidate| {
            let known = self.0.get(&kind(group, candidate));
            known.is_some_and(|known| !known.has_cured && known.failed >= FAILURES)
        });
    }
}

/// What a change does, whatever the tests and the state are called.
fn kind(group: &PatchGroup<'_>, candidate: &PatchCandidate) -> String {
    let first = group.first();
    let tests = group.before().iter().chain([&first.victim]).map(|id| reason::said(id, &first.victim));
    let mut kind = format!("{:?}: {}", first.finding, candidate.what);
    for name in tests.chain([reason::cells(first)]).filter(|name| !name.is_empty()) {
        kind = kind.replace(&name, "_");
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::FindingKind;
    use crate::suite::finding::{Confirmation, HuntFinding, Tally};
    use crate::suite::hunt_report::HuntReport;
    use crate::suite::judge::mock_runner::suite;
    use crate::suite::patch::candidate::PatchReach;
    use crate::suite::runner::run::HuntClock;

    #[test]
    fn what_has_only_failed_comes_last_under_any_name() {
        let finding = |victim: &str, setter: &str| {
            let confirmed = Confirmation { alone: Tally::ONCE, after: Tally::ONCE };
            let id = |name: &str| format!("test_a.py::{name}");
            let mut finding = HuntFinding::new(FindingKind::Brittle, id(victim), HuntClock::Real, confirmed);
            finding.state_setters = Some(vec![id(setter)]);
            finding
        };
        let report = HuntReport {
            findings: vec![finding("test_one", "test_sets"), finding("test_two", "test_makes")],
            ..HuntReport::nothing()
        };
        let suite = suite(1);
        let groups = PatchGroup::all(&report, &suite);
        let change = |what: &str| PatchCandidate::new(PatchReach::Test, what.to_owned());
        let mut known = TrialExperience::default();
        let order = |known: &TrialExperience| {
            let mut all = [change("test_two calls test_makes"), change("test_two waits"), change("other")];
            known.sort(&groups[1], &mut all);
            all.map(|each| each.what)
        };
        for _ in 0..FAILURES {
            assert_eq!(order(&known)[0], "test_two calls test_makes");
            known.add(&groups[0], &change("test_one calls test_sets"), false);
        }
        assert_eq!(order(&known), ["test_two waits", "other", "test_two calls test_makes"]);
        known.add(&groups[0], &change("test_one calls test_sets"), true);
        assert_eq!(order(&known)[0], "test_two calls test_makes");
    }
}
