//! On which versions of Python the Python in a scenario is none. The interpreters at hand compile it; of other versions of
//! Python 3 the parser speaks.

mod versions;

use std::path::PathBuf;

use self::versions::listed;
use crate::interpreter::cpython::compiling::{CompileFault, PythonText, compile};
use crate::interpreter::{Installation, Kind};
use crate::scenario::{
    BodyKind, Problem, Problems, PythonBody, ReadError, Scenario, ScenarioWithBodies, SyntaxFault, Version,
    read_with_bodies,
};

/// The minor versions of Python 3 that the parser speaks for.
const MINORS: std::ops::RangeInclusive<u8> = 6..=14;

/// A scenario whose Python has been looked at.
#[derive(Debug)]
pub struct CheckedScenario {
    /// The scenario.
    pub scenario: Scenario,
    /// Python in it that is none on some of the versions that it is for.
    pub warnings: Option<Problems>,
}

/// Reads scenario files and looks at the Python in them, with the help of `installations`.
///
/// # Errors
/// Each file has its own: it is no scenario, or Python in it is none on any version of Python 3 that the scenario is for.
pub fn check(files: &[PathBuf], installations: &[Installation]) -> Vec<Result<CheckedScenario, ReadError>> {
    let read: Vec<_> = files.iter().map(|file| read_with_bodies(file)).collect();
    let good: Vec<&ScenarioWithBodies> = read.iter().flatten().collect();
    let mut compiled: Vec<Vec<Vec<VersionAnswer>>> =
        good.iter().map(|one| vec![Vec::new(); one.bodies.len()]).collect();
    for installation in one_of_each(installations) {
        ask(installation, &good, &mut compiled);
    }
    let mut compiled = compiled.into_iter();
    let judged = read.into_iter().map(|one| judged(one?, compiled.next().unwrap_or_default()));
    judged.collect()
}

/// What is known of a body on one version.
#[derive(Debug, Clone)]
struct VersionAnswer {
    version: Version,
    /// Whether an interpreter has compiled it; else the parser speaks.
    compiled: bool,
    fault: Option<SyntaxFault>,
}

/// The first `CPython` of each minor version.
fn one_of_each(installations: &[Installation]) -> Vec<&Installation> {
    let mut chosen: Vec<&Installation> = Vec::new();
    for one in installations.iter().filter(|one| one.identity.kind == Kind::CPython) {
        let feature = one.identity.version.feature();
        if chosen.iter().all(|other| other.identity.version.feature() != feature) {
            chosen.push(one);
        }
    }
    chosen
}

/// Lets an interpreter compile the bodies of all scenarios that are for its version. One that does not answer has no say.
fn ask(
    installation: &Installation,
    scenarios: &[&ScenarioWithBodies],
    answers: &mut [Vec<Vec<VersionAnswer>>],
) {
    let version = installation.identity.version;
    let is_meant = |one: &ScenarioWithBodies| one.scenario.is_for(&version);
    let meant = || scenarios.iter().enumerate().filter(|(_, one)| is_meant(one));
    let bodies: Vec<(usize, usize, &PythonBody)> = meant()
        .flat_map(|(at, one)| one.bodies.iter().enumerate().map(move |(body, text)| (at, body, text)))
        .collect();
    let texts: Vec<_> = bodies.iter().map(|(.., body)| python_text(body)).collect();
    let Ok(faults) = compile(installation, &texts) else { return };
    for ((scenario, at, body), fault) in bodies.into_iter().zip(faults) {
        let fault = fault.map(|fault| placed(body, fault));
        answers[scenario][at].push(VersionAnswer { version, compiled: true, fault });
    }
}

fn python_text(body: &PythonBody) -> PythonText<'_> {
    match body.kind {
        BodyKind::Exec => PythonText::Statements(&body.code),
        BodyKind::Check => PythonText::Expression(&body.code),
        BodyKind::Source => PythonText::File(&body.code),
    }
}

/// The fault with its place in the body: from the column that is named, or of the whole line.
fn placed(body: &PythonBody, fault: CompileFault) -> SyntaxFault {
    let CompileFault { line, column, message } = fault;
    let mut start = 0;
    let lines = body.code.split_inclusive('\n');
    let found = lines.enumerate().find_map(|(at, text)| {
        let began = start;
        start += text.len();
        (at + 1 == line).then_some((began, text.trim_end()))
    });
    let Some((began, text)) = found else { return SyntaxFault { message, at: 0..body.code.len() } };
    // The parenthesis around an expression.
    let column = if body.kind == BodyKind::Check && line == 1 { column.saturating_sub(1) } else { column };
    let indent = text.len() - text.trim_start().len();
    let offset = text.char_indices().nth(column.saturating_sub(1)).map_or(indent, |(offset, _)| offset);
    SyntaxFault { message, at: began + offset.max(indent)..began + text.len() }
}

