//! Tests that put right what polluters left, when they run in between. That there are polluters is known before.

use super::prove::Proven;
use super::runs::Judge;
use crate::suite::runner::run::{Runner, RunnerError};

const MOST_CLEANERS: usize = 20;
/// So many tests of other files than those of the finding are tried at most.
const MOST_FAR: usize = 100;

/// Adds tests that, run between the last polluter and the victim, make the victim pass: groups are tried before members. Returns
/// them too.
pub(super) fn find<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
) -> Result<Vec<usize>, RunnerError> {
    let Proven { suspicion, before, finding } = proven;
    let mut cleaners = Vec::new();
    let last = before.last().and_then(|last| suspicion.prefix.iter().position(|test| test == last));
    let between = last.map_or(&[][..], |last| &suspicion.prefix[last..]);
    let candidates = (0..judge.items.len())
        .filter(|test| *test != suspicion.test && !before.contains(test) && !between.contains(test))
        .filter(|test| !judge.left_out.contains(test));
    // Those who share a file are the likely ones: apart from the rest, the rest is often done with in one run.
    let file = |test: usize| &judge.items[test].file;
    let near = |test: &usize| before.iter().chain([&suspicion.test]).any(|each| file(*each) == file(*test));
    let (near, far): (Vec<usize>, Vec<usize>) = candidates.partition(near);
    // The rest of a large suite takes longer than all else that a finding takes.
    finding.more_cleaners = far.len() > MOST_FAR;
    let mut groups = if finding.more_cleaners { vec![near] } else { vec![far, near] };
    while let Some(group) = groups.pop() {
        if group.is_empty() {
            continue;
        }
        if finding.cleaners.len() >= MOST_CLEANERS {
            finding.more_cleaners = true;
            break;
        }
        let order: Vec<usize> = before.iter().chain(&group).copied().chain([suspicion.test]).collect();
        if !judge.plain(&order, suspicion.timestamps)?.passes(suspicion.test) {
            continue;
        }
        if let [cleaner] = group[..] {
            finding.cleaners.push(judge.items[cleaner].id.clone());
            cleaners.push(cleaner);
            continue;
        }
        let (first, second) = group.split_at(group.len() / 2);
        groups.push(second.to_vec());
        groups.push(first.to_vec());
    }
    Ok(cleaners)
}
