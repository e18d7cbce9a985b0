//! Notes on a verdict, each in a sentence.

use num_bigint::BigUint;

use super::words;
use crate::note::Note;
use crate::remedy::StepPlace;
use crate::scenario::Scenario;

/// Steps past which only the first is named.
const NAMED: usize = 4;

/// The note in a sentence, without a full stop.
pub(super) fn sentence(note: &Note, scenario: &Scenario) -> String {
    match note {
        Note::WritesFiles(place) => format!(
            "{} writes files itself: time stands still within a step, so what it imports of them is judged as on the \
             coarsest clock",
            step(scenario, *place)
        ),
        Note::IncomparableStates => {
            "some states contain objects that taster cannot compare; they were explored separately".to_owned()
        }
        Note::Sampled { orderings, searching, looking } => format!(
            "{orderings} orderings were performed, {searching} more to see what each test does alone and who \
             interferes, and {looking} to look into findings"
        ),
        Note::CleanersNotSought { limit } => format!("more than {limit} tests: did not look for cleaners"),
        Note::ExploredUnmerged => {
            "the audit performed orderings again and they came out differently: taster had merged states that differ, \
             and explored all of them once more without merging"
                .to_owned()
        }
        Note::ExploredAfresh => {
            "orderings came out differently on interpreters of their own, even unmerged: taster performed every one on \
             an interpreter of its own"
                .to_owned()
        }
        Note::Unreliable => {
            "orderings came out differently when taster performed them again, and there was no time to explore all of \
             them in another manner: do not rely on these figures"
                .to_owned()
        }
        Note::AuditIncomplete { orderings, covered, entries } => format!(
            "the audit performed {orderings} orderings again and took {covered} of {entries} ways into merged states; a \
             larger --audit takes more"
        ),
        Note::NotFixed(places) => not_fixed(scenario, places),
        Note::ModelDiffers(disagreement) => format!(
            "a defect of taster: after the steps {} the model says `{}` where the interpreter says `{}`",
            words::word(scenario, &disagreement.steps).join(", "),
            disagreement.second,
            disagreement.first
        ),
        Note::Interrupted => "interrupted: these are the findings until then".to_owned(),
        Note::OutOfTime { covered, steps } => out_of_time(covered, *steps),
        Note::Confinement(sentence) => (*sentence).to_owned(),
    }
}

fn step(scenario: &Scenario, place: StepPlace) -> String {
    format!("step {} of `{}`", place.step, scenario.tests[place.test].name)
}

fn not_fixed(scenario: &Scenario, places: &[StepPlace]) -> String {
    let steps: Vec<String> = places.iter().map(|place| step(scenario, *place)).collect();
    let steps = match steps.as_slice() {
        [first, others @ ..] if steps.len() > NAMED => format!("{first} and {} more", others.len()),
        few => few.join(", "),
    };
    format!(
        "what is not fixed ({steps}) counts as it came out while the orderings were explored, and no other test is blamed \
         for it"
    )
}

fn out_of_time(covered: &BigUint, steps: u64) -> String {
    if *covered == BigUint::ZERO {
        let noun = if steps == 1 { "step" } else { "steps" };
        return format!(
            "the time (--max-time) was over before taster had performed one ordering to the end; it performed {steps} {noun}"
        );
    }
    let orderings = if *covered == 1_u32.into() { "ordering" } else { "orderings" };
    format!(
        "the time (--max-time) was over before the search was: taster performed {covered} {orderings} to the end"
    )
}
