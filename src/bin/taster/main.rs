//! The `taster` command: reads the command line and calls one function per subcommand.

mod args;
mod baseline_options;
mod bisect;
mod check;
mod completions;
mod config;
mod configuration;
mod division;
mod emit;
mod explain;
mod files;
mod finding_option;
mod format;
mod help;
mod hunt;
mod hunt_arguments;
mod hunt_places;
mod hunt_python;
mod jobs;
mod lines;
mod man;
mod merge;
mod package;
mod patch_options;
mod phase;
mod progress;
mod pythons;
mod pythons_option;
mod rejected;
mod replay;
mod report_options;
mod run;
mod run_report;
mod schema;
mod search_options;
mod shard_option;
mod side_by_side;
mod status;
mod step_time;
mod sweep;
mod task;
mod time;
mod verify;

use std::process::ExitCode;

use args::{Color, Command, CommandLine};
use status::CommandError;

fn main() -> ExitCode {
    let line = match CommandLine::from_arguments(&here()) {
        Ok(line) => line,
        Err(error) => return status::exit_code(Err(CommandError::because(error))),
    };
    colour(line.color);
    let done = match line.command {
        Command::Run(options) => run::run(&options),
        Command::Check(options) => check::check(&options),
        Command::Replay(options) => replay::replay(&options),
        Command::Sweep(options) => sweep::sweep(&options),
        Command::Emit(options) => emit::emit(&options),
        Command::Explain(options) => explain::explain(&options),
        Command::Bisect(options) => bisect::bisect(&options),
        Command::Merge(options) => merge::merge(&options),
        Command::Pythons(options) => pythons::pythons(&options),
        Command::Schema => schema::schema(),
        Command::Config => config::config(&here(), &CommandLine::described()),
        Command::Completions(options) => completions::completions(&options, CommandLine::described()),
        Command::Man(options) => man::man(&options, CommandLine::described()),
        Command::Hunt(options) => hunt::hunt(&options),
        Command::Package(options) => package::package(&options),
        Command::Keep => hunt::keep(),
    };
    status::exit_code(done)
}

/// The directory in which taster was started.
fn here() -> std::path::PathBuf {
    std::env::current_dir().unwrap_or_default()
}

fn colour(when: Color) {
    let choice = match when {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}
