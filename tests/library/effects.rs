//! Where a scenario outgrows walking, the model counts, and the interpreter performs every distinct effect: on real interpreters,
//! with scenarios that are small enough to be walked too, and against models with a defect.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::path::Path;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use taster::budget::Budget;
use taster::explore::{
    Abreast, ComparedOrderings, Disagreement, ExploreError, Performer, Script, compare_along, shorten,
};
use taster::interpreter::choose::built_in;
use taster::interpreter::model::Model;
use taster::interpreter::{
    Ask, Identity, Inspection, Installation, Interpreter, Landing, NoOutcome, Outcome,
};
use taster::layers::{CountLimits, EffectsPlan, ItineraryWish, LayersError, count, plan_effects};
use taster::note::Note;
use taster::ordering::{Counter, Sampler, Shape};
use taster::run::{Diagnosis, RunOptions, run};
use taster::scenario::{Action, Scenario, Step, Version, files_in, parse, read};
use taster::verdict::{Judgement, Method, Verdict};
use taster::world::{EntryPath, Nanos, World};

use crate::modules::modules;
use crate::pythons::{any_python, asked_for};

const VERSION: Version = Version::new(3, 11, 7);

/// Steps that are enough to complete the orderings of small scenarios.
const MANY: usize = 4_000;

fn planned(scenario: &Scenario, seed: u64, jobs: usize) -> Result<EffectsPlan, LayersError> {
    planned_within(scenario, (seed, MANY), jobs)
}

fn planned_within(
    scenario: &Scenario,
    (seed, steps): (u64, usize),
    jobs: usize,
) -> Result<EffectsPlan, LayersError> {
    let wish = ItineraryWish { seed, contexts: 2, steps, budget: Budget::default() };
    let limits = CountLimits { jobs, budget: Budget::default().with_states(50_000) };
    plan_effects(scenario, &scenario.timestamps[0], VERSION, &limits, &wish)
}

fn options(change: impl FnOnce(&mut RunOptions)) -> RunOptions {
    let mut options = RunOptions::default();
    options.diagnose = Diagnosis::None;
    change(&mut options);
    options
}

fn verdict(scenario: &Scenario, python: &Installation, options: &RunOptions) -> Verdict {
    run(scenario, python, &scenario.timestamps[0], options, &|_| {}).unwrap()
}

/// In how many orderings a test fails, and in how many each does.
fn failing(verdict: &Verdict) -> Vec<String> {
    let each = verdict.tests.iter().map(|test| &test.failing);
    std::iter::once(&verdict.coverage.failing).chain(each).map(ToString::to_string).collect()
}

fn is_confirmed(verdict: &Verdict) -> bool {
    let confirmed =
        |method| matches!(method, Method::Effects(effects) if effects.confirmed == effects.distinct);
    confirmed(verdict.coverage.method) && verdict.coverage.is_complete()
}

#[test]
fn confirmed_effects_count_as_walking_does() {
    let scenario = modules(4);
    asked_for(|python| {
        let walked = verdict(&scenario, python, &options(|_| {}));
        assert_eq!(walked.coverage.method, Method::Exhaustive);
        let small = verdict(&scenario, python, &options(|options| options.max_states = 50));
        if python.identity.version.major < 3 {
            assert!(matches!(small.coverage.method, Method::Sampled { .. }), "{:?}", small.coverage);
            assert!(small.notes.iter().any(|note| note.code() == "not-counted"), "{:?}", small.notes);
            return;
        }
        assert!(is_confirmed(&small), "{:?}", small.coverage);
        assert_eq!(failing(&small), failing(&walked));
        assert_eq!(small.coverage.total, walked.coverage.total);
        assert!(small.notes.iter().any(|note| matches!(note, Note::Effects(_))));
    });
}

