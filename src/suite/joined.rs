//! The reports of all machines that shared a hunt, as the report of one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::finding::HuntFinding;
use super::hunt_report::{HuntReport, PairAccount, ShardOfHunt};
use super::leaks;
use crate::cause::Cause;

/// The kinds of orders that every machine runs.
const SHARED: [&str; 2] = ["given", "reverse"];

/// Joins reports of shards, in their order; `None` if there are none. A test has one finding: if several machines have made one, the one
/// that says most.
pub fn joined(reports: Vec<HuntReport>) -> Option<HuntReport> {
    let mut reports = reports.into_iter();
    let mut whole = reports.next()?;
    let mut shards: Vec<ShardOfHunt> = whole.shard.take().into_iter().collect();
    for mut report in reports {
        shards.extend(report.shard.take());
        add(&mut whole, report);
    }
    whole.findings = one_of_each_test(std::mem::take(&mut whole.findings));
    leaks::group(&mut whole.findings);
    let has_finding = |test: &str| whole.findings.iter().any(|finding| finding.victim == test);
    once(&mut whole.unconfirmed, |finding| finding.victim.clone());
    whole.unconfirmed.retain(|finding| !has_finding(&finding.victim));
    once(&mut whole.broken, |broken| broken.test.clone());
    whole.broken.retain(|broken| !has_finding(&broken.test));
    once(&mut whole.seen_failing, |seen| (seen.test.clone(), seen.timestamps));
    let is_broken = |test: &str| whole.broken.iter().any(|broken| broken.test == test);
    whole.seen_failing.retain(|seen| !has_finding(&seen.test) && !is_broken(&seen.test));
    once(&mut whole.frozen_only, Clone::clone);
    once(&mut whole.notes, Clone::clone);
    once(&mut whole.changed_meanwhile, |change| change.path.clone());
    let shared = shards.iter().map(|shard| shard.shared_neighbours).max().unwrap_or(whole.neighbours.0);
    let own: usize = shards.iter().map(|shard| shard.own_neighbours).sum();
    whole.neighbours.0 = (shared + own).min(whole.neighbours.1);
    Some(whole)
}

fn add(whole: &mut HuntReport, report: HuntReport) {
    whole.findings.extend(report.findings);
    whole.unconfirmed.extend(report.unconfirmed);
    whole.broken.extend(report.broken);
    whole.seen_failing.extend(report.seen_failing);
    whole.frozen_only.extend(report.frozen_only);
    whole.notes.extend(report.notes);
    whole.changed_meanwhile.extend(report.changed_meanwhile);
    for (kind, count) in report.orders {
        let is_shared = SHARED.iter().any(|shared| kind.starts_with(shared));
        match whole.orders.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, known)) if is_shared => *known = (*known).max(count),
            Some((_, known)) => *known += count,
            None => whole.orders.push((kind, count)),
        }
    }
    let (one, other) = (whole.pairs, report.pairs);
    whole.pairs = PairAccount {
        total: one.total + other.total,
        ran: one.ran + other.ran,
        by_state: one.by_state + other.by_state,
        left: one.left + other.left,
        checked: one.checked + other.checked,
        claim_holds: one.claim_holds && other.claim_holds,
    };
    whole.runs += report.runs;
    whole.seconds = whole.seconds.max(report.seconds);
    whole.last_finding = whole.last_finding.max(report.last_finding);
    whole.halted = whole.halted.take().or(report.halted);
}

/// Of several findings of a test the one with a cause, the smallest, the one that came first.
fn one_of_each_test(findings: Vec<HuntFinding>) -> Vec<HuntFinding> {
    let says_most = |finding: &HuntFinding| {
        (Reverse(finding.cause != Cause::NotSought), Reverse(finding.minimal), finding.before().len())
    };
    let mut chosen: BTreeMap<String, HuntFinding> = BTreeMap::new();
    for finding in findings {
        let known = chosen.get(&finding.victim);
        if known.is_none_or(|known| says_most(&finding) < says_most(known)) {
            chosen.insert(finding.victim.clone(), finding);
        }
    }
    chosen.into_values().collect()
}

