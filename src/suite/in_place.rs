//! Runs in the user's own files: what a run was seen to write is put back when it is over, and nothing else.
//!
//! Only what lies in a directory of the suite's own is put back, only where it is still exactly as the run left it, and
//! without following a link. All is done from the log on disk, so that whoever outlives taster can do it, and as often as it
//! is asked for. What is about to be overwritten or removed is copied first; the copies stay until the hunt ends.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::left::{Fate, Left, What};
use super::undo::{self, Entry};
use super::written::{Content, Kind, Record, State, Step};

const CHANGED_SINCE: &str = "somebody else has changed it since";
const OUTSIDE: &str = "it is outside of the suite's own directory";
const KEPT: &str = "kept";
/// The mark of a run that has been put back.
const DONE: &str = "done";

/// The folders of a hunt in which runs note what they write. They go when the hunt ends, the copies in them too.
#[derive(Debug)]
pub(crate) struct Notes {
    folder: tempfile::TempDir,
    processes: AtomicUsize,
}

impl Notes {
    pub(crate) fn new() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("taster-notes-").tempdir()?;
        Ok(Self { folder, processes: AtomicUsize::new(0) })
    }

    /// A folder for one process that runs orders.
    pub(crate) fn for_a_process(&self) -> io::Result<Folder> {
        let number = self.processes.fetch_add(1, Ordering::SeqCst);
        let path = self.folder.path().join(number.to_string());
        fs::create_dir(&path)?;
        Ok(Folder { path, runs: AtomicUsize::new(0) })
    }
}

/// The folder of one process.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    runs: AtomicUsize,
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

/// The suite's own directories, by the log in a folder.
pub(crate) fn places(folder: &Path) -> io::Result<Vec<PathBuf>> {
    Ok(Record::read(folder)?.places.into_iter().map(|place| place.path).collect())
}

