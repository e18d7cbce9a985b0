//! What can be said on the command line, as types. Each subcommand's own options stand beside its code.

use clap::{Parser, Subcommand, ValueEnum};

/// Finds the Python import that poisons the next one.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, after_help = STATUSES)]
pub(crate) struct CommandLine {
    /// When to use colours
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const STATUSES: &str = "\
Exit status: 0 findings are as declared and the search was complete; 1 they differ; 2 could not judge; 3 as declared as \
far as the search went. Of several scenarios the worst counts: 2, then 1, then 3.";

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
    /// Perform scenarios in every order and compare what is found with what they declare
    Run(crate::run::Options),
    /// Say what is wrong with scenario files; starts no interpreter
    Check(crate::check::Options),
    /// Perform one ordering and show each step with its virtual time and outcome
    Replay(crate::replay::Options),
    /// Show how a poisoning depends on a sleep and on the granularity of timestamps
    Sweep(crate::sweep::Options),
    /// Find the smallest set of tests that make one fail in one ordering, with few runs
    Bisect(crate::bisect::Options),
    /// Print a stand-alone Python script that reproduces a finding
    Emit(crate::emit::Options),
    /// Explain a cause: what happens, when, and what fixes it
    Explain(crate::explain::Options),
    /// List the interpreters that are found
    Pythons(crate::pythons::Options),
    /// Print the JSON Schema of the scenario format
    Schema,
    /// Find the order-dependent tests of a real pytest or unittest suite, and why they are
    Hunt(crate::hunt::Options),
    /// Keep a suite's processes and files apart: taster starts itself so, for a hunt
    #[command(hide = true)]
    Keep,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Terminal,
    /// One JSON object per line
    Json,
}
