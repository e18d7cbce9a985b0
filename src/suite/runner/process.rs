//! One Python process with the plugin in it: starting, commanding, listening, ending. It knows nothing of orders.
//!
//! Commands go to its standard input as lines of words; `go` ends each. Messages come through its original standard
//! output, which the plugin takes away from descriptor 1. A line with a random word marks the end of anything printed
//! before.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::ChildStdin;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::command::{CollectionLook, words};
use super::folder::HuntFolder;
use super::message::Message;
use super::names::FirstNames;
use super::patience::Patience;
use super::process_error::ProcessError;
use super::program;
use crate::suite::in_place::ground::Ground;
use crate::suite::in_place::notes::WriteNotes;
use crate::suite::keeper::{Keeper, KeeperOrder, KeeperReply, PrivateView, Setup, WrittenPath, covers};

/// How to start a process.
#[derive(Debug, Clone)]
pub(crate) struct ProcessStart {
    pub(crate) python: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Files to collect in place of those in the arguments; empty: those in the arguments.
    pub(crate) files: Vec<String>,
    /// The look at state during collection.
    pub(crate) watch: Option<CollectionLook>,
    /// Whether it tells which lines seed generators of random numbers.
    pub(crate) watch_seeds: bool,
    /// Directories of taster's own that may lie in the suite's tree.
    pub(crate) ours: Vec<PathBuf>,
    /// The executable that is the keeper.
    pub(crate) keeper: PathBuf,
    /// The directory of taster's own files.
    pub(crate) around: Arc<HuntFolder>,
    /// The private view; without one, runs are in place.
    pub(crate) view: Option<ViewRequest>,
    /// Paths that are hidden in the private view.
    pub(crate) without: Vec<PathBuf>,
    /// Files that hold another text in the private view.
    pub(crate) changed: Vec<(PathBuf, String)>,
    /// The directory in which the interpreter starts; without one, the current one.
    pub(crate) directory: Option<PathBuf>,
    /// Where runs in place record their writes.
    pub(crate) notes: Arc<WriteNotes>,
    /// How long tests take, as far as is known.
    pub(crate) patience: Arc<Patience>,
    /// The names of tests that have another one in each process.
    pub(crate) names: Arc<FirstNames>,
}

/// The private view of runs.
#[derive(Debug, Clone)]
pub(crate) struct ViewRequest {
    /// Directories besides the suite's checkout.
    pub(crate) directories: Vec<PathBuf>,
    /// Whether writes go to a disk, because memory has no room for them.
    pub(crate) on_disk: bool,
}

/// A running Python with the plugin in it, and its keeper. Dropping it ends it and all that it started.
#[derive(Debug)]
pub(crate) struct Process {
    /// Declared before `folder`, because it removes that too.
    keeper: Keeper,
    commands: ChildStdin,
    /// The next message, or the line that is not one.
    messages: Receiver<Result<Message, String>>,
    /// Whether runs from here on have layers of their own.
    settled: bool,
    /// Defects of the private view.
    pub(crate) notes: Vec<String>,
    folder: tempfile::TempDir,
}

