//! The account of surveys of packages: a case for each finding, and one for each survey without any.

use std::path::Path;
use std::time::Duration;

use super::{Account, Annotation, Case, CaseResult, FilePlace, PACKAGE, TestEdge, Weight, plain};
use crate::explain::Topic;
use crate::package::{OrderFault, PackageFinding, PackageReport};
use crate::report::package::{block, closing};

impl Account {
    /// Of a package on each interpreter; paths are told as seen from `top`, the top of the checkout.
    pub fn of_package(reports: &[PackageReport], top: &Path) -> Self {
        let cases = reports.iter().flat_map(|report| {
            let found = report.findings.iter().map(|finding| found(report, finding, top));
            found.chain(report.findings.is_empty().then(|| nothing_found(report)))
        });
        let summary =
            reports.iter().map(|report| format!("{}:{}", place_of(report), plain(&closing(report))));
        let findings = reports.iter().flat_map(|report| &report.findings);
        let mut edges: Vec<TestEdge> = findings.filter_map(edge).collect();
        // What several interpreters show is one line.
        edges.dedup();
        Self {
            command: PACKAGE.to_owned(),
            cases: cases.collect(),
            summary: summary.collect(),
            edges,
            pictures: Vec::new(),
        }
    }
}

fn place_of(report: &PackageReport) -> String {
    format!("{} on {}", report.package, report.interpreter.label)
}

fn found(report: &PackageReport, finding: &PackageFinding, top: &Path) -> Case {
    let module = finding.fault.module();
    let claim = claim(finding);
    let lies = |module: &str| {
        let file = report.file_of(module).unwrap_or_else(|| report.package.clone().into());
        FilePlace { file: file.strip_prefix(top).unwrap_or(&file).display().to_string(), line: None }
    };
    let others = finding.firsts.iter().take(1).filter(|first| *first != module);
    let related = others.map(|first| (lies(first), format!("{first} is imported before it")));
    let annotation = Annotation {
        topic: Some(Topic::Cause(finding.cause)),
        weight: Weight::Error,
        message: format!("{claim} (on {})", report.interpreter.label),
        at: lies(module),
        related: related.collect(),
    };
    Case {
        group: place_of(report),
        name: claim,
        result: CaseResult::Failed,
        details: plain(&block(finding, report)),
        took: Duration::ZERO,
        annotations: vec![annotation],
        timelines: Vec::new(),
    }
}

/// A finding in a sentence, which no other finding of the survey has.
fn claim(finding: &PackageFinding) -> String {
    let module = finding.fault.module();
    let first = finding.firsts.first().map_or_else(|| "another module".to_owned(), Clone::clone);
    let pass = finding.passes.first().map_or("", |pass| pass.code());
    match &finding.fault {
        OrderFault::CannotComeFirst { .. } => format!("{module} cannot be imported first"),
        OrderFault::FailsAfter { .. } => format!("{module} fails after {first}"),
        OrderFault::OtherCell(change) => {
            format!("{module}.{} holds something else after {first}", change.name)
        }
        OrderFault::NotBound { .. } => {
            format!("{module} is loaded and its parent does not name it after {first}")
        }
        OrderFault::NotLoaded { .. } => format!("{module} is not loaded after {first}"),
        OrderFault::OtherInPass { .. } => format!("{module} imports otherwise: {pass}"),
        OrderFault::OtherCellInPass(change) => {
            format!("{module}.{} holds something else: {pass}", change.name)
        }
    }
}

/// Which module does it to which, where one does.
fn edge(finding: &PackageFinding) -> Option<TestEdge> {
    let from = finding.firsts.first()?.clone();
    let needs = matches!(finding.fault, OrderFault::CannotComeFirst { .. });
    Some(TestEdge { from, to: finding.fault.module().to_owned(), needs })
}

fn nothing_found(report: &PackageReport) -> Case {
    Case {
        group: place_of(report),
        name: format!("the order of {} modules", report.modules.len()),
        result: match &report.halted {
            None => CaseResult::Passed,
            Some(why) => CaseResult::Skipped(format!("nothing found so far, and incomplete: {why}")),
        },
        details: plain(&closing(report)).trim().to_owned(),
        took: Duration::try_from_secs_f64(report.seconds).unwrap_or_default(),
        annotations: Vec::new(),
        timelines: Vec::new(),
    }
}
