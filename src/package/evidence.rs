//! What a survey has seen, as data: the report follows from it without another import. What several machines have seen, each of its own
//! pairs, makes what one machine would have seen of all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::alone::AloneImports;
use super::cures::{TriedOrder, settle_all};
use super::finding::PackageFinding;
use super::groups::{Otherness, SeenGroup};
use super::judge::{Bench, drafts, not_confirmed, not_looked_into};
use super::package_report::{NotImportable, PackageReport, PairCount};
use super::settings::PackagePass;
use crate::interpreter::Identity;

/// What was seen of a package on one interpreter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackageEvidence {
    pub(super) package: String,
    /// The interpreter.
    pub interpreter: Identity,
    pub(super) directories: Vec<String>,
    pub(super) modules: Vec<String>,
    pub(super) left_out: Vec<String>,
    pub(super) passes: Vec<PassEvidence>,
    /// Why the survey ended early, if it did.
    pub halted: Option<String>,
    pub(super) seconds: f64,
}

/// What one pass has shown. Modules are numbers, in the order of the listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PassEvidence {
    pub(super) pass: PackagePass,
    pub(super) alone: AloneImports,
    /// What modules alone come to otherwise than in the first pass.
    pub(super) otherwise_alone: Vec<PackageFinding>,
    /// In the order of what is otherwise.
    pub(super) groups: Vec<SeenGroup>,
    pub(super) count: PairCount,
    /// Why the pairs after a module were not all tried, by module.
    pub(super) lost: Vec<(usize, String)>,
    pub(super) orders: Vec<TriedOrder>,
}

impl PackageEvidence {
    /// What follows from it.
    pub fn report(&self) -> PackageReport {
        let names: Vec<&str> = self.modules.iter().map(String::as_str).collect();
        let mut report = PackageReport {
            package: self.package.clone(),
            interpreter: self.interpreter.clone(),
            directories: self.directories.clone(),
            modules: self.modules.clone(),
            left_out: self.left_out.clone(),
            not_importable: Vec::new(),
            printing: Vec::new(),
            unsteady_cells: Vec::new(),
            findings: Vec::new(),
            pairs: Vec::new(),
            notes: Vec::new(),
            halted: self.halted.clone(),
            seconds: self.seconds,
        };
        for pass in &self.passes {
            pass.tell(&mut report, &names);
        }
        report
    }

    /// What several machines have seen, each of the pairs of its own, as what one has seen. `None` of none.
    pub(crate) fn joined(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().reduce(|mut whole, other| {
            for (known, pass) in whole.passes.iter_mut().zip(other.passes) {
                known.absorb(pass);
            }
            whole.halted = whole.halted.or(other.halted);
            whole.seconds = whole.seconds.max(other.seconds);
            whole
        })
    }
}

impl PassEvidence {
    /// Adds to the report what this pass has shown.
    fn tell(&self, report: &mut PackageReport, names: &[&str]) {
        let bench = Bench { names, alone: &self.alone, pass: self.pass };
        let mut findings = drafts(&bench, &self.groups);
        let orders = settle_all(&mut findings, &self.orders);
        report.pairs.push((self.pass, self.count));
        report.merge(findings);
        let lost = self.lost.iter();
        report.notes.extend(
            lost.map(|(first, why)| format!("the pairs after {} were not all tried: {why}", names[*first])),
        );
        let counted = [
            (not_looked_into(&bench, &self.groups), "further differences were not looked into"),
            (
                not_confirmed(&self.groups) + orders.not_confirmed,
                "differences did not show again when their pair was performed again, and are no findings",
            ),
            (orders.not_performed, "orders that may avoid a finding were not performed by themselves"),
        ];
        let told = counted.into_iter().filter(|(count, _)| *count > 0);
        report.notes.extend(told.map(|(count, what)| format!("{count} {what}")));
        if self.pass == PackagePass::AsItIs {
            describe(report, &self.alone, names);
        }
        report.merge(self.otherwise_alone.clone());
    }

    /// What another machine has seen of other pairs too. What modules alone come to, both have seen.
    fn absorb(&mut self, other: Self) {
        let mut groups: BTreeMap<Otherness, SeenGroup> = BTreeMap::new();
        let mine = std::mem::take(&mut self.groups);
        for group in mine.into_iter().chain(other.groups) {
            match groups.get_mut(&group.otherness) {
                Some(known) => known.absorb(group, &self.alone),
                None => {
                    groups.insert(group.otherness.clone(), group);
                }
            }
        }
        self.groups = groups.into_values().collect();
        self.count.possible += other.count.possible;
        self.count.run += other.count.run;
        self.count.loaded += other.count.loaded;
        self.count.is_warm |= other.count.is_warm;
        self.lost.extend(other.lost);
        self.lost.sort_unstable();
        self.orders.extend(other.orders);
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
