//! Shards on engines that exist: `cargo nextest run --partition`, and an array job of SLURM on a cluster of one machine, which
//! `start` starts and ends.

mod nextest;
mod slurm;

use std::path::Path;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for (missing, of_engine) in [(nextest::missing(), nextest::trials()), (slurm::missing(), slurm::trials())]
    {
        if let Some(why) = &missing {
            eprintln!("not run: {why}");
        }
        trials.extend(of_engine.into_iter().map(|trial: Trial| trial.with_ignored_flag(missing.is_some())));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Whether there is such a program.
fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// What a command wrote, if it succeeded. These run on the model, which is no Python, whatever the caller requires.
fn said(command: &mut Command) -> Result<String, Failed> {
    command.env_remove("TASTER_REQUIRE_PYTHON");
    let output = command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).output()?;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        Ok(stdout.into_owned())
    } else {
        Err(Failed::from(format!("{command:?}: {}\n{stdout}\n{stderr}", output.status)))
    }
}
