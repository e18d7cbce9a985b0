//! The survey: lists the package, imports each module first, then all pairs, pass after pass, and judges what differs.

use std::time::Instant;

use super::alone::{AloneImports, alone};
use super::crew::Crew;
use super::judge::{Bench, judge};
use super::other_pass::{DonePass, compare_alone};
use super::package_report::{NotImportable, PackageError, PackageEvent, PackageReport, PairCount};
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
    budget: &'s Budget,
    watch: &'s (dyn Fn(PackageEvent) + Sync),
}

/// Surveys a package.
///
/// # Errors
/// Returns an error if there is no such package, or the interpreter cannot be started.
pub fn survey(
    settings: &PackageSettings,
    watch: &(dyn Fn(PackageEvent) + Sync),
) -> Result<PackageReport, PackageError> {
    let began = Instant::now();
    let identity = &settings.installation.identity;
    if identity.version.feature() < (3, 6) || identity.path.is_none() {
        return Err(PackageError::Version(identity.label.clone()));
    }
    let mut lister = PackageAgent::start(settings, PackagePass::AsItIs, &[], &[])?;
    let listing = lister.list(&settings.package)?.map_err(PackageError::NoPackage)?;
    drop(lister);
    let mut report = begun(settings, &listing);
    let names = report.modules.clone();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let budget = Budget::of(settings.interruption.clone()).with_time_since(began, settings.budget);
    let ground = SurveyGround { settings, listing: &listing, names: &names, budget: &budget, watch };
    let mut first: Option<DonePass<'_>> = None;
    for &pass in &settings.passes {
        let done = ground.pass(pass, &mut report)?;
        match &mut first {
            Some(first) => report.merge(compare_alone(first, done, (&names, pass), &budget)?),
            None => first = Some(done),
        }
    }
    report.halted = budget.check().err();
    report.seconds = began.elapsed().as_secs_f64();
    Ok(report)
}

/// The report before the first pass.
fn begun(settings: &PackageSettings, listing: &Listing) -> PackageReport {
    let (surveyed, left_out): (Vec<_>, Vec<_>) =
        listing.modules.iter().partition(|module| settings.with_tests || !module.is_test);
    PackageReport {
        package: settings.package.clone(),
        interpreter: settings.installation.identity.clone(),
        directories: listing.directories.clone(),
        modules: surveyed.into_iter().map(|module| module.name.clone()).collect(),
        left_out: left_out.into_iter().map(|module| module.name.clone()).collect(),
        not_importable: Vec::new(),
        printing: Vec::new(),
        unsteady_cells: Vec::new(),
        findings: Vec::new(),
        pairs: Vec::new(),
        notes: Vec::new(),
        halted: None,
        seconds: 0.0,
    }
}

impl<'s> SurveyGround<'s> {
    /// Performs one pass, and adds what it found.
    fn pass(&self, pass: PackagePass, report: &mut PackageReport) -> Result<DonePass<'s>, NoOutcome> {
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
        let judged = judge(&mut crew, &bench, &tried, &looking, &|done, of| {
            watch(PackageEvent::LookingInto { pass, done, of });
        })?;
        let (run, loaded) = (tried.tried.run, tried.tried.loaded);
        report.pairs.push((pass, PairCount { possible: tried.possible, run, loaded, is_warm }));
        report.merge(judged.findings);
        let lost = tried.lost.iter();
        report.notes.extend(
            lost.map(|(first, why)| format!("the pairs after {} were not all tried: {why}", names[*first])),
        );
        if judged.not_looked_into > 0 {
            report.notes.push(format!("{} further differences were not looked into", judged.not_looked_into));
        }
        if judged.not_confirmed > 0 {
            report.notes.push(format!(
                "{} differences did not show again when their pair was performed again, and are no findings",
                judged.not_confirmed
            ));
        }
        if judged.cures_not_performed > 0 {
            report.notes.push(format!(
                "{} orders that may avoid a finding were not performed by themselves",
                judged.cures_not_performed
            ));
        }
        if pass == PackagePass::AsItIs {
            describe(report, &alone, names);
        }
        Ok(DonePass { crew, alone })
    }

    fn warm(&self, pass: PackagePass, alone: &AloneImports) -> Result<Option<WarmCrew<'s>>, NoOutcome> {
        warm_crew(self.settings, pass, &self.listing.directories, (self.names, alone), self.budget)
    }

    /// All pairs: as many as is fair where the standard library is loaded already, the others in fresh interpreters.
    fn all_pairs(
        &self,
        pass: PackagePass,
        fresh: &mut Crew<'_>,
        warm: Option<WarmCrew<'_>>,
        alone: &AloneImports,
    ) -> Result<PairsTried, NoOutcome> {
        let (modules, budget) = ((self.names, alone), self.budget);
        let done = |done, of| (self.watch)(PackageEvent::Pairs { pass, done, of });
        let Some(mut warm) = warm else { return pairs(fresh, modules, &|_, _| true, budget, &done) };
        let unfair = warm.unfair;
        let is_fair = |first: usize, second: usize| !unfair.contains(&first) && !unfair.contains(&second);
        let mut tried = pairs(&mut warm.crew, modules, &is_fair, budget, &done)?;
        let others = pairs(fresh, modules, &|first, second| !is_fair(first, second), budget, &done)?;
        tried.absorb(others);
        Ok(tried)
    }
}

/// What the first pass says of single modules.
fn describe(report: &mut PackageReport, alone: &AloneImports, names: &[&str]) {
    for (at, imported) in alone.imported.iter().enumerate() {
        let Some(imported) = imported else { continue };
        let module = names[at].to_owned();
        if alone.undecided.contains(&at) {
            report.notes.push(format!(
                "the import of {module} alone came to different things in equal runs; no pair counts it"
            ));
        } else if !imported.outcome.is_pass() && !report.cannot_come_first(&module) {
            let (outcome, chain) = (imported.outcome.clone(), imported.chain.clone());
            report.not_importable.push(NotImportable { module: module.clone(), outcome, chain });
        }
        if let Some(line) = imported.output.lines().find(|line| !line.trim().is_empty()) {
            report.printing.push((module, line.trim().to_owned()));
        }
    }
    let cells = alone.masked.iter().map(|(module, name)| format!("{module}.{name}"));
    report.unsteady_cells = cells.chain(alone.unsteady.iter().map(|module| format!("{module}.*"))).collect();
}