#[test]
fn findings_beside_confirmed_effects_are_those_of_walking() {
    let scenario = read(Path::new("scenarios/four-modules.toml")).unwrap();
    any_python(|python| {
        let findings = |most: Option<u64>| {
            let change = |options: &mut RunOptions| {
                options.diagnose = Diagnosis::Findings;
                options.max_states = most.unwrap_or(options.max_states);
            };
            let verdict = verdict(&scenario, python, &options(change));
            assert_eq!(verdict.judgement, Judgement::AsDeclared, "{:?}", verdict.notes);
            assert_eq!(is_confirmed(&verdict), most.is_some());
            let named = |finding: &taster::Finding| (finding.kind, finding.others.clone(), finding.test);
            verdict.findings.iter().map(named).collect::<BTreeSet<_>>()
        };
        let walked = findings(None);
        assert!(!walked.is_empty());
        assert_eq!(findings(Some(80)), walked);
    });
}

#[test]
fn what_the_model_cannot_count_is_sampled_and_the_report_says_so() {
    let text = "title = \"refused\"\n[[test]]\nname = \"a\"\nsteps = [{ exec = \"import os; os.getpid()\" }]\n\
                [[test]]\nname = \"b\"\nsteps = [{ mkdir = \"d\" }]\n[[test]]\nname = \"c\"\nsteps = [{ mkdir = \"e\" }]\n";
    let scenario = parse(Path::new("refused.toml"), text).unwrap();
    any_python(|python| {
        let verdict = verdict(&scenario, python, &options(|options| options.max_states = 2));
        assert!(matches!(verdict.coverage.method, Method::Sampled { .. }));
        let reasons = verdict.notes.iter().filter(|note| matches!(note, Note::NotCounted(_))).count();
        assert_eq!(reasons, 1, "{:?}", verdict.notes);
    });
}

#[test]
fn without_a_second_opinion_the_model_counts_nothing() {
    let scenario = modules(3);
    any_python(|python| {
        let change = |options: &mut RunOptions| (options.max_states, options.second_opinion) = (10, false);
        let verdict = verdict(&scenario, python, &options(change));
        assert!(matches!(verdict.coverage.method, Method::Sampled { .. }));
        assert!(!verdict.notes.iter().any(|note| matches!(note, Note::NotCounted(_))));
    });
}

/// For each effect the number of states in which the orderings use it.
fn contexts(plan: &EffectsPlan) -> Vec<usize> {
    let mut contexts = vec![BTreeSet::new(); plan.effects];
    for used in plan.orderings.iter().flat_map(|planned| planned.uses.iter().flatten()) {
        contexts[used.effect as usize].insert(used.context);
    }
    contexts.iter().map(BTreeSet::len).collect()
}

#[test]
fn the_chosen_orderings_use_every_effect_whoever_counts_and_whatever_the_seed() {
    let scenario = modules(4);
    let (shape, names) = (Shape::of(&scenario), ["t0", "t1", "t2", "t3"]);
    let effects = planned(&scenario, 0, 1).unwrap().effects;
    for seed in 0..6 {
        let plan = planned(&scenario, seed, 1).unwrap();
        assert_eq!(plan.effects, effects);
        assert!(contexts(&plan).iter().all(|&contexts| contexts > 0), "{:?}", contexts(&plan));
        for ordering in &plan.orderings {
            assert_eq!(shape.check(&ordering.steps, &names), Ok(()));
        }
        let steps =
            |plan: &EffectsPlan| plan.orderings.iter().map(|one| one.steps.clone()).collect::<Vec<_>>();
        assert_eq!(
            steps(&planned(&scenario, seed, 3).unwrap()),
            steps(&plan),
            "three workers choose the same"
        );
    }
}

#[test]
fn effects_of_shipped_scenarios_are_planned_beside_the_same_counts() {
    let mut planned_some = 0;
    for file in files_in(Path::new("scenarios")).unwrap() {
        let scenario = read(&file).unwrap();
        let Ok(plan) = planned(&scenario, 7, 1) else { continue };
        let counts = count(&scenario, &scenario.timestamps[0], VERSION, &CountLimits::default()).unwrap();
        assert_eq!(plan.counts, counts, "{}", file.display());
        assert!(contexts(&plan).iter().all(|&contexts| contexts > 0), "{}", file.display());
        planned_some += 1;
    }
    assert!(planned_some > 10, "{planned_some} scenarios");
}

