//! TOML -> [`Scenario`], collecting every problem of a file at once. The modules below hold the rules of single
//! values; `problem` displays problems.

mod argument;
mod check;
mod clock;
pub(super) mod declaration;
pub(super) mod duration;
mod entries;
pub(super) mod keys;
pub(super) mod limits;
mod literal;
mod meaning;
mod mtime;
mod name;
mod overflow;
mod reader;
mod real_code;
mod spelling;
pub(super) mod step;
mod syntax;
mod test;

use std::path::{Path, PathBuf};

use toml::de::DeTable;

pub use self::argument::DurationError;
use self::declaration::KnownNames;
pub use self::duration::PRESETS;
use self::reader::{Field, Fields, Reader};
use super::problem::{Problem, Problems};
use super::{Permute, Scenario};

/// The number of problems of either kind (of TOML, of the format) that are reported; the rest are only counted,
/// because nobody reads them and each is shown with its place.
const MOST: usize = 200;

/// Why a scenario file could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The file is not a valid scenario.
    #[error(transparent)]
    Problems(#[from] Problems),
}

/// Reads the scenario in the file at `path`.
///
/// # Errors
/// Returns an error if the file cannot be read, is not UTF-8, is not TOML, or breaks a rule of the format.
pub fn read(path: &Path) -> Result<Scenario, ReadError> {
    Ok(parse(path, &text_of(path)?)?)
}

/// The text of a scenario file.
pub(super) fn text_of(path: &Path) -> Result<String, ReadError> {
    let bytes = super::files::read_file(path)
        .map_err(|source| ReadError::File { path: path.to_path_buf(), source })?;
    Ok(String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))?)
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Problems {
    let start = error.utf8_error().valid_up_to();
    let text = String::from_utf8_lossy(error.as_bytes());
    let byte = error.as_bytes().get(start).copied().unwrap_or_default();
    let problem = Problem::new(
        start..start + char::REPLACEMENT_CHARACTER.len_utf8(),
        format!("the file is not UTF-8: byte 0x{byte:02x}"),
    );
    Problems::new(path, &text, vec![problem.help("save it as UTF-8")])
}

/// Parses the scenario in `text`. `path` is for messages, and real files are named relative to its directory.
///
/// # Errors
/// Returns every problem of the text.
pub fn parse(path: &Path, text: &str) -> Result<Scenario, Problems> {
    let (document, mut errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader::of(path, text);
    let span = document.span();
    let scenario = scenario(&mut reader, path, &Fields::new(document.get_ref(), span));
    let mut found = reader.into_problems();
    if errors.is_empty() && found.is_empty() {
        return Ok(scenario);
    }
    let left_out = errors.len().saturating_sub(MOST) + found.len().saturating_sub(MOST);
    errors.truncate(MOST);
    found.truncate(MOST);
    let mut problems = syntax::reconcile(text, &errors, found);
    if left_out > 0 {
        problems
            .push(Problem::new(text.len()..text.len(), format!("{left_out} more problems are not shown")));
    }
    Err(Problems::new(path, text, problems))
}

fn scenario(reader: &mut Reader, path: &Path, top: &Fields<'_>) -> Scenario {
    reader.unknown_keys(top, &keys::TOP);
    let title = title(reader, top);
    let source = top.get("source").and_then(|field| reader.string(field));
    let permute = top.get("permute").and_then(|field| permute(reader, field));
    let python = top.get("python").and_then(|field| declaration::specifier(reader, field));
    let bytecode = top.get("bytecode").and_then(|field| reader.boolean(field));
    let real = real_code::real_code(reader, top);
    let setup = top.get("setup").map(|field| step::steps(reader, field)).unwrap_or_default();
    let clock = clock::clock(reader, top);
    let (step_timeout, limits) = limits::limits(reader, top);
    let tests = test::tests(reader, top);
    let steps: Vec<_> = setup.iter().chain(tests.iter().flat_map(|test| &test.steps)).collect();
    overflow::overflow(reader, top, &clock, &steps);
    let names = test::names(&tests);
    let known = KnownNames { tests: &names, timestamps: clock.timestamps.as_deref() };
    let declarations = declaration::declarations(reader, top, &known);
    Scenario {
        path: path.to_path_buf(),
        title,
        source: source.map(str::to_owned),
        permute: permute.unwrap_or(Permute::Tests),
        python,
        bytecode: bytecode.unwrap_or(true),
        real,
        setup_names: step::names(&setup),
        setup_lines: step::code_lines(&setup),
        setup: setup.into_iter().map(|placed| placed.step).collect(),
        tests: test::meanings(reader, tests),
        timestamps: clock.timestamps.unwrap_or_default(),
        step_time: clock.step_time,
        measures_steps: clock.measures_steps,
        step_timeout,
        limits,
        declarations,
    }
}

fn title(reader: &mut Reader, top: &Fields<'_>) -> String {
    let Some(field) = top.get("title") else {
        reader.missing(0..0, "title", keys::TOP.name, "title = \"What it shows, in one sentence\"");
        return String::new();
    };
    let title = reader.string(field).unwrap_or("?");
    if title.trim().is_empty() {
        let problem = Problem::new(field.span.clone(), "the title is empty");
        reader.note(problem.help("say in one sentence what the scenario shows"));
    }
    title.to_owned()
}

fn permute(reader: &mut Reader, field: &Field<'_>) -> Option<Permute> {
    match reader.string(field)? {
        "tests" => Some(Permute::Tests),
        "steps" => Some(Permute::Steps),
        other => {
            let problem = Problem::new(field.span.clone(), format!("unknown mode `{other}`"));
            reader.note(problem.help(spelling::help(other, &["tests", "steps"], "the modes are")));
            None
        }
    }
}
