//! Asks an interpreter which texts it cannot compile. The texts are compiled in a child process and never run.

use std::io::{self, Seek as _, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::child::Child;
use crate::interpreter::Installation;

/// How long an interpreter may take for all texts.
const PATIENCE: Duration = Duration::from_mins(1);

/// A text, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PythonText<'a> {
    /// The text of a module's file, which may name its encoding.
    File(&'a str),
    /// Statements.
    Statements(&'a str),
    /// An expression; it may go on over several lines.
    Expression(&'a str),
}

/// Why a text does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileFault {
    /// The line, from 1; 0 if it is unknown.
    pub line: usize,
    /// The column in it, from 1; 0 if it is unknown. What it counts (characters, bytes) depends on the version.
    pub column: usize,
    /// The interpreter's message.
    pub message: String,
}

/// Why each of `texts` does not compile on an interpreter, or `None` for those that do.
///
/// # Errors
/// If the interpreter cannot be started, takes too long or does not survive.
pub fn compile(
    installation: &Installation,
    texts: &[PythonText<'_>],
) -> io::Result<Vec<Option<CompileFault>>> {
    let unanswered = || io::Error::other("the interpreter does not answer");
    let program = installation.identity.path.as_ref().ok_or_else(unanswered)?;
    let mut question = tempfile::tempfile()?;
    question.write_all(serde_json::to_string(&texts.iter().map(asked).collect::<Vec<_>>())?.as_bytes())?;
    question.rewind()?;
    let mut answer = tempfile::tempfile()?;
    let mut command = Command::new(program);
    command
        .args(["-s", "-S", "-c", include_str!("compiling.py")])
        .env_clear()
        .stdin(question)
        .stdout(answer.try_clone()?)
        .stderr(Stdio::null());
    let ended = Child::spawn(&mut command)?.finish_by(Instant::now() + PATIENCE)?;
    ended.filter(std::process::ExitStatus::success).ok_or_else(unanswered)?;
    answer.rewind()?;
    let faults: Vec<Option<(usize, usize, String)>> = serde_json::from_reader(io::BufReader::new(answer))?;
    if faults.len() != texts.len() {
        return Err(unanswered());
    }
    let fault = |(line, column, message)| CompileFault { line, column, message };
    Ok(faults.into_iter().map(|found| found.map(fault)).collect())
}

fn asked<'a>(text: &PythonText<'a>) -> (&'static str, std::borrow::Cow<'a, str>) {
    match *text {
        PythonText::File(text) => ("file", text.into()),
        PythonText::Statements(text) => ("statements", text.into()),
        // As the step evaluates it: see `encode`.
        PythonText::Expression(text) => ("expression", format!("({text}\n)").into()),
    }
}
