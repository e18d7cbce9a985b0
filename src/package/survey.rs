//! The survey: lists the package, imports each module first, then all pairs, pass after pass, and performs again what differs.

use std::collections::BTreeSet;
use std::time::Instant;

use super::alone::{AloneImports, alone};
use super::crew::Crew;
use super::cures::try_orders;
use super::evidence::{PackageEvidence, PassEvidence};
use super::judge::{Bench, drafts, look_into};
use super::other_pass::{DonePass, compare_alone};
use super::package_report::{PackageError, PackageEvent, PairCount};
use super::pairs::{PairsTried, pairs};
use super::settings::{PackagePass, PackageSettings};
use super::talk::{Listing, PackageAgent};
use super::warm::{WarmCrew, warm_crew};
use crate::budget::Budget;
use crate::interpreter::NoOutcome;

/// What all passes share.
struct SurveyGround<'s> {
    settings: &'s PackageSettings,
    listing: &'s Listing,
    names: &'s [&'s str],
    /// The modules of which this machine tries the pairs that begin with them.
    own: &'s BTreeSet<usize>,
    budget: &'s Budget,
    watch: &'s (dyn Fn(PackageEvent) + Sync),
}

/// The package as it lies there.
///
/// # Errors
/// Returns an error if there is no such package, or the interpreter cannot be started.
pub(super) fn list(settings: &PackageSettings) -> Result<Listing, PackageError> {
    let identity = &settings.installation.identity;
    if identity.version.feature() < (3, 6) || identity.path.is_none() {
        return Err(PackageError::Version(identity.label.clone()));
    }
    let mut lister = PackageAgent::start(settings, PackagePass::AsItIs, &[], &[])?;
    lister.list(&settings.package)?.map_err(PackageError::NoPackage)
}

/// Surveys a package, or of its pairs those of a shard.
///
/// # Errors
/// Returns an error if there is no such package, or the interpreter cannot be started.
pub fn survey(
    settings: &PackageSettings,
    watch: &(dyn Fn(PackageEvent) + Sync),
) -> Result<PackageEvidence, PackageError> {
    let began = Instant::now();
    let listing = list(settings)?;
    let mut evidence = begun(settings, &listing);
    let names = evidence.modules.clone();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let budget = Budget::of(settings.interruption.clone()).with_time_since(began, settings.budget);
    let all = || (0..names.len()).collect();
    let own = settings.shard.map_or_else(all, |shard| shard.parts(names.len()));
    let (listing, names, own, budget) = (&listing, &names, &own, &budget);
    let ground = SurveyGround { settings, listing, names, own, budget, watch };
    let mut first: Option<DonePass<'_>> = None;
    for &pass in &settings.passes {
        let mut done = ground.pass(pass)?;
        match &mut first {
            Some(first) => {
                done.seen.otherwise_alone = compare_alone(first, &mut done, (names, pass), budget)?;
                evidence.passes.push(done.seen);
            }
            None => first = Some(done),
        }
    }
    evidence.passes.splice(0..0, first.map(|done| done.seen));
    evidence.halted = budget.check().err().map(|why| why.to_string());
    evidence.seconds = began.elapsed().as_secs_f64();
    Ok(evidence)
}

/// The evidence before the first pass.
fn begun(settings: &PackageSettings, listing: &Listing) -> PackageEvidence {
    let (surveyed, left_out): (Vec<_>, Vec<_>) =
        listing.modules.iter().partition(|module| settings.with_tests || !module.is_test);
    PackageEvidence {
        package: settings.package.clone(),
        interpreter: settings.installation.identity.clone(),
        directories: listing.directories.clone(),
        modules: surveyed.into_iter().map(|module| module.name.clone()).collect(),
        left_out: left_out.into_iter().map(|module| module.name.clone()).collect(),
        passes: Vec::new(),
        halted: None,
        seconds: 0.0,
    }
}

impl<'s> SurveyGround<'s> {
    /// Performs one pass.
    fn pass(&self, pass: PackagePass) -> Result<DonePass<'s>, NoOutcome> {
        let (names, budget, watch) = (self.names, self.budget, self.watch);
        let mut crew = Crew::start(self.settings, pass, &self.listing.directories, &[])?;
        let of = names.len();
        let alone = alone(&mut crew, names, budget, &|done| watch(PackageEvent::Alone { pass, done, of }))?;
        crew.learn(alone.lore(names))?;
        let warm = if self.settings.fresh { None } else { self.warm(pass, &alone)? };
        let is_warm = warm.is_some();
        let tried = self.all_pairs(pass, &mut crew, warm, &alone)?;
        // What was seen is looked into, also when the time for seeing is over.
        let looking = budget.clone().with_at_least(self.settings.budget / 10);
        let bench = Bench { names, alone: &alone, pass };
        let groups = look_into(&mut crew, &bench, tried.groups, &looking, &|done, of| {
            watch(PackageEvent::LookingInto { pass, done, of });
        })?;
        let orders = try_orders(&mut crew, &drafts(&bench, &groups), &looking)?;
        let (possible, run, loaded) = (tried.possible, tried.tried.run, tried.tried.loaded);
        let count = PairCount { possible, run, loaded, is_warm };
        let mut lost = tried.lost;
        lost.sort_unstable();
        let otherwise_alone = Vec::new();
        let seen = PassEvidence { pass, alone, otherwise_alone, groups, count, lost, orders };
        Ok(DonePass { crew, seen })
    }

    fn warm(&self, pass: PackagePass, alone: &AloneImports) -> Result<Option<WarmCrew<'s>>, NoOutcome> {
        warm_crew(self.settings, pass, &self.listing.directories, (self.names, alone), self.budget)
    }

    /// All pairs of this machine: as many as is fair where the standard library is loaded already, the others in fresh interpreters.
    fn all_pairs(
        &self,
        pass: PackagePass,
        fresh: &mut Crew<'_>,
        warm: Option<WarmCrew<'_>>,
        alone: &AloneImports,
    ) -> Result<PairsTried, NoOutcome> {
        let (modules, budget) = ((self.names, alone), self.budget);
        let done = |done, of| (self.watch)(PackageEvent::Pairs { pass, done, of });
        let is_own = |first: usize| self.own.contains(&first);
        let Some(mut warm) = warm else {
            return pairs(fresh, modules, &|first, _| is_own(first), budget, &done);
        };
        let unfair = warm.unfair;
        let is_fair = |first: usize, second: usize| !unfair.contains(&first) && !unfair.contains(&second);
        let is_ours = |first, second| is_own(first) && is_fair(first, second);
        let mut tried = pairs(&mut warm.crew, modules, &is_ours, budget, &done)?;
        let is_left = |first, second| is_own(first) && !is_fair(first, second);
        let others = pairs(fresh, modules, &is_left, budget, &done)?;
        tried.absorb(others);
        Ok(tried)
    }
}