/// Steps of all orderings, each with what it shares with the one before.
fn steps_together(plan: &EffectsPlan) -> usize {
    let mut orderings: Vec<&[usize]> = plan.orderings.iter().map(|planned| &planned.steps[..]).collect();
    orderings.sort_unstable();
    let shared =
        |pair: &[&[usize]]| pair[0].iter().zip(pair[1]).take_while(|(one, other)| one == other).count();
    let all: usize = orderings.iter().map(|steps| steps.len()).sum();
    all - orderings.windows(2).map(shared).sum::<usize>()
}

#[test]
fn where_no_steps_are_left_orderings_end_with_what_was_wanted() {
    let scenario = modules(6);
    let shape = Shape::of(&scenario);
    for seed in 0..3 {
        let plan = planned_within(&scenario, (seed, 0), 1).unwrap();
        assert!(contexts(&plan).iter().all(|&contexts| contexts > 0));
        assert!(plan.orderings.iter().any(|planned| planned.steps.len() < 12));
        for planned in &plan.orderings {
            let mut progress = shape.start();
            for &test in &planned.steps {
                assert!(shape.next(&progress).any(|next| next == test), "{:?}", planned.steps);
                progress.step(test);
            }
        }
        // Completed, they would have three times as many.
        let steps = steps_together(&plan);
        assert!(steps < plan.effects * 5 / 4, "{steps} steps for {} effects", plan.effects);
        assert!(steps_together(&planned(&scenario, seed, 1).unwrap()) > plan.effects * 2);
    }
}

/// A model with a defect: a step that reads this fails.
struct Defective {
    model: Model,
    defect: u64,
}

/// What an import reads: whether the module is there, whether its file is, and what the finder of `lib` knows.
fn reading(action: &Action, world: &World, inspection: &Inspection) -> u64 {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let path = |at: &str| EntryPath::new(at).unwrap();
    let Action::Import { module, .. } = action else { return hasher.hash_one(format!("{action:?}")) };
    if inspection.modules.contains_key(module) {
        return hasher.hash_one((module, "there"));
    }
    let listed = inspection.finders.get("$/lib").map(|finder| {
        let finder = finder.as_ref()?;
        let changed = world.get(&path("lib"))?.modified()?.as_cpython_float();
        let is_current = finder.listed_at.is_some_and(|listed| listed.to_bits() == changed.to_bits());
        is_current.then(|| finder.names.clone())
    });
    hasher.hash_one((module, world.get(&path(&format!("lib/{module}.py"))).is_some(), listed))
}

impl Interpreter for Defective {
    fn identity(&self) -> &Identity {
        self.model.identity()
    }

    fn descend(&mut self, action: &Action, world: &World, ask: Ask) -> Result<Landing, NoOutcome> {
        let reads = reading(action, world, &self.model.inspect()?);
        let mut landing = self.model.descend(action, world, ask)?;
        if reads == self.defect {
            landing.outcome = Outcome::failed("Defect", "planted");
        }
        Ok(landing)
    }

    fn ascend(&mut self) -> Result<(), NoOutcome> {
        self.model.ascend()
    }

    fn inspect(&mut self) -> Result<Inspection, NoOutcome> {
        self.model.inspect()
    }
}

fn model(scenario: &Scenario) -> Model {
    Model::start(&built_in(VERSION).identity, scenario.bytecode).unwrap()
}

/// The model on one side, the same with a defect on the other.
fn against(scenario: &Scenario, defect: u64) -> Result<Abreast, ExploreError> {
    let sound = Performer::new(scenario, Box::new(model(scenario)));
    let defective = Performer::new(scenario, Box::new(Defective { model: model(scenario), defect }));
    Abreast::set_up(scenario, &World::new(Nanos::SECOND), [sound, defective])
}

