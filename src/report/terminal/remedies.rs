//! What was tried as a remedy, and its result on each interpreter.

use super::fact::labelled;
use super::group::{self, FindingGroup};
use crate::diagnose::{Finding, Recommendation, Remedy, Trial};
use crate::remedy::RemedyKind;
use crate::report::gather::gather;
use crate::report::origin::FindingOrigin;
use crate::report::words;

/// A remedy with one result, and the runs that have it: the places at which it works may differ between them.
struct RemedyResult<'a> {
    kind: RemedyKind,
    step: Option<&'a str>,
    trial: Trial,
    runs: Vec<(&'a Remedy, FindingOrigin<'a>)>,
}

/// Remedies by their results: those that fix the test first, those without effect in one line.
pub(super) fn text(group: &FindingGroup<'_>) -> String {
    let results = results(group);
    let told = |trial: Trial, label: &str| -> String {
        let with_it = results.iter().filter(|result| result.trial == trial);
        with_it
            .enumerate()
            .map(|(number, result)| labelled(if number == 0 { label } else { "" }, &line(group, result)))
            .collect()
    };
    let mut text = recommendation(group);
    text += &told(Trial::Verified, "remedies");
    text += &told(Trial::NotTried, "may help");
    text += &told(Trial::Partial, "not always");
    text + &without_effect(group, &results)
}

/// The smallest remedy that works on every interpreter of the run, where to put it, and what it does to the whole scenario.
fn recommendation(group: &FindingGroup<'_>) -> String {
    let runs: Vec<&Finding> = group.findings.iter().map(|(_, finding)| *finding).collect();
    let works = |finding: &Finding, kind: RemedyKind| {
        finding.remedies.iter().any(|remedy| remedy.kind == kind && remedy.trial == Trial::Verified)
    };
    let everywhere = |recommended: &&Recommendation| runs.iter().all(|run| works(run, recommended.kind));
    let mut recommended = runs.iter().filter_map(|run| run.recommended.as_ref());
    let Some(best) = recommended.find(everywhere) else { return String::new() };
    let whole = |run: &&Finding| {
        run.recommended.as_ref().filter(|other| other.kind == best.kind).and_then(|one| one.cures_everywhere)
    };
    let whole: Vec<Option<bool>> = runs.iter().map(whole).collect();
    let verified = if whole.contains(&Some(false)) {
        "not enough in every ordering of the whole scenario"
    } else if whole.iter().all(|cures| *cures == Some(true)) {
        "verified in every ordering"
    } else {
        "not tried on the whole scenario"
    };
    let place = words::place(group.first().0.scenario, best.place);
    labelled("fix", &format!("insert {} {place} ({verified})", best.step))
}

/// Equal results of one remedy together, in the order of the runs.
fn results<'a>(group: &FindingGroup<'a>) -> Vec<RemedyResult<'a>> {
    let tried = group.findings.iter().flat_map(|(origin, finding)| {
        finding
            .remedies
            .iter()
            .map(move |remedy| ((remedy.kind, remedy.step.as_deref(), remedy.trial), (remedy, *origin)))
    });
    let result = |((kind, step, trial), runs)| RemedyResult { kind, step, trial, runs };
    gather(tried).into_iter().map(result).collect()
}

/// The remedy as a scenario writes it, where to put it, and on which interpreters that holds where it is not all.
fn line(group: &FindingGroup<'_>, result: &RemedyResult<'_>) -> String {
    let what = result.step.map_or_else(|| format!("{}:", result.kind.as_str()), str::to_owned);
    let scenario = group.first().0.scenario;
    let places = result.runs.iter().map(|(remedy, run)| (words::places(scenario, remedy), *run));
    let places: Vec<String> = gather(places)
        .into_iter()
        .map(|(places, runs)| format!("{}{}", places.join(", or "), only(group, &runs)))
        .collect();
    format!("{what} {}", places.join("; "))
}

/// By name, and by its steps only where others of that name do help.
fn without_effect(group: &FindingGroup<'_>, results: &[RemedyResult<'_>]) -> String {
    let placebos = results.iter().filter(|result| result.trial == Trial::Placebo);
    let others_help = |placebo: &RemedyResult<'_>| {
        let is_other = |other: &&RemedyResult<'_>| other.kind == placebo.kind && other.step != placebo.step;
        results.iter().filter(is_other).any(|other| other.trial != Trial::Placebo)
    };
    let name = |result: &RemedyResult<'_>| match result.step {
        Some(step) if others_help(result) => step.to_owned(),
        _ => result.kind.as_str().to_owned(),
    };
    let runs = placebos.flat_map(|result| result.runs.iter().map(move |(_, run)| (name(result), *run)));
    let names: Vec<String> = gather(runs)
        .into_iter()
        .map(|(name, mut runs)| {
            runs.dedup_by_key(|run| (run.interpreter.label.clone(), run.timestamps.written.clone()));
            format!("{name}{}", only(group, &runs))
        })
        .collect();
    if names.is_empty() { String::new() } else { labelled("no effect", &names.join(", ")) }
}

/// Where something holds, unless that is everywhere.
fn only(group: &FindingGroup<'_>, runs: &[FindingOrigin<'_>]) -> String {
    if runs.len() >= group.findings.len() {
        return String::new();
    }
    format!(" (on {})", group::places(runs.iter().copied()))
}
