//! The engine on real interpreters: counts, findings, claims, and settings that must not change them (merging, workers).

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::pythons;
use num_bigint::BigUint;
use taster::Places;
use taster::diagnose::Finding;
use taster::explore::{Explorer, Lab, ScriptLine};
use taster::interpreter::{Installation, NoOutcome, choose};
use taster::kind::FindingKind;
use taster::report::{Json, Report, Spellings, Verbosity, explained};
use taster::run::{Diagnosis, RunError, RunOptions, run};
use taster::scenario::{Action, Scenario, Step, Timestamps, parse, read};
use taster::verdict::{Judgement, Method, SecondOpinion, Verdict};

/// `count` tests that each write a module into one directory on `sys.path` and import it, steps permuted.
fn modules(count: usize) -> Scenario {
    let mut text = String::from(
        "title = \"modules\"\npermute = \"steps\"\nsetup = [{ mkdir = \"lib\" }, { sys-path = \"lib\" }]\n",
    );
    for at in 1..=count {
        text += &format!(
            "[[test]]\nname = \"t{at}\"\nsteps = [{{ write = \"lib/m{at}.py\" }}, {{ import = \"m{at}\" }}]\n"
        );
    }
    parse(Path::new("modules.toml"), &text).unwrap()
}

fn options(change: impl FnOnce(&mut RunOptions)) -> RunOptions {
    let mut options = RunOptions::default();
    change(&mut options);
    options
}

fn verdict(
    scenario: &Scenario,
    python: &Installation,
    timestamps: &Timestamps,
    options: &RunOptions,
) -> Verdict {
    run(scenario, python, timestamps, options, &|_| {}).unwrap()
}

fn counts(verdict: &Verdict) -> (String, String, bool) {
    let coverage = &verdict.coverage;
    let complete = coverage.method == Method::Exhaustive && coverage.covered == coverage.total;
    (coverage.failing.to_string(), coverage.total.to_string(), complete)
}

#[test]
fn three_modules_in_one_directory_fail_in_54_of_90_orderings_under_coarse_clocks() {
    let scenario = modules(3);
    pythons::each_python(|python| {
        let coarse = verdict(
            &scenario,
            python,
            &scenario.timestamps[0],
            &options(|options| options.diagnose = Diagnosis::Findings),
        );
        let fine = verdict(
            &scenario,
            python,
            &scenario.timestamps[1],
            &options(|options| options.diagnose = Diagnosis::Findings),
        );
        assert_eq!(counts(&fine), ("0".into(), "90".into(), true));
        assert_eq!(fine.judgement, Judgement::AsDeclared);
        if python.identity.version.major == 2 {
            assert_eq!(counts(&coarse), ("0".into(), "90".into(), true), "2.7 keeps no listing");
            return;
        }
        assert_eq!(counts(&coarse), ("54".into(), "90".into(), true));
        assert_eq!(coarse.judgement, Judgement::Differs, "none of it is declared");
        let pairs: BTreeSet<(Vec<usize>, usize)> =
            coarse.findings.iter().map(|finding| (finding.others.clone(), finding.test)).collect();
        let expected =
            [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)].map(|(other, test)| (vec![other], test));
        assert_eq!(pairs, BTreeSet::from(expected), "every ordered pair is polluter and victim");
        assert!(
            coarse
                .findings
                .iter()
                .all(|finding| finding.kind == FindingKind::Victim && finding.neighbour.is_some())
        );
        assert_eq!(coarse.model, SecondOpinion::Agrees);
    });
}

#[test]
fn merging_keeps_a_large_scenario_small_at_coarse_and_fine_times() {
    let (four, five) = (modules(4), modules(5));
    pythons::any_python(|python| {
        for (scenario, total, most) in [(&four, "2520", 700), (&five, "113400", 2_500)] {
            for timestamps in &scenario.timestamps {
                let brief = options(|options| (options.audit, options.diagnose) = (4, Diagnosis::None));
                let verdict = verdict(scenario, python, timestamps, &brief);
                let (_, covered, complete) = counts(&verdict);
                assert!(complete && covered == total, "{covered} of {total} at {}", timestamps.written);
                assert!(verdict.states < most, "{} states at {}", verdict.states, timestamps.written);
            }
        }
    });
}

