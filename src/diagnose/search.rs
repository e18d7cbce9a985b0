//! Who makes whom fail: what each test does alone, single polluters and state-setters by pairs, minimal sets from an ordering
//! that fails.

use super::bisection;
use super::experimenter::{Experimenter, Suspect, is_cut_short};
use super::finding::Alone;
use super::outcomes::TestOutcomes;
use super::progress::{DiagnosisStep, Listener};
use super::sample::Sample;
use crate::budget::Budget;
use crate::explore::{ExploreError, Explorer};
use crate::kind::FindingKind;

/// Tests up to which every pair is explored when not all orderings were covered.
const PAIRED: usize = 24;

/// What is known before findings are sought.
#[derive(Debug)]
pub struct Exploration<'e, 'a> {
    /// The explorer, with all that was performed so far.
    pub explorer: &'e mut Explorer<'a>,
    /// The orderings that were sampled, or their beginnings, by the test of each step, or `None` if all were walked through.
    pub samples: Option<Vec<Vec<usize>>>,
    /// Whether the walk covered all orderings.
    pub complete: bool,
    /// Tests of which nothing is sought: what they do is chance.
    pub unsteady: Vec<usize>,
    /// Whether each test fails, and whether it passes, in some ordering of all tests, or `None` if the graph has to be read for it.
    pub fates: Option<Vec<(bool, bool)>>,
    /// Limits of the search.
    pub budget: Budget,
    /// Receives how far the search is.
    pub listener: Listener<'e>,
}

/// What the search for suspects found.
#[derive(Debug)]
pub(super) struct SearchResult {
    /// By test.
    pub(super) alone: Vec<Alone>,
    pub(super) suspects: Vec<Suspect>,
    /// Whether the budget was used up before the search had looked at all tests.
    pub(super) cut_short: bool,
}

/// The search for suspects.
pub(super) struct FindingSearch<'e, 'a> {
    experimenter: Experimenter<'e, 'a>,
    /// `None` if the orderings were walked through.
    sample: Option<Sample>,
    unsteady: Vec<usize>,
    fates: Option<Vec<(bool, bool)>>,
    listener: Listener<'e>,
}

/// What a test does alone and over everything that was covered.
#[derive(Debug, Clone, Copy)]
struct Record {
    test: usize,
    alone: Alone,
    /// Over everything.
    fate: TestOutcomes,
}

impl<'e, 'a> FindingSearch<'e, 'a> {
    pub(super) fn new(exploration: Exploration<'e, 'a>) -> Self {
        let Exploration { explorer, samples, complete, unsteady, fates, budget, listener } = exploration;
        let sample = samples.map(|samples| Sample::of(explorer, samples));
        Self {
            experimenter: Experimenter::new(explorer, complete, budget),
            sample,
            unsteady,
            fates,
            listener,
        }
    }