impl Process {
    /// Starts an interpreter, in the current directory and with the caller's environment except `TMPDIR`.
    pub(crate) fn start(start: &ProcessStart, ground: Option<&Ground>) -> Result<Self, ProcessError> {
        let folder = program::folder(start.around.path()).map_err(ProcessError::Folder)?;
        let nonce =
            folder.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let keeper = Keeper::start(&start.keeper, Some(folder.path()));
        let keeper = keeper.map_err(|source| ProcessError::Keeper { path: start.keeper.clone(), source });
        let (keeper, (commands, output)) = keeper?;
        let (sender, messages) = channel();
        let wanted = nonce.clone();
        std::thread::spawn(move || {
            for message in messages_after(&wanted, BufReader::new(output)) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut process = Self { keeper, commands, messages, settled: false, notes: Vec::new(), folder };
        process.begin(start, ground)?;
        let mut block = vec![format!("nonce {nonce}")];
        if !start.files.is_empty() {
            block.push(format!("files {}", words(&start.files)));
        }
        if let Some(ground) = ground {
            let folders =
                [ground.collecting(), ground.folder()].map(|path| path.to_string_lossy().into_owned());
            block.push(format!("written {}", words(&folders)));
        }
        block.extend(start.watch.iter().flat_map(CollectionLook::lines));
        block.extend(start.watch_seeds.then(|| "watch-seeds".to_owned()));
        process.command(&block)?;
        Ok(process)
    }

    fn begin(&mut self, start: &ProcessStart, ground: Option<&Ground>) -> Result<(), ProcessError> {
        let here = start.directory.clone().map_or_else(std::env::current_dir, Ok);
        let here = here.map_err(ProcessError::Folder)?;
        let plugin = self.folder.path().join("plugin.py");
        let words = [start.python.as_os_str(), plugin.as_os_str()].into_iter().map(OsStr::to_owned);
        let view = start.view.as_ref().map(|view| PrivateView {
            covers: covers(&here, &start.python, &start.arguments, &view.directories),
            without: start.without.iter().map(|path| path.clone().into_os_string()).collect(),
            changed: start.changed.iter().map(|(path, text)| (path.into(), text.clone())).collect(),
            on_disk: view.on_disk,
        });
        let setup = Setup {
            folder: self.folder.path().into(),
            around: start.around.path().into(),
            log: self.folder.path().join("log").into_os_string(),
            directory: here.into_os_string(),
            command: words.chain(start.arguments.iter().map(OsString::from)).collect(),
            temporary: Some(self.temporary().into_os_string()),
            view,
            notes: ground.map(|ground| ground.folder().into()),
        };
        match self.order(&KeeperOrder::Start(Box::new(setup)))? {
            KeeperReply::Started(notes) => {
                self.notes = notes;
                Ok(())
            }
            KeeperReply::NotPrivate(why) => Err(ProcessError::NotPrivate(why)),
            KeeperReply::NotStarted(error) => Err(ProcessError::Start {
                python: start.python.clone(),
                source: io::Error::from_raw_os_error(error),
            }),
            other => Err(unexpected(&other)),
        }
    }

    fn order(&mut self, order: &KeeperOrder) -> Result<KeeperReply, ProcessError> {
        match self.keeper.order(order) {
            Ok(KeeperReply::Failed(why)) => Err(ProcessError::View(why)),
            Ok(answer) => Ok(answer),
            Err(_gone) => Err(self.lost("has lost its keeper")),
        }
    }

    /// Ends collection: from here on runs in forks have layers of their own. Returns the files that the process holds
    /// open for writing, through which runs could affect each other.
    pub(crate) fn settle(&mut self) -> Result<Vec<PathBuf>, ProcessError> {
        if std::mem::replace(&mut self.settled, true) {
            return Ok(Vec::new());
        }
        match self.order(&KeeperOrder::Settle)? {
            KeeperReply::Settled(held) => Ok(held.into_iter().map(PathBuf::from).collect()),
            other => Err(unexpected(&other)),
        }
    }

    /// Sends one command.
    pub(crate) fn command(&mut self, lines: &[String]) -> Result<(), ProcessError> {
        let mut text = lines.join("\n");
        text.push_str("\ngo\n");
        let sent = self.commands.write_all(text.as_bytes()).and_then(|()| self.commands.flush());
        // Its last message explains more than a broken pipe.
        sent.map_err(|_| match self.messages.try_recv() {
            Ok(Ok(Message::NoPytest { text })) => ProcessError::NoPytest(text),
            Ok(Ok(Message::OldPytest { version })) => ProcessError::OldPytest(version),
            _ => self.lost("ended unexpectedly"),
        })
    }

    /// The next message, or `None` if none arrived in time.
    pub(crate) fn message(&mut self, within: Duration) -> Result<Option<Message>, ProcessError> {
        match self.messages.recv_timeout(within) {
            Ok(Ok(Message::NoPytest { text })) => Err(ProcessError::NoPytest(text)),
            Ok(Ok(Message::OldPytest { version })) => Err(ProcessError::OldPytest(version)),
            Ok(Ok(Message::Quit { code })) => Err(ProcessError::Quit { code, log: self.log() }),
            Ok(Ok(message)) => Ok(Some(message)),
            Ok(Err(line)) => Err(ProcessError::Protocol(line)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(self.lost("ended unexpectedly")),
        }
    }

    /// Ends the current run with all that it started: the fork, or the process itself if it is the run.
    pub(crate) fn end(&mut self, with_python: bool) -> Result<(), ProcessError> {
        self.order(&KeeperOrder::End { with_python }).map(drop)
    }

    /// Called when a run is over, by itself or ended: ends what it started, and returns and discards what it wrote.
    pub(crate) fn end_run(&mut self, with_python: bool) -> Result<(Vec<WrittenPath>, bool), ProcessError> {
        match self.order(&KeeperOrder::EndRun { with_python })? {
            KeeperReply::RunEnded { written, full } => Ok((written, full)),
            other => Err(unexpected(&other)),
        }
    }

    /// The end of what the process printed.
    pub(crate) fn log(&self) -> String {
        let bytes = std::fs::read(self.folder.path().join("log")).unwrap_or_default();
        let start = bytes.len().saturating_sub(4000);
        String::from_utf8_lossy(&bytes[start..]).trim().to_owned()
    }

    /// The directory that the tests use as the system's temporary directory.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    /// The error for a process that went away.
    pub(crate) fn lost(&self, how: &'static str) -> ProcessError {
        ProcessError::Lost { how, log: self.log() }
    }
}

fn unexpected(answer: &KeeperReply) -> ProcessError {
    ProcessError::View(format!("the keeper says {answer:?}"))
}

/// The messages after the line with the random word; an invalid line ends them, as its text.
fn messages_after(nonce: &str, mut output: impl BufRead) -> impl Iterator<Item = Result<Message, String>> {
    let lines = std::iter::from_fn(move || {
        let mut line = Vec::new();
        output.read_until(b'\n', &mut line).ok()?;
        // A process that was killed may have left a partial line.
        (line.pop() == Some(b'\n')).then_some(line)
    });
    let mut is_understood = true;
    lines.skip_while(move |line| line != nonce.as_bytes()).skip(1).map_while(move |line| {
        let message = serde_json::from_slice(&line).map_err(|_| String::from_utf8_lossy(&line).into_owned());
        std::mem::replace(&mut is_understood, message.is_ok()).then_some(message)
    })
}

#[cfg(test)]
mod tests {
    use super::{Message, messages_after};

    #[test]
    fn what_is_printed_before_the_word_is_not_a_message() {
        let output = "hello {\"m\":\"done\"}\nnonce\n{\"m\":\"start\",\"i\":3}\n{\"m\":\"done\"}\n";
        let found: Vec<_> = messages_after("nonce", output.as_bytes()).collect();
        assert!(matches!(found[..], [Ok(Message::Start { i: 3 }), Ok(Message::Done)]), "{found:?}");
    }

    #[test]
    fn a_line_that_is_no_message_is_an_error_and_the_last_one_and_half_a_line_is_the_end() {
        let output = "nonce\n{\"m\":\"done\"}\n{\"m\":\"dance\"}\n{\"m\":\"done\"}\n";
        let found: Vec<_> = messages_after("nonce", output.as_bytes()).collect();
        assert!(matches!(&found[..], [Ok(Message::Done), Err(line)] if line.contains("dance")), "{found:?}");
        let found: Vec<_> = messages_after("nonce", &b"nonce\n{\"m\":\"done\"}\n{\"m\":"[..]).collect();
        assert!(matches!(found[..], [Ok(Message::Done)]), "{found:?}");
    }
}