/// The verdict as machine output, without its two times.
fn as_json(verdict: &Verdict) -> serde_json::Value {
    let mut line = Vec::new();
    Json::new(&mut line).verdict(verdict.clone()).unwrap();
    let mut value: serde_json::Value = serde_json::from_slice(&line).unwrap();
    for times in ["seconds", "diagnosis_seconds"] {
        value.as_object_mut().unwrap().remove(times);
    }
    value
}

fn shipped() -> Vec<Scenario> {
    let mut paths: Vec<_> =
        std::fs::read_dir("scenarios").unwrap().map(|entry| entry.unwrap().path()).collect();
    // Those of real code have a directory of their own.
    paths.retain(|path| path.is_file());
    paths.sort();
    paths.iter().map(|path| read(path).unwrap()).collect()
}

#[test]
fn merging_and_workers_change_nothing_but_the_effort() {
    pythons::any_python(|python| {
        for scenario in shipped().iter().filter(|scenario| scenario.is_for(&python.identity.version)) {
            let timestamps = &scenario.timestamps[0];
            let json = |merge: bool, jobs: usize| {
                let options = options(|options| {
                    (options.jobs, options.merge) = (jobs, merge);
                    (options.diagnose, options.second_opinion) = (Diagnosis::Findings, false);
                });
                as_json(&verdict(scenario, python, timestamps, &options))
            };
            let (one, two, mut unmerged) = (json(true, 1), json(true, 2), json(false, 2));
            assert_eq!(one.to_string(), two.to_string(), "{}: --jobs changes it", scenario.path.display());
            let mut merged = one;
            for effort in ["states", "transitions", "audited", "audit", "runs", "notes"] {
                merged.as_object_mut().unwrap().remove(effort);
                unmerged.as_object_mut().unwrap().remove(effort);
            }
            assert_eq!(merged, unmerged, "{}: merging changes it", scenario.path.display());
        }
    });
}

/// Findings as machine output, with nothing cut short, and how many of them were carried over. Without merging none is.
/// `None` if the model refuses.
fn all_findings(
    scenario: &Scenario,
    python: &Installation,
    merge: bool,
) -> Option<(serde_json::Value, usize)> {
    let options = options(|options| {
        (options.merge, options.second_opinion) = (merge, false);
        (options.max_time, options.diagnose_time) = (Duration::from_hours(1), Duration::from_hours(1));
    });
    let verdict = match run(scenario, python, &scenario.timestamps[0], &options, &|_| {}) {
        Err(RunError::Interpreter(NoOutcome::Refused { .. })) => return None,
        verdict => verdict.unwrap(),
    };
    let mut findings = as_json(&verdict)["findings"].take();
    let findings_of = findings.as_array_mut().unwrap().iter_mut();
    let carried = findings_of.filter_map(|finding| finding.as_object_mut().unwrap().remove("alike"));
    let carried = carried.filter(serde_json::Value::is_u64).count();
    Some((findings, carried))
}

