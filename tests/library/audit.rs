//! The guards of merging, on real interpreters: state that no fingerprint covers, steps that behave differently in one
//! ordering, and searches that were cut short.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::pythons;
use num_bigint::BigUint;
use taster::budget::Budget;
use taster::diagnose::Finding;
use taster::explore::{Explorer, Lab, Reach, tally};
use taster::interpreter::{Installation, choose};
use taster::kind::FindingKind;
use taster::run::{Diagnosis, RunOptions, run};
use taster::scenario::{Scenario, Version, parse};
use taster::verdict::{Judgement, Method, Verdict};

fn scenario(text: &str) -> Scenario {
    parse(Path::new("audited.toml"), text).unwrap()
}

fn options(change: impl FnOnce(&mut RunOptions)) -> RunOptions {
    let mut options = RunOptions::default();
    change(&mut options);
    options
}

fn verdict(scenario: &Scenario, python: &Installation, options: &RunOptions) -> Verdict {
    run(scenario, python, &scenario.timestamps[0], options, &|_| {}).unwrap()
}

fn of_kind(verdict: &Verdict, kind: FindingKind) -> Vec<&Finding> {
    verdict.findings.iter().filter(|finding| finding.kind == kind).collect()
}

fn counts(verdict: &Verdict) -> (String, String) {
    (verdict.coverage.failing.to_string(), verdict.coverage.covered.to_string())
}

/// Each of these tests takes a descriptor and keeps it only if it is the next one after those before it; the last test fails
/// where all were kept, which happens in one ordering of all: in that of `order`.
fn descriptors_climb(order: &[&str], file: &[&str]) -> String {
    let mut text = String::from(
        "title = \"Open descriptors climb in one order only\"\n\
         setup = [{ exec = \"import os; os.environ['FIRST'] = str(os.dup(0) + 1)\" }]\n\
         [clock]\ntimestamps = [\"1s\"]\n",
    );
    for name in file {
        let above = order.iter().position(|other| other == name).unwrap();
        text += &format!(
            "[[test]]\nname = \"{name}\"\nsteps = [{{ exec = \"import os; f = os.dup(0); f == int(os.environ['FIRST']) + \
             {above} or os.close(f)\" }}]\n"
        );
    }
    text + &format!(
        "[[test]]\nname = \"v\"\nsteps = [{{ exec = \"import os; f = os.dup(0); os.close(f); assert f < \
         int(os.environ['FIRST']) + {}\" }}]\n",
        order.len()
    )
}

#[test]
fn one_ordering_of_720_that_fails_by_hidden_state_is_found_with_every_seed() {
    let order = ["c", "a", "e", "b", "d"];
    let scenario = scenario(&descriptors_climb(&order, &["a", "b", "c", "d", "e"]));
    pythons::any_python(|python| {
        for seed in 0..3 {
            let verdict = verdict(&scenario, python, &options(|options| options.seed = seed));
            assert_eq!(counts(&verdict), ("1".into(), "720".into()), "seed {seed}: {:?}", verdict.notes);
            let victims = of_kind(&verdict, FindingKind::Victim);
            assert_eq!(victims.len(), 1, "seed {seed}");
            let names: Vec<&str> =
                victims[0].witness.iter().map(|&test| verdict.scenario.tests[test].name.as_str()).collect();
            assert_eq!(names, ["c", "a", "e", "b", "d", "v"], "seed {seed}");
            assert_eq!(verdict.judgement, Judgement::Differs, "it is not declared");
        }
    });
}

