//! What a shard of a run says of itself before its first verdict: which parts of the whole it has, and of which scenarios.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::interpreter::Identity;
use crate::scenario::CarriedScenario;
use crate::shard::{Shard, Whole};

/// A part of a run: a scenario on one interpreter under one clock, or a file that is no scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartOfRun {
    /// The scenario's file, as the caller named it.
    pub scenario: PathBuf,
    /// The interpreter.
    pub interpreter: Option<Identity>,
    /// The timestamps, as they are written.
    pub timestamps: Option<String>,
}

/// A shard of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardOfRun {
    /// Which one.
    pub shard: Shard,
    /// Of what.
    pub whole: Whole,
    /// All parts of the whole, in the order in which one machine has them.
    pub parts: Vec<PartOfRun>,
    /// The scenarios of this shard's parts.
    pub scenarios: Vec<CarriedScenario>,
}

impl ShardOfRun {
    /// The numbers of this shard's own parts.
    pub fn own(&self) -> BTreeSet<usize> {
        self.shard.parts(self.parts.len())
    }
}
