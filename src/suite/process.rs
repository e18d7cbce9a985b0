//! One Python process with the plugin in it: starting, commanding, listening, ending. It knows nothing of orders.
//!
//! Commands go to its standard input as lines of words, `go` ends each. Messages come through what was its
//! standard output until the plugin took that away from descriptor 1; whatever was printed before is cut off by a
//! line with a random word in it.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::message::Message;
use super::run::{Repair, Scope};

const PLUGIN: &str = include_str!("plugin.py");
const WALK: &str = include_str!("walk.py");
const CELLS: &str = include_str!("cells.py");
const STATE: &str = include_str!("state.py");
const RECORD: &str = include_str!("record.py");
const UNSTOPPABLE: &str = include_str!("unstoppable.py");

/// Why a process could not be had or was lost.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// The interpreter could not be started.
    #[error("cannot start {}", python.display())]
    Start {
        /// The interpreter.
        python: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Temporary files could not be written.
    #[error("cannot write taster's own temporary files")]
    Folder(#[source] io::Error),
    /// The interpreter has no pytest.
    #[error("no pytest on this interpreter: {0}")]
    NoPytest(String),
    /// pytest ended without running its tests.
    #[error("pytest ended with status {code} before any test ran:\n{log}")]
    Quit {
        /// pytest's exit status.
        code: i32,
        /// What it printed.
        log: String,
    },
    /// The process went away, or said nothing for too long.
    #[error("the process that collects the tests {how}:\n{log}")]
    Lost {
        /// What became of it.
        how: &'static str,
        /// What it printed.
        log: String,
    },
}

/// A look at state while files are collected.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    /// State is remembered when the first of these files is collected.
    pub(crate) remember_at: Vec<String>,
    pub(crate) scopes: Vec<Scope>,
    /// Before this file is collected, state is looked at and put back; without it, runs may do that.
    pub(crate) look_at: Option<(String, Repair)>,
}

impl Watch {
    fn lines(&self) -> Vec<String> {
        let scopes: Vec<&str> = self.scopes.iter().map(|scope| scope.name()).collect();
        let mut lines =
            vec![format!("remember-at {}", words(&self.remember_at)), format!("scopes {}", scopes.join(" "))];
        if let Some((file, repair)) = &self.look_at {
            lines.push(format!("look-at {}", word(file)));
            lines.push(repair_line(repair));
        }
        lines
    }
}

/// What is to be put back, as a line of a command.
pub(crate) fn repair_line(repair: &Repair) -> String {
    match repair {
        Repair::Everything => "repair all".to_owned(),
        Repair::Cells(cells) => format!("repair {}", words(cells)),
    }
}

/// What a process is started with.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) python: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Files to collect in place of those that the arguments name; none: what the arguments name.
    pub(crate) files: Vec<String>,
    /// What is to be seen of state meanwhile.
    pub(crate) watch: Option<Watch>,
    /// Directories of taster's own that may lie in the suite's tree.
    pub(crate) ours: Vec<PathBuf>,
}

/// A running Python with the plugin in it. Dropping it ends it and all that it started.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    commands: ChildStdin,
    messages: Receiver<Message>,
    /// The process group of the run under way.
    run: Option<Pid>,
    folder: tempfile::TempDir,
}

