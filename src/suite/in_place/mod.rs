//! Runs in the user's own files: what a run was seen to write is put back when it is over, and nothing else.
//!
//! Only what lies in a directory of the suite's own is put back, only where it is still exactly as the run left it, and
//! without following a link. All is done from the log on disk, so that whoever outlives taster can do it, and as often as it
//! is asked for. What is about to be overwritten or removed is copied first; the copies stay until the hunt ends.

pub(crate) mod again;
pub(crate) mod ground;
pub(crate) mod left;
pub(crate) mod undo;
pub(crate) mod written;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::suite::runner::folder::HuntFolder;
use again::MadeAgain;
use left::{Fate, LeftFile, What};
use undo::Entry;
use written::{EntryBefore, EntryKind, EntryState, KeptContent, WriteLog};

const NO_COPY: &str = "taster has no copy of what lay there";
const CHANGED_SINCE: &str = "somebody else has changed it since";
const OUTSIDE: &str = "it is outside of the suite's own directory";
/// How many entries are looked at for another name of a file.
const MOST_ENTRIES: usize = 20_000;
const KEPT: &str = "kept";
/// The mark of a run that has been put back.
const DONE: &str = "done";

/// The folders of a hunt in which runs note what they write. They go when the hunt ends, the copies in them too.
#[derive(Debug)]
pub(crate) struct Notes {
    /// Made when it is first needed. Before `around`, in which it lies.
    folder: Mutex<Option<tempfile::TempDir>>,
    around: Arc<HuntFolder>,
    processes: AtomicUsize,
}

impl Notes {
    pub(crate) fn new(around: Arc<HuntFolder>) -> Self {
        Self { folder: Mutex::default(), around, processes: AtomicUsize::new(0) }
    }

    /// A folder for one process that runs orders.
    pub(crate) fn for_a_process(self: &Arc<Self>) -> io::Result<Folder> {
        let number = self.processes.fetch_add(1, Ordering::SeqCst);
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        let made = if let Some(made) = folder.take() {
            made
        } else {
            let made = tempfile::Builder::new().prefix("notes-").tempdir_in(&self.around.trace.path)?;
            MadeAgain::begin(made.path())?;
            made
        };
        let path = folder.insert(made).path().join(number.to_string());
        fs::create_dir(&path)?;
        Ok(Folder { path, runs: AtomicUsize::new(0), notes: Arc::clone(self) })
    }
}

/// The folder of one process.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    runs: AtomicUsize,
    /// They must not go before what is noted in them has been put back.
    #[expect(dead_code, reason = "it is held, not read")]
    notes: Arc<Notes>,
}

impl Folder {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A folder for one more run, or for some that go on at the same time.
    pub(crate) fn for_a_run(&self) -> io::Result<PathBuf> {
        let folder = self.path.join(self.runs.fetch_add(1, Ordering::SeqCst).to_string());
        fs::create_dir(&folder)?;
        Ok(folder)
    }
}

/// What a run has written so far, without putting anything back.
pub(crate) fn written(folder: &Path) -> io::Result<Vec<LeftFile>> {
    let restoring = Restoring::begin(folder, WriteLog::read(folder)?);
    Ok(restoring.record.touched.iter().filter_map(|before| restoring.seen(before)).collect())
}

/// Puts back what the runs of one process wrote, the last one first, where that has not been done. Whoever outlives taster
/// does it with the folder of the process, once all that the process started has ended.
///
/// # Errors
///
/// A log cannot be read.
pub(crate) fn restore_all(folder: &Path) -> io::Result<()> {
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<usize>().ok();
    let mut runs: Vec<usize> = fs::read_dir(folder)?.flatten().filter_map(number).collect();
    runs.sort_unstable();
    for run in runs.iter().rev() {
        restore(&folder.join(run.to_string()))?;
    }
    Ok(())
}

