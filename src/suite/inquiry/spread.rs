//! A test that decides one outcome is tried on the others at once: one run of it tells of all of them, each in a branch. What a branch
//! tells is a lead; what it says yes to is then run by itself.

use super::Inquiry;
use crate::suite::judge::prove::{ShownBefore, prove_single};
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::runner::run::{Branches, Runner, RunnerError, TestRunOptions};

impl<R: Runner> Inquiry<'_, R> {
    /// Tries all tests that are known to decide others on these, and proves what holds.
    pub(super) fn spread_all(&mut self, suspicions: &[(Suspicion, bool)]) -> Result<(), RunnerError> {
        for single in self.judge.known.singles() {
            self.spread(single, suspicions)?;
        }
        Ok(())
    }

    /// Tries one test on these, as far as it ran before them, and proves what holds.
    pub(super) fn spread(
        &mut self,
        single: usize,
        suspicions: &[(Suspicion, bool)],
    ) -> Result<(), RunnerError> {
        let open = suspicions.iter().map(|(suspicion, _)| suspicion).filter(|each| {
            !self.ledger.settled.contains(&each.test)
                && each.prefix.contains(&single)
                && self.judge.known.lead(single, each).is_none()
        });
        let open: Vec<Suspicion> = open.cloned().collect();
        self.ask_branches(single, &open)?;
        for suspicion in &open {
            if self.judge.known.lead(single, suspicion) == Some(true) {
                self.try_single(suspicion, single, &ShownBefore::default())?;
            }
        }
        Ok(())
    }

    /// Runs each of several tests in a branch after the single one.
    pub(super) fn ask_branches(
        &mut self,
        single: usize,
        suspicions: &[Suspicion],
    ) -> Result<(), RunnerError> {
        let mut times: Vec<_> = suspicions.iter().map(|each| each.timestamps).collect();
        times.sort_unstable();
        times.dedup();
        for timestamps in times {
            let of_it: Vec<&Suspicion> =
                suspicions.iter().filter(|each| each.timestamps == timestamps).collect();
            let [first, _, ..] = of_it[..] else { continue };
            let branches = Branches {
                tests: of_it.iter().map(|each| each.test).collect(),
                places: vec![1],
                until: None,
            };
            let how = TestRunOptions { branches, ..TestRunOptions::plain(timestamps) };
            let run = self.judge.run(&[single, first.test], &how)?;
            for suspicion in of_it {
                if let Some(branch) = run.branched.iter().find(|each| each.test == suspicion.test) {
                    self.judge.known.led(single, suspicion, suspicion.is_shown_by(branch.outcome));
                }
            }
        }
        Ok(())
    }

    /// Proves a suspicion with one test before it, if it holds. Returns whether it does.
    pub(super) fn try_single(
        &mut self,
        suspicion: &Suspicion,
        single: usize,
        seen: &ShownBefore,
    ) -> Result<bool, RunnerError> {
        let (proven, halt) = prove_single(&mut self.judge, suspicion, single, seen)?;
        let holds = proven.is_some();
        self.judge.known.led(single, suspicion, holds);
        if let Some(proven) = proven {
            self.is_proven(proven);
        }
        halt.map_or(Ok(holds), Err)
    }

    /// Where several single tests decide an outcome, the finding names the one that decides most outcomes.
    pub(super) fn name_the_commonest(&mut self) -> Result<(), RunnerError> {
        for single in self.judge.known.singles() {
            let decides = self.judge.known.decided_by(&[single]);
            let better: Vec<usize> = (0..self.proven.len())
                .filter(|&place| {
                    let each = &self.proven[place];
                    let untried = self.judge.known.lead(single, &each.suspicion) != Some(false);
                    each.single().is_some()
                        && each.suspicion.prefix.contains(&single)
                        && untried
                        && self.judge.known.decided_by(&each.before) < decides
                })
                .collect();
            let suspicions: Vec<Suspicion> =
                better.iter().map(|&place| self.proven[place].suspicion.clone()).collect();
            self.ask_branches(single, &suspicions)?;
            for (place, suspicion) in better.into_iter().zip(suspicions) {
                if self.judge.known.lead(single, &suspicion) == Some(false) {
                    continue;
                }
                let (proven, halt) =
                    prove_single(&mut self.judge, &suspicion, single, &ShownBefore::default())?;
                match proven {
                    Some(better) if better.single().is_some() => {
                        self.judge.known.no_longer_decides(&self.proven[place].before);
                        self.proven[place] = better;
                    }
                    _ => self.judge.known.led(single, &suspicion, false),
                }
                if let Some(halt) = halt {
                    return Err(halt);
                }
            }
        }
        Ok(())
    }
}
