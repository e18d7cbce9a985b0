//! How a run is divided into shards: its parts in the order of one machine, and which of them are this machine's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use taster::interpreter::Installation;
use taster::run::{AUDIT_BY_EFFORT, PartOfRun, RunOptions, RunPlace, ShardOfRun, everywhere};
use taster::scenario::{CarriedScenario, Scenario, read_file};
use taster::shard::{Shard, Whole};

use crate::rejected::Rejected;

/// The parts of a run, and those of this machine.
#[derive(Debug)]
pub(crate) struct Division {
    shard: Option<Shard>,
    parts: Vec<PartOfRun>,
    own: BTreeSet<usize>,
    scenarios: Vec<Scenario>,
}

impl Division {
    /// Of these scenarios, each on all interpreters; a file that is none is a part, too.
    pub(crate) fn new(
        shard: Option<Shard>,
        scenarios: &[(&PathBuf, Result<Scenario, Rejected>)],
        installations: &[Installation],
    ) -> Self {
        let parts: Vec<PartOfRun> = scenarios
            .iter()
            .flat_map(|(file, read)| parts(file, read.as_ref().ok(), installations))
            .collect();
        let all = || (0..parts.len()).collect();
        let own = shard.map_or_else(all, |shard| shard.parts(parts.len()));
        let read = scenarios.iter().filter_map(|(_, read)| read.as_ref().ok());
        let scenarios = read.filter(|_| shard.is_some()).cloned().collect();
        Self { shard, parts, own, scenarios }
    }

    /// Whether others do the rest.
    pub(crate) fn is_shard(&self) -> bool {
        self.shard.is_some()
    }

    /// Whether the part of this number, from 0 in their order, is this machine's.
    pub(crate) fn is_own(&self, part: usize) -> bool {
        self.own.contains(&part)
    }

    /// What the shard says of itself, if this is one.
    pub(crate) fn head(&self, options: &RunOptions) -> Option<ShardOfRun> {
        let shard = self.shard?;
        let carried: Vec<CarriedScenario> = self.scenarios.iter().map(carried).collect();
        let whole = self.whole(options, &carried);
        let is_own = |carried: &CarriedScenario| {
            self.own.iter().any(|part| self.parts[*part].scenario == carried.path)
        };
        let scenarios = carried.into_iter().filter(is_own).collect();
        Some(ShardOfRun { shard, whole, scenarios, parts: self.parts.clone() })
    }

    /// The suite is every file, and what options have changed of the scenarios in them.
    fn whole(&self, options: &RunOptions, carried: &[CarriedScenario]) -> Whole {
        let files = self.parts.iter().map(|part| part.scenario.display().to_string());
        let scenarios = carried.iter().map(|scenario| format!("{scenario:?}"));
        let suite: Vec<String> = files.chain(scenarios).collect();
        Whole::new("run", options.seed, suite.iter().map(String::as_bytes), self.options(options))
    }

    /// What decides what is found beside files and seed.
    fn options(&self, options: &RunOptions) -> String {
        let interpreters: BTreeSet<String> = self
            .parts
            .iter()
            .filter_map(|part| part.interpreter.as_ref())
            .map(|identity| format!("{} {}", identity.kind.as_str(), identity.version))
            .collect();
        let clocks: BTreeSet<&str> =
            self.parts.iter().filter_map(|part| part.timestamps.as_deref()).collect();
        format!(
            "{} at {}, at most {} states and {:?} each, {} and {}, diagnosis {:?}",
            interpreters.into_iter().collect::<Vec<_>>().join(" and "),
            clocks.into_iter().collect::<Vec<_>>().join(" and "),
            options.max_states,
            options.max_time,
            if options.audit == AUDIT_BY_EFFORT {
                "audit".to_owned()
            } else {
                format!("audit {}", options.audit)
            },
            if options.merge { "merging" } else { "not merging" },
            options.diagnose,
        )
    }
}

fn carried(scenario: &Scenario) -> CarriedScenario {
    // It was read a moment ago; what cannot be read again is no scenario to a merger, which says so.
    let text = read_file(&scenario.path).unwrap_or_default();
    CarriedScenario::of(scenario, String::from_utf8_lossy(&text).into_owned())
}

fn parts(file: &Path, scenario: Option<&Scenario>, installations: &[Installation]) -> Vec<PartOfRun> {
    let Some(scenario) = scenario else {
        return vec![PartOfRun { scenario: file.to_path_buf(), interpreter: None, timestamps: None }];
    };
    let part = |place: RunPlace<'_>| PartOfRun {
        scenario: scenario.path.clone(),
        interpreter: Some(place.installation.identity.clone()),
        timestamps: Some(place.timestamps.written.clone()),
    };
    everywhere(scenario, installations).map(part).collect()
}