/// What each step of the interpreter reads along an ordering.
fn readings_along(scenario: &Scenario, steps: &[usize]) -> Vec<u64> {
    let mut performer = Performer::new(scenario, Box::new(model(scenario)));
    let (mut world, mut before, mut found) = (World::new(Nanos::SECOND), Inspection::default(), Vec::new());
    let script = Script::with_setup(scenario, steps);
    performer
        .perform_watched(&world.clone(), &script, &mut |line, step, interpreter| {
            if let Step::Interpreter(action) = line.step {
                found.push(reading(action, &world, &before));
            }
            (before, world) = (interpreter.inspect()?, step.world.clone());
            Ok(())
        })
        .unwrap();
    found
}

/// In how many of so many random orderings each reading occurs.
fn readings(scenario: &Scenario, orderings: usize) -> BTreeMap<u64, usize> {
    let shape = Shape::of(scenario);
    let all: Vec<usize> = (0..scenario.tests.len()).collect();
    let counter = Counter::new(&shape, &all).unwrap();
    let mut sampler = Sampler::new(&counter, 1);
    let mut found = BTreeMap::new();
    for _ in 0..orderings {
        let readings: BTreeSet<u64> = readings_along(scenario, &sampler.draw()).into_iter().collect();
        readings.into_iter().for_each(|reading| *found.entry(reading).or_insert(0) += 1);
    }
    found
}

fn compared(scenario: &Scenario, plan: &EffectsPlan, defect: u64) -> ComparedOrderings {
    let mut orderings: Vec<_> = plan.orderings.iter().map(|planned| planned.steps.clone()).collect();
    orderings.sort_unstable();
    orderings.dedup();
    let room = (2, &Budget::default());
    compare_along(scenario, &|| against(scenario, defect), &orderings, room, &|_| {}).unwrap()
}

#[test]
fn a_defect_in_one_rare_effect_is_found_with_every_seed() {
    let scenario = modules(5);
    let (orderings, share) = (1_000, 50);
    let rare: Vec<u64> = readings(&scenario, orderings)
        .into_iter()
        .filter_map(|(reading, times)| (times * share <= orderings).then_some(reading))
        .collect();
    assert!(rare.len() > 10, "{} rare effects", rare.len());
    for seed in 0..20 {
        let defect = *rare.choose(&mut StdRng::seed_from_u64(seed)).unwrap();
        let steps = if seed % 2 == 0 { MANY } else { 0 };
        let plan = planned_within(&scenario, (seed, steps), 1).unwrap();
        let found = compared(&scenario, &plan, defect).disagreement;
        let found = found.unwrap_or_else(|| panic!("seed {seed}: the defect was not found"));
        assert_eq!(found.different.second, "Defect: planted", "seed {seed}");
    }
    let plan = planned(&scenario, 0, 1).unwrap();
    let sound = compared(&scenario, &plan, 0);
    assert_eq!(sound.disagreement, None);
    assert_eq!(sound.outcomes.len(), plan.orderings.len());
}

#[test]
fn a_difference_is_told_with_its_shortest_ordering() {
    let scenario = modules(4);
    // Test 2 imports while the listing, which is believed to be current, has the file of test 0 alone.
    let needed = vec![0, 0, 2, 2];
    let last = *readings_along(&scenario, &needed).last().unwrap();
    let plan = planned(&scenario, 3, 1).unwrap();
    let found = compared(&scenario, &plan, last).disagreement.expect("the defect is found");
    let make = || against(&scenario, last);
    let shortest = shorten(&scenario, &make, found, &Budget::default()).unwrap();
    assert_eq!(shortest.steps, needed);
    assert_shortest_is_kept(&scenario, shortest);
}

/// Where nothing can be left out, and where it is not seen again, a disagreement stays as it is.
fn assert_shortest_is_kept(scenario: &Scenario, shortest: Disagreement) {
    let again = shorten(scenario, &|| against(scenario, 0), shortest.clone(), &Budget::default()).unwrap();
    assert_eq!(again, shortest);
}