/// Removes the folder of a process; with the last one goes all that the hunt has noted.
///
/// # Errors
///
/// Those of the system.
pub(crate) fn forget(folder: &Path) -> io::Result<()> {
    fs::remove_dir_all(folder)?;
    let Some(hunt) = folder.parent() else { return Ok(()) };
    let others = fs::read_dir(hunt)?.flatten().any(|entry| entry.path().is_dir());
    if others { Ok(()) } else { fs::remove_dir_all(hunt) }
}

/// Puts back what the log in this folder tells of, as far as it is still as the run left it, once all processes of the run
/// are gone. Says what the run left, and what became of it.
///
/// # Errors
///
/// The log cannot be read. What cannot be put back is part of the answer.
pub(crate) fn restore(folder: &Path) -> io::Result<Vec<LeftFile>> {
    if folder.join(DONE).exists() {
        return Ok(Vec::new());
    }
    let left = Restoring::begin(folder, WriteLog::read(folder)?).all();
    // Later, what looks like the run's doing may be somebody else's.
    fs::write(folder.join(DONE), "")?;
    let all_done = left.iter().all(|left| !matches!(left.fate, Fate::Stays(_)));
    match (all_done, folder.join(KEPT).exists()) {
        (true, true) => forget_copies(folder)?,
        (true, false) => fs::remove_dir_all(folder)?,
        // What lay there before may be wanted by somebody.
        (false, _) => {}
    }
    Ok(left)
}

