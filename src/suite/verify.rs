//! Whether known findings still hold: each test runs alone and with the tests that are recorded beside it, and nothing else is
//! looked for.

use std::time::Instant;

use crate::budget::Budget;
use crate::kind::FindingKind;
use crate::suite::baseline::{Baseline, KnownFinding};
use crate::suite::begin;
use crate::suite::error::{HuntError, nothing_collected};
use crate::suite::event::HuntEvent;
use crate::suite::files::recheck;
use crate::suite::settings::HuntSettings;

/// What came of known findings.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Each, in the order of the file.
    pub findings: Vec<(KnownFinding, StillHolds)>,
    /// Why the rest was not looked at, if there is a rest.
    pub halted: Option<String>,
    /// The duration in seconds.
    pub seconds: f64,
}

/// What came of one finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StillHolds {
    /// It still shows.
    Yes,
    /// It no longer shows.
    No,
    /// Its test is no longer collected.
    NoSuchTest,
    /// Nobody knows: it is left to chance, the tests that brought it about are not recorded or no longer collected, or the search
    /// ended before.
    Unknown,
}

/// Asks of each known finding whether it still holds; `watch` receives the progress.
///
/// # Errors
/// Where pytest cannot be started, or collects nothing.
pub fn verify(
    settings: &HuntSettings,
    baseline: &Baseline,
    watch: &mut dyn FnMut(HuntEvent<'_>),
) -> Result<Verified, HuntError> {
    let started = Instant::now();
    let start = begin::start(settings)?;
    let budget = Budget::of(settings.interruption.clone()).with_time_since(started, settings.budget);
    let (mut zygote, _in_place) = begin::first_zygote(settings, start, &budget)?;
    if zygote.suite.items.is_empty() {
        return Err(nothing_collected(&zygote));
    }
    watch(begin::collected(&zygote.suite.clone(), started.elapsed().as_secs_f64()));
    zygote.fresh |= settings.fresh;
    let mut findings = baseline.findings();
    let halted = recheck::recheck(&zygote, &mut findings);
    let held = findings.iter().map(|finding| {
        let is_there =
            |test: &String| finding.finding == FindingKind::Collection || zygote.suite.find(test).is_some();
        let (before, victim) = (finding.before(), &finding.victim);
        let holds = match finding.holds_after_changes {
            _ if !is_there(victim) => StillHolds::NoSuchTest,
            // Without the tests that brought it about, nothing was tried.
            _ if before.is_empty() || !before.iter().all(is_there) => StillHolds::Unknown,
            Some(true) => StillHolds::Yes,
            Some(false) => StillHolds::No,
            None => StillHolds::Unknown,
        };
        (KnownFinding::of(finding), holds)
    });
    Ok(Verified { findings: held.collect(), halted, seconds: started.elapsed().as_secs_f64() })
}
