//! The survey: lists the package, imports each module first, then all pairs, pass after pass, and judges what differs.

use std::time::Instant;

use super::alone::{Alone, alone};
use super::crew::{Crew, TaskEnd};
use super::finding::{OrderFault, PackageFinding};
use super::imported::Imported;
use super::judge::{Bench, changed_cells, judge};
use super::pairs::pairs;
use super::settings::{PackagePass, PackageSettings};
use super::talk::{Listing, PackageAgent};
use crate::budget::{Budget, StopReason};
use crate::cause::Cause;
use crate::interpreter::{Identity, NoOutcome, Outcome};

/// Where a survey is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PackageEvent {
    /// Modules are imported first.
    Alone {
        /// The pass.
        pass: PackagePass,
        /// Modules done.
        done: usize,
        /// All modules.
        of: usize,
    },
    /// Modules are imported after others.
    Pairs {
        /// The pass.
        pass: PackagePass,
        /// First modules done.
        done: usize,
        /// All first modules.
        of: usize,
    },
    /// What differs is performed again.
    LookingInto {
        /// The pass.
        pass: PackagePass,
        /// Differences done.
        done: usize,
        /// All differences.
        of: usize,
    },
}

/// A module that no order makes pass, with what its import came to.
#[derive(Debug, Clone, PartialEq)]
pub struct NotImportable {
    /// The module.
    pub module: String,
    /// What its import comes to.
    pub outcome: Outcome,
    /// The modules whose bodies were running.
    pub chain: Vec<String>,
}

/// How many ordered pairs there are, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PairCount {
    /// All pairs of modules whose processes come back from an import.
    pub possible: usize,
    /// Pairs whose second module was imported in a fork of its own.
    pub run: usize,
    /// Pairs whose second module the first had imported: `sys.modules` answers, and no code runs.
    pub loaded: usize,
}

/// The result of a survey.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PackageReport {
    /// The package's name.
    pub package: String,
    /// The interpreter.
    pub interpreter: Identity,
    /// Where the package lies.
    pub directories: Vec<String>,
    /// The modules that were surveyed.
    pub modules: Vec<String>,
    /// Modules of the package's own tests, which were not.
    pub left_out: Vec<String>,
    /// Modules that no order makes pass.
    pub not_importable: Vec<NotImportable>,
    /// Modules that printed something, and its first line.
    pub printing: Vec<(String, String)>,
    /// Cells that differ between equal runs; no comparison counts them.
    pub unsteady_cells: Vec<String>,
    /// What depends on the order.
    pub findings: Vec<PackageFinding>,
    /// By pass: its pairs.
    pub pairs: Vec<(PackagePass, PairCount)>,
    /// Whatever else a reader should know, in sentences.
    pub notes: Vec<String>,
    /// Why the survey ended early, if it did.
    pub halted: Option<StopReason>,
    /// How long it took.
    pub seconds: f64,
}

/// Why there is no survey.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// There is no such package.
    #[error("{0}")]
    NoPackage(String),
    /// The interpreter cannot do it.
    #[error("taster surveys packages on CPython 3.6 and later; this is {0}")]
    Version(String),
    /// The interpreter is lost.
    #[error(transparent)]
    Interpreter(#[from] NoOutcome),
}

/// One pass, with its agents.
struct DonePass<'s> {
    crew: Crew<'s>,
    alone: Alone,
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
    let listing = PackageAgent::start(settings, PackagePass::AsItIs, &[])?
        .list(&settings.package)?
        .map_err(PackageError::NoPackage)?;
    let (surveyed, left_out): (Vec<_>, Vec<_>) =
        listing.modules.iter().partition(|module| settings.with_tests || !module.is_test);
    let names: Vec<&str> = surveyed.iter().map(|module| module.name.as_str()).collect();
    let mut report = PackageReport {
        package: settings.package.clone(),
        interpreter: identity.clone(),
        directories: listing.directories.clone(),
        modules: names.iter().map(|name| (*name).to_owned()).collect(),
        left_out: left_out.into_iter().map(|module| module.name.clone()).collect(),
        not_importable: Vec::new(),
        printing: Vec::new(),
        unsteady_cells: Vec::new(),
        findings: Vec::new(),
        pairs: Vec::new(),
        notes: Vec::new(),
        halted: None,
        seconds: 0.0,
    };
    let budget = Budget::of(settings.interruption.clone()).with_time_since(began, settings.budget);
    let mut first: Option<DonePass<'_>> = None;
    for &pass in &settings.passes {
        let done = report.add_pass(settings, pass, &listing, &names, &budget, watch)?;
        match &mut first {
            Some(first) => report.compare_alone(first, done, &names, pass, &budget)?,
            None => first = Some(done),
        }
    }
    report.halted = budget.check().err();
    report.seconds = began.elapsed().as_secs_f64();
    Ok(report)
}

