//! A survey of a package, for people: what depends on the order, by kind, then what was imported and what was not.

use super::super::layout::{palette, wrapped, wrapped_below};
use crate::package::{CellChange, OrderFault, PackageFinding, PackagePass, PackageReport};

/// Modules that are named one by one.
const NAMED: usize = 8;
/// Columns of the labels of a finding.
const LABEL: usize = 13;
/// Characters that a value shows before the place where it differs.
const BEFORE: usize = 30;
/// Characters of one value.
const VALUE: usize = 200;

/// The whole survey.
pub fn surveyed(report: &PackageReport) -> String {
    let mut text = head(report);
    for (title, belongs) in SECTIONS {
        let findings: Vec<&PackageFinding> =
            report.findings.iter().filter(|finding| belongs(&finding.fault)).collect();
        if findings.is_empty() {
            continue;
        }
        text += &format!("\n{}{title}{:#} ({})\n", palette::BAD, palette::BAD, findings.len());
        for finding in findings {
            text += "\n";
            text += &block(finding, report);
        }
    }
    text += &not_importable(report);
    text += &beside(report);
    text + &closing(report)
}

type Belongs = fn(&OrderFault) -> bool;

const SECTIONS: [(&str, Belongs); 5] = [
    ("Cannot be imported first", |fault| matches!(fault, OrderFault::CannotComeFirst { .. })),
    ("Fails after another module", |fault| matches!(fault, OrderFault::FailsAfter { .. })),
    ("Not loaded or not bound after another module", |fault| {
        matches!(fault, OrderFault::NotBound { .. } | OrderFault::NotLoaded { .. })
    }),
    ("Holds something else after another module", |fault| matches!(fault, OrderFault::OtherCell(_))),
    ("Otherwise in another pass", |fault| {
        matches!(fault, OrderFault::OtherInPass { .. } | OrderFault::OtherCellInPass(_))
    }),
];

const WARM: &str = " Forks for pairs began with the standard library's modules that the package loads; findings were performed \
                    again without.";

fn head(report: &PackageReport) -> String {
    let mut text = format!(
        "{}{}{:#} on {}, {}\n",
        palette::STRONG,
        report.package,
        palette::STRONG,
        report.interpreter.label,
        counted(report.modules.len(), "module")
    );
    for directory in &report.directories {
        text += &format!("in {directory}\n");
    }
    for (pass, pairs) in &report.pairs {
        let tried = pairs.run + pairs.loaded;
        let all = if tried == pairs.possible { "all ".to_owned() } else { format!("{tried} of ") };
        text += &wrapped(
            "",
            &format!(
                "{}each module imported first, then {all}{} ordered pairs: {} in a fork of their own; in {} the first \
                 module had imported the second.{}",
                pass_head(*pass),
                pairs.possible,
                pairs.run,
                pairs.loaded,
                if pairs.is_warm { WARM } else { "" }
            ),
        );
    }
    text
}

const fn pass_head(pass: PackagePass) -> &'static str {
    match pass {
        PackagePass::AsItIs => "",
        PackagePass::WithoutBytecode => "Without bytecode: ",
        PackagePass::FrozenTimes => "With frozen times: ",
    }
}

/// One finding.
pub(in crate::report) fn block(finding: &PackageFinding, report: &PackageReport) -> String {
    let mut text = match &finding.fault {
        OrderFault::CannotComeFirst { module, outcome, chain, circle }
        | OrderFault::FailsAfter { module, outcome, chain, circle } => {
            failing(module, &outcome.to_string(), chain, circle)
        }
        OrderFault::OtherCell(change) | OrderFault::OtherCellInPass(change) => changed(change, finding),
        OrderFault::NotBound { module } => {
            format!("  {}\n", strong(module))
                + &line("now", "loaded, but its parent package does not name it")
        }
        OrderFault::NotLoaded { module } => format!("  {}\n", strong(module)) + &line("now", "not loaded"),
        OrderFault::OtherInPass { module, as_it_is, outcome } => {
            format!("  {}\n", strong(module))
                + &line("as it is", &as_it_is.to_string())
                + &line("in the pass", &outcome.to_string())
        }
    };
    text += &where_found(finding);
    text += &line("cause", finding.cause.code());
    text += &fix(finding);
    let always = report.pairs.len() == finding.passes.len();
    if !always {
        let passes: Vec<&str> = finding.passes.iter().map(|pass| pass.code()).collect();
        text += &line("only", &passes.join(", "));
    }
    text
}

