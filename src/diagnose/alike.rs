//! Findings that are alike but for names: what was performed for one is not performed for the next. Its cause is confirmed all the same,
//! by its own repair, and the remedy that is carried over is performed once at its place in the finding's own witness.

use std::path::Path;

use super::Finding;
use super::remedies::{passes_with, reorder};
use super::renaming::Renaming;
use super::why::Contrast;
use super::{Recommendation, Remedy};
use crate::explore::{ExploreError, Explorer};
use crate::remedy::RemedyKind;
use crate::scenario::{self, Step};

/// States of a graph past which nobody looks whether it bears out a renaming.
const BORNE_OUT_BY: u64 = 50_000;

/// Carries over cleaners, remedies and probability of an earlier finding, and returns which one it is. `None` where none is alike, or
/// where the remedy does not do here what it does there: then all is to be performed.
pub(super) fn carry_over(
    explorer: &mut Explorer<'_>,
    finding: &mut Finding,
    contrast: &Contrast,
    earlier: &[Finding],
) -> Result<Option<usize>, ExploreError> {
    let Some((from, renaming)) = alike(explorer, finding, earlier) else { return Ok(None) };
    let model = &earlier[from];
    let recommended = model.recommended.as_ref().map(|known| renamed(known, &renaming));
    if let Some(recommended) = &recommended
        && !cures(explorer, finding, contrast, recommended)?
    {
        return Ok(None);
    }
    finding.remedies = model.remedies.iter().filter_map(|known| carried(known, &renaming)).collect();
    finding.remedies.extend(reorder(explorer, finding)?);
    finding.cleaners = renaming.word(&model.cleaners);
    finding.cleaners.sort_unstable();
    finding.probability.clone_from(&model.probability);
    finding.recommended = recommended;
    Ok(Some(from))
}

/// The first of the earlier findings that is alike, and the renaming that makes it this one.
fn alike(explorer: &Explorer<'_>, finding: &Finding, earlier: &[Finding]) -> Option<(usize, Renaming)> {
    let graph = explorer.graph();
    if graph.states() > BORNE_OUT_BY {
        return None;
    }
    let tests = |finding: &Finding| finding.others.iter().copied().chain([finding.test]).collect::<Vec<_>>();
    let diagnosed = earlier.iter().enumerate().filter(|(_, other)| {
        other.alike.is_none() && other.kind == finding.kind && other.cause == finding.cause
    });
    for (at, other) in diagnosed {
        let renaming = Renaming::find(explorer.scenario(), &tests(other), &tests(finding));
        let renaming = renaming.filter(|renaming| is_it(other, finding, renaming));
        if let Some(renaming) = renaming.filter(|renaming| renaming.is_borne_out_by(&graph)) {
            return Some((at, renaming));
        }
    }
    None
}

/// Whether one finding is the other in new names, as far as both are known, and lists of names in its remedies stay in their order.
fn is_it(one: &Finding, other: &Finding, renaming: &Renaming) -> bool {
    let place = |place: Option<_>| place.map(|place| renaming.step_place(place));
    let in_order = |kind| {
        let remedies = one.remedies.iter().filter(|remedy| remedy.kind == kind);
        let texts: Vec<&str> = remedies.filter_map(|remedy| remedy.step.as_deref()).collect();
        renaming.keeps_order(&texts.join(" "))
    };
    renaming.word(&one.witness) == other.witness
        && one.neighbour.as_ref().map(|word| renaming.word(word)) == other.neighbour
        && place(one.polluting_step) == other.polluting_step
        && place(one.failing_step) == other.failing_step
        && one.minimal == other.minimal
        && one.remedies.iter().all(|remedy| in_order(remedy.kind))
        && one
            .remedies
            .iter()
            .filter_map(|remedy| remedy.step.as_deref())
            .all(|step| renaming.can_rename(step))
}

/// The remedy in new names; not another order, which is tried anyway.
fn carried(remedy: &Remedy, renaming: &Renaming) -> Option<Remedy> {
    (remedy.kind != RemedyKind::Reorder).then(|| Remedy {
        kind: remedy.kind,
        step: remedy.step.as_ref().map(|step| renaming.text(step)),
        trial: remedy.trial,
        places: remedy.places.iter().map(|&place| renaming.place(place)).collect(),
        order: Vec::new(),
    })
}

/// The recommendation in new names; what it does to the whole scenario is known once that has been tried.
fn renamed(known: &Recommendation, renaming: &Renaming) -> Recommendation {
    let (step, place) = (renaming.text(&known.step), renaming.place(known.place));
    Recommendation { kind: known.kind, step, place, cures_everywhere: None }
}

/// Whether the test passes in the failing ordering with the remedy at its place.
fn cures(
    explorer: &mut Explorer<'_>,
    finding: &Finding,
    contrast: &Contrast,
    remedy: &Recommendation,
) -> Result<bool, ExploreError> {
    let Some(steps) = written_steps(&remedy.step) else { return Ok(false) };
    let script = contrast.failing.script(explorer.scenario());
    passes_with(explorer, &script, (remedy.place, &steps), finding.test)
}

/// The steps that a scenario writes so.
fn written_steps(written: &str) -> Option<Vec<Step>> {
    let text = format!("title = \"T\"\n[[test]]\nname = \"t\"\nsteps = [{written}]\n");
    let mut scenario = scenario::parse(Path::new("remedy.toml"), &text).ok()?;
    scenario.tests.pop().map(|test| test.steps)
}