/// Each thing once, the first one of several with the same key.
fn once<T, K: Ord>(things: &mut Vec<T>, key: impl Fn(&T) -> K) {
    let mut seen = std::collections::BTreeSet::new();
    things.retain(|thing| seen.insert(key(thing)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::FindingKind;
    use crate::shard::{Shard, Whole};
    use crate::suite::finding::{Confirmation, Tally};
    use crate::suite::hunt_report::BrokenTest;
    use crate::suite::runner::run::HuntClock;

    fn finding(victim: &str, polluters: &[&str], cause: Cause) -> HuntFinding {
        let confirmed = Confirmation { alone: Tally::ONCE, after: Tally::ONCE };
        let mut finding =
            HuntFinding::new(FindingKind::Victim, victim.to_owned(), HuntClock::Real, confirmed);
        finding.polluters = Some(polluters.iter().map(|test| (*test).to_owned()).collect());
        (finding.cause, finding.minimal) = (cause, true);
        finding
    }

    fn shard(index: usize, findings: Vec<HuntFinding>, own_neighbours: usize) -> HuntReport {
        let mut report = HuntReport { findings, neighbours: (7, 20), ..HuntReport::nothing() };
        report.orders = vec![("given".to_owned(), 1), ("random".to_owned(), 20)];
        report.pairs = PairAccount { total: 10, ran: 2, by_state: 8, left: 0, checked: 1, claim_holds: true };
        let whole = Whole::new("hunt", 0, [], String::new());
        let shard = Shard::new(index, 2).unwrap();
        report.shard = Some(ShardOfHunt { shard, whole, shared_neighbours: 5, own_neighbours });
        report
    }

    #[test]
    fn a_test_has_one_finding_and_it_is_the_one_that_says_most() {
        let first = shard(
            1,
            vec![finding("v", &["p", "q"], Cause::NotSought), finding("w", &["p"], Cause::Unknown)],
            2,
        );
        let second = shard(2, vec![finding("v", &["p"], Cause::ChangedState)], 4);
        let whole = joined(vec![first, second]).unwrap();
        let found: Vec<_> = whole.findings.iter().map(|found| (found.victim.as_str(), found.cause)).collect();
        assert_eq!(found, [("v", Cause::ChangedState), ("w", Cause::Unknown)]);
    }

    #[test]
    fn what_pytest_refutes_is_told_once_and_not_beside_a_finding_of_another_machine() {
        let mut first = shard(1, vec![finding("v", &["p"], Cause::Unknown)], 0);
        let mut second = shard(2, Vec::new(), 0);
        first.unconfirmed = vec![finding("u", &["p"], Cause::Unknown)];
        second.unconfirmed = vec![finding("u", &["q"], Cause::Unknown), finding("v", &["q"], Cause::Unknown)];
        let whole = joined(vec![first, second]).unwrap();
        assert_eq!(whole.unconfirmed, [finding("u", &["p"], Cause::Unknown)]);
        assert_eq!(whole.findings.len(), 1);
    }

    #[test]
    fn what_all_machines_do_counts_once_and_the_rest_is_added() {
        let whole = joined(vec![shard(1, Vec::new(), 2), shard(2, Vec::new(), 4)]).unwrap();
        assert_eq!(whole.orders, [("given".to_owned(), 1), ("random".to_owned(), 40)]);
        assert_eq!(whole.neighbours, (11, 20));
        assert_eq!((whole.pairs.total, whole.pairs.ran, whole.pairs.left), (20, 4, 0));
        assert_eq!(whole.shard, None);
    }

    #[test]
    fn a_broken_test_is_told_once_and_not_if_another_machine_found_why() {
        let broken = |test: &str| BrokenTest {
            test: test.to_owned(),
            outcome: "failed".into(),
            message: String::new(),
            broken_by: Vec::new(),
        };
        let mut first = shard(1, vec![finding("v", &["p"], Cause::Unknown)], 0);
        let mut second = shard(2, Vec::new(), 0);
        first.broken = vec![broken("b")];
        second.broken = vec![broken("b"), broken("v")];
        let whole = joined(vec![first, second]).unwrap();
        assert_eq!(whole.broken, [broken("b")]);
        assert!(joined(Vec::new()).is_none());
    }
}
