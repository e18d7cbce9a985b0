//! What another pass changes by itself, whatever was imported before: modules imported alone, compared with the first pass.

use super::crew::{Crew, TaskEnd};
use super::evidence::PassEvidence;
use super::finding::{OrderFault, PackageFinding};
use super::imported::Imported;
use super::judge::changed_cells;
use super::settings::PackagePass;
use super::talk::PackageAgent;
use crate::budget::Budget;
use crate::cause::Cause;
use crate::interpreter::NoOutcome;

/// One pass, with its agents.
pub(super) struct DonePass<'s> {
    pub(super) crew: Crew<'s>,
    pub(super) seen: PassEvidence,
}

/// The findings about modules whose import alone comes to something else in this pass.
pub(super) fn compare_alone(
    first: &mut DonePass<'_>,
    other: &mut DonePass<'_>,
    (names, pass): (&[&str], PackagePass),
    budget: &Budget,
) -> Result<Vec<PackageFinding>, NoOutcome> {
    let (alone, other_alone) = (&first.seen.alone, &other.seen.alone);
    let mut findings = Vec::new();
    let mut differing: Vec<(usize, Vec<String>)> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let (Some(before), Some(now)) = (&alone.imported[at], &other_alone.imported[at]) else {
            continue;
        };
        if alone.undecided.contains(&at) || other_alone.undecided.contains(&at) {
            continue;
        }
        if before.letter_and_exception() != now.letter_and_exception() {
            let (as_it_is, outcome) = (before.outcome.clone(), now.outcome.clone());
            findings.push(in_pass(
                OrderFault::OtherInPass { module: (*name).to_owned(), as_it_is, outcome },
                pass,
            ));
            continue;
        }
        let is_new = |module: &String| !differing.iter().any(|(_, known)| known.contains(module));
        let modules: Vec<String> = differing_modules(before, now).filter(is_new).collect();
        if !modules.is_empty() {
            differing.push((at, modules));
        }
    }
    let look = |agent: &mut PackageAgent, (at, modules): &(usize, Vec<String>)| {
        let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
        Ok(agent.import(&[names[*at]], &modules)?.cells)
    };
    let before = first.crew.each(&differing, budget, &|_| {}, look)?;
    let now = other.crew.each(&differing, budget, &|_| {}, look)?;
    let masked = |cell: &(String, String)| alone.masked.contains(cell) || other_alone.masked.contains(cell);
    for ends in before.into_iter().zip(now) {
        let (TaskEnd::Done(before), TaskEnd::Done(now)) = ends else { continue };
        let changes = changed_cells(&before, &now).into_iter();
        let changes = changes.filter(|change| !masked(&(change.module.clone(), change.name.clone())));
        findings.extend(changes.map(|change| in_pass(OrderFault::OtherCellInPass(change), pass)));
    }
    Ok(findings)
}

fn differing_modules(before: &Imported, now: &Imported) -> impl Iterator<Item = String> {
    let differs =
        |(name, digest): &(&String, &String)| now.digests.get(*name).is_some_and(|other| other != *digest);
    before.digests.iter().filter(differs).map(|(name, _)| name.clone())
}

/// The pass changed one thing, and that is why.
fn in_pass(fault: OrderFault, pass: PackagePass) -> PackageFinding {
    let cause = match pass {
        PackagePass::WithoutBytecode => Cause::StaleBytecode,
        PackagePass::FrozenTimes => Cause::StaleDirectoryListing,
        PackagePass::AsItIs => Cause::Unknown,
    };
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
