//! A first look at the changes of many groups at once: a change of each is made in one suite, and what does not cure there is tried
//! later. Most of what a trial takes is the collection of a suite. Nothing is offered for it: what a patch does is tried by itself.

use std::time::Instant;

use super::candidate::{PatchCandidate, PatchReach};
use super::choice::{candidates, refusal};
use super::group::PatchGroup;
use super::patches::Patches;
use super::trial::PatchTrial;
use crate::kind::FindingKind;
use crate::suite::runner::run::HuntClock;

/// So many groups make a look worth while.
const LEAST: usize = 3;
/// So many are looked at in one suite.
const MOST: usize = 30;
/// Changes of each group that are looked at.
const MOST_ROUNDS: usize = 4;
/// The part of the time left that it may take.
const PART: u32 = 4;

/// A group with its changes, from the next one on.
type OpenGroup<'a> = (&'a PatchGroup<'a>, Vec<PatchCandidate>);

impl<'a> Patches<'a> {
    /// Looks at the changes of all groups that can be looked at.
    pub(super) fn screen(&mut self, trial: &mut PatchTrial<'_>) {
        let began = Instant::now();
        let most = trial.time_left().map(|left| left / PART);
        let is_late = || most.is_some_and(|most| began.elapsed() > most);
        let mut waiting: Vec<&'a PatchGroup<'a>> =
            self.groups.iter().filter(|group| can_be_looked_at(group)).collect();
        while let Some(first) = waiting.first().copied().filter(|_| !is_late()) {
            let (alike, others): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|group| start_of(group) == start_of(first));
            let (now, later) = alike.split_at(alike.len().min(MOST));
            waiting = [later, &others[..]].concat();
            let mut open: Vec<OpenGroup<'a>> = Vec::new();
            for group in now {
                let mut changes = candidates(group, &mut self.sources).unwrap_or_default();
                changes.retain(|change| change.reach <= PatchReach::Beside);
                changes.reverse();
                open.push((group, changes));
            }
            for _ in 0..MOST_ROUNDS {
                if is_late() || self.look(&mut open, trial).is_none() {
                    break;
                }
            }
        }
    }

    /// Looks at one change of each group, and leaves those open that it does not cure; `None` if nothing more is to be seen.
    fn look(&mut self, open: &mut Vec<OpenGroup<'a>>, trial: &mut PatchTrial<'_>) -> Option<()> {
        let mut all: Option<PatchCandidate> = None;
        let (mut now, mut later) = (Vec::new(), Vec::new());
        for (group, mut changes) in std::mem::take(open) {
            let Some(change) = changes.pop() else { continue };
            let joined = all.as_ref().map_or(Some(change.clone()), |all| all.and("", &change.edits));
            if let Some(joined) = joined {
                all = Some(joined);
                now.push((group, changes, change.edits));
            } else {
                changes.push(change);
                later.push((group, changes));
            }
        }
        *open = later;
        let all = all.filter(|_| now.len() >= LEAST)?;
        let groups: Vec<&PatchGroup<'_>> = now.iter().map(|(group, ..)| *group).collect();
        let cured = trial.cured_by(&groups, &self.texts(&all.edits)).ok()??;
        for ((group, changes, edits), cured) in now.into_iter().zip(cured) {
            if cured {
                self.promising.insert(group.places.clone(), edits);
            } else {
                open.push((group, changes));
            }
        }
        Some(())
    }
}

/// Whether the changes of a group can be made beside those of others. What reaches further than a test is in the way of others.
fn can_be_looked_at(group: &PatchGroup<'_>) -> bool {
    group.first().finding != FindingKind::Collection && refusal(group).is_none()
}

/// What the suite of a group has to be started with.
fn start_of<'g>(group: &'g PatchGroup<'_>) -> (HuntClock, &'g [String]) {
    (group.first().timestamps, &group.first().hidden_by)
}
