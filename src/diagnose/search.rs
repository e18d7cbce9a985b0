//! Who makes whom fail: what each test does alone, single polluters and state-setters by pairs, minimal sets from an ordering
//! that fails.

use super::outcomes::{Fate, Reader, Witness, failure_in};
use super::{Alone, Explored, is_cut_short};
use crate::explore::{ExploreError, Explorer, Reach};
use crate::interpreter::{NoOutcome, Outcome};
use crate::kind::FindingKind;
use crate::minimize::minimize;

/// Tests up to which every pair is explored when not all orderings were covered.
const PAIRED: usize = 24;

/// A finding before its details: who, by whom, shown by what.
#[derive(Debug, Clone)]
pub(super) struct Suspect {
    pub(super) kind: FindingKind,
    pub(super) test: usize,
    pub(super) others: Vec<usize>,
    pub(super) minimal: bool,
    pub(super) witness: Witness,
}

/// What the search for suspects came to.
#[derive(Debug)]
pub(super) struct SearchResult {
    /// By test.
    pub(super) alone: Vec<Alone>,
    pub(super) suspects: Vec<Suspect>,
    /// Whether the budget was used up before all tests were looked at.
    pub(super) cut_short: bool,
}

/// The search for suspects.
pub(super) struct Search<'e, 'a> {
    explored: Explored<'e, 'a>,
    sampled: Option<Sampled>,
    runs: u64,
}

/// In which of the sampled orderings each test fails.
struct Sampled {
    orderings: usize,
    /// By test, the places of the orderings in the sample.
    failing: Vec<Vec<usize>>,
    /// By test, whether it fails where nothing ran before it; none where no ordering begins with it.
    first: Vec<Option<bool>>,
}

impl Sampled {
    fn of(explorer: &Explorer<'_>, samples: &[Vec<usize>]) -> Self {
        let lengths = &explorer.shape().lengths;
        let (mut failing, mut first) = (vec![Vec::new(); lengths.len()], vec![None; lengths.len()]);
        for (at, steps) in samples.iter().enumerate() {
            let outcomes = explorer.known(steps).unwrap_or_default();
            for (&test, outcome) in steps.iter().zip(&outcomes) {
                if outcome.is_failure() {
                    failing[test].push(at);
                }
            }
            if let Some(&test) = steps.first()
                && steps[..lengths[test]].iter().all(|&other| other == test)
            {
                first[test] = Some(outcomes[..lengths[test]].iter().any(Outcome::is_failure));
            }
        }
        Self { orderings: samples.len(), failing, first }
    }

    fn fate(&self, test: usize) -> Fate {
        let failing = self.failing[test].len();
        Fate { fails: failing > 0, passes: failing < self.orderings }
    }

    /// The places of the orderings in which the test fails, or else of those in which it passes.
    fn showing(&self, test: usize, fails: bool) -> Vec<usize> {
        let all = 0..self.orderings;
        all.filter(|at| self.failing[test].binary_search(at).is_ok() == fails).collect()
    }
}

/// What a test does alone and over everything that was covered.
#[derive(Debug, Clone, Copy)]
struct Record {
    test: usize,
    alone: Alone,
    /// Over everything.
    fate: Fate,
}

impl<'e, 'a> Search<'e, 'a> {
    pub(super) fn new(explored: Explored<'e, 'a>) -> Self {
        let sampled = explored.samples.as_ref().map(|samples| Sampled::of(explored.explorer, samples));
        Self { explored, sampled, runs: 0 }
    }

