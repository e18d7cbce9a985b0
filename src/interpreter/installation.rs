//! Interpreters that can be started, and what helps to start them.

use super::cpython::{self, CompiledAgents, Shelf};
use super::{Identity, Kind};

/// An interpreter that can be started. Copies share what helps to start it.
#[derive(Debug, Clone)]
pub struct Installation {
    /// Its identity.
    pub identity: Identity,
    /// Where it was found, in words: `PATH`, `pyenv`, `the active virtual environment`, `built in`.
    pub found: String,
    /// Whether its steps are confined, as far as this system can: see [`super::cpython::gaps`]. The model needs no
    /// confinement.
    pub confined: bool,
    /// The agents that it has compiled.
    pub(crate) compiled: CompiledAgents,
    /// Started interpreters that nobody uses. They end with the last copy of the installation.
    pub(crate) shelf: Shelf,
}

impl PartialEq for Installation {
    fn eq(&self, other: &Self) -> bool {
        (&self.identity, &self.found, self.confined) == (&other.identity, &other.found, other.confined)
    }
}

impl Eq for Installation {}

impl Installation {
    /// The same installation without confinement.
    #[must_use = "the installation itself stays as it is"]
    pub fn unconfined(self) -> Self {
        Self { confined: false, ..self }
    }

    /// A sentence about gaps in its confinement, or `None` if there are none.
    pub fn confinement(&self) -> Option<&'static str> {
        match self.identity.kind {
            Kind::Model => None,
            _ if !self.confined => Some("steps are not confined, as was asked for"),
            _ => cpython::gaps(),
        }
    }
}
