//! How far a run is, in a line for a progress display.

use taster::package::{PackageEvent, PackagePass};
use taster::run::{Event, Phase};

/// `auditing 12 of 40 orderings; 240 states, 1024 steps; 2 findings; 55 s left`
pub(crate) fn in_words(event: &Event) -> String {
    let mut parts = vec![doing(event.phase)];
    parts.push(format!("{} states, {} steps", event.states, event.transitions));
    match event.findings {
        0 => {}
        1 => parts.push("1 finding".to_owned()),
        findings => parts.push(format!("{findings} findings")),
    }
    parts.extend(event.time_left.map(|left| format!("{} s left", left.as_secs())));
    parts.join("; ")
}

/// `without-bytecode: 12 of 40 modules, each before all others`
pub(crate) fn of_package(event: PackageEvent) -> String {
    let (pass, text) = match event {
        PackageEvent::Alone { pass, done, of } => (pass, format!("{done} of {of} modules imported first")),
        PackageEvent::Pairs { pass, done, of } => {
            (pass, format!("{done} of {of} modules, each before all others"))
        }
        PackageEvent::LookingInto { pass, done, of } => {
            (pass, format!("looking into {done} of {of} differences"))
        }
        _ => return "working".to_owned(),
    };
    if pass == PackagePass::AsItIs { text } else { format!("{}: {text}", pass.code()) }
}

fn doing(phase: Phase) -> String {
    match phase {
        Phase::Exploring => "exploring".to_owned(),
        Phase::Counting => "counting on the model".to_owned(),
        Phase::ConfirmingEffects { orderings, of } => {
            format!("confirming effects, {orderings} of {of} orderings")
        }
        Phase::Sampling { orderings } => format!("sampling, {orderings} orderings"),
        Phase::Auditing { orderings, of } => format!("auditing {orderings} of {of} orderings"),
        Phase::Searching { tests, of } => format!("searching for findings, {tests} of {of} tests"),
        Phase::Confirming { orderings, of } => format!("confirming findings, {orderings} of {of} orderings"),
        Phase::Diagnosing { finding, of } => format!("diagnosing finding {finding} of {of}"),
        Phase::TryingRemedies { finding, of } => format!("trying the remedy of finding {finding} of {of}"),
        Phase::AskingModel { states } => format!("asking the model, {states} states"),
        _ => "working".to_owned(),
    }
}
