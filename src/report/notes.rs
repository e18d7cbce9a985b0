//! Notes on a verdict, each in a sentence.

use num_bigint::BigUint;

use super::words;
use crate::explore::{ComparedPiece, DifferentPiece, Disagreement};
use crate::layers::ConfirmedEffects;
use crate::note::Note;
use crate::remedy::StepPlace;
use crate::scenario::Scenario;

/// Steps past which only the first is named.
const NAMED: usize = 4;

/// The note in a sentence, without a full stop.
pub(super) fn sentence(note: &Note, scenario: &Scenario) -> String {
    match note {
        Note::WritesFiles(place) => format!(
            "{} writes files itself: virtual time stands still within a step, so taster judges what the step imports of them \
             as on the coarsest clock",
            step(scenario, *place)
        ),
        Note::IncomparableStates => {
            "some states contain objects that taster cannot compare; they were explored separately".to_owned()
        }
        Note::Effects(effects) => confirmed(effects),
        Note::NotCounted(reason) => {
            format!("the orderings were sampled, because the model could not count all of them: {reason}")
        }
        Note::Sampled { orderings, searching, looking } => format!(
            "taster performed {orderings} orderings, {searching} more to see what each test does alone and which tests \
             interfere, and {looking} to diagnose findings"
        ),
        Note::CleanersNotSought { limit } => format!("more than {limit} tests: did not look for cleaners"),
        Note::ExploredUnmerged => {
            "the audit performed orderings again and got different results: taster had merged states that differ, and \
             explored all of them once more without merging"
                .to_owned()
        }
        Note::ExploredAfresh => {
            "orderings gave different results on new interpreters, even without merging: taster performed each of them \
             on an interpreter of its own"
                .to_owned()
        }
        Note::Unreliable => {
            "orderings gave different results when taster performed them again, and there was no time to explore all of \
             them in another way: do not rely on these figures"
                .to_owned()
        }
        Note::AuditIncomplete { orderings, covered, entries } => format!(
            "the audit performed {orderings} orderings again and took {covered} of {entries} ways into merged states; a \
             larger --audit takes more"
        ),
        Note::NotFixed(places) => not_fixed(scenario, places),
        Note::NotOnPath { place, file, directory } => not_on_path(&step(scenario, *place), file, directory),
        Note::WrittenLater { place, file, step: later } => format!(
            "{} imports a module that step {later} of the same test writes ({file}): put the import behind it",
            step(scenario, *place)
        ),
        Note::SitePackagesOff { place, module } => format!(
            "{} does not find {module}, which is installed in this environment: `site-packages = true` at the top of the \
             scenario lets steps see what is installed",
            step(scenario, *place)
        ),
        Note::ModelDiffers(disagreement) => model_differs(disagreement, scenario),
        Note::Interrupted => "interrupted: these are the findings so far".to_owned(),
        Note::OutOfTime { covered, steps } => out_of_time(covered, *steps),
        Note::CarriedOver(findings) => carried_over(*findings),
        Note::StepsNotMeasured(why) => not_measured(why, scenario),
        Note::Confinement(sentence) => sentence.to_string(),
    }
}

/// What the interpreter performed of what the model counted, and what that leaves unproved.
fn confirmed(effects: &ConfirmedEffects) -> String {
    let ConfirmedEffects { distinct, confirmed, fewest_contexts, median_contexts, steps } = effects;
    let number = |number: usize| words::grouped(&number.into());
    if confirmed < distinct {
        return format!(
            "the interpreter performed {} of {} distinct effects (a step, what it reads, what it changes) that the model counted: \
             the others are not proved, and only orderings that it performed are counted",
            number(*confirmed),
            number(*distinct)
        );
    }
    format!(
        "the model counted the orderings, and the interpreter performed each of their {} distinct effects (a step, what it reads, \
         what it changes) as the model does, in {} or more states (median {}; {} steps in all): it is not proved that it does so in \
         all other states in which the step reads the same",
        number(*distinct),
        number(*fewest_contexts),
        number(*median_contexts),
        words::grouped(&(*steps).into()),
    )
}

fn model_differs(disagreement: &Disagreement, scenario: &Scenario) -> String {
    let DifferentPiece { piece, first, second } = &disagreement.different;
    let steps = words::word(scenario, &disagreement.steps).join(", ");
    if *piece == ComparedPiece::Outcome {
        return format!(
            "a defect of taster: after the steps {steps} the model says `{second}` where the interpreter says `{first}`"
        );
    }
    format!(
        "a defect of taster: after the steps {steps}, {piece} is `{second}` on the model and `{first}` on the interpreter"
    )
}

fn not_on_path(step: &str, file: &str, directory: &str) -> String {
    let directory = if directory.is_empty() { "." } else { directory };
    format!(
        "{step} does not find its module, although {file} is there: {directory} is not on sys.path; \
         {{ sys-path = \"{directory}\" }} before it puts it there"
    )
}

fn not_measured(why: &str, scenario: &Scenario) -> String {
    let each = scenario.step_time;
    format!("the steps could not be measured ({why}): probabilities are of steps of {each} each")
}

fn carried_over(findings: usize) -> String {
    let (differ, their) =
        if findings == 1 { ("finding differs", "its") } else { ("findings differ", "their") };
    format!(
        "{findings} {differ} from another in names and numbers alone: taster confirmed {their} cause and remedy by running them, and carried \
         over what else it had tried for that one"
    )
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
        "the outcome of some steps is not fixed ({steps}): taster counts the outcomes that it got while it explored the \
         orderings, and blames no other test for them"
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
