//! One patch for several brittle tests of a file: once a change of one of them cures it, the like changes of the others are
//! tried with it, in one trial. So what a chain of steps takes does not grow with a trial for each step.

use super::candidate::PatchCandidate;
use super::choice::{by_last_setter, candidates, refusal};
use super::group::PatchGroup;
use super::reason;
use super::sources::TestSources;
use crate::kind::FindingKind;

/// Findings that one trial tries one by one.
const MOST: usize = 30;

/// Changes of one kind, each for a group of findings.
#[derive(Debug)]
pub(super) struct LikeChanges<'a> {
    /// What each of the tests does with it.
    kind: String,
    each: Vec<(&'a PatchGroup<'a>, PatchCandidate)>,
}

impl<'a> LikeChanges<'a> {
    /// The change of a brittle test, with the like ones of those groups after it that are open for them.
    pub(super) fn of(
        (groups, is_open): (&'a [PatchGroup<'a>], impl Fn(&PatchGroup<'_>, &str, &PatchCandidate) -> bool),
        group: &PatchGroup<'_>,
        candidate: &PatchCandidate,
        sources: &mut TestSources,
    ) -> Option<Self> {
        let first = group.first();
        let kind = kind_of(group, candidate).filter(|_| first.finding == FindingKind::Brittle)?;
        let at = groups.iter().position(|each| each.places == group.places)?;
        let file = group.file_of(&first.victim);
        let is_alike = |other: &&PatchGroup<'_>| {
            let one = other.first();
            one.finding == first.finding
                && one.timestamps == first.timestamps
                && one.hidden_by == first.hidden_by
                && other.file_of(&one.victim) == file
                && refusal(other).is_none()
        };
        let mut each = vec![(&groups[at], candidate.clone())];
        for other in groups[at + 1..].iter().filter(is_alike).take(MOST - 1) {
            let like = candidates(other, sources).unwrap_or_default();
            let like = like.into_iter().find(|like| kind_of(other, like).as_ref() == Some(&kind));
            let like = like.filter(|like| is_open(other, &kind, like));
            each.extend(like.map(|like| (other, like)));
        }
        Some(Self { kind, each })
    }

    /// All of them as one change for one group, if they are several and can be made together.
    pub(super) fn joined(&self) -> Option<(PatchGroup<'a>, PatchCandidate)> {
        let ((first, change), rest) = self.each.split_first()?;
        let mut all = (*first).clone();
        let mut joined = change.clone();
        for (group, change) in rest {
            let Some(both) = joined.and("", &change.edits) else { continue };
            joined = both;
            all.findings.extend(&group.findings);
            all.places.extend(&group.places);
        }
        joined.what = format!("each of {} tests{}", all.findings.len(), self.kind);
        (all.findings.len() > 1).then_some((all, joined))
    }

    /// The same with tests that call the last one of their state-setters alone: that one calls the others then. `None` if nothing
    /// becomes shorter by that.
    pub(super) fn by_last_setters(&self, sources: &TestSources) -> Option<Self> {
        let of_last = |(group, change): &(&'a PatchGroup<'a>, PatchCandidate)| {
            let last = group.before().last()?;
            let is_step = self.each.iter().any(|(step, _)| step.first().victim == *last);
            let like = if is_step { by_last_setter(group, sources) } else { Vec::new() };
            let like = like.into_iter().find(|like| kind_of(group, like).as_ref() == Some(&self.kind));
            like.filter(|like| like.size() < change.size())
        };
        let shorter: Vec<Option<PatchCandidate>> = self.each.iter().map(of_last).collect();
        if shorter.iter().all(Option::is_none) {
            return None;
        }
        let each = self.each.iter().zip(shorter);
        let each = each.map(|((group, change), shorter)| (*group, shorter.unwrap_or_else(|| change.clone())));
        Some(Self { kind: self.kind.clone(), each: each.collect() })
    }

    /// Leaves out the changes of tests, which do not cure them; returns their groups, by their places, with the kind of change.
    pub(super) fn leave_out(&mut self, victims: &[String]) -> Vec<(Vec<usize>, String)> {
        // The first one is known to cure.
        let first = self.each.first().map(|(group, _)| group.places.clone());
        let is_out = |group: &PatchGroup<'_>| {
            Some(&group.places) != first.as_ref() && victims.contains(&group.first().victim)
        };
        let out = self.each.iter().filter(|(group, _)| is_out(group));
        let out = out.map(|(group, _)| (group.places.clone(), self.kind.clone())).collect();
        self.each.retain(|(group, _)| !is_out(group));
        out
    }
}

/// What the victim does with a change, without its name, if the change is one of the victim.
fn kind_of(group: &PatchGroup<'_>, candidate: &PatchCandidate) -> Option<String> {
    let victim = &group.first().victim;
    candidate.what.strip_prefix(&reason::said(victim, victim)).map(str::to_owned)
}
