//! Which findings are about one and the same leak, and in which order a report tells of them: what concerns most tests comes first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;

/// What makes two findings one leak.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct LeakKey {
    kind: FindingKind,
    before: Vec<String>,
    cells: Vec<String>,
    hidden_by: Vec<String>,
}

impl LeakKey {
    /// `None` if no other test is to blame.
    fn of(finding: &HuntFinding) -> Option<Self> {
        if finding.before().is_empty() || finding.finding == FindingKind::Nondeterministic {
            return None;
        }
        let mut cells: Vec<String> = finding.state.iter().map(|cell| cell.cell.clone()).collect();
        cells.sort_unstable();
        let (before, hidden_by) = (finding.before().to_vec(), finding.hidden_by.clone());
        Some(Self { kind: finding.finding, before, cells, hidden_by })
    }
}

impl HuntFinding {
    /// Whether both are about one and the same leak.
    pub fn shares_leak_with(&self, other: &Self) -> bool {
        LeakKey::of(self).is_some_and(|key| LeakKey::of(other) == Some(key))
    }
}

/// Numbers the groups of findings, from 1, and puts the largest first; what belongs together stands together.
pub(super) fn group(findings: &mut Vec<HuntFinding>) {
    let keys: Vec<Option<LeakKey>> = findings.iter().map(LeakKey::of).collect();
    let mut sizes: BTreeMap<&LeakKey, (usize, usize)> = BTreeMap::new();
    for (place, key) in keys.iter().enumerate() {
        if let Some(key) = key {
            sizes.entry(key).or_insert((0, place)).0 += 1;
        }
    }
    // What is no leak comes last.
    let rank = |key: &Option<LeakKey>| {
        key.as_ref().map_or((true, Reverse(0), 0), |key| {
            let (size, first) = sizes[key];
            (false, Reverse(size), first)
        })
    };
    let mut ranked: Vec<_> = keys.iter().map(rank).zip(std::mem::take(findings)).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let (mut number, mut last) = (0, None);
    for (rank, mut finding) in ranked {
        if !rank.0 {
            number += usize::from(last != Some(rank));
            finding.group = Some(number);
        }
        last = Some(rank);
        findings.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::group;
    use crate::kind::FindingKind;
    use crate::suite::finding::{Confirmation, HuntFinding, Tally};
    use crate::suite::runner::cell::{Cell, CellKind};
    use crate::suite::runner::run::HuntClock;

    fn finding(kind: FindingKind, victim: &str, before: &[&str], cell: &str) -> HuntFinding {
        let confirmed = Confirmation { alone: Tally::ONCE, after: Tally::ONCE };
        let mut finding = HuntFinding::new(kind, victim.to_owned(), HuntClock::Real, confirmed);
        finding.polluters = Some(before.iter().map(ToString::to_string).collect());
        finding.state = vec![Cell::of(CellKind::Attribute, cell)];
        finding
    }

    #[test]
    fn findings_of_one_leak_stand_together_and_the_largest_leak_first() {
        let victim = |name: &str, before: &[&str], cell| finding(FindingKind::Victim, name, before, cell);
        let mut findings = vec![
            finding(FindingKind::Nondeterministic, "chance", &["p"], "x"),
            victim("a", &["p"], "x"),
            victim("b", &["q"], "x"),
            victim("c", &["p"], "y"),
            victim("d", &["q"], "x"),
            finding(FindingKind::Brittle, "e", &["q"], "x"),
        ];
        group(&mut findings);
        let told: Vec<(&str, Option<usize>)> =
            findings.iter().map(|finding| (&finding.victim[..], finding.group)).collect();
        let wanted = [
            ("b", Some(1)),
            ("d", Some(1)),
            ("a", Some(2)),
            ("c", Some(3)),
            ("e", Some(4)),
            ("chance", None),
        ];
        assert_eq!(told, wanted);
    }
}
