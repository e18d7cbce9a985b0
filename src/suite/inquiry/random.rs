//! What there is to say where a global generator of random numbers decides: who seeds it, with which seeds the test passes, and
//! whether an order is to blame at all.

use super::Inquiry;
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::suite::finding::{HuntFinding, RandomUse, Tally};
use crate::suite::judge::cause;
use crate::suite::judge::prove::Proven;
use crate::suite::judge::random::{GENERATORS, SEEDS, with_seeds};
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::runner::probe::Cure;
use crate::suite::runner::run::{Runner, RunnerError};
use crate::suite::runner::source_line::SourceLine;

impl<R: Runner> Inquiry<'_, R> {
    /// Adds to a proven finding that a generator decides who seeds it and which seeds help. If nobody does, each process would have
    /// another state: then chance decides, and no order.
    pub(super) fn say_who_seeds(&mut self, proven: &mut Proven) -> Result<(), RunnerError> {
        let Some(generator) = proven.finding.state.first().map(|cell| cell.cell.clone()) else {
            return Ok(());
        };
        let seeded_at = self.seeding_line(&proven.suspicion, &generator)?;
        // A brittle test has to pass on its own.
        let is_brittle = proven.suspicion.kind == FindingKind::Brittle;
        let before = if is_brittle { &[][..] } else { &proven.before };
        let trials = (&proven.suspicion, before);
        let passed = self.try_seeds(trials, &generator, seeded_at.as_ref(), &mut proven.finding)?;
        if seeded_at.is_none() && self.desk.is_some() {
            proven.finding.finding = FindingKind::Nondeterministic;
        }
        proven.finding.random = Some(RandomUse { generator, seeded_at, passed });
        Ok(())
    }

    /// Before chance is blamed: whether the outcome of a test, on its own, depends on the seed of a generator, and on nothing else.
    pub(super) fn say_if_random(
        &mut self,
        suspicion: &Suspicion,
        finding: &mut HuntFinding,
    ) -> Result<(), RunnerError> {
        for generator in GENERATORS {
            let first = with_seeds(&mut self.judge, suspicion, &[], (generator, &SEEDS))?;
            let is_mixed = first.iter().any(|(_, passed)| *passed) && first.iter().any(|(_, passed)| !passed);
            if !is_mixed || with_seeds(&mut self.judge, suspicion, &[], (generator, &SEEDS))? != first {
                continue;
            }
            let seeded_at = self.seeding_line(suspicion, generator)?;
            let passed = self.try_seeds((suspicion, &[]), generator, seeded_at.as_ref(), finding)?;
            finding.cause = Cause::RandomState;
            finding.random = Some(RandomUse { generator: generator.to_owned(), seeded_at, passed });
            return Ok(());
        }
        Ok(())
    }

    /// Tries seeds, those of the line that seeds first; the first that helps is a remedy. Returns with how many it passed.
    fn try_seeds(
        &mut self,
        (suspicion, before): (&Suspicion, &[usize]),
        generator: &str,
        seeded_at: Option<&SourceLine>,
        finding: &mut HuntFinding,
    ) -> Result<Tally, RunnerError> {
        let mut seeds = seeded_at.map(|line| numbers_in(&line.code)).unwrap_or_default();
        seeds.extend(SEEDS.into_iter().filter(|seed| !seeds.contains(seed)).collect::<Vec<_>>());
        let tried = with_seeds(&mut self.judge, suspicion, before, (generator, &seeds))?;
        let helps = tried.iter().find(|(_, passed)| *passed);
        if let Some((seed, passed)) = helps.or(tried.first()) {
            let cure = Cure::Seed { generator: generator.to_owned(), seed: seed.to_string() };
            finding.remedies = vec![cause::remedy(&cure, *passed)];
        }
        Ok(Tally { hits: tried.iter().filter(|(_, passed)| *passed).count(), tries: tried.len() })
    }

    fn seeding_line(
        &mut self,
        suspicion: &Suspicion,
        generator: &str,
    ) -> Result<Option<SourceLine>, RunnerError> {
        let Some(desk) = &self.desk else { return Ok(None) };
        desk.seeding_line(suspicion.test, generator, suspicion.timestamps)
    }
}

/// The whole numbers that stand in a line of code.
fn numbers_in(code: &str) -> Vec<i64> {
    let words = code.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.filter_map(|word| word.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::numbers_in;

    #[test]
    fn seeds_are_the_numbers_of_a_line() {
        assert_eq!(numbers_in("random.seed(20)"), [20]);
        assert_eq!(numbers_in("np2.random.seed(seed_1 or 7)  # 3"), [7, 3]);
        assert!(numbers_in("random.seed(SEED)").is_empty());
    }
}