impl PackageReport {
    #[expect(clippy::too_many_arguments, reason = "all that a pass is")]
    fn add_pass<'s>(
        &mut self,
        settings: &'s PackageSettings,
        pass: PackagePass,
        listing: &Listing,
        names: &[&str],
        budget: &Budget,
        watch: &(dyn Fn(PackageEvent) + Sync),
    ) -> Result<DonePass<'s>, NoOutcome> {
        let mut crew = Crew::start(settings, pass, &listing.directories)?;
        let of = names.len();
        let alone = alone(&mut crew, names, budget, &|done| watch(PackageEvent::Alone { pass, done, of }))?;
        crew.learn(alone.lore(names))?;
        let tried =
            pairs(&mut crew, names, &alone, budget, &|done| watch(PackageEvent::Pairs { pass, done, of }))?;
        // What was seen is looked into, also when the time for seeing is over.
        let looking = budget.clone().with_at_least(settings.budget / 10);
        let bench = Bench { names, alone: &alone, pass };
        let judged = judge(&mut crew, &bench, &tried, &looking, &|done, of| {
            watch(PackageEvent::LookingInto { pass, done, of });
        })?;
        let count = PairCount { possible: tried.possible, run: tried.tried.run, loaded: tried.tried.loaded };
        self.pairs.push((pass, count));
        self.merge(judged.findings);
        for (first, why) in &tried.lost {
            self.notes.push(format!("the pairs after {} were not all tried: {why}", names[*first]));
        }
        if judged.not_looked_into > 0 {
            self.notes.push(format!("{} further differences were not looked into", judged.not_looked_into));
        }
        if judged.not_confirmed > 0 {
            self.notes.push(format!(
                "{} differences did not show again when their pair was performed again, and are no findings",
                judged.not_confirmed
            ));
        }
        if pass == PackagePass::AsItIs {
            self.describe(&alone, names);
        }
        Ok(DonePass { crew, alone })
    }

    /// What the first pass says of single modules.
    fn describe(&mut self, alone: &Alone, names: &[&str]) {
        for (at, imported) in alone.imported.iter().enumerate() {
            let Some(imported) = imported else { continue };
            let module = names[at].to_owned();
            if alone.undecided.contains(&at) {
                self.notes.push(format!(
                    "the import of {module} alone came to different things in equal runs; no pair counts it"
                ));
            } else if !imported.outcome.is_pass() && !self.cannot_come_first(&module) {
                let (outcome, chain) = (imported.outcome.clone(), imported.chain.clone());
                self.not_importable.push(NotImportable { module: module.clone(), outcome, chain });
            }
            if let Some(line) = imported.output.lines().find(|line| !line.trim().is_empty()) {
                self.printing.push((module, line.trim().to_owned()));
            }
        }
        let cells = alone.masked.iter().map(|(module, name)| format!("{module}.{name}"));
        self.unsteady_cells = cells.chain(alone.unsteady.iter().map(|module| format!("{module}.*"))).collect();
    }

    fn cannot_come_first(&self, name: &str) -> bool {
        let is_it = |finding: &PackageFinding| matches!(&finding.fault, OrderFault::CannotComeFirst { module, .. } if module == name);
        self.findings.iter().any(is_it)
    }

    /// Adds findings; one that an earlier pass had made gets the pass.
    fn merge(&mut self, findings: Vec<PackageFinding>) {
        for finding in findings {
            match self.findings.iter_mut().find(|known| known.fault == finding.fault) {
                Some(known) => known.passes.extend(finding.passes),
                None => self.findings.push(finding),
            }
        }
    }

    /// Findings about modules that another pass changes by itself, whatever comes before them.
    fn compare_alone(
        &mut self,
        first: &mut DonePass<'_>,
        mut other: DonePass<'_>,
        names: &[&str],
        pass: PackagePass,
        budget: &Budget,
    ) -> Result<(), NoOutcome> {
        let cause = match pass {
            PackagePass::WithoutBytecode => Cause::StaleBytecode,
            _ => Cause::StaleDirectoryListing,
        };
        let mut differing: Vec<(usize, Vec<&str>)> = Vec::new();
        let pairs = first.alone.imported.iter().zip(&other.alone.imported).enumerate();
        for (at, (before, now)) in pairs {
            let (Some(before), Some(now)) = (before, now) else { continue };
            if first.alone.undecided.contains(&at) || other.alone.undecided.contains(&at) {
                continue;
            }
            if before.letter_and_exception() != now.letter_and_exception() {
                let fault = OrderFault::OtherInPass {
                    module: names[at].to_owned(),
                    as_it_is: before.outcome.clone(),
                    outcome: now.outcome.clone(),
                };
                self.merge(vec![in_pass(fault, cause, pass)]);
                continue;
            }
            let modules: Vec<&str> = differing_modules(before, now).collect();
            let is_new = |module: &&str| !differing.iter().any(|(_, known)| known.contains(module));
            let modules: Vec<&str> = modules.into_iter().filter(is_new).collect();
            if !modules.is_empty() {
                differing.push((at, modules));
            }
        }
        let look = |agent: &mut PackageAgent, (at, modules): &(usize, Vec<&str>)| {
            Ok(agent.import(&[names[*at]], modules)?.cells)
        };
        let before = first.crew.each(&differing, budget, &|_| {}, look)?;
        let now = other.crew.each(&differing, budget, &|_| {}, look)?;
        for ends in before.into_iter().zip(now) {
            let (TaskEnd::Done(before), TaskEnd::Done(now)) = ends else { continue };
            let changes = changed_cells(&before, &now).into_iter();
            let is_masked = |cell: &(String, String)| {
                first.alone.masked.contains(cell) || other.alone.masked.contains(cell)
            };
            let changes = changes.filter(|change| !is_masked(&(change.module.clone(), change.name.clone())));
            self.merge(changes.map(|change| in_pass(OrderFault::OtherCellInPass(change), cause, pass)).collect());
        }
        Ok(())
    }
}

fn differing_modules<'a>(before: &'a Imported, now: &'a Imported) -> impl Iterator<Item = &'a str> {
    let differs = |(name, digest): &(&String, &String)| now.digests.get(*name).is_some_and(|other| other != *digest);
    before.digests.iter().filter(differs).map(|(name, _)| name.as_str())
}

fn in_pass(fault: OrderFault, cause: Cause, pass: PackagePass) -> PackageFinding {
    PackageFinding {
        fault,
        cause,
        firsts: Vec::new(),
        witness: None,
        pairs: 0,
        cured: false,
        passes: vec![pass],
    }
}

