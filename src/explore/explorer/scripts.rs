//! Scripts on an explorer's interpreter, from the state that setup left: orderings, their beginnings, and variants of both.

use super::Explorer;
use super::stage::ExplorerStage;
use crate::explore::error::ExploreError;
use crate::explore::performer::StepWatcher;
use crate::explore::script::{Script, ScriptLine, StepRecord};
use crate::explore::trail::Enough;
use crate::explore::walker::Walker;
use crate::interpreter::{Inspection, Outcome};
use crate::world::World;

impl<'a> Explorer<'a> {
    /// The interpreter, at the state that setup left.
    pub(super) fn walker(&mut self) -> Result<&mut Walker, ExploreError> {
        self.stage.walker(self.lab, self.limit.as_ref())
    }

    /// Gives the interpreter back until it is needed again, where whoever comes now would have to start another one.
    pub fn rest(&mut self) {
        if !self.afresh && self.stage.is_soon_set_up() && self.lab.has_none_idle() {
            self.scripts_performed += self.stage.performed();
            self.stage.rest();
        }
    }

    /// Whether its interpreter is given back.
    pub fn is_resting(&mut self) -> bool {
        self.stage.awake().is_none()
    }

    /// Starts the interpreter anew, where every ordering has one of its own.
    pub(super) fn renew(&mut self) -> Result<(), ExploreError> {
        if self.afresh {
            let limit = self.limit.clone();
            self.stage = ExplorerStage::set_up(self.lab)?;
            self.walker()?.limit(limit.as_ref());
        }
        Ok(())
    }

    /// The world and the import system as setup left them.
    ///
    /// # Errors
    /// Where the interpreter is lost for good.
    pub fn inspect_start(&mut self) -> Result<(World, Inspection), ExploreError> {
        if let Some(known) = self.start.as_ref().filter(|_| !self.afresh) {
            return Ok(known.clone());
        }
        self.renew()?;
        let found = self.walker()?.inspect()?;
        self.start = Some(found.clone());
        Ok(found)
    }

    /// Scripts performed so far, beside orderings.
    pub fn scripts_performed(&self) -> u64 {
        self.scripts_performed + self.stage.performed()
    }

    /// The steps of an ordering, or of its beginning, as a script: `steps` names the test of each.
    pub fn script(&self, steps: &[usize]) -> Script<'a> {
        Script::of_ordering(self.lab.scenario(), steps)
    }

    /// Performs a script from the state that setup left, showing each step; nothing is kept of it.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses, or cannot be inspected by `watcher`.
    pub fn perform_watched(
        &mut self,
        script: &[ScriptLine<'_>],
        watcher: &mut StepWatcher<'_>,
    ) -> Result<(), ExploreError> {
        self.scripts_performed += 1;
        self.renew()?;
        Ok(self.walker()?.perform_watched(script, watcher)?)
    }

    /// Performs a script from the state that setup left. What scripts have in common is performed once, unless every ordering has
    /// its own interpreter.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses.
    pub fn perform(&mut self, script: &[ScriptLine<'_>]) -> Result<Vec<StepRecord>, ExploreError> {
        self.perform_until(script, &|_, _| false)
    }

    /// The outcomes of a script, of which nothing may be known yet, up to the first line that is enough; the others are performed
    /// only where every ordering has its own interpreter.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses.
    pub fn outcomes_until(
        &mut self,
        script: &[ScriptLine<'_>],
        enough: &Enough<'_>,
    ) -> Result<Vec<Outcome>, ExploreError> {
        if let Some(known) = self.explored(script) {
            return Ok(known);
        }
        Ok(self.perform_until(script, enough)?.into_iter().map(|step| step.outcome).collect())
    }

    fn perform_until(
        &mut self,
        script: &[ScriptLine<'_>],
        enough: &Enough<'_>,
    ) -> Result<Vec<StepRecord>, ExploreError> {
        if self.afresh {
            self.scripts_performed += 1;
            self.renew()?;
            return Ok(self.walker()?.perform(script)?);
        }
        Ok(self.walker()?.perform_on_trail(script, enough)?)
    }

    /// The outcomes of a script that is an ordering or the beginning of one, if that has been performed.
    fn explored(&self, script: &[ScriptLine<'_>]) -> Option<Vec<Outcome>> {
        let mut done = vec![0; self.shape.tests()];
        let mut steps = Vec::with_capacity(script.len());
        for line in script {
            let test = line.test?;
            done[test] += 1;
            if line.number != done[test] {
                return None;
            }
            steps.push(test);
        }
        self.known(&steps)
    }
}
