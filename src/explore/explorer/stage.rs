//! An explorer's interpreter: set up, or given back so that somebody else has it meanwhile. To start another one takes as long as some
//! ten copies, to set up a copy of this one anew as long as one or two, where setup does little.

use std::time::{Duration, Instant};

use crate::budget::Budget;
use crate::explore::error::ExploreError;
use crate::explore::lab::Lab;
use crate::explore::trail::History;
use crate::explore::walker::Walker;

/// A setup that takes longer is not performed again.
const SHORT: Duration = Duration::from_millis(30);

/// A walker, unless it rests.
pub(super) struct ExplorerStage {
    walker: Option<Walker>,
    /// What a walker that rests had performed on its trail.
    history: History,
    set_up_in: Duration,
}

impl ExplorerStage {
    /// Performs the scenario's setup.
    pub(super) fn set_up(lab: Lab<'_>) -> Result<Self, ExploreError> {
        let mut stage = Self { walker: None, history: History::default(), set_up_in: Duration::ZERO };
        stage.walker(lab, None)?;
        Ok(stage)
    }

    /// The walker, which is set up again where it rests.
    pub(super) fn walker(
        &mut self,
        lab: Lab<'_>,
        limit: Option<&Budget>,
    ) -> Result<&mut Walker, ExploreError> {
        match &mut self.walker {
            Some(walker) => Ok(walker),
            resting => {
                let performer = lab.performer()?;
                // Whether the interpreter had to be started says nothing of the next time.
                let began = Instant::now();
                let mut walker = Walker::with_performer(lab.scenario(), performer, lab.empty_world())?;
                self.set_up_in = began.elapsed();
                walker.take_history(std::mem::take(&mut self.history));
                walker.limit(limit);
                Ok(resting.insert(walker))
            }
        }
    }

    /// The walker, unless it rests.
    pub(super) fn awake(&mut self) -> Option<&mut Walker> {
        self.walker.as_mut()
    }

    /// Scripts that the walker has performed since it was set up.
    pub(super) fn performed(&self) -> u64 {
        self.walker.as_ref().map_or(0, Walker::performed_on_trail)
    }

    /// Whether setting it up again takes no longer than is worth while.
    pub(super) fn is_soon_set_up(&self) -> bool {
        self.set_up_in < SHORT
    }

    /// Gives the interpreter back.
    pub(super) fn rest(&mut self) {
        if let Some(walker) = self.walker.take() {
            self.history = walker.into_history();
        }
    }
}