#[test]
fn what_is_carried_over_to_findings_alike_but_for_names_is_what_performing_it_gives() {
    let four = read(Path::new("scenarios/four-modules.toml")).unwrap();
    pythons::any_python(|python| {
        let of = |scenario: &Scenario, python: &Installation, merge: bool| {
            all_findings(scenario, python, merge).unwrap()
        };
        let ((merged, some), (unmerged, none)) =
            (of(&modules(3), python, true), of(&modules(3), python, false));
        assert_eq!(merged, unmerged);
        let all_but_the_first =
            |findings: &serde_json::Value| findings.as_array().unwrap().len().saturating_sub(1);
        assert_eq!((some, none), (all_but_the_first(&merged), 0));
        // To perform all of it for each of twelve findings takes a CPython minutes, and the model seconds.
        let (merged, some) = of(&four, python, true);
        let (performed, none) = of(&four, &choose::built_in(python.identity.version), false);
        assert_eq!(merged, performed);
        assert_eq!((some, none), (all_but_the_first(&merged), 0));
    });
    let few = |scenario: &Scenario| scenario.tests.len() <= 4;
    let here = |scenario: &Scenario| few(scenario) && scenario.is_for(&model().identity.version);
    for scenario in shipped().into_iter().filter(here) {
        let findings = |merge: bool| all_findings(&scenario, &model(), merge).map(|(findings, _)| findings);
        assert_eq!(findings(true), findings(false), "{}", scenario.path.display());
    }
}

/// What the steps of a script did, as text.
fn alone(explorer: &mut Explorer<'_>, script: &[ScriptLine<'_>]) -> Vec<String> {
    let mut told = Vec::new();
    let watched = explorer.perform_watched(script, &mut |_, step, _| {
        told.push(format!("{:?} {:?} {}", step.outcome, step.began, step.output));
        Ok(())
    });
    watched.unwrap();
    told
}

#[test]
fn scripts_that_share_what_they_have_in_common_do_what_each_does_alone() {
    let scenario = modules(3);
    let refresh = [Step::Interpreter(Action::InvalidateCaches)];
    pythons::any_python(|python| {
        for timestamps in &scenario.timestamps {
            let mut explorer = Explorer::new(Lab::new(&scenario, python, timestamps), true).unwrap();
            let words: Vec<_> = explorer.shape().words_of(&[0, 1, 2]).collect();
            let orderings = words.iter().map(|word| explorer.script(&explorer.shape().steps_of(word)));
            let orderings: Vec<_> = orderings.collect();
            let lacking = orderings.iter().map(|script| script.without(2));
            let refreshing = orderings.iter().map(|script| script.inserted(3, &refresh));
            let scripts: Vec<_> = orderings.iter().cloned().chain(lacking).chain(refreshing).collect();
            for script in scripts.iter().chain(&scripts) {
                let shared = explorer.perform(script).unwrap();
                let shared =
                    shared.iter().map(|step| format!("{:?} {:?} {}", step.outcome, step.began, step.output));
                assert_eq!(shared.collect::<Vec<_>>(), alone(&mut explorer, script));
            }
            // Each was performed alone twice, and with the others at most once: the second time it was remembered.
            let together = explorer.scripts_performed() - 2 * scripts.len() as u64;
            assert!(together <= scripts.len() as u64, "{together} of {}", scripts.len());
        }
    });
}

#[test]
fn the_model_agrees_step_by_step_on_every_shipped_scenario_but_those_that_its_page_names() {
    let page = std::fs::read_to_string("docs/model.md").unwrap();
    pythons::asked_for(|python| {
        let (mut refused, mut agreed) = (BTreeSet::new(), 0);
        if python.identity.version.major == 2 {
            println!("the model is like no CPython 2");
            return;
        }
        for scenario in shipped().iter().filter(|scenario| scenario.is_for(&python.identity.version)) {
            for timestamps in &scenario.timestamps {
                let brief = options(|options| (options.audit, options.diagnose) = (0, Diagnosis::None));
                let name = scenario.path.display().to_string();
                match verdict(scenario, python, timestamps, &brief).model {
                    SecondOpinion::Agrees => agreed += 1,
                    SecondOpinion::Refused(reason) => {
                        let file = scenario.path.file_name().unwrap().to_str().unwrap();
                        assert!(
                            page.contains(&format!("`{file}`")),
                            "{file} is refused and not named: {reason}"
                        );
                        refused.insert(file.to_owned());
                    }
                    other => {
                        panic!("{name} on {} at {}: {other:?}", python.identity.label, timestamps.written)
                    }
                }
            }
        }
        println!(
            "{}: {agreed} pairs of scenario and timestamps agree; refused: {refused:?}",
            python.identity.label
        );
        assert!(refused.len() <= 4 && agreed > 0);
    });
}