impl Process {
    /// Starts an interpreter, in the current directory and with the caller's environment but for `TMPDIR`.
    pub(crate) fn start(start: &Start) -> Result<Self, ProcessError> {
        let folder = private_folder().map_err(ProcessError::Folder)?;
        let log = std::fs::File::create(folder.path().join("log")).map_err(ProcessError::Folder)?;
        let nonce =
            folder.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut child = Command::new(&start.python)
            .arg(folder.path().join("plugin.py"))
            .args(&start.arguments)
            .env("TMPDIR", folder.path().join("tmp"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .process_group(0)
            .spawn()
            .map_err(|source| ProcessError::Start { python: start.python.clone(), source })?;
        let (Some(commands), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both were asked for as pipes")
        };
        let (sender, messages) = channel();
        let wanted = nonce.clone();
        std::thread::spawn(move || {
            for message in messages_after(&wanted, BufReader::new(output)) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut process = Self { child, commands, messages, run: None, folder };
        let mut block = vec![format!("nonce {nonce}")];
        if !start.files.is_empty() {
            block.push(format!("files {}", words(&start.files)));
        }
        block.extend(start.watch.iter().flat_map(Watch::lines));
        process.command(&block)?;
        Ok(process)
    }

    /// Sends one command.
    pub(crate) fn command(&mut self, lines: &[String]) -> Result<(), ProcessError> {
        let mut text = lines.join("\n");
        text.push_str("\ngo\n");
        let sent = self.commands.write_all(text.as_bytes()).and_then(|()| self.commands.flush());
        // What it said last explains more than a broken pipe.
        sent.map_err(|_| match self.messages.try_recv() {
            Ok(Message::NoPytest { text }) => ProcessError::NoPytest(text),
            _ => self.lost("ended unexpectedly"),
        })
    }

    /// The next message; `None` if none came within the time.
    pub(crate) fn message(&mut self, within: Duration) -> Result<Option<Message>, ProcessError> {
        match self.messages.recv_timeout(within) {
            Ok(Message::NoPytest { text }) => Err(ProcessError::NoPytest(text)),
            Ok(Message::Quit { code }) => Err(ProcessError::Quit { code, log: self.log() }),
            Ok(Message::Pid { pid }) => {
                self.run = Pid::from_raw(pid);
                self.message(within)
            }
            Ok(message) => Ok(Some(message)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(self.lost("ended unexpectedly")),
        }
    }

    /// Ends the run under way: the fork, or the whole process where it runs by itself.
    pub(crate) fn end_run(&mut self) {
        let first = self.run.unwrap_or_else(|| Pid::from_child(&self.child));
        // A test may have left the group.
        let _gone_already = kill_process(first, Signal::KILL);
        let _gone_already = kill_process_group(first, Signal::KILL);
    }

    /// Whether the process itself has ended, whoever still holds its pipes.
    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Notes that the run has ended by itself; stragglers that it started are ended too.
    pub(crate) fn run_is_over(&mut self) {
        if let Some(group) = self.run.take() {
            let _nobody_left = kill_process_group(group, Signal::KILL);
        }
    }

    /// The end of what the process printed.
    pub(crate) fn log(&self) -> String {
        let bytes = std::fs::read(self.folder.path().join("log")).unwrap_or_default();
        let start = bytes.len().saturating_sub(4000);
        String::from_utf8_lossy(&bytes[start..]).trim().to_owned()
    }

    /// The directory that the tests take for the system's temporary one.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    /// The error for a process that went away.
    pub(crate) fn lost(&self, how: &'static str) -> ProcessError {
        ProcessError::Lost { how, log: self.log() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.run_is_over();
        let _gone_already = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _status = self.child.wait();
    }
}

/// Text as a word of a command: it may hold spaces, newlines and what is not text at all.
pub(crate) fn word(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::from("x"), |mut word, byte| {
        let _infallible = write!(word, "{byte:02x}");
        word
    })
}

/// Several texts as words.
pub(crate) fn words(texts: &[String]) -> String {
    texts.iter().map(|text| word(text)).collect::<Vec<_>>().join(" ")
}

fn private_folder() -> io::Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new().prefix("taster-").rand_bytes(12).tempdir()?;
    let write = |name: &str, text: &str| std::fs::write(Path::join(folder.path(), name), text);
    write("plugin.py", PLUGIN)?;
    write("walk.py", WALK)?;
    write("cells.py", CELLS)?;
    write("state.py", STATE)?;
    write("record.py", RECORD)?;
    write("unstoppable.py", UNSTOPPABLE)?;
    std::fs::create_dir(folder.path().join("tmp"))?;
    Ok(folder)
}

fn messages_after(nonce: &str, output: impl BufRead) -> impl Iterator<Item = Message> {
    let lines = output.split(b'\n').map_while(Result::ok);
    lines
        .skip_while(move |line| line != nonce.as_bytes())
        .skip(1)
        .map_while(|line| serde_json::from_slice(&line).ok())
}

#[cfg(test)]
mod tests {
    use super::{Message, messages_after, word};

    #[test]
    fn what_is_printed_before_the_word_is_not_a_message() {
        let output = "hello {\"m\":\"done\"}\nnonce\n{\"m\":\"start\",\"i\":3}\n{\"m\":\"done\"}\n";
        let found: Vec<Message> = messages_after("nonce", output.as_bytes()).collect();
        assert!(matches!(found[..], [Message::Start { i: 3 }, Message::Done]), "{found:?}");
    }

    #[test]
    fn any_text_is_one_word() {
        assert_eq!(word(""), "x");
        assert_eq!(word("a \n"), "x61200a");
    }
}