#[test]
fn states_that_copies_of_one_process_share_are_told_apart() {
    // Copies of a process have one position in an open file: whoever moves it moves it for all.
    let scenario = scenario(
        "title = \"The position in an open file\"\n\
         setup = [{ write = \"data\", text = \"0123456789\" }, { exec = \"import os; os.dup2(os.open('data', os.O_RDONLY), 60)\" }]\n\
         [clock]\ntimestamps = [\"1s\"]\n\
         [[test]]\nname = \"p\"\nsteps = [{ exec = \"import os; os.lseek(60, 1, 1)\" }]\n\
         [[test]]\nname = \"q\"\nsteps = [{ exec = \"import os; os.lseek(60, 1, 1)\" }]\n\
         [[test]]\nname = \"v\"\nsteps = [{ exec = \"import os; assert os.lseek(60, 0, 1) < 2\" }]\n",
    );
    pythons::any_python(|python| {
        let verdict = verdict(&scenario, python, &options(|options| options.jobs = 1));
        assert_eq!(counts(&verdict), ("2".into(), "6".into()), "{:?}", verdict.notes);
        let victims = of_kind(&verdict, FindingKind::Victim);
        assert_eq!(victims.len(), 1, "{:?}", verdict.findings);
        assert_eq!((victims[0].others.len(), victims[0].test), (2, 2));
        assert_eq!(verdict.findings.len(), 1, "nothing is left to chance");
    });
}

#[test]
fn a_step_that_fails_by_chance_is_a_finding_of_its_own_and_blames_nobody() {
    let text = "title = \"A coin\"\n\
         [clock]\ntimestamps = [\"1s\"]\n\
         [[test]]\nname = \"one\"\nsteps = [{ exec = \"pass\" }]\n\
         [[test]]\nname = \"coin\"\nsteps = [{ exec = \"pass\" }, { exec = \"import os; assert bytearray(os.urandom(1))[0] < 128\" }]\n\
         [[test]]\nname = \"two\"\nsteps = [{ exec = \"pass\" }]\n\
         [[test]]\nname = \"three\"\nsteps = [{ exec = \"pass\" }]\n";
    // It is tossed some twenty times: that it always falls on one side is no case.
    pythons::each_python(|python| {
        let found = verdict(&scenario(text), python, &RunOptions::default());
        assert_eq!(found.findings.len(), 1, "{:?}", found.findings);
        let coin = &found.findings[0];
        assert_eq!((coin.kind, coin.test), (FindingKind::Nondeterministic, 1));
        assert_eq!(coin.failing_step.map(|place| place.step), Some(2));
        assert!(
            coin.outcomes.len() == 2 && coin.outcomes.iter().all(|seen| seen.times > 0),
            "{:?}",
            coin.outcomes
        );
        assert_eq!(found.judgement, Judgement::Differs);
        let known = format!("{text}[[nondeterministic]]\ntest = \"coin\"\n");
        let declared = verdict(&scenario(&known), python, &RunOptions::default());
        assert_eq!(declared.judgement, Judgement::AsDeclared, "{:?}", declared.findings);
    });
}

#[test]
fn what_differs_from_start_to_start_is_chance_too() {
    // Within one interpreter all copies agree: only another one shows it.
    let scenario = scenario(
        "title = \"A number drawn at the start\"\n\
         setup = [{ exec = \"import os; os.environ['DRAWN'] = str(bytearray(os.urandom(1))[0])\" }]\n\
         [clock]\ntimestamps = [\"1s\"]\n\
         [[test]]\nname = \"one\"\nsteps = [{ exec = \"import os; raise ValueError(os.environ['DRAWN'])\" }]\n\
         [[test]]\nname = \"two\"\nsteps = [{ exec = \"pass\" }]\n",
    );
    pythons::any_python(|python| {
        let verdict = verdict(&scenario, python, &RunOptions::default());
        assert_eq!(of_kind(&verdict, FindingKind::Nondeterministic).len(), 1, "{:?}", verdict.findings);
        assert_eq!(verdict.findings.len(), 1, "{:?}", verdict.findings);
    });
}

#[test]
fn few_orderings_enter_all_merged_states_otherwise() {
    let mut text = String::from("title = \"t\"\n[clock]\ntimestamps = [\"1s\"]\n");
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        text += &format!("[[test]]\nname = \"{name}\"\nsteps = [{{ touch = \".\" }}]\n");
    }
    let scenario = scenario(&text);
    let model = choose::built_in(Version::new(3, 12, 0));
    for seed in 0..5 {
        let all = verdict(&scenario, &model, &options(|options| options.seed = seed)).audit;
        assert_eq!(all.covered, all.merged_entries);
        assert!(all.merged_entries > 250 && all.orderings < 200, "{all:?}");
        let few = verdict(&scenario, &model, &options(|options| (options.seed, options.audit) = (seed, 16)));
        assert_eq!(few.audit.orderings, 16);
        assert!(few.audit.covered >= 60, "16 orderings of 7 steps: {:?}", few.audit);
        assert!(few.notes.iter().any(|note| note.code() == "audit-incomplete"), "{:?}", few.notes);
    }
}