#[test]
fn what_module_code_prints_is_kept_with_the_finding() {
    let scenario = read(Path::new("tests/cli/prints.toml")).unwrap();
    pythons::any_python(|python| {
        let depth = options(|options| options.diagnose = Diagnosis::Findings);
        let verdict = verdict(&scenario, python, &scenario.timestamps[0], &depth);
        assert_eq!(verdict.findings[0].output, "hello\n");
    });
}

#[test]
fn claims_and_probabilities_agree() {
    let model = model();
    let full = options(|options| (options.diagnose, options.second_opinion) = (Diagnosis::Full, false));
    let mut decided = 0;
    for scenario in &shipped() {
        for timestamps in &scenario.timestamps {
            let Ok(verdict) = run(scenario, &model, timestamps, &full, &|_| {}) else { continue };
            for probability in verdict.findings.iter().filter_map(|finding| finding.probability.as_ref()) {
                assert!(probability.value() > 0.0, "{}: found, and never so", scenario.path.display());
                decided += usize::from(probability.is_decided());
            }
        }
    }
    assert!(decided > 0, "nothing was judged");
    // Each of them alone fails wherever it begins on a tick, and passes if a tick falls between its imports.
    let text = "title = 't'\nsetup = [{ mkdir = 'd' }, { sys-path = 'd' }]\n[clock]\ntimestamps = ['1s']\n[[test]]\n\
                name = 'both'\nsteps = [{ write = 'd/a.py' }, { import = 'a' }, { write = 'd/b.py' }, { import = 'b' }]\n";
    let scenario = parse(Path::new("both.toml"), text).unwrap();
    let verdict = verdict(&scenario, &model, &scenario.timestamps[0], &full);
    let told = explained(verdict, Verbosity::Everything, &Spellings::default());
    assert!(told.contains("both fails in every ordering that begins on a tick"), "{told}");
    assert!(told.contains("fails 99.9998 % of the time at 1s"), "{told}");
}

#[test]
fn every_failing_ordering_of_a_pair_belongs_to_one_of_its_findings() {
    let model = model();
    let full = options(|options| (options.diagnose, options.second_opinion) = (Diagnosis::Full, false));
    let brief = options(|options| (options.diagnose, options.second_opinion) = (Diagnosis::None, false));
    let mut several = 0;
    for scenario in &shipped() {
        for timestamps in &scenario.timestamps {
            let Ok(verdict) = run(scenario, &model, timestamps, &full, &|_| {}) else { continue };
            let is_victim = |finding: &&Finding| finding.kind == FindingKind::Victim && finding.minimal;
            for finding in verdict.findings.iter().filter(is_victim) {
                let alike: Vec<&Finding> = verdict
                    .findings
                    .iter()
                    .filter(|other| {
                        (other.kind, other.test, &other.others)
                            == (finding.kind, finding.test, &finding.others)
                    })
                    .collect();
                let shares: Option<Vec<_>> = alike.iter().map(|finding| finding.share.as_ref()).collect();
                let Some(shares) = shares else { continue };
                let name = &scenario.tests[finding.test].name;
                let pair: Vec<usize> = finding.others.iter().copied().chain([finding.test]).collect();
                let alone = scenario.restricted(&pair);
                let counted = run(&alone, &model, timestamps, &brief, &|_| {}).unwrap();
                let at = alone.test_named(name).unwrap();
                let sum = shares.iter().fold(BigUint::ZERO, |sum, share| sum + &share.failing);
                assert_eq!(sum, counted.tests[at].failing, "{name} of {}", scenario.path.display());
                assert!(shares.iter().all(|share| share.total == counted.coverage.total));
                several += usize::from(alike.len() > 1);
            }
        }
    }
    assert!(several > 0, "no pair had two causes");
}

fn model() -> Installation {
    choose::choose(&["model:3.11"], &Places::default()).unwrap().remove(0)
}