    pub(super) fn explorer(&mut self) -> &mut Explorer<'a> {
        self.experimenter.explorer()
    }

    /// Performances for the search alone.
    pub(super) fn runs(&self) -> u64 {
        self.experimenter.runs()
    }

    /// What each test does alone, and every suspect; of the first tests, where the budget is used up.
    pub(super) fn suspects(&mut self) -> Result<SearchResult, ExploreError> {
        let tests = self.experimenter.tests();
        let mut found =
            SearchResult { alone: vec![Alone::Unknown; tests], suspects: Vec::new(), cut_short: false };
        for test in 0..tests {
            self.listener.tell(DiagnosisStep::Seeking { tests: test, of: tests });
            if self.unsteady.contains(&test) {
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
        self.experimenter.in_time()?;
        let record = self.record(test)?;
        Ok((record.alone, self.suspects_of(record)?))
    }

    fn suspects_of(&mut self, record: Record) -> Result<Vec<Suspect>, ExploreError> {
        let test = record.test;
        let kind = match record.alone {
            Alone::Mixed => return Ok(self.by_itself(FindingKind::FlakyAlone, test)?.into_iter().collect()),
            Alone::Passes => FindingKind::Victim,
            Alone::Fails => FindingKind::Brittle,
            Alone::Unknown => return Ok(Vec::new()),
        };
        let mut suspects = self.by_pairs(kind, test)?;
        if record.fate.can_show(kind) {
            self.by_sets(kind, test, &mut suspects)?;
        }
        if suspects.is_empty() && record.alone == Alone::Fails && !record.fate.passes {
            suspects.extend(self.by_itself(FindingKind::Broken, test)?);
        }
        Ok(suspects)
    }

    /// What the test does alone and over everything covered.
    fn record(&mut self, test: usize) -> Result<Record, ExploreError> {
        let alone = match self.fate_alone(test)? {
            TestOutcomes { fails: true, passes: true } => Alone::Mixed,
            TestOutcomes { fails: true, passes: false } => Alone::Fails,
            TestOutcomes { fails: false, passes: true } => Alone::Passes,
            TestOutcomes { fails: false, passes: false } => Alone::Unknown,
        };
        let fate = match (&self.fates, &self.sample) {
            (Some(fates), _) => TestOutcomes { fails: fates[test].0, passes: fates[test].1 },
            (None, Some(sample)) => sample.fate(test),
            (None, None) => self.experimenter.fate_among_all(test),
        };
        Ok(Record { test, alone, fate })
    }

    /// What the test does over all orderings of itself and its prerequisites: where it has none, a sampled ordering that begins
    /// with the test has shown it.
    fn fate_alone(&mut self, test: usize) -> Result<TestOutcomes, ExploreError> {
        let scope = self.experimenter.scope(&[], test);
        let first = self.sample.as_ref().and_then(|sample| sample.fails_first(test));
        match first.filter(|_| scope == [test]) {
            Some(fails) => Ok(TestOutcomes { fails, passes: !fails }),
            None => self.experimenter.fate(&scope, test),
        }
    }

    /// A test that needs no other: the ordering in which it fails.
    fn by_itself(&mut self, kind: FindingKind, test: usize) -> Result<Option<Suspect>, ExploreError> {
        let scope = self.experimenter.scope(&[], test);
        self.experimenter.suspect(kind, test, Vec::new(), &scope)
    }

    /// Every other test that alone makes the difference.
    fn by_pairs(&mut self, kind: FindingKind, test: usize) -> Result<Vec<Suspect>, ExploreError> {
        let tests = self.experimenter.tests();
        let mut suspects = Vec::new();
        if !self.experimenter.is_complete() && tests > PAIRED {
            return Ok(suspects);
        }
        let own = self.experimenter.scope(&[], test);
        for other in (0..tests).filter(|other| !own.contains(other)) {
            self.experimenter.in_time()?;
            let scope = self.experimenter.scope(&[other], test);
            if self.experimenter.fate(&scope, test)?.can_show(kind) {
                suspects.extend(self.experimenter.suspect(kind, test, vec![other], &scope)?);
            }
        }
        Ok(suspects)
    }

    /// Minimal sets from orderings that no suspect explains: all that were sampled, or the first of all.
    fn by_sets(
        &mut self,
        kind: FindingKind,
        test: usize,
        suspects: &mut Vec<Suspect>,
    ) -> Result<(), ExploreError> {
        let fails = kind.shows_by_failing();
        let orderings = match &self.sample {
            Some(sample) => sample.showing(test, fails),
            None => return self.until_all_are_explained(kind, test, suspects),
        };
        for steps in orderings {
            let failure = self.experimenter.failure(&steps, test)?;
            if failure.is_some() != fails {
                continue;
            }
            let before = bisection::before(&steps, test, failure.map(|(number, _)| number));
            let explained = |suspect: &Suspect| suspect.others.iter().all(|other| before.contains(other));
            if !suspects.iter().any(explained) {
                suspects.push(bisection::smallest(&mut self.experimenter, kind, test, (&steps, &before))?);
            }
        }
        Ok(())
    }

    /// Minimal sets from the orderings that were performed: the first that no suspect explains, until each is explained by one. A
    /// suspect explains an ordering if the test does the same among its tests alone.
    fn until_all_are_explained(
        &mut self,
        kind: FindingKind,
        test: usize,
        suspects: &mut Vec<Suspect>,
    ) -> Result<(), ExploreError> {
        // That some other makes a brittle test pass is enough: in which orderings it does not need one is no finding.
        let enough = |suspects: &[Suspect]| !kind.shows_by_failing() && !suspects.is_empty();
        while !enough(suspects) {
            self.experimenter.in_time()?;
            let scopes: Vec<Vec<usize>> =
                suspects.iter().map(|suspect| self.experimenter.scope(&suspect.others, test)).collect();
            let Some(steps) = self.experimenter.first_unexplained(kind, test, &scopes) else { break };
            let failure = self.experimenter.failure(&steps, test)?;
            let before = bisection::before(&steps, test, failure.map(|(number, _)| number));
            let found = bisection::smallest(&mut self.experimenter, kind, test, (&steps, &before))?;
            if suspects.iter().any(|known| same_tests(known, &found)) {
                break;
            }
            suspects.push(found);
        }
        Ok(())
    }
}

/// Whether two suspects name the same others, in whatever order.
fn same_tests(one: &Suspect, other: &Suspect) -> bool {
    one.others.len() == other.others.len() && one.others.iter().all(|test| other.others.contains(test))
}
