//! Where interpreters come from: a scenario, the interpreter and the clock on which it is performed. Whoever needs one more
//! interpreter for it asks here.

use super::performer::Performer;
use crate::interpreter::{self, Freshness, Identity, Installation, Kind, NoOutcome};
use crate::scenario::{Scenario, Timestamps};
use crate::world::World;

/// A scenario on one interpreter under one clock.
#[derive(Debug, Clone, Copy)]
pub struct Lab<'a> {
    scenario: &'a Scenario,
    installation: &'a Installation,
    timestamps: &'a Timestamps,
    freshness: Freshness,
}

impl<'a> Lab<'a> {
    /// Nothing is started yet.
    pub fn new(scenario: &'a Scenario, installation: &'a Installation, timestamps: &'a Timestamps) -> Self {
        Self { scenario, installation, timestamps, freshness: Freshness::Copy }
    }

    /// The scenario.
    pub fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    /// The clock.
    pub fn timestamps(&self) -> &'a Timestamps {
        self.timestamps
    }

    /// Which interpreter it is.
    pub fn identity(&self) -> &'a Identity {
        &self.installation.identity
    }

    /// What a reader must know of the interpreter's confinement, in a sentence, or `None` if there is nothing.
    pub fn confinement(&self) -> Option<&'static str> {
        self.installation.confinement()
    }

    /// The same with another scenario.
    #[must_use = "the lab itself stays as it is"]
    pub fn with_scenario<'b>(self, scenario: &'b Scenario) -> Lab<'b>
    where
        'a: 'b,
    {
        Lab { scenario, ..self }
    }

    /// The same with interpreters that are as fresh as this.
    #[must_use = "the lab itself stays as it is"]
    pub fn with_freshness(self, freshness: Freshness) -> Self {
        Self { freshness, ..self }
    }

    /// The same with another interpreter.
    #[must_use = "the lab itself stays as it is"]
    pub fn with_installation<'b>(self, installation: &'b Installation) -> Lab<'b>
    where
        'a: 'b,
    {
        Lab { installation, ..self }
    }

    /// Whether the next interpreter of CPython has to be started, since nobody has given one back.
    pub(super) fn has_none_idle(&self) -> bool {
        self.identity().kind == Kind::CPython && self.installation.shelf.is_empty()
    }

    /// The empty world in which setup begins.
    pub fn empty_world(&self) -> World {
        World::new(self.timestamps.tick)
    }

    /// A performer with a fresh interpreter. Setup is not performed: scripts hold what they need.
    ///
    /// # Errors
    /// Where the interpreter cannot be started.
    pub fn performer(&self) -> Result<Performer, NoOutcome> {
        let interpreter = interpreter::start(self.installation, self.scenario, self.freshness)?;
        Ok(Performer::new(self.scenario, interpreter))
    }
}
