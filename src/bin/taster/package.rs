//! `taster package`: options in, report out; the survey itself is `taster::package`.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use clap::ValueEnum;
use taster::budget::Interruption;
use taster::interpreter::{Installation, Kind};
use taster::package::{self, PackageError, PackagePass, PackageReport, PackageSettings, ShardOfPackage};
use taster::report::{self, Account};
use taster::shard::Shard;

use crate::format::{Format, print};
use crate::progress::Progress;
use crate::pythons_option::InterpreterOptions;
use crate::report_options::{self, ReportOptions};
use crate::shard_option::ShardOptions;
use crate::status::{CommandError, Status, complain};
use crate::{jobs, time};

/// Options of `taster package`.
#[derive(Debug, clap::Args)]
pub(crate) struct PackageOptions {
    /// The package: its name, or the path of its directory
    #[arg(value_name = "NAME")]
    package: PathBuf,
    #[command(flatten)]
    interpreters: InterpreterOptions,
    /// A directory that comes first on sys.path, such as src; repeatable
    #[arg(long, value_name = "DIR")]
    path: Vec<PathBuf>,
    /// Survey again without the package's bytecode, compiled from its sources
    #[arg(long, value_enum, value_name = "KIND")]
    bytecode: Option<BytecodeOption>,
    /// Survey again with frozen modification times: no directory seems ever to change
    #[arg(long, value_enum, value_name = "KIND")]
    timestamps: Option<TimesOption>,
    /// Survey the package's own tests too (modules and packages named test, tests, `test_*` or conftest)
    #[arg(long)]
    tests: bool,
    /// Begin every pair in a fresh interpreter, without modules of the standard library loaded beforehand: slower
    #[arg(long)]
    fresh: bool,
    /// Time limit for the survey (90s, 10m)
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = time::real)]
    budget: Duration,
    /// Time limit for one import
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time::real)]
    import_timeout: Duration,
    /// Number of imports at the same time [default: one per core]
    #[arg(long, value_name = "N", value_parser = jobs::number)]
    jobs: Option<NonZero<usize>>,
    /// Write a scenario for each finding that one can say into this directory
    #[arg(long, value_name = "DIR")]
    emit: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "terminal")]
    format: Format,
    #[command(flatten)]
    shard: ShardOptions,
    #[command(flatten)]
    reports: ReportOptions,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum BytecodeOption {
    Off,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TimesOption {
    Frozen,
}

/// Surveys the package on each interpreter.
pub(crate) fn package(options: &PackageOptions) -> Result<Status, CommandError> {
    let interruption = Interruption::on_ctrl_c();
    let mut worst = Status::AsDeclared;
    let installations = options.interpreters.installations()?;
    let real: Vec<_> = installations.into_iter().filter(|found| found.identity.kind != Kind::Model).collect();
    if real.is_empty() {
        return Err(CommandError::CouldNot(
            "a package is surveyed on a real Python, which the model is not; --python names one".into(),
        ));
    }
    options.reports.check(options.format)?;
    options.emit.as_deref().map_or(Ok(()), report_options::make_folder)?;
    let shard = options.shard.shard()?;
    let surveys: Vec<PackageSettings> = real
        .into_iter()
        .map(|installation| options.settings(installation, shard, &interruption))
        .collect::<Result<_, _>>()?;
    options.tell_shard(shard, &surveys)?;
    let mut reports = Vec::new();
    for (part, settings) in surveys.iter().enumerate() {
        let progress = Progress::of_package();
        let seen = package::survey(settings, &|event| progress.package(event));
        progress.finish();
        let seen = seen.map_err(|error| options.could_not(&error, settings))?;
        let surveyed = seen.report();
        print(&match (options.format, shard) {
            (Format::Terminal, _) => report::surveyed(&surveyed),
            (Format::Json, None) => report::surveyed_json(&surveyed),
            (Format::Json, Some(shard)) => {
                report::surveyed_part_json(shard, part, &seen).map_err(CommandError::because)?
            }
        })?;
        worst = worst.max(status(&surveyed));
        if let Some(folder) = &options.emit {
            emit(&surveyed, settings, folder).map_err(|error| {
                CommandError::CouldNot(format!("cannot write to {}: {error}", folder.display()))
            })?;
        }
        reports.push(surveyed);
    }
    let here = std::env::current_dir().unwrap_or_default();
    options.reports.write(&Account::of_package(&reports, report_options::top(&here)))?;
    Ok(worst)
}

/// Writes the scenarios, and says how many findings have none.
fn emit(report: &PackageReport, settings: &PackageSettings, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let place = folder.canonicalize()?;
    let mut written = 0;
    for finding in &report.findings {
        if let Some(scenario) = package::scenario_of(finding, &settings.paths, &place) {
            fs::write(place.join(scenario.file), scenario.text)?;
            written += 1;
        }
    }
    let of = report.findings.len();
    complain(format!("scenarios of {written} of {of} findings are in {}", folder.display()));
    Ok(())
}

/// The exit status.
pub(crate) fn status(report: &PackageReport) -> Status {
    match (report.findings.is_empty(), &report.halted) {
        (false, _) => Status::Differs,
        (true, Some(_)) => Status::Incomplete,
        (true, None) => Status::AsDeclared,
    }
}

impl PackageOptions {
    /// Why there is no survey; of a package that is not there, where to look for it.
    fn could_not(&self, error: &PackageError, settings: &PackageSettings) -> CommandError {
        let PackageError::NoPackage(why) = error else { return CommandError::because(error) };
        let package = self.package.display();
        let hint = if self.package.is_dir() && settings.paths.is_empty() {
            format!("to survey the directory: taster package ./{package}")
        } else {
            "--python names the interpreter that has it, --path DIR a directory to look in".to_owned()
        };
        CommandError::CouldNot(format!("{why} (on {}); {hint}", settings.installation.identity.label))
    }

    /// Says which shard of what this is, if it is one.
    fn tell_shard(&self, shard: Option<Shard>, surveys: &[PackageSettings]) -> Result<(), CommandError> {
        let (Some(shard), Some(first)) = (shard, surveys.first()) else { return Ok(()) };
        let head = ShardOfPackage::new(shard, surveys).map_err(|error| self.could_not(&error, first))?;
        ShardOptions::tell(shard, &head.whole, self.format);
        if self.format == Format::Json {
            print(&report::shard_of_package_json(&head).map_err(CommandError::because)?)?;
        }
        Ok(())
    }

    fn settings(
        &self,
        installation: Installation,
        shard: Option<Shard>,
        interruption: &Interruption,
    ) -> Result<PackageSettings, CommandError> {
        let (package, parent) = named(&self.package)?;
        let paths = parent.iter().chain(&self.path).map(std::path::absolute);
        let bytecode = self.bytecode.map(|_off| PackagePass::WithoutBytecode);
        let times = self.timestamps.map(|_frozen| PackagePass::FrozenTimes);
        let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
        Ok(PackageSettings {
            package,
            paths: paths.collect::<Result<_, _>>().map_err(CommandError::because)?,
            installation,
            passes: [PackagePass::AsItIs].into_iter().chain(bytecode).chain(times).collect(),
            with_tests: self.tests,
            fresh: self.fresh,
            budget: self.budget,
            import_timeout: self.import_timeout,
            jobs: self.jobs.map_or_else(cores, NonZero::get),
            shard,
            interruption: interruption.clone(),
        })
    }
}

/// The package's name; of a path to its directory, also the directory that `sys.path` needs.
fn named(package: &Path) -> Result<(String, Option<PathBuf>), CommandError> {
    let text =
        package.to_str().ok_or_else(|| CommandError::CouldNot("the package's name is no text".into()))?;
    if !text.contains('/') {
        return Ok((text.to_owned(), None));
    }
    let directory = package
        .canonicalize()
        .map_err(|error| CommandError::CouldNot(format!("{}: {error}", package.display())))?;
    let mut names = Vec::new();
    let mut at = directory.as_path();
    loop {
        let name = at.file_stem().and_then(|name| name.to_str());
        names
            .push(name.ok_or_else(|| CommandError::CouldNot(format!("{text} names no package")))?.to_owned());
        let Some(parent) = at.parent() else { break };
        at = parent;
        if !at.join("__init__.py").is_file() {
            break;
        }
    }
    names.reverse();
    Ok((names.join("."), Some(at.to_path_buf())))
}
