//! What there was just before a test's steps and after them, up to its failing one, in an ordering in which it fails, and at the same
//! steps of one in which it passes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::paths::below_root;
use super::suspicion::repair;
use crate::diagnose::Finding;
use crate::explore::{ExploreError, Explorer, Script};
use crate::interpreter::{HalfRead, Inspection, Outcome};
use crate::kind::FindingKind;
use crate::remedy::StepPlace;
use crate::scenario::{Action, Repair, Scenario, Step};
use crate::world::{Content, Node, World};

/// The world and the import system at one moment.
#[derive(Debug)]
pub(in crate::diagnose) struct SceneView {
    pub(in crate::diagnose) world: World,
    pub(in crate::diagnose) inspection: Inspection,
    /// For each module loaded from a file, what the file held then.
    pub(in crate::diagnose) loaded: BTreeMap<String, Content>,
}

/// One ordering, at one step of a test.
#[derive(Debug, Clone)]
pub(in crate::diagnose) struct Scene {
    /// The test whose step it is.
    pub(in crate::diagnose) test: usize,
    /// The test of each step.
    steps: Vec<usize>,
    /// The place of the step in the ordering.
    pub(in crate::diagnose) at: usize,
    /// The step itself.
    pub(in crate::diagnose) step: Step,
    /// What it did.
    pub(in crate::diagnose) outcome: Outcome,
    pub(in crate::diagnose) before: Arc<SceneView>,
    pub(in crate::diagnose) after: Arc<SceneView>,
    /// Modules that were read half-initialised until the step was over, each with the place of the step in which it was.
    pub(in crate::diagnose) half_read: Vec<(HalfRead, usize)>,
}

/// The same step in an ordering in which a test fails, and in one in which it passes, if there is one.
#[derive(Debug, Clone)]
pub(in crate::diagnose) struct Contrast {
    pub(in crate::diagnose) failing: Scene,
    pub(in crate::diagnose) passing: Option<Scene>,
    /// The same at the test's earlier steps, the last first.
    pub(in crate::diagnose) earlier: Vec<Contrast>,
}

impl Contrast {
    /// Looks at the orderings of a finding; returns `None` if the test fails in none of them.
    pub(in crate::diagnose) fn look(
        explorer: &mut Explorer<'_>,
        finding: &Finding,
    ) -> Result<Option<Self>, ExploreError> {
        let (failing, passing) = orderings(explorer, finding);
        let Some(place) = finding.failing_step else { return Ok(None) };
        // Both are watched or neither: what watching changes is no difference between them.
        let watch = [repair(Repair::WatchImports)];
        let both = |explorer: &mut Explorer<'_>, before: &[Step]| -> Result<_, ExploreError> {
            let failing = scenes(explorer, &failing, place, before)?;
            let passing =
                passing.as_deref().map(|steps| scenes(explorer, steps, place, before)).transpose()?;
            Ok((failing, passing.unwrap_or_default()))
        };
        let (mut failing, mut passing) = both(explorer, &watch)?;
        if !ends(&failing, true) || !passing.is_empty() && !ends(&passing, false) {
            (failing, passing) = both(explorer, &[])?;
        }
        let mut passing = passing.into_iter().rev();
        let mut contrasts = failing.into_iter().rev().map(|failing| Self {
            failing,
            passing: passing.next(),
            earlier: Vec::new(),
        });
        let Some(last) = contrasts.next() else { return Ok(None) };
        Ok(Some(Self { earlier: contrasts.collect(), ..last }))
    }
}

/// The steps of an ordering in which the finding's test fails, and of one in which it passes.
fn orderings(explorer: &Explorer<'_>, finding: &Finding) -> (Vec<usize>, Option<Vec<usize>>) {
    let (scenario, shape) = (explorer.scenario(), explorer.shape());
    let failing = finding.failing_word(scenario);
    let passing = match finding.kind {
        FindingKind::Brittle => Some(finding.witness.clone()),
        FindingKind::Victim => finding.neighbour.clone().or_else(|| Some(finding.word_alone(scenario))),
        _ => finding.neighbour.clone(),
    };
    (shape.steps_of(&failing), passing.map(|word| shape.steps_of(&word)))
}

