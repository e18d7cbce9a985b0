//! How fast the model counts orderings: `cargo bench --bench model`. Each line gives one case; nothing is asserted.

mod modules;

use std::time::Instant;

use taster::budget::Budget;
use taster::layers::{CountLimits, count};
use taster::scenario::Version;

use modules::modules;

/// The version that the model behaves like here.
const VERSION: Version = Version::new(3, 13, 0);

/// The most memory that this process has held, in MiB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib / 1024)
}

/// Processor time of this process, of all its threads.
fn processor_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    u32::try_from(time.tv_sec).map_or(0.0, f64::from) + f64::from(nanos) / 1e9
}

#[expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "it is a command, and the figures are for people"
)]
fn measure(tests: usize, clock: usize, jobs: usize) -> f64 {
    let scenario = modules(tests);
    let timestamps = &scenario.timestamps[clock];
    let limits = CountLimits { jobs, budget: Budget::default() };
    let started = Instant::now();
    let processor = processor_seconds();
    let counted = count(&scenario, timestamps, VERSION, &limits).expect("it can be counted");
    let seconds = started.elapsed().as_secs_f64();
    let processor = processor_seconds() - processor;
    println!(
        "{tests} tests at {}, {jobs} worker(s): {} orderings, {} failing, {} states, {} transitions in {seconds:.3} s, \
         {processor:.3} s of processor time: {:.2} million transitions per second of it; peak so far {} MiB",
        timestamps.written,
        counted.total,
        counted.failing(),
        counted.states,
        counted.transitions,
        counted.transitions as f64 / processor / 1e6,
        peak().map_or_else(|| "?".to_owned(), |peak| peak.to_string()),
    );
    seconds
}

fn main() {
    // `cargo bench` and `cargo test --benches` pass flags of their own; a number asks for that many tests alone.
    let wanted: Option<usize> = std::env::args().find_map(|word| word.parse().ok());
    if let Some(tests) = wanted {
        measure(tests, 0, 1);
        return;
    }
    measure(4, 0, 1);
    compare(8, 0, 5);
    compare(8, 1, 5);
    compare(10, 0, 1);
}

/// One worker and two, turn by turn.
#[expect(clippy::print_stdout, reason = "it is a command")]
fn compare(tests: usize, clock: usize, turns: usize) {
    let measured: Vec<[f64; 2]> =
        (0..turns).map(|_| [measure(tests, clock, 1), measure(tests, clock, 2)]).collect();
    let [one, two] = [0, 1].map(|at| {
        let mut seconds: Vec<f64> = measured.iter().map(|turn| turn[at]).collect();
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    });
    println!("  medians: {one:.3} s and {two:.3} s; two workers are {:.2} times as fast as one", one / two);
}
