//! Random scenarios on the model and on real `CPythons`, side by side: `cargo run --release --example fuzz -- 10000 3.8 3.13`.
//! The first difference of each version is shrunk and shown.

#[path = "../tests/agreement/mod.rs"]
mod agreement;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

use agreement::plan::{Plan, plan, script};
use agreement::{Pair, installations};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use taster::interpreter::Installation;

/// What a run over one version met.
#[derive(Debug, Default)]
struct Met {
    scenarios: usize,
    orderings: usize,
    steps: usize,
    refused: BTreeMap<String, usize>,
}

#[expect(clippy::print_stdout, reason = "it is a command")]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let cases = arguments.next().and_then(|word| word.parse().ok()).unwrap_or(100);
    let (seeds, versions): (Vec<String>, Vec<String>) = arguments.partition(|word| word.starts_with("seed="));
    let seed = seeds.first().and_then(|word| word[5..].parse().ok()).unwrap_or(1);
    for installation in installations() {
        let version = installation.identity.version.short();
        if versions.is_empty() || versions.contains(&version) {
            println!("{}", fuzz(&installation, cases, seed));
        }
    }
}

fn fuzz(installation: &Installation, cases: u32, seed: u64) -> String {
    let started = Instant::now();
    let start = |bytecode| Pair::start(installation, bytecode).expect("the interpreter starts");
    let pairs = RefCell::new([start(false), start(true)]);
    let met = RefCell::new(Met::default());
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 4_000,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&plan(), |plan| {
        let mut pairs = pairs.borrow_mut();
        judge(&mut pairs[usize::from(plan.bytecode)], &plan, &mut met.borrow_mut())
    });
    let met = met.into_inner();
    let mut lines = vec![format!(
        "{}: {} scenarios, {} orderings, {} steps in {:.0} s; {} orderings refused",
        installation.identity.label,
        met.scenarios,
        met.orderings,
        met.steps,
        started.elapsed().as_secs_f64(),
        met.refused.values().sum::<usize>(),
    )];
    lines.extend(met.refused.iter().map(|(reason, count)| format!("  {count:>6} {reason}")));
    lines.push(match result {
        Ok(()) => "  no difference".to_owned(),
        Err(TestError::Fail(reason, plan)) => format!(
            "  DIFFERENCE {reason}\n bytecode {}, tick {}, step-time {}",
            plan.bytecode, plan.tick, plan.step_time
        ),
        Err(problem) => format!("  {problem}"),
    });
    lines.join("\n")
}

fn judge(pair: &mut Pair, plan: &Plan, met: &mut Met) -> Result<(), TestCaseError> {
    met.scenarios += 1;
    for steps in plan.orderings() {
        met.orderings += 1;
        match pair.compare(&steps, plan.tick, plan.step_time) {
            Ok(compared) => {
                met.steps += compared.steps;
                if let Some(reason) = compared.refused {
                    let reason = reason.split(" (").next().unwrap_or_default().to_owned();
                    *met.refused.entry(reason).or_default() += 1;
                }
            }
            Err(difference) => {
                let shown = script(&steps[..=difference.at]);
                return Err(TestCaseError::fail(format!("{difference}\n{shown}")));
            }
        }
    }
    Ok(())
}