    pub(super) fn explorer(&mut self) -> &mut Explorer<'a> {
        self.explored.explorer
    }

    pub(super) fn runs(&self) -> u64 {
        self.runs
    }

    /// Who makes a test fail in one ordering or, where it fails without the others, pass: none where the others make no
    /// difference; and whether it fails in the ordering.
    pub(super) fn narrow(
        &mut self,
        test: usize,
        steps: &[usize],
    ) -> Result<(bool, Option<Suspect>), ExploreError> {
        let outcomes = self.perform(steps)?;
        let failed = failure_in(steps, &outcomes.iter().collect::<Vec<_>>(), test);
        let fails = failed.is_some();
        if self.shows(test, fails, steps, &[])? {
            return Ok((fails, None));
        }
        let kind = if fails { FindingKind::Victim } else { FindingKind::Brittle };
        let until = place_of(steps, test, failed.map_or(usize::MAX, |(number, _)| number));
        let before = in_order_of_appearance(&steps[..until], test);
        Ok((fails, Some(self.by_bisection(kind, test, steps, &before)?)))
    }

    /// What each test does alone, and every suspect; of the first tests, where the budget is used up.
    pub(super) fn suspects(&mut self) -> Result<SearchResult, ExploreError> {
        let tests = self.explored.explorer.shape().tests();
        let mut found =
            SearchResult { alone: vec![Alone::Unknown; tests], suspects: Vec::new(), cut_short: false };
        for test in 0..tests {
            if self.explored.unsteady.contains(&test) {
                continue;
            }
            let Some((alone, suspects)) = is_cut_short(self.suspects_among(test))? else {
                found.cut_short = true;
                break;
            };
            found.alone[test] = alone;
            found.suspects.extend(suspects);
        }
        Ok(found)
    }

    fn suspects_among(&mut self, test: usize) -> Result<(Alone, Vec<Suspect>), ExploreError> {
        self.in_time()?;
        let record = self.record(test)?;
        Ok((record.alone, self.suspects_of(record)?))
    }

    fn in_time(&self) -> Result<(), ExploreError> {
        self.explored.budget.check().map_err(|_| NoOutcome::Interrupted.into())
    }

    fn suspects_of(&mut self, record: Record) -> Result<Vec<Suspect>, ExploreError> {
        let test = record.test;
        let (kind, wanted) = match record.alone {
            Alone::Mixed => return Ok(self.by_itself(FindingKind::FlakyAlone, test)?.into_iter().collect()),
            Alone::Passes => (FindingKind::Victim, true),
            Alone::Fails => (FindingKind::Brittle, false),
            Alone::Unknown => return Ok(Vec::new()),
        };
        let mut suspects = self.by_pairs(kind, test, wanted)?;
        let contrary = if wanted { record.fate.fails } else { record.fate.passes };
        if contrary {
            self.by_sets(kind, test, wanted, &mut suspects)?;
        }
        if suspects.is_empty() && record.alone == Alone::Fails && !record.fate.passes {
            suspects.extend(self.by_itself(FindingKind::Broken, test)?);
        }
        Ok(suspects)
    }

    /// What the test does alone and over everything covered.
    fn record(&mut self, test: usize) -> Result<Record, ExploreError> {
        let scope = self.explored.explorer.scenario().closure(&[test]);
        let alone = match self.fate_alone(&scope, test)? {
            Fate { fails: true, passes: true } => Alone::Mixed,
            Fate { fails: true, passes: false } => Alone::Fails,
            Fate { fails: false, passes: true } => Alone::Passes,
            Fate { fails: false, passes: false } => Alone::Unknown,
        };
        let everything: Vec<usize> = (0..self.explored.explorer.shape().tests()).collect();
        let explorer = &*self.explored.explorer;
        let fate = match (&self.explored.fates, &self.sampled) {
            (Some(fates), _) => Fate { fails: fates[test].0, passes: fates[test].1 },
            (None, Some(sampled)) => sampled.fate(test),
            (None, None) => Reader::new(&explorer.graph(), explorer.shape(), &everything, test).fate(),
        };
        Ok(Record { test, alone, fate })
    }

    /// What the test does over all orderings of itself and what it must come after: where that is nothing, a sampled ordering
    /// that begins with it has shown it.
    fn fate_alone(&mut self, scope: &[usize], test: usize) -> Result<Fate, ExploreError> {
        let first = self.sampled.as_ref().and_then(|sampled| sampled.first[test]);
        match first.filter(|_| scope == [test]) {
            Some(fails) => Ok(Fate { fails, passes: !fails }),
            None => self.fate(scope, test),
        }
    }

    /// What the test does over all orderings of `scope`.
    fn fate(&mut self, scope: &[usize], test: usize) -> Result<Fate, ExploreError> {
        self.cover(scope)?;
        let explorer = &*self.explored.explorer;
        Ok(Reader::new(&explorer.graph(), explorer.shape(), scope, test).fate())
    }

    fn cover(&mut self, scope: &[usize]) -> Result<(), ExploreError> {
        if self.explored.complete {
            return Ok(());
        }
        let budget = self.explored.budget.clone();
        let before = self.explored.explorer.graph().transitions();
        let reach = self.explored.explorer.cover(scope, 1, &budget, &|_| {})?;
        self.runs += u64::from(self.explored.explorer.graph().transitions() > before);
        if reach == Reach::Complete { Ok(()) } else { Err(NoOutcome::Interrupted.into()) }
    }

    /// A test that needs no other: the ordering in which it fails.
    fn by_itself(&mut self, kind: FindingKind, test: usize) -> Result<Option<Suspect>, ExploreError> {
        let scope = self.explored.explorer.scenario().closure(&[test]);
        self.suspect(kind, test, Vec::new(), &scope)
    }

    /// Every other test that alone makes the difference.
    fn by_pairs(
        &mut self,
        kind: FindingKind,
        test: usize,
        wanted: bool,
    ) -> Result<Vec<Suspect>, ExploreError> {
        let tests = self.explored.explorer.shape().tests();
        let mut suspects = Vec::new();
        if !self.explored.complete && tests > PAIRED {
            return Ok(suspects);
        }
        let own = self.explored.explorer.scenario().closure(&[test]);
        for other in (0..tests).filter(|other| !own.contains(other)) {
            self.in_time()?;
            let scope = self.explored.explorer.scenario().closure(&[other, test]);
            let fate = self.fate(&scope, test)?;
            if if wanted { fate.fails } else { fate.passes } {
                suspects.extend(self.suspect(kind, test, vec![other], &scope)?);
            }
        }
        Ok(suspects)
    }

    fn suspect(
        &mut self,
        kind: FindingKind,
        test: usize,
        others: Vec<usize>,
        scope: &[usize],
    ) -> Result<Option<Suspect>, ExploreError> {
        self.cover(scope)?;
        let explorer = &*self.explored.explorer;
        let graph = explorer.graph();
        let wanted = kind != FindingKind::Brittle;
        let witness = Reader::new(&graph, explorer.shape(), scope, test).witness(wanted);
        Ok(witness.map(|witness| Suspect { kind, test, others, minimal: true, witness }))
    }

    /// Minimal sets from orderings that no suspect explains: all that were sampled, or the first of all.
    fn by_sets(
        &mut self,
        kind: FindingKind,
        test: usize,
        wanted: bool,
        suspects: &mut Vec<Suspect>,
    ) -> Result<(), ExploreError> {
        let orderings: Vec<Vec<usize>> = match (&self.explored.samples, &self.sampled, suspects.is_empty()) {
            (Some(samples), Some(shown), _) => {
                shown.showing(test, wanted).into_iter().map(|at| samples[at].clone()).collect()
            }
            (_, _, true) => self.first_of_all(test, wanted).into_iter().collect(),
            _ => return Ok(()),
        };
        for steps in orderings {
            let outcomes = self.perform(&steps)?;
            let failed = failure_in(&steps, &outcomes.iter().collect::<Vec<_>>(), test);
            if failed.is_some() != wanted {
                continue;
            }
            let until = place_of(&steps, test, failed.map_or(usize::MAX, |(number, _)| number));
            let before = in_order_of_appearance(&steps[..until], test);
            let explained = |suspect: &Suspect| suspect.others.iter().all(|other| before.contains(other));
            if !suspects.iter().any(explained) {
                suspects.push(self.by_bisection(kind, test, &steps, &before)?);
            }
        }
        Ok(())
    }

    /// The first ordering of all tests in which this one fails (or passes), as the test of each step.
    fn first_of_all(&self, test: usize, wanted: bool) -> Option<Vec<usize>> {
        let explorer = &*self.explored.explorer;
        let everything: Vec<usize> = (0..explorer.shape().tests()).collect();
        let graph = explorer.graph();
        let witness = Reader::new(&graph, explorer.shape(), &everything, test).witness(wanted)?;
        Some(explorer.shape().steps_of(&witness.word))
    }

    /// The smallest part of the tests that stand before the failing step of an ordering, in their order, with which it still fails.
    fn by_bisection(
        &mut self,
        kind: FindingKind,
        test: usize,
        steps: &[usize],
        before: &[usize],
    ) -> Result<Suspect, ExploreError> {
        let wanted = kind != FindingKind::Brittle;
        let own = self.explored.explorer.scenario().closure(&[test]);
        let candidates: Vec<usize> = before.iter().copied().filter(|other| !own.contains(other)).collect();
        let shows = self.shows(test, wanted, steps, &candidates)?;
        let others = if shows {
            minimize(&candidates, |part| self.shows(test, wanted, steps, part))?
        } else {
            candidates
        };
        let with_victim: Vec<usize> = others.iter().copied().chain([test]).collect();
        let scope = self.explored.explorer.scenario().closure(&with_victim);
        if shows && let Some(suspect) = self.suspect(kind, test, others.clone(), &scope)? {
            return Ok(suspect);
        }
        let word = self.explored.explorer.shape().word_from(steps);
        Ok(Suspect { kind, test, others, minimal: false, witness: Witness { word, neighbour: None } })
    }

    /// Whether the test fails (passes) in the ordering cut down to these others, itself, and what they come after.
    fn shows(
        &mut self,
        test: usize,
        wanted: bool,
        steps: &[usize],
        part: &[usize],
    ) -> Result<bool, ExploreError> {
        let with_victim: Vec<usize> = part.iter().copied().chain([test]).collect();
        let scope = self.explored.explorer.scenario().closure(&with_victim);
        let cut: Vec<usize> = steps.iter().copied().filter(|step| scope.contains(step)).collect();
        let outcomes = self.perform(&cut)?;
        Ok(failure_in(&cut, &outcomes.iter().collect::<Vec<_>>(), test).is_some() == wanted)
    }

    fn perform(&mut self, steps: &[usize]) -> Result<Vec<Outcome>, ExploreError> {
        let before = self.explored.explorer.transitions();
        let outcomes = self.explored.explorer.perform_remembered(steps)?;
        self.runs += u64::from(self.explored.explorer.transitions() > before);
        Ok(outcomes)
    }
}

/// The place of a test's step of this number among all steps.
fn place_of(steps: &[usize], test: usize, number: usize) -> usize {
    let places = steps.iter().enumerate().filter(|(_, step)| **step == test).map(|(place, _)| place);
    places.take(number).last().unwrap_or(steps.len())
}

fn in_order_of_appearance(steps: &[usize], but: usize) -> Vec<usize> {
    let mut seen = Vec::new();
    for &step in steps {
        if step != but && !seen.contains(&step) {
            seen.push(step);
        }
    }
    seen
}
