//! The command line as types. The options of each subcommand stand beside its code.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command as Process;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::configuration::{Configuration, Misconfigured};
use crate::{help, hunt_arguments};

/// Finds the Python import that poisons the next one.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct CommandLine {
    /// When to use colours
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl CommandLine {
    /// The commands with what their help says beside their options.
    pub(crate) fn described() -> clap::Command {
        help::described(Self::command())
    }

    /// From the arguments of this process, and for a hunt from what is configured where it starts.
    pub(crate) fn from_arguments(here: &Path) -> Result<Self, Misconfigured> {
        let line = Self::described();
        let words = std::env::args_os().map(OsString::into_string).collect::<Result<Vec<_>, _>>();
        let mut matches = match words {
            Ok(words) => {
                let words = hunt_arguments::sorted(words, &line);
                let words = configured(words, &line, here)?;
                line.get_matches_from(words)
            }
            // Words that are not text are for clap to refuse, or paths for other commands.
            Err(_not_text) => line.get_matches(),
        };
        Ok(Self::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| error.exit()))
    }
}

/// The words with what is configured, if they start a hunt. Configured variables are set by starting over with them.
fn configured(words: Vec<String>, line: &clap::Command, here: &Path) -> Result<Vec<String>, Misconfigured> {
    let Some(hunt) = hunt_arguments::hunt(&words, line) else { return Ok(words) };
    let configuration = Configuration::of(here, line)?;
    let missing = |name: &str| std::env::var_os(name).is_none();
    let unset: Vec<_> = configuration.environment.iter().filter(|(name, _)| missing(name)).cloned().collect();
    if !unset.is_empty()
        && let Ok(program) = std::env::current_exe()
    {
        let error = Process::new(program).args(std::env::args_os().skip(1)).envs(unset).exec();
        return Err(Misconfigured::because(&error));
    }
    Ok(configuration.complete(words, hunt))
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

/// One subcommand.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find the order-dependent tests of a real pytest or unittest suite and explain them
    Hunt(crate::hunt::HuntOptions),
    /// Perform scenarios in every order and compare the findings with the declared ones
    Run(crate::run::RunOptions),
    /// Show the mistakes in scenario files, and in the Python in them; runs nothing of them
    Check(crate::check::CheckOptions),
    /// Perform one ordering and show each step with its virtual time and outcome
    Replay(crate::replay::ReplayOptions),
    /// Show how a poisoning depends on a sleep and on the granularity of timestamps
    Sweep(crate::sweep::SweepOptions),
    /// Find the smallest set of tests that makes a test fail in one ordering, with few runs
    Bisect(crate::bisect::BisectOptions),
    /// Print a stand-alone Python script that reproduces a finding
    Emit(crate::emit::EmitOptions),
    /// Explain a cause: what happens, when, and what fixes it
    Explain(crate::explain::ExplainOptions),
    /// List the interpreters that taster finds
    Pythons(crate::pythons::PythonsOptions),
    /// Print the JSON Schema of the scenario format
    Schema,
    /// Import every module of a package first, then after every other, and show what depends on the order
    Package(crate::package::PackageOptions),
    /// Join the reports of the shards of one run, hunt or package into one report
    Merge(crate::merge::MergeOptions),
    /// Show what is configured for hunts in this directory: [tool.taster] in pyproject.toml, or taster.toml
    Config,
    /// Print what a shell needs to complete the words of this command line
    Completions(crate::completions::CompletionsOptions),
    /// Print the manual, or write a page for each command
    Man(crate::man::ManOptions),
    /// Keep a suite's processes and files apart: taster starts itself so, for a hunt
    #[command(hide = true)]
    Keep,
}