/// What a run has written so far, without putting anything back.
pub(crate) fn written(folder: &Path) -> io::Result<Vec<Left>> {
    let restoring = Restoring::begin(folder, Record::read(folder)?);
    let before = restoring.record.steps.iter().filter_map(|step| match step {
        Step::Before(path, state, content) => restoring.seen(path, state, content),
        _ => None,
    });
    Ok(before.collect())
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

/// Puts back what the log in this folder tells of, as far as it is still as the run left it, once all processes of the run
/// are gone. Says what the run left, and what became of it.
///
/// # Errors
///
/// The log cannot be read. What cannot be put back is part of the answer.
pub(crate) fn restore(folder: &Path) -> io::Result<Vec<Left>> {
    if folder.join(DONE).exists() {
        return Ok(Vec::new());
    }
    let left = Restoring::begin(folder, Record::read(folder)?).all();
    // Later, what looks like the run's doing may be somebody else's.
    fs::write(folder.join(DONE), "")?;
    forget_copies(folder)?;
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
    record: Record,
    /// The suite's own directories; none where one is another one now.
    places: Vec<Option<OwnedFd>>,
    /// What lay at each path when the restoration began.
    now: HashMap<PathBuf, State>,
    kept: PathBuf,
    copies: usize,
}

impl Restoring {
    fn begin(folder: &Path, record: Record) -> Self {
        let places = record.places.iter().map(|place| undo::open_place(place).ok()).collect();
        let kept = folder.join(KEPT);
        let copies = fs::read_dir(&kept).map_or(0, Iterator::count);
        let mut restoring = Self { record, places, now: HashMap::new(), kept, copies };
        for step in &restoring.record.steps {
            if let Step::Before(path, ..) | Step::Parent(path, ..) = step {
                let now = restoring.state(path);
                restoring.now.insert(path.clone(), now);
            }
        }
        restoring
    }

    fn all(mut self) -> Vec<Left> {
        self.open_directories();
        let mut left = Vec::new();
        let steps = std::mem::take(&mut self.record.steps);
        for step in steps.iter().rev() {
            match step {
                Step::Before(path, before, content) => {
                    left.extend(self.undo(path, before, content));
                }
                Step::Moved { from, to, device, inode } => self.move_back(from, to, (*device, *inode)),
                Step::Parent(..) => {}
            }
        }
        self.set_times(&steps);
        left.reverse();
        let outside = self.record.outside.iter().filter_map(|(path, before)| outside(path, before));
        left.extend(outside);
        left
    }

    fn entry(&self, path: &Path) -> io::Result<Entry> {
        let (index, inside) = undo::inside(&self.record.places, path).ok_or(io::Error::other(OUTSIDE))?;
        let top = self.places[index].as_ref();
        Entry::find(top.ok_or(io::Error::other("the suite's directory is another one now"))?, inside)
    }

    /// What lies there; behind a link lies nothing.
    fn state(&self, path: &Path) -> State {
        self.entry(path).and_then(|entry| entry.state()).unwrap_or(State::ABSENT)
    }

    fn is_as_the_run_left_it(&self, path: &Path, now: &State) -> bool {
        match self.record.after.get(path) {
            // The test did not come to its end, and the run has ended just now.
            None => true,
            Some(after) => now.is_untouched_since(after) || self.record.made.contains(&State { links: 0, ..*now }),
        }
    }

    /// Modes first: what is in a directory cannot be reached without them.
    fn open_directories(&self) {
        for step in &self.record.steps {
            let Step::Before(path, before, _) = step else { continue };
            let now = self.now.get(path).copied().unwrap_or(State::ABSENT);
            let same = before.kind == Kind::Directory && now.is_same_entry(before);
            if same && now.mode != before.mode && self.is_as_the_run_left_it(path, &now) {
                let _told_when_its_turn_comes = self.entry(path).and_then(|entry| entry.set_mode(before));
            }
        }
    }

    /// A directory that was given another name gets its own one back, with all that is in it.
    fn move_back(&self, from: &Path, to: &Path, identity: (i128, i128)) {
        let now = self.state(to);
        if now.kind != Kind::Directory || (now.device, now.inode) != identity {
            return;
        }
        let (Ok(from), Ok(to)) = (self.entry(from), self.entry(to)) else { return };
        if from.state().is_ok_and(|state| state.kind == Kind::Absent) {
            let _told_when_its_turn_comes = to.rename(&from);
        }
    }

    /// What is told of a path, if anything is.
    fn seen(&self, path: &Path, before: &State, content: &Content) -> Option<Left> {
        let now = *self.now.get(path)?;
        if (now.looks_like(before) && self.is_same_inside(path, before, content)) || !Left::is_told(path) {
            return None;
        }
        let what = What::between(before.kind != Kind::Absent, now.kind != Kind::Absent);
        let existed_before = before.kind != Kind::Absent;
        Some(Left { path: path.to_owned(), what, existed_before, fate: Fate::PutBack })
    }

    /// Whether a link leads where it led. A file of the same size and time has not been written.
    fn is_same_inside(&self, path: &Path, before: &State, content: &Content) -> bool {
        match content {
            Content::Target(target) if before.kind == Kind::Link => {
                self.entry(path).and_then(|entry| entry.target()).is_ok_and(|now| now == *target)
            }
            _ => true,
        }
    }

    /// Puts one path back; what is told of it.
    fn undo(&mut self, path: &Path, before: &State, content: &Content) -> Option<Left> {
        let began_with = *self.now.get(path)?;
        let told = self.seen(path, before, content);
        let now = self.state(path);
        if now.looks_like(before) && self.is_same_inside(path, before, content) {
            return told;
        }
        // What is otherwise than at the beginning came along with a directory that was moved back.
        let ours = if now.is_untouched_since(&began_with) {
            self.is_as_the_run_left_it(path, &now)
        } else {
            self.record.made.contains(&State { links: 0, ..now })
        };
        let done = if ours {
            self.put_back(path, &now, before, content)
        } else {
            Err(io::Error::other(CHANGED_SINCE))
        };
        let mut told = told?;
        if let Err(error) = done {
            told.fate = Fate::Stays(reason(&error));
        }
        Some(told)
    }

    fn put_back(&mut self, path: &Path, now: &State, before: &State, content: &Content) -> io::Result<()> {
        let entry = self.entry(path)?;
        if before.kind == Kind::Directory && now.kind == Kind::Directory {
            return entry.set_mode(before);
        }
        if before.kind == Kind::File && now.is_same_entry(before) {
            return self.refresh(&entry, path, before, content);
        }
        if let Content::Unknown = content
            && before.kind == Kind::File
        {
            return Err(io::Error::other("taster has no copy of what lay there"));
        }
        self.keep(&entry, path, now)?;
        let stands_in_the_way = now.kind == Kind::Directory || before.kind != Kind::File;
        if stands_in_the_way && now.kind != Kind::Absent {
            entry.remove(now.kind)?;
        }
        match (before.kind, content) {
            (Kind::Absent, _) => Ok(()),
            (Kind::File, Content::Copy(copy)) => entry.replace(copy, before),
            (Kind::Link, Content::Target(target)) => entry.link(target, before),
            _ => entry.make(before),
        }
    }

    /// The same file, written by the run: a file with other names stays one.
    fn refresh(&mut self, entry: &Entry, path: &Path, before: &State, content: &Content) -> io::Result<()> {
        let Content::Copy(copy) = content else {
            return Err(io::Error::other("taster has no copy of what lay there"));
        };
        if entry.holds(copy).unwrap_or(false) {
            entry.set_mode(before)?;
            return entry.set_time(before.modified);
        }
        self.keep(entry, path, before)?;
        if before.links > 1 { entry.rewrite(copy, before) } else { entry.replace(copy, before) }
    }

    /// A copy of what is about to be overwritten or removed, and a line that says where it lay.
    fn keep(&mut self, entry: &Entry, path: &Path, now: &State) -> io::Result<()> {
        if !matches!(now.kind, Kind::File | Kind::Link) {
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
    fn set_times(&self, steps: &[Step]) {
        let mut directories: HashMap<&Path, (&State, &[OsString])> = HashMap::new();
        for step in steps {
            if let Step::Before(path, state, Content::Names(names))
            | Step::Parent(path, state, Content::Names(names)) = step
            {
                directories.entry(path).or_insert((state, names));
            }
        }
        for (path, (state, names)) in directories {
            let Ok(entry) = self.entry(path) else { continue };
            let same = entry.names().is_ok_and(|now| now == names);
            let began_with = self.now.get(path).filter(|now| now.kind == Kind::Directory);
            let time = if same { Some(state.modified) } else { began_with.map(|now| now.modified) };
            if let Some(time) = time {
                let _best_effort = entry.set_time(time);
            }
        }
    }
}

/// What is told of a path elsewhere: it is not touched.
fn outside(path: &Path, before: &State) -> Option<Left> {
    let now = undo::state_of(path);
    if now == *before || !Left::is_told(path) {
        return None;
    }
    let what = What::between(before.kind != Kind::Absent, now.kind != Kind::Absent);
    let existed_before = before.kind != Kind::Absent;
    Some(Left { path: path.to_owned(), what, existed_before, fate: Fate::Stays(OUTSIDE.to_owned()) })
}

fn reason(error: &io::Error) -> String {
    match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
        Some(rustix::io::Errno::NOTEMPTY) => "something in it is not the run's".to_owned(),
        Some(rustix::io::Errno::NOTDIR | rustix::io::Errno::LOOP) => "a directory above it is none any more".to_owned(),
        _ => error.to_string(),
    }
}