/// What lay there before is there again: only what was overwritten is kept on.
fn forget_copies(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_copy = entry.file_name().to_string_lossy().contains('-');
        if is_copy {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A restoration under way.
struct Restoring {
    record: WriteLog,
    /// The suite's own directories; none where one is another one now.
    places: Vec<Option<OwnedFd>>,
    /// What lay at each path when the restoration began.
    now: HashMap<PathBuf, EntryState>,
    /// Where the run's directories have been removed for something else.
    cleared: HashSet<PathBuf>,
    kept: PathBuf,
    copies: usize,
    again: MadeAgain,
}

impl Restoring {
    fn begin(folder: &Path, record: WriteLog) -> Self {
        let places = record.places.iter().map(|place| undo::open_place(place).ok()).collect();
        let kept = folder.join(KEPT);
        // A folder of a process in the folder of the hunt.
        let again = MadeAgain::read(folder.ancestors().nth(2).unwrap_or(folder));
        let copies = fs::read_dir(&kept).map_or(0, Iterator::count);
        let mut restoring =
            Self { record, places, now: HashMap::new(), cleared: HashSet::new(), kept, copies, again };
        let touched = restoring.record.touched.iter().map(|before| &before.path);
        for path in touched.chain(restoring.record.directories.keys()) {
            restoring.now.insert(path.clone(), restoring.state(path));
        }
        restoring
    }

    /// What must go goes first, from the leaves; then what is to be there is made, from the root.
    fn all(mut self) -> Vec<LeftFile> {
        let mut touched = std::mem::take(&mut self.record.touched);
        touched.sort_by(|one, other| one.path.cmp(&other.path));
        self.open_directories(&touched);
        let mut left = Vec::new();
        for before in touched.iter().rev() {
            match before.state.kind {
                EntryKind::Absent => left.extend(self.undo(before)),
                EntryKind::Directory => {}
                _ => self.clear(&before.path),
            }
        }
        let was_there = touched.iter().filter(|before| before.state.kind != EntryKind::Absent);
        left.extend(was_there.filter_map(|before| self.undo(before)));
        self.set_times();
        left.sort_by(|one, other| one.path.cmp(&other.path));
        let outside = self.record.outside.iter().filter_map(|(path, before)| outside(path, before));
        left.extend(outside);
        left
    }

    /// Removes a directory that the run made where there was none.
    fn clear(&mut self, path: &Path) {
        let now = self.state(path);
        if now.kind == EntryKind::Directory
            && self.is_as_the_run_left_it(path, &now)
            && self.entry(path).and_then(|entry| entry.remove(EntryKind::Directory)).is_ok()
        {
            self.cleared.insert(path.to_owned());
        }
    }

    fn entry(&self, path: &Path) -> io::Result<Entry> {
        let (index, inside) = undo::inside(&self.record.places, path).ok_or(io::Error::other(OUTSIDE))?;
        let top = self.places[index].as_ref();
        Entry::find(top.ok_or(io::Error::other("the suite's directory is another one now"))?, inside)
    }

    /// What lies there; behind a link lies nothing.
    fn state(&self, path: &Path) -> EntryState {
        self.entry(path).and_then(|entry| entry.state()).unwrap_or(EntryState::ABSENT)
    }

    fn is_as_the_run_left_it(&self, path: &Path, now: &EntryState) -> bool {
        match self.record.after.get(path) {
            // The test did not come to its end, and the run has ended just now.
            None => true,
            Some(after) => {
                // Another name of it that comes or goes moves the time of its last change.
                let renamed = now.links != after.links && now.is_unwritten_since(after);
                renamed || self.again.is_still(now, after) || self.record.made.contains(&now.essence())
            }
        }
    }

    /// Modes first: what is in a directory cannot be reached without them.
    fn open_directories(&self, touched: &[EntryBefore]) {
        for EntryBefore { path, state: before, .. } in touched {
            let now = self.now.get(path).copied().unwrap_or(EntryState::ABSENT);
            let same = before.kind == EntryKind::Directory && now.is_same_entry(before);
            if same && now.mode != before.mode && self.is_as_the_run_left_it(path, &now) {
                let _told_when_its_turn_comes = self.entry(path).and_then(|entry| entry.set_mode(before));
            }
        }
    }

    /// What is told of a path, if anything is.
    fn seen(&self, before: &EntryBefore) -> Option<LeftFile> {
        let path = &before.path;
        let now = self.now.get(path)?;
        if self.is_as_before(now, before) || !LeftFile::is_reported(path) {
            return None;
        }
        let existed_before = before.state.kind != EntryKind::Absent;
        let what = What::between(existed_before, now.kind != EntryKind::Absent);
        Some(LeftFile { path: path.to_owned(), what, existed_before, fate: Fate::PutBack })
    }

    /// Whether it looks as it did, a link also by where it leads. A file of the same size and time has not been written.
    fn is_as_before(&self, now: &EntryState, before: &EntryBefore) -> bool {
        let same_target = || match &before.content {
            KeptContent::Target(target) => {
                self.entry(&before.path).and_then(|entry| entry.target()).is_ok_and(|now| now == *target)
            }
            _ => true,
        };
        now.looks_like(&before.state) && same_target()
    }

    /// Puts one path back; what is told of it.
    fn undo(&mut self, before: &EntryBefore) -> Option<LeftFile> {
        let path = &before.path;
        let began_with = *self.now.get(path)?;
        let told = self.seen(before);
        let now = self.state(path);
        if self.is_as_before(&now, before) {
            return told;
        }
        let as_then = now.is_unwritten_since(&began_with) || self.cleared.contains(path);
        let done = if as_then && self.is_as_the_run_left_it(path, &began_with) {
            self.put_back(&now, before).and_then(|()| self.again.note(&before.state, &self.state(path)))
        } else {
            Err(io::Error::other(CHANGED_SINCE))
        };
        let mut told = told?;
        if let Err(error) = done {
            told.fate = Fate::Stays(reason(&error));
        }
        Some(told)
    }

    fn put_back(&mut self, now: &EntryState, before: &EntryBefore) -> io::Result<()> {
        let EntryBefore { path, state, content } = before;
        let entry = self.entry(path)?;
        if state.kind == EntryKind::Directory && now.kind == EntryKind::Directory {
            return entry.set_mode(state);
        }
        if state.kind == EntryKind::File && now.is_same_entry(state) {
            return self.refresh(&entry, before);
        }
        if state.kind == EntryKind::File && *content == KeptContent::Unknown {
            return Err(io::Error::other(NO_COPY));
        }
        self.keep(&entry, path, now)?;
        let stands_in_the_way = now.kind == EntryKind::Directory || state.kind != EntryKind::File;
        if stands_in_the_way && now.kind != EntryKind::Absent {
            entry.remove(now.kind)?;
        }
        match (state.kind, content) {
            (EntryKind::Absent, _) => Ok(()),
            (EntryKind::File, KeptContent::Copy(copy)) => match self.other_name(state) {
                Some(other) => {
                    if !stands_in_the_way && now.kind != EntryKind::Absent {
                        entry.remove(now.kind)?;
                    }
                    entry.hard_link(&other)?;
                    self.refresh(&entry, before)
                }
                None => entry.replace(copy, state),
            },
            (EntryKind::Link, KeptContent::Target(target)) => entry.link(target, state),
            _ => entry.make(state),
        }
    }

    /// Another name of a file that had several.
    fn other_name(&self, state: &EntryState) -> Option<PathBuf> {
        let mut places = self.record.places.iter().filter(|_| state.links > 1);
        places.find_map(|place| {
            let mut left = MOST_ENTRIES;
            undo::find(&place.path, state, &mut left)
        })
    }

    /// The same file, written by the run: a file with other names stays one.
    fn refresh(&mut self, entry: &Entry, before: &EntryBefore) -> io::Result<()> {
        let EntryBefore { path, state, content } = before;
        let KeptContent::Copy(copy) = content else {
            return Err(io::Error::other(NO_COPY));
        };
        if entry.holds(copy).unwrap_or(false) {
            entry.set_mode(state)?;
            return entry.set_time(state.modified);
        }
        self.keep(entry, path, state)?;
        if state.links > 1 { entry.rewrite(copy, state) } else { entry.replace(copy, state) }
    }

    /// A copy of what is about to be overwritten or removed, and a line that says where it lay.
    fn keep(&mut self, entry: &Entry, path: &Path, now: &EntryState) -> io::Result<()> {
        if !matches!(now.kind, EntryKind::File | EntryKind::Link) {
            return Ok(());
        }
        fs::create_dir_all(&self.kept)?;
        self.copies += 1;
        let name = self.copies.to_string();
        entry.keep(now.kind, &self.kept.join(&name))?;
        let mut index = fs::OpenOptions::new().create(true).append(true).open(self.kept.join("index"))?;
        index.write_all(&[name.as_bytes(), b" ", path.as_os_str().as_bytes(), b"\n"].concat())
    }

    /// Directories whose names are what they were get their times back, the others that of their last change by others.
    fn set_times(&self) {
        for (path, (state, names)) in &self.record.directories {
            let Ok(entry) = self.entry(path) else { continue };
            if !entry.state().is_ok_and(|now| now.kind == EntryKind::Directory) {
                continue;
            }
            let same = entry.names().is_ok_and(|now| now == *names);
            let began_with = self.now.get(path).filter(|now| now.kind == EntryKind::Directory);
            let time = if same { Some(state.modified) } else { began_with.map(|now| now.modified) };
            if let Some(time) = time {
                let _best_effort = entry.set_time(time);
            }
        }
    }
}

/// What is told of a path elsewhere: it is not touched.
fn outside(path: &Path, before: &EntryState) -> Option<LeftFile> {
    let now = undo::state_of(path);
    if now == *before || !LeftFile::is_reported(path) {
        return None;
    }
    let what = What::between(before.kind != EntryKind::Absent, now.kind != EntryKind::Absent);
    let existed_before = before.kind != EntryKind::Absent;
    Some(LeftFile { path: path.to_owned(), what, existed_before, fate: Fate::Elsewhere })
}

fn reason(error: &io::Error) -> String {
    match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
        Some(rustix::io::Errno::NOTEMPTY) => "something in it is not the run's".to_owned(),
        Some(rustix::io::Errno::NOTDIR | rustix::io::Errno::LOOP) => {
            "a directory above it is none any more".to_owned()
        }
        _ => error.to_string(),
    }
}