fn judged(read: ScenarioWithBodies, compiled: Vec<Vec<VersionAnswer>>) -> Result<CheckedScenario, ReadError> {
    let answered = read.bodies.iter().zip(compiled);
    let found =
        answered.filter_map(|(body, compiled)| problem(&read, body, completed(&read, body, compiled)));
    let (warnings, errors): (Vec<_>, Vec<_>) = found.partition(|problem| problem.is_warning);
    if errors.is_empty() {
        let warnings = read.problems(warnings);
        return Ok(CheckedScenario { scenario: read.scenario, warnings });
    }
    match read.problems(errors.into_iter().chain(warnings).collect()) {
        Some(problems) => Err(problems.into()),
        None => Ok(CheckedScenario { scenario: read.scenario, warnings: None }),
    }
}

/// The answers with those of the parser for versions that no interpreter was asked for, by version.
fn completed(
    read: &ScenarioWithBodies,
    body: &PythonBody,
    mut answers: Vec<VersionAnswer>,
) -> Vec<VersionAnswer> {
    let is_compiled = |minor: u8| answers.iter().any(|one| one.version.feature() == (3, u32::from(minor)));
    let parsed: Vec<VersionAnswer> = MINORS
        .filter(|minor| !is_compiled(*minor))
        .map(|minor| (Version::new(3, minor.into(), 0), body.fault_on(minor)))
        .filter(|(version, _)| read.scenario.is_for(version))
        .map(|(version, fault)| VersionAnswer { version, compiled: false, fault })
        .collect();
    // What the compiler refuses and the parser never does is no question of versions: of that the parser knows nothing.
    let by_compiler = answers.iter().any(|one| one.fault.is_some() && one.version.major == 3);
    if !by_compiler || MINORS.into_iter().any(|minor| body.fault_on(minor).is_some()) {
        answers.extend(parsed);
    }
    answers.sort_by_key(|one| one.version);
    answers
}

/// What is to be said of a body, if anything.
fn problem(read: &ScenarioWithBodies, body: &PythonBody, answers: Vec<VersionAnswer>) -> Option<Problem> {
    let (faulty, good): (Vec<_>, Vec<_>) = answers.into_iter().partition(|one| one.fault.is_some());
    let of_newest = |compiled: bool| faulty.iter().rev().filter(move |one| one.compiled == compiled);
    // The parser says more than `invalid syntax`, and so it speaks wherever it finds the fault too.
    let parsed = faulty.iter().rev().find_map(|one| {
        let minor = u8::try_from(one.version.minor).ok().filter(|_| one.version.major == 3)?;
        body.fault_on(minor)
    });
    let told =
        parsed.or_else(|| of_newest(true).chain(of_newest(false)).find_map(|one| one.fault.clone()))?;
    let of_3 = |answers: &[VersionAnswer]| answers.iter().filter(|one| one.version.major == 3).count();
    let is_lost = of_3(&good) == 0 && (of_3(&faulty) > 0 || good.is_empty());
    let versions = if of_3(&faulty) == MINORS.count() {
        "3".to_owned()
    } else {
        listed(&faulty.iter().map(|one| one.version).collect::<Vec<_>>(), "or")
    };
    let message = format!("{} is no Python {versions}: {}", body.name(), told.message);
    let problem = read.problem(body, &told, message, help(&faulty, &good));
    Some(if is_lost { problem } else { problem.warning() })
}

/// How to mend it, and who says so.
fn help(faulty: &[VersionAnswer], good: &[VersionAnswer]) -> String {
    let meant = "if it is meant to be wrong, let a step say so: raises = \"SyntaxError\"";
    let advice = match (faulty.last(), good.first(), good.last()) {
        (Some(newest), Some(oldest), _) if newest.version < oldest.version => format!(
            "if it is for {} and later, let the scenario say so: python = \">={}\"",
            oldest.version.short(),
            oldest.version.short()
        ),
        (.., Some(newest)) if faulty.first().is_some_and(|oldest| newest.version < oldest.version) => {
            let beyond = if newest.version.major == 2 { "3".into() } else { faulty[0].version.short() };
            format!(
                "it is Python {}: if it is for that, let the scenario say so: python = \"<{beyond}\"",
                newest.version.short()
            )
        }
        _ if faulty.iter().filter(|one| one.version.major == 3).count() == MINORS.count() => {
            return meant.to_owned();
        }
        _ => meant.to_owned(),
    };
    let of = |compiled: bool| {
        let told = faulty.iter().chain(good).filter(move |one| one.compiled == compiled);
        let mut versions: Vec<Version> = told.map(|one| one.version).collect();
        versions.sort();
        listed(&versions, "and")
    };
    match (of(true), of(false)) {
        (compiled, _) if compiled.is_empty() => advice,
        (compiled, parsed) if parsed.is_empty() => format!("{advice} (compiled on {compiled})"),
        (compiled, parsed) => format!("{advice} (compiled on {compiled}; parsed for {parsed})"),
    }
}

#[cfg(test)]
mod tests;
