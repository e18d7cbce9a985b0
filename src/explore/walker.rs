//! One interpreter that walks the graph depth first. A branch is a kept state; the last branch of a state that is the walker's own
//! needs none. Whoever runs out of work takes the state with most steps left that has a branch nobody has taken, and walks there
//! again from the start. So does who has kept as many states as may be: each is a process, and the branches of deeper ones wait.

use std::collections::BTreeMap;

use super::error::ExploreError;
use super::graph::{Claim, NodeId};
use super::lab::Lab;
use super::performer::{Performer, StepWatcher};
use super::script::{Script, ScriptLine, StepPerformance, StepRecord};
use super::shared::{Departure, Shared, Taken, WalkError};
use super::trail::{Enough, History, ScriptTrail};
use crate::budget::Budget;
use crate::interpreter::{Ask, Fingerprint, Identity, Inspection, Keep, NoOutcome};
use crate::scenario::{Scenario, Step};
use crate::world::World;

/// One interpreter, at the state that setup left.
pub(super) struct Walker {
    performer: Performer,
    world: World,
    fingerprint: Option<Fingerprint>,
    trail: ScriptTrail,
}

/// Where a walker stands.
struct WalkPosition {
    node: NodeId,
    world: World,
    fingerprint: Option<Fingerprint>,
    /// Whether nobody needs the interpreter's state once this node's branches are taken.
    own: bool,
    /// Whether one ascends from it.
    kept: bool,
    /// Whether the interpreter's state was given up: branches that are left are taken from the start.
    given_up: bool,
}

impl Walker {
    /// Performs the scenario's setup in a fresh interpreter.
    pub(super) fn set_up(lab: Lab<'_>) -> Result<Self, ExploreError> {
        Self::with_performer(lab.scenario(), lab.performer()?, lab.empty_world())
    }

    /// Performs the scenario's setup from an empty world.
    pub(super) fn with_performer(
        scenario: &Scenario,
        mut performer: Performer,
        mut world: World,
    ) -> Result<Self, ExploreError> {
        let acts = scenario.setup.iter().any(|step| matches!(step, Step::Interpreter(_)));
        let untouched = Fingerprint { digest: [0; 32], finders: BTreeMap::new(), exact_times: false };
        let mut fingerprint = (!acts).then_some(untouched);
        for (at, step) in scenario.setup.iter().enumerate() {
            let line = ScriptLine { test: None, number: at + 1, step };
            let ask = Ask { keep: Keep::Nothing, fingerprint: true };
            let done = performer.step_or_skip(&line, false, world, ask)?;
            let StepPerformance { outcome, world: after, .. } = done.performed;
            if !outcome.is_pass() {
                return Err(ExploreError::Setup { step: at + 1, outcome });
            }
            if done.descended {
                fingerprint = done.fingerprint;
            }
            world = after;
        }
        Ok(Self { performer, world, fingerprint, trail: ScriptTrail::default() })
    }

    pub(super) fn identity(&self) -> &Identity {
        self.performer.identity()
    }

    /// Takes branches of `here`, and of all that they lead to, until none is left; then ascends to the state before.
    fn visit(&mut self, shared: &Shared<'_>, here: WalkPosition, reserved: Claim) -> Result<(), WalkError> {
        let mut path = vec![here];
        let visited = self.take_branches(shared, &mut path, reserved);
        let lost =
            matches!(visited, Err(WalkError::Failed(ExploreError::Interpreter(NoOutcome::Lost { .. }))));
        let kept = path.iter().filter(|here| here.kept).count();
        for _ in 0..if lost { 0 } else { kept } {
            self.performer.ascend()?;
        }
        visited
    }

    /// The same, along a path that is empty at the end, or leads to what could not go on.
    fn take_branches(
        &mut self,
        shared: &Shared<'_>,
        path: &mut Vec<WalkPosition>,
        reserved: Claim,
    ) -> Result<(), WalkError> {
        let mut reserved = Some(reserved);
        let mut kept = path.iter().filter(|here| here.kept).count();
        while let Some(here) = path.last_mut() {
            if let Err(stopped) = shared.check() {
                shared.give_back(here.node, reserved);
                return Err(stopped);
            }
            let taken = if here.given_up { None } else { shared.take(here.node, reserved.take()) };
            let Some(taken) = taken else {
                if path.pop().is_some_and(|here| here.kept) {
                    kept -= 1;
                    self.performer.ascend()?;
                }
                continue;
            };
            let (there, leaf) = self.take_branch(shared, here, taken, kept < shared.most_kept())?;
            if !leaf {
                kept += usize::from(there.kept);
                path.push(there);
            } else if there.kept {
                self.performer.ascend()?;
            }
        }
        Ok(())
    }

