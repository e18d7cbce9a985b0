//! Which findings are about one and the same leak, and in which order a report tells of them: what concerns most tests comes first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::runner::cell::{Cell, CellKind};

/// What makes two findings one leak.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct LeakKey {
    kind: FindingKind,
    before: Vec<String>,
    places: Vec<String>,
    hidden_by: Vec<String>,
}

impl LeakKey {
    /// `None` if no other test is to blame.
    fn of(finding: &HuntFinding) -> Option<Self> {
        if finding.before().is_empty() || finding.finding == FindingKind::Nondeterministic {
            return None;
        }
        let (before, hidden_by) = (finding.before().to_vec(), finding.hidden_by.clone());
        Some(Self { kind: finding.finding, before, places: finding.places(), hidden_by })
    }
}

impl HuntFinding {
    /// What its state is about, sorted: cells; and of the entries of a dictionary that one line has changed, the dictionary and the line,
    /// since whoever clears it hurts each test by another entry.
    pub(super) fn places(&self) -> Vec<String> {
        let place = |cell: &Cell| {
            let holder = cell.cell.strip_suffix(&format!("[{}]", cell.key));
            match (cell.kind, holder, &cell.changed_at) {
                (CellKind::Item, Some(holder), Some(at)) => format!("{holder} by {}:{}", at.file, at.line),
                _ => cell.cell.clone(),
            }
        };
        let mut places: Vec<String> = self.state.iter().map(place).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Whether both are about one and the same leak.
    pub fn shares_leak_with(&self, other: &Self) -> bool {
        LeakKey::of(self).is_some_and(|key| LeakKey::of(other) == Some(key))
    }
}

/// The cells of findings of one leak, each once.
pub(crate) fn cells_of<'f>(findings: &[&'f HuntFinding]) -> Vec<&'f Cell> {
    let mut seen = BTreeSet::new();
    let all = findings.iter().flat_map(|finding| &finding.state);
    all.filter(|cell| seen.insert(&cell.cell)).collect()
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
    use super::{cells_of, group};
    use crate::kind::FindingKind;
    use crate::suite::finding::{Confirmation, HuntFinding, Tally};
    use crate::suite::runner::cell::{Cell, CellKind};
    use crate::suite::runner::run::HuntClock;
    use crate::suite::runner::source_line::GuiltyLine;

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

    #[test]
    fn who_clears_a_dictionary_leaves_one_leak() {
        let entry = |victim: &str, key: &str, line| {
            let mut finding = finding(FindingKind::Victim, victim, &["p"], "x");
            let changed_at = Some(GuiltyLine::of("test_p.py", line, "known.clear()"));
            let cell = Cell { changed_at, ..Cell::of(CellKind::Item, key) };
            finding.state = vec![Cell { cell: format!("m.known[{key}]"), ..cell }];
            finding
        };
        let (one, other, elsewhere) = (entry("a", "'a'", 7), entry("b", "'b'", 7), entry("c", "'c'", 9));
        assert!(one.shares_leak_with(&other) && !one.shares_leak_with(&elsewhere));
        let cells: Vec<&str> =
            cells_of(&[&one, &other, &one]).iter().map(|cell| cell.cell.as_str()).collect();
        assert_eq!(cells, ["m.known['a']", "m.known['b']"]);
    }
}
