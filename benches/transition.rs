//! What one transition costs, in CPU time of all processes, against one bare fork, exit and wait of the same started
//! interpreter. Prints ratios; asserts nothing.
#![allow(clippy::print_stdout, reason = "its results are for people")]

mod pairs;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use rustix::process::{WaitOptions, getpid, set_child_subreaper, wait};
use taster::interpreter::cpython::discover::{Places, discover};
use taster::interpreter::cpython::{CPython, Program};
use taster::interpreter::{Ask, Installation, Interpreter, Keep, Kind};
use taster::scenario::{Scenario, Step, parse};
use taster::world::World;

/// How often one interpreter is started to learn what it takes.
const STARTS: u32 = 40;

fn main() {
    // Copies that an ended interpreter leaves behind count too: this process waits for them.
    set_child_subreaper(Some(getpid())).expect("Linux has subreapers");
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = filter.as_deref().unwrap_or("cpython-3.11");
    match find(wanted) {
        Some(installation) => measure(&installation),
        None => println!("not run: no {wanted} was found"),
    }
}

/// An interpreter of this label, none of whose processes has been started yet.
fn find(label: &str) -> Option<Installation> {
    let found = discover(&Places::from_variables(|name| std::env::var_os(name)));
    found.into_iter().find(|one| one.identity.kind == Kind::CPython && one.identity.label == label)
}

fn measure(installation: &Installation) {
    println!("{}", installation.identity.label);
    let bare = bare_fork(installation);
    println!("  bare fork + exit + wait: {:.0} us of CPU", bare * 1e6);
    for fingerprint in [false, true] {
        let import = import_transition(&installation.identity.label, fingerprint);
        let with = if fingerprint { "with" } else { "without" };
        println!("  an import {with} fingerprint: {:.0} us, {:.2} forks", import * 1e6, import / bare);
    }
    let (free, confined) = (started(&installation.clone().unconfined()), started(installation));
    println!(
        "  a start and its end: {:.1} ms, confined {:.1} ms, {:.2} times as long",
        free * 1e3,
        confined * 1e3,
        confined / free
    );
}

/// Seconds that it takes to start an interpreter and to end it: the median.
fn started(installation: &Installation) -> f64 {
    let mut all: Vec<f64> = (0..2 * STARTS)
        .map(|_| {
            let began = Instant::now();
            drop(CPython::start(installation, Program::default()).expect("it starts"));
            began.elapsed().as_secs_f64()
        })
        .collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Seconds of CPU that one fork of a started interpreter takes, with the child's exit.
fn bare_fork(installation: &Installation) -> f64 {
    const COUNT: u32 = 2000;
    let code = pairs::copying(COUNT);
    let path = installation.identity.path.clone().expect("a CPython has a path");
    let before = cpu_of_children();
    let status = Command::new(path).args(["-s", "-S", "-c", &code]).env_clear().status();
    assert!(status.expect("the interpreter starts").success());
    (cpu_of_children() - before) / f64::from(COUNT)
}

/// Seconds of CPU that one import in a forked copy takes, with the way back. The interpreter is ended at the end: only then does the
/// system say what it took.
fn import_transition(label: &str, fingerprint: bool) -> f64 {
    const COUNT: u32 = 1000;
    let scenario = tests(5);
    let before = cpu_of_all();
    {
        let installation = find(label).expect("it was there");
        let mut python = CPython::start(&installation, Program::of(&scenario)).expect("it starts");
        let mut world = World::new(scenario.timestamps[0].tick);
        let mut steps = scenario.steps().peekable();
        let ask = |keep| Ask { keep, fingerprint };
        while let Some(step) = steps.next() {
            match step {
                Step::World(operation) => world.perform(operation).expect("it can be done"),
                Step::Interpreter(action) if steps.peek().is_none() => {
                    for _ in 0..COUNT {
                        python.descend(action, &world, ask(Keep::State)).expect("it answers");
                        python.ascend().expect("it goes back");
                    }
                }
                Step::Interpreter(action) => {
                    world = python.descend(action, &world, ask(Keep::Nothing)).expect("it answers").world;
                }
            }
        }
    }
    (cpu_of_all() - before) / f64::from(COUNT)
}

fn tests(count: usize) -> Scenario {
    parse(Path::new("tests.toml"), &pairs::text(count)).expect("the scenario is sound")
}

fn cpu_of_all() -> f64 {
    while wait(WaitOptions::NOHANG).is_ok_and(|ended| ended.is_some()) {}
    let times = cpu_times();
    times.iter().sum()
}

fn cpu_of_children() -> f64 {
    let [_, _, user, system] = cpu_times();
    user + system
}

/// Seconds: of this process and of its ended children, user and system each (Linux).
fn cpu_times() -> [f64; 4] {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let mut ticks = fields.skip(11).map(|field| field.parse().unwrap_or(0.0) / 100.0);
    [(); 4].map(|()| ticks.next().unwrap_or(0.0))
}