/// Whether the test still fails, or passes, while its imports are watched.
fn ends(scenes: &[Scene], fails: bool) -> bool {
    scenes.last().is_some_and(|scene| scene.outcome.is_failure() == fails)
}

/// Scenes of the steps of a test up to one; empty if the ordering does not have that step. `before` comes before the first.
fn scenes(
    explorer: &mut Explorer<'_>,
    steps: &[usize],
    StepPlace { test, step: number }: StepPlace,
    before: &[Step],
) -> Result<Vec<Scene>, ExploreError> {
    let script = explorer.script(steps);
    let Some(last) = script.place_of(test, number) else { return Ok(Vec::new()) };
    let script = script.inserted(0, before);
    let (world, inspection) = explorer.inspect_start()?;
    let mut views = vec![Arc::new(view(world, inspection, None))];
    let mut outcomes = Vec::new();
    explorer.perform_watched(&script[..=last + before.len()], &mut |line, performed, interpreter| {
        let inspection = interpreter.inspect()?;
        let now = view(performed.world.clone(), inspection, views.last().map(|view| &view.loaded));
        if line.test.is_none() {
            views = vec![Arc::new(now)];
            return Ok(());
        }
        views.push(Arc::new(now));
        outcomes.push(performed.outcome.clone());
        Ok(())
    })?;
    let own = (0..outcomes.len()).filter(|&at| steps[at] == test);
    let scene = |at: usize| Scene {
        test,
        steps: steps.to_vec(),
        at,
        step: script[at + before.len()].step.clone(),
        outcome: outcomes[at].clone(),
        before: Arc::clone(&views[at]),
        after: Arc::clone(&views[at + 1]),
        half_read: half_read(&views[1..=at + 1]),
    };
    Ok(own.map(scene).collect())
}

/// What was read half-initialised, by the place of the step after which it shows first.
fn half_read(after: &[Arc<SceneView>]) -> Vec<(HalfRead, usize)> {
    let mut noted: Vec<(HalfRead, usize)> = Vec::new();
    for (at, view) in after.iter().enumerate() {
        let new =
            view.inspection.half_read.iter().filter(|read| noted.iter().all(|(known, _)| known != *read));
        let new: Vec<_> = new.map(|read| (read.clone(), at)).collect();
        noted.extend(new);
    }
    noted
}

impl Scene {
    /// The whole ordering as a script.
    pub(in crate::diagnose) fn script<'s>(&self, scenario: &'s Scenario) -> Script<'s> {
        Script::of_ordering(scenario, &self.steps)
    }

    /// The module that the step imports or reloads.
    pub(in crate::diagnose) fn module(&self) -> Option<&str> {
        match &self.step {
            Step::Interpreter(Action::Import { module, .. } | Action::Reload { module, .. }) => Some(module),
            _ => None,
        }
    }

    /// What the failing step said.
    pub(in crate::diagnose) fn message(&self) -> String {
        self.outcome.to_string()
    }
}

/// The view of a moment: of each module, what its file held when the module was first there.
fn view(world: World, inspection: Inspection, before: Option<&BTreeMap<String, Content>>) -> SceneView {
    let mut loaded = before.cloned().unwrap_or_default();
    loaded.retain(|name, _| inspection.modules.get(name).is_some_and(|module| module.present));
    for (name, module) in &inspection.modules {
        let Some(path) = module.file.as_deref().and_then(below_root) else { continue };
        if let (false, Some(Node::File { content, .. })) = (loaded.contains_key(name), world.leads_to(&path))
        {
            loaded.insert(name.clone(), content.clone());
        }
    }
    SceneView { world, inspection, loaded }
}
