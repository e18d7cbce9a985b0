//! What taster and the keeper say to each other, one JSON object per line. Paths are bytes: they need not be text.

use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::guard::GuardedFolder;
use crate::suite::in_place::left::{FileFate, LeftFile, What};

/// What taster wants done.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum KeeperOrder {
    /// Create a directory for a hunt and remove it at the end: the only order to a keeper without a Python.
    Guard {
        /// The directory around it.
        parent: OsString,
    },
    /// Start the Python; the first order, and given once.
    Start(Box<Setup>),
    /// Collection is over: what it wrote stays, and each run from here on has a layer of its own.
    Settle,
    /// End what the run has started, and the Python too if that was the run.
    End {
        /// The Python that collected was the run.
        with_python: bool,
    },
    /// The same, then say what the run wrote, and throw that away.
    EndRun {
        /// The Python that collected was the run.
        with_python: bool,
    },
}

/// What a Python is started with.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Setup {
    /// taster's directory for this Python, which goes when the keeper goes.
    pub(crate) folder: OsString,
    /// The one of the whole hunt around it, which its guard removes.
    pub(crate) around: OsString,
    /// The file that standard error goes to.
    pub(crate) log: OsString,
    /// Where the Python begins.
    pub(crate) directory: OsString,
    /// The Python and its arguments.
    pub(crate) command: Vec<OsString>,
    /// The temporary directory that it is told; without one, the caller's.
    pub(crate) temporary: Option<OsString>,
    /// The private view, if there is to be one.
    pub(crate) view: Option<PrivateView>,
    /// Where runs in place note what they write: it is put back at the end.
    pub(crate) notes: Option<OsString>,
}

/// What is seen privately.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PrivateView {
    /// Directories of which runs see a layer of their own.
    pub(crate) covers: Vec<OsString>,
    /// Paths that are not there in the view, whatever lies there.
    pub(crate) without: Vec<OsString>,
    /// Files that hold another text in the view.
    pub(crate) changed: Vec<(OsString, String)>,
    /// Layers lie in taster's directory instead of in memory.
    pub(crate) on_disk: bool,
}

/// What the keeper answers: one answer to each order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum KeeperReply {
    /// The directory is there.
    Guards(GuardedFolder),
    /// The Python runs. What of the view is not as it was asked for.
    Started(Vec<String>),
    /// There can be no private view, for this reason; nothing was started.
    NotPrivate(String),
    /// The Python could not be started: the number of the system's error.
    NotStarted(i32),
    /// Files that the collecting process holds open for writing: what is written there reaches all later runs.
    Settled(Vec<OsString>),
    /// It has ended.
    Ended,
    /// The run is over.
    RunEnded {
        /// What it wrote.
        written: Vec<WrittenPath>,
        /// The layer had no room left: what the run did may have come of that.
        full: bool,
    },
    /// It could not be done.
    Failed(String),
}

/// One path that a run wrote to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WrittenPath {
    /// Where.
    pub(crate) path: OsString,
    /// What it became.
    pub(crate) what: What,
}

impl WrittenPath {
    /// The report about a write of a run to its own layer, if it is worth one.
    pub(crate) fn left_apart(self) -> Option<LeftFile> {
        let (path, what) = (PathBuf::from(self.path), self.what);
        LeftFile::is_reported(&path).then(|| LeftFile {
            path,
            what,
            existed_before: what != What::New,
            fate: FileFate::Apart,
        })
    }
}

/// Says one thing.
pub(crate) fn say(to: &mut impl Write, what: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    to.write_all(&line)
}

/// Hears one thing; `None` where the other side has gone.
pub(crate) fn hear<T: DeserializeOwned>(from: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    if from.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&line)?))
}