fn failing(module: &str, outcome: &str, chain: &[String], circle: &[String]) -> String {
    let mut text = format!("  {}\n", strong(module)) + &line("error", outcome);
    if circle.is_empty() {
        if chain.len() > 1 {
            text += &line("through", &chain.join(" > "));
        }
    } else {
        text += &line("circle", &circle.join(" > "));
    }
    text
}

fn changed(change: &CellChange, finding: &PackageFinding) -> String {
    let labels = match finding.fault {
        OrderFault::OtherCellInPass(_) => ["as it is", "in the pass"],
        _ => ["alone", "then"],
    };
    let same = match (&change.alone, &change.after) {
        (Some(alone), Some(after)) => {
            alone.chars().zip(after.chars()).take_while(|(one, other)| one == other).count()
        }
        _ => 0,
    };
    let value =
        |value: &Option<String>| value.as_deref().map_or("not bound".to_owned(), |value| from(value, same));
    format!("  {}\n", strong(&format!("{}.{}", change.module, change.name)))
        + &line(labels[0], &value(&change.alone))
        + &line(labels[1], &value(&change.after))
}

/// A value from a little before the place where two begin to differ.
fn from(value: &str, same: usize) -> String {
    if same <= 2 * BEFORE {
        return cut(value);
    }
    format!("...{}", cut(&value.chars().skip(same - BEFORE).collect::<String>()))
}

fn cut(value: &str) -> String {
    if value.chars().count() <= VALUE {
        return value.to_owned();
    }
    value.chars().take(VALUE).chain("...".chars()).collect()
}

fn where_found(finding: &PackageFinding) -> String {
    let Some((first, second)) = &finding.witness else { return String::new() };
    match finding.fault {
        OrderFault::CannotComeFirst { .. } => line("passes after", &some(&finding.firsts)),
        OrderFault::FailsAfter { .. } => line("fails after", &some(&finding.firsts)),
        _ => {
            let pairs = counted(finding.pairs, "pair");
            line("seen in", &format!("{pairs}, such as {second} after {first}"))
                + &line("brought by", &some(&finding.firsts))
        }
    }
}

fn fix(finding: &PackageFinding) -> String {
    if !finding.cured {
        return String::new();
    }
    match (&finding.fault, finding.firsts.first(), &finding.witness) {
        (OrderFault::CannotComeFirst { .. }, Some(first), _) => {
            line("fix", &format!("import {first} first (verified)"))
        }
        (OrderFault::FailsAfter { .. }, _, Some((first, second))) => {
            line("fix", &format!("import {second} before {first} (verified)"))
        }
        _ => String::new(),
    }
}

fn not_importable(report: &PackageReport) -> String {
    if report.not_importable.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\n{}Not importable in any order{:#} ({})\n\n",
        palette::UNSURE,
        palette::UNSURE,
        report.not_importable.len()
    );
    for module in &report.not_importable {
        text += &wrapped_below(
            "  ",
            "      ",
            &format!("{}: {}", module.module, cut(&module.outcome.to_string())),
        );
    }
    text
}

fn beside(report: &PackageReport) -> String {
    let mut text = String::new();
    if !report.left_out.is_empty() {
        let tests = counted(report.left_out.len(), "module");
        text +=
            &wrapped("", &format!("Left out: {tests} of the package's own tests (--tests includes them)."));
    }
    for (module, line) in report.printing.iter().take(NAMED) {
        text += &wrapped("", &format!("{module} prints: {}", cut(line)));
    }
    if report.printing.len() > NAMED {
        text += &format!("{} more modules print.\n", report.printing.len() - NAMED);
    }
    if !report.unsteady_cells.is_empty() {
        let cells = some(&report.unsteady_cells);
        text += &wrapped("", &format!("Not compared, since equal runs differ in them: {cells}."));
    }
    for note in &report.notes {
        text += &wrapped("", &format!("Note: {note}."));
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

/// How many findings there are, and whether that is all.
pub(in crate::report) fn closing(report: &PackageReport) -> String {
    let found = match report.findings.len() {
        0 if report.halted.is_some() => "No order makes a difference so far".to_owned(),
        0 => "No order makes a difference".to_owned(),
        count => counted(count, "finding"),
    };
    let end = match &report.halted {
        Some(why) => format!("; the survey is not complete: {why}"),
        None => String::new(),
    };
    format!("\n{found}{end} ({:.1} s)\n", report.seconds)
}

fn strong(name: &str) -> String {
    format!("{}{name}{:#}", palette::STRONG, palette::STRONG)
}

fn line(label: &str, text: &str) -> String {
    wrapped(&format!("    {label:LABEL$} "), text)
}

fn some(names: &[String]) -> String {
    let named = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