#[test]
fn what_was_performed_to_the_end_is_counted_exactly_where_a_walk_is_cut_short() {
    let scenario = scenario(
        include_str!("../cli/long.toml").replace("{ exec = \"pass\" }", "{ mkdir = \"x\" }").as_str(),
    )
    .restricted(&[0, 1]);
    let model = choose::built_in(Version::new(3, 12, 0));
    let timestamps = &scenario.timestamps[0];
    let mut partial = 0;
    for states in [1, 3, 8, 12, 20, 24, 28, 32, 10_000] {
        let mut explorer = Explorer::new(Lab::new(&scenario, &model, timestamps), true).unwrap();
        let budget = Budget::default().with_states(states);
        let reach = explorer.cover(&[0, 1], 1, &budget, &|_| {}).unwrap();
        let words = explorer.shape().words_of(&[0, 1]).map(|word| explorer.shape().steps_of(&word));
        let known: Vec<_> = words.filter_map(|steps| explorer.known(&steps)).collect();
        let failing =
            known.iter().filter(|outcomes| outcomes.iter().any(taster::interpreter::Outcome::is_failure));
        let tally = tally(&explorer.graph(), explorer.shape());
        assert_eq!(tally.covered, BigUint::from(known.len()), "{states} states");
        assert_eq!(tally.failing, BigUint::from(failing.count()), "{states} states");
        partial += usize::from(matches!(reach, Reach::Stopped(_)) && !known.is_empty());
        assert_eq!(reach == Reach::Complete, known.len() == 252, "{states} states");
    }
    assert!(partial > 1, "some were cut short with something in hand");
}

#[test]
fn a_search_without_enough_time_is_a_verdict_on_what_it_covered() {
    let scenario = scenario(include_str!("../cli/long.toml"));
    pythons::any_python(|python| {
        let short = options(|options| options.max_time = Duration::from_millis(1_500));
        let began = Instant::now();
        let verdict = verdict(&scenario, python, &short);
        println!("{:?} for 1.5 s", began.elapsed());
        let coverage = &verdict.coverage;
        assert!(coverage.covered > BigUint::ZERO && coverage.covered < coverage.total, "{coverage:?}");
        assert!(coverage.failing <= coverage.covered && coverage.method == Method::Exhaustive);
        assert!(verdict.notes.iter().any(|note| note.code() == "out-of-time"), "{:?}", verdict.notes);
        assert_ne!(verdict.judgement, Judgement::AsDeclared);
        for finding in &verdict.findings {
            let shape = taster::ordering::Shape::of(&scenario);
            let steps = shape.steps_of(&finding.witness);
            assert!(!steps.is_empty() && finding.failing_step.is_some());
        }
    });
}

#[test]
fn hundreds_of_states_deep_no_process_is_kept_for_each() {
    // One test of 260 steps and one of three: at every step of the first the second can begin.
    let steps = |count: usize| vec!["{ exec = \"pass\" }"; count].join(", ");
    let scenario = scenario(&format!(
        "title = \"deep\"\npermute = \"steps\"\n[clock]\ntimestamps = [\"1s\"]\n\
         [[test]]\nname = \"long\"\nsteps = [{}]\n[[test]]\nname = \"short\"\nsteps = [{}]\n",
        steps(260),
        steps(1)
    ));
    pythons::any_python(|python| {
        let brief = options(|options| (options.diagnose, options.audit) = (Diagnosis::None, 1));
        let verdict = verdict(&scenario, python, &brief);
        assert_eq!(counts(&verdict), ("0".into(), "261".into()));
    });
}
