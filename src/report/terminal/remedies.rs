//! What was tried as a cure, and what came of it on which interpreter.

use super::finding::labelled;
use super::group::{self, Group};
use crate::diagnose::{Finding, Recommendation, Remedy, Trial};
use crate::verdict::Verdict;

/// What became of a remedy, and in which runs.
struct RemedyResult<'a> {
    remedy: &'a Remedy,
    runs: Vec<&'a Verdict>,
}

/// Remedies by what came of them: those that cure first, placebos in one line.
pub(super) fn text(group: &Group<'_>) -> String {
    let tried = tried(group);
    let told = |trial: Trial, label: &str| -> String {
        let lines = tried.iter().filter(|tried| tried.remedy.trial == trial).map(|tried| line(group, tried));
        lines
            .enumerate()
            .map(|(number, line)| labelled(if number == 0 { label } else { "" }, &line))
            .collect()
    };
    let mut text = recommendation(group);
    text += &told(Trial::Verified, "remedies");
    text += &told(Trial::NotTried, "may help");
    text += &told(Trial::Partial, "not always");
    text + &placebos(group, &tried)
}

/// The smallest remedy that works on every interpreter of the run, where to put it, and what it does to the whole scenario.
fn recommendation(group: &Group<'_>) -> String {
    let runs: Vec<&Finding> = group.met.iter().map(|(_, finding)| *finding).collect();
    let works = |finding: &Finding, name: &str| {
        finding.remedies.iter().any(|remedy| remedy.name == name && remedy.trial == Trial::Verified)
    };
    let everywhere = |recommended: &&Recommendation| runs.iter().all(|run| works(run, &recommended.remedy));
    let mut recommended = runs.iter().filter_map(|run| run.recommended.as_ref());
    let Some(best) = recommended.find(everywhere) else { return String::new() };
    let tried: Vec<Option<bool>> = runs
        .iter()
        .map(|run| {
            run.recommended
                .as_ref()
                .filter(|other| other.remedy == best.remedy)
                .and_then(|one| one.cures_everywhere)
        })
        .collect();
    let whole = if tried.contains(&Some(false)) {
        "; in some ordering of the whole scenario it is not enough"
    } else if tried.iter().all(|tried| *tried == Some(true)) {
        "; tried on the whole scenario: enough in every ordering"
    } else {
        "; not tried on the whole scenario"
    };
    labelled("take", &format!("{} {}{whole}", best.step, best.place))
}

/// Equal results of one remedy together, in the order in which they were first met.
fn tried<'a>(group: &Group<'a>) -> Vec<RemedyResult<'a>> {
    let mut tried: Vec<RemedyResult<'a>> = Vec::new();
    for (verdict, finding) in &group.met {
        for remedy in &finding.remedies {
            match tried.iter_mut().find(|known| known.remedy == remedy) {
                Some(known) => known.runs.push(verdict),
                None => tried.push(RemedyResult { remedy, runs: vec![verdict] }),
            }
        }
    }
    tried
}

/// The remedy as a scenario writes it, where to put it, and on which interpreters that holds where it is not all.
fn line(group: &Group<'_>, tried: &RemedyResult<'_>) -> String {
    let Remedy { name, step, places, .. } = tried.remedy;
    let what = step.clone().unwrap_or_else(|| format!("{name}:"));
    format!("{what} {}{}", places.join(", or "), only(group, &tried.runs))
}

/// By name: what changes nothing is not told by its steps.
fn placebos(group: &Group<'_>, tried: &[RemedyResult<'_>]) -> String {
    let mut told: Vec<(&str, Vec<&Verdict>)> = Vec::new();
    for placebo in tried.iter().filter(|tried| tried.remedy.trial == Trial::Placebo) {
        match told.iter_mut().find(|(name, _)| *name == placebo.remedy.name) {
            Some((_, runs)) => runs.extend(&placebo.runs),
            None => told.push((&placebo.remedy.name, placebo.runs.clone())),
        }
    }
    let names: Vec<String> = told.iter().map(|(name, runs)| format!("{name}{}", only(group, runs))).collect();
    if names.is_empty() { String::new() } else { labelled("placebos", &names.join(", ")) }
}

/// Where something holds, unless that is everywhere.
fn only(group: &Group<'_>, runs: &[&Verdict]) -> String {
    if runs.len() >= group.met.len() { String::new() } else { format!(" (on {})", group::places(runs)) }
}
