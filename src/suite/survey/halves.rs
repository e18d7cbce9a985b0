//! A named test, before anything is surveyed: the tests of its own file, then all others, then these backwards, run before it at
//! once. Where that turns it, halves tell which one of them does, or which few together. All that takes a few runs, and no look. Tests
//! that hide one another are for pairs and states to tell apart.

use super::rounds::suspicion;
use super::runs::{hand_on, seconds, tests};
use crate::kind::FindingKind;
use crate::minimize::minimize;
use crate::suite::inquiry::Inquiry;
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::runner::run::{Runner, RunnerError, TestOutcome};
use crate::suite::runner::surveyed::SurveyedState;

/// For each named test the others run about three times. For more than so many, a survey takes less.
const MOST_NAMED: usize = 3;

/// Seeks for each named test that is not settled what turns it, if there are few, and hands on what is found.
pub(super) fn by_halves<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<(), RunnerError> {
    let named = seconds(inquiry);
    if named.len() > MOST_NAMED {
        return Ok(());
    }
    for test in named {
        let Some(found) = turned(inquiry, test)? else { continue };
        if found.prefix.len() > 1 {
            inquiry.suspect_pairs(vec![found]);
            continue;
        }
        let outcome = match found.kind {
            FindingKind::Brittle => TestOutcome::Passed,
            _ => TestOutcome::Failed,
        };
        let first = Suspicion { test: found.prefix[0], ..found.clone() };
        let pair = SurveyedState::of_pair(first.result(TestOutcome::Passed), found.result(outcome));
        let turned = inquiry.ledger.states.note(&pair);
        let timestamps = inquiry.plan.timestamps;
        let pairs = turned.into_iter().map(|turned| suspicion(&found.prefix, turned, timestamps)).collect();
        hand_on(inquiry, pairs)?;
    }
    inquiry.settle()
}

/// The suspicion that one test, or as few as possible, turn the other, seen in a run of just these; `None` if it was not turned.
fn turned<R: Runner>(inquiry: &mut Inquiry<'_, R>, test: usize) -> Result<Option<Suspicion>, RunnerError> {
    let timestamps = inquiry.plan.timestamps;
    let alone = inquiry.judge.alone(test, timestamps)?;
    let kind = if alone.passes() { FindingKind::Victim } else { FindingKind::Brittle };
    if kind == FindingKind::Brittle && !alone.fails() {
        return Ok(None);
    }
    let others: Vec<usize> = tests(inquiry).into_iter().filter(|other| *other != test).collect();
    let file = |test: usize| &inquiry.suite.items[test].file;
    let own: Vec<usize> = others.iter().copied().filter(|other| file(*other) == file(test)).collect();
    let backwards: Vec<usize> = others.iter().copied().rev().collect();
    let groups =
        if own.len() < others.len() { vec![own, others, backwards] } else { vec![others, backwards] };
    for group in groups.into_iter().filter(|group| !group.is_empty()) {
        let all = Suspicion::after(group, test, kind, timestamps);
        if inquiry.judge.shows(&all, &all.prefix)? {
            // What it does alone is known.
            let shows = |part: &[usize]| {
                Ok::<bool, RunnerError>(!part.is_empty() && inquiry.judge.shows(&all, part)?)
            };
            let prefix = minimize(&all.prefix, shows)?;
            return Ok(Some(Suspicion { prefix, ..all }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use crate::kind::FindingKind;
    use crate::suite::judge::mock_runner::{MockRules, Rule, in_order, plan, suite};
    use crate::suite::plan::OrderKind;
    use crate::suite::search::HuntSearch;

    /// What is found about a test of 450, with the kinds of orders that ran, and how often all other tests ran.
    fn named(rule: Rule, victim: usize) -> (Vec<(FindingKind, Vec<String>)>, usize, usize) {
        let suite = suite(450);
        let mut watch = |_: crate::suite::event::HuntEvent<'_>| ();
        let plan = plan(450, &[OrderKind::State], vec![victim]);
        let mut search = HuntSearch::new(MockRules::new(rule, usize::MAX), &suite, plan, &mut watch);
        assert!(search.all().is_ok());
        let ledger = &search.inquiry.ledger;
        let found = ledger.findings.iter().map(|each| (each.finding, each.before().to_vec())).collect();
        let ran: usize = search.inquiry.judge.runner.lengths.iter().sum();
        (found, ledger.orders.len(), ran / 450)
    }

    #[test]
    fn one_that_turns_a_named_test_takes_no_survey() {
        let polluted: Rule = |before, test, _| test == 440 && before.contains(&7);
        let found = vec![(FindingKind::Victim, vec!["7".to_owned()])];
        assert_eq!(named(polluted, 440), (found, 0, 2));
        let brittle: Rule = |before, test, _| test == 44 && !before.contains(&43);
        let found = vec![(FindingKind::Brittle, vec!["43".to_owned()])];
        assert_eq!(named(brittle, 44), (found, 0, 0));
    }

    #[test]
    fn few_that_turn_a_named_test_together_take_no_survey() {
        let forwards: Rule = |before, test, _| test == 440 && in_order(before, &[7, 300]);
        let together = |first: &str, then: &str| vec![(FindingKind::Victim, vec![first.into(), then.into()])];
        let (found, orders, full) = named(forwards, 440);
        assert_eq!((found, orders), (together("7", "300"), 0));
        assert!(full <= 16, "{full}");
        let backwards: Rule = |before, test, _| test == 140 && in_order(before, &[300, 7]);
        let (found, orders, full) = named(backwards, 140);
        assert_eq!((found, orders), (together("300", "7"), 0));
        assert!(full <= 16, "{full}");
    }

    #[test]
    fn what_others_hide_is_left_to_pairs() {
        let hidden: Rule = |before, test, _| test == 440 && before.last() == Some(&7);
        let (found, orders, _) = named(hidden, 440);
        assert_eq!((found, orders), (vec![(FindingKind::Victim, vec!["7".to_owned()])], 1));
    }
}
