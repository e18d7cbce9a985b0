//! What there was just before a test's failing step and after it, in an ordering in which it fails, and at the same step of one in
//! which it passes.

use std::collections::BTreeMap;

use crate::diagnose::Finding;
use crate::explore::{ExploreError, Explorer, Script, StepPerformance};
use crate::interpreter::{Inspection, Outcome};
use crate::kind::FindingKind;
use crate::scenario::{Action, Scenario, Step};
use crate::world::{Content, EntryPath, Node, World};

/// The world and the import system at one moment.
#[derive(Debug, Clone)]
pub(in crate::diagnose) struct SceneView {
    pub(in crate::diagnose) world: World,
    pub(in crate::diagnose) inspection: Inspection,
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
    pub(in crate::diagnose) before: SceneView,
    pub(in crate::diagnose) after: SceneView,
    /// For each module loaded from a file, what the file held then.
    pub(in crate::diagnose) loaded: BTreeMap<String, Content>,
}

/// An ordering in which a test fails, and one in which it passes, at the failing step.
#[derive(Debug, Clone)]
pub(in crate::diagnose) struct Contrast {
    pub(in crate::diagnose) failing: Scene,
    pub(in crate::diagnose) passing: Option<Scene>,
}

impl Contrast {
    /// Looks at the orderings of a finding; returns `None` if the test fails in none of them.
    pub(in crate::diagnose) fn look(
        explorer: &mut Explorer<'_>,
        finding: &Finding,
    ) -> Result<Option<Self>, ExploreError> {
        let (failing, passing) = orderings(explorer, finding);
        let Some(place) = finding.failing_step else { return Ok(None) };
        let Some(failing) = Scene::look(explorer, &failing, (finding.test, place.step))? else {
            return Ok(None);
        };
        let passing = match passing {
            Some(steps) => Scene::look(explorer, &steps, (finding.test, place.step))?,
            None => None,
        };
        Ok(Some(Self { failing, passing }))
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

impl Scene {
    /// Performs an ordering and looks at one step of a test, by its number; returns `None` if the ordering has no such step.
    fn look(
        explorer: &mut Explorer<'_>,
        steps: &[usize],
        (test, number): (usize, usize),
    ) -> Result<Option<Self>, ExploreError> {
        let script = explorer.script(steps);
        let Some(at) = script.place_of(test, number) else { return Ok(None) };
        let (world, inspection) = explorer.inspect_start()?;
        let mut views = vec![SceneView { world, inspection }];
        let mut loaded = BTreeMap::new();
        let mut outcomes = Vec::new();
        explorer.perform_watched(&script[..=at], &mut |_, performed: &StepPerformance, interpreter| {
            let inspection = interpreter.inspect()?;
            note_loaded(&mut loaded, &inspection, &performed.world);
            views.push(SceneView { world: performed.world.clone(), inspection });
            outcomes.push(performed.outcome.clone());
            Ok(())
        })?;
        let (Some(after), Some(before), Some(outcome)) = (views.pop(), views.pop(), outcomes.pop()) else {
            return Ok(None);
        };
        let step = script[at].step.clone();
        Ok(Some(Self { test, steps: steps.to_vec(), at, step, outcome, before, after, loaded }))
    }

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

/// Remembers what each module's file held when the module was first there.
fn note_loaded(loaded: &mut BTreeMap<String, Content>, inspection: &Inspection, world: &World) {
    loaded.retain(|name, _| inspection.modules.get(name).is_some_and(|module| module.present));
    for (name, module) in &inspection.modules {
        let Some(path) = module.file.as_deref().and_then(below_root) else { continue };
        if let (false, Some(Node::File { content, .. })) = (loaded.contains_key(name), world.get(&path)) {
            loaded.insert(name.clone(), content.clone());
        }
    }
}

/// The entry that a path of an inspection names, where it lies in the ordering's directory (`$`).
pub(in crate::diagnose) fn below_root(path: &str) -> Option<EntryPath> {
    let below = path.strip_prefix('$')?;
    if below.is_empty() { Some(EntryPath::root()) } else { EntryPath::new(below.strip_prefix('/')?) }
}