    /// Performs the step of a branch: where it leads, and whether all steps are past there.
    fn take_branch(
        &mut self,
        shared: &Shared<'_>,
        here: &mut WalkPosition,
        (claim, progress, failed): Taken,
        may_keep: bool,
    ) -> Result<(WalkPosition, bool), WalkError> {
        let alone = here.own && (claim.last || !may_keep);
        let keep = if alone { Keep::Nothing } else { Keep::State };
        let mut after = progress.clone();
        after.step(claim.test);
        let leaf = shared.is_end(&after);
        let ask = Ask { keep, fingerprint: shared.merge && !leaf };
        let at = progress.done(claim.test);
        let step = &shared.scenario.tests[claim.test].steps[at];
        let line = ScriptLine { test: Some(claim.test), number: at + 1, step };
        let skipped = failed.contains(&claim.test);
        let done = self.performer.step_or_skip(&line, skipped, here.world.clone(), ask)?;
        here.given_up |= alone;
        let kept = done.descended && keep == Keep::State;
        let fingerprint = if done.descended { done.fingerprint } else { here.fingerprint.clone() };
        let world = done.performed.world.clone();
        let before = Departure { node: here.node, test: claim.test, progress, failed };
        let node = shared.connect(before, done.performed, fingerprint.as_ref())?;
        let own = kept || alone;
        Ok((WalkPosition { node, world, fingerprint, own, kept, given_up: false }, leaf))
    }

    /// Walks from the start to `node` by the steps that first led to it, and takes its branches.
    pub(super) fn walk_to(
        &mut self,
        lab: Lab<'_>,
        shared: &Shared<'_>,
        node: NodeId,
        reserved: Claim,
    ) -> Result<(), WalkError> {
        if shared.afresh {
            *self = Self::set_up(lab)?;
            self.performer.limit(Some(shared.budget));
        }
        self.trail.end(&mut self.performer)?;
        let path = shared.lock().path_to(node);
        let script = Script::of_ordering(shared.scenario, &path);
        let led = self.performer.perform_and_stay(&self.world, &script, shared.merge, &mut |_, _, _| Ok(()));
        let ended = match led {
            Err(NoOutcome::Interrupted) => {
                shared.give_back(node, Some(reserved));
                shared.check()?;
                return Err(NoOutcome::Interrupted.into());
            }
            ended => ended?,
        };
        let here = WalkPosition {
            node,
            world: ended.world.unwrap_or_else(|| self.world.clone()),
            fingerprint: if ended.kept { ended.fingerprint } else { self.fingerprint.clone() },
            own: ended.kept || shared.afresh,
            kept: ended.kept,
            given_up: false,
        };
        self.visit(shared, here, reserved)
    }

    /// The performer at the start, and the world there.
    pub(super) fn parts(&mut self) -> Result<(&mut Performer, &World), NoOutcome> {
        self.trail.end(&mut self.performer)?;
        Ok((&mut self.performer, &self.world))
    }

    /// From now on what is performed ends where this budget is used up.
    pub(super) fn limit(&mut self, budget: Option<&Budget>) {
        self.performer.limit(budget);
    }

    /// The world and the import system at the start.
    pub(super) fn inspect(&mut self) -> Result<(World, Inspection), NoOutcome> {
        let (performer, world) = self.parts()?;
        Ok((world.clone(), performer.inspect()?))
    }

    /// Performs a script from the start and returns to it.
    pub(super) fn perform(&mut self, script: &[ScriptLine<'_>]) -> Result<Vec<StepRecord>, NoOutcome> {
        let (performer, world) = self.parts()?;
        performer.perform(world, script)
    }

    /// Performs a script from the start until it is enough, as far as nobody has performed it, and stays where it leads until
    /// something else is to be performed.
    pub(super) fn perform_on_trail(
        &mut self,
        script: &[ScriptLine<'_>],
        enough: &Enough<'_>,
    ) -> Result<Vec<StepRecord>, NoOutcome> {
        self.trail.perform(&mut self.performer, &self.world, script, enough)
    }

    /// Gives its interpreter back; what was performed on the trail is of use to another walker.
    pub(super) fn into_history(self) -> History {
        self.trail.into_history()
    }

    /// Goes on with what another one has performed on its trail.
    pub(super) fn take_history(&mut self, history: History) {
        self.trail = ScriptTrail::with_history(history);
    }

    /// Scripts that were performed on the trail.
    pub(super) fn performed_on_trail(&self) -> u64 {
        self.trail.performed()
    }

    /// Performs a script from the start, showing each step, and returns to it.
    pub(super) fn perform_watched(
        &mut self,
        script: &[ScriptLine<'_>],
        watcher: &mut StepWatcher<'_>,
    ) -> Result<(), NoOutcome> {
        let (performer, world) = self.parts()?;
        performer.perform_watched(world, script, watcher)
    }
}
