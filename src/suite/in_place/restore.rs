//! One restoration: restores what a run wrote, if it is still as the run left it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::again::MadeAgain;
use super::left::{FileFate, LeftFile, What};
use super::undo::{self, SuiteEntry};
use super::written::{EntryBefore, EntryKind, EntryState, KeptContent, WriteLog};

const NO_COPY: &str = "taster has no copy of what lay there";
const CHANGED_SINCE: &str = "somebody else has changed it since";
const OUTSIDE: &str = "it is outside of the suite's own directory";
/// The number of entries searched for another name of a file.
const MOST_ENTRIES: usize = 20_000;
/// The folder for copies of what was overwritten or removed.
pub(super) const KEPT: &str = "kept";

/// A restoration in progress.
pub(super) struct Restoring {
    record: WriteLog,
    /// The suite's own directories, or `None` for one that was replaced.
    places: Vec<Option<OwnedFd>>,
    /// The state of each path when the restoration began.
    now: HashMap<PathBuf, EntryState>,
    /// Paths where the run's directories were removed to make room.
    cleared: HashSet<PathBuf>,
    kept: PathBuf,
    copies: usize,
    again: MadeAgain,
}

impl Restoring {
    pub(super) fn begin(folder: &Path, record: WriteLog) -> Self {
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

    /// The writes of the run, as far as they are known now.
    pub(super) fn written(&self) -> Vec<LeftFile> {
        self.record.touched.iter().filter_map(|before| self.seen(before)).collect()
    }

    /// First removes what must go, from the leaves, then creates what must be there, from the root.
    pub(super) fn all(mut self) -> Vec<LeftFile> {
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

    /// Removes a directory that the run created.
    fn clear(&mut self, path: &Path) {
        let now = self.state(path);
        if now.kind == EntryKind::Directory
            && self.is_as_the_run_left_it(path, &now)
            && self.entry(path).and_then(|entry| entry.remove(EntryKind::Directory)).is_ok()
        {
            self.cleared.insert(path.to_owned());
        }
    }

    fn entry(&self, path: &Path) -> io::Result<SuiteEntry> {
        let (index, inside) = undo::inside(&self.record.places, path).ok_or(io::Error::other(OUTSIDE))?;
        let top = self.places[index].as_ref();
        SuiteEntry::find(top.ok_or(io::Error::other("the suite's directory is another one now"))?, inside)
    }

    /// The state of a path; behind a link there is nothing.
    fn state(&self, path: &Path) -> EntryState {
        self.entry(path).and_then(|entry| entry.state()).unwrap_or(EntryState::ABSENT)
    }

    fn is_as_the_run_left_it(&self, path: &Path, now: &EntryState) -> bool {
        match self.record.after.get(path) {
            // The test did not end by itself, and the run has ended just now.
            None => true,
            Some(after) => {
                // Adding or removing another name of it moves the time of its last change.
                let renamed = now.links != after.links && now.is_unwritten_since(after);
                renamed || self.again.is_still(now, after) || self.record.made.contains(&now.essence())
            }
        }
    }

    /// Modes first: the contents of a directory cannot be reached without them.
    fn open_directories(&self, touched: &[EntryBefore]) {
        for EntryBefore { path, state: before, .. } in touched {
            let now = self.now.get(path).copied().unwrap_or(EntryState::ABSENT);
            let same = before.kind == EntryKind::Directory && now.is_same_entry(before);
            if same && now.mode != before.mode && self.is_as_the_run_left_it(path, &now) {
                let _told_when_its_turn_comes = self.entry(path).and_then(|entry| entry.set_mode(before));
            }
        }
    }

    /// The report about a path, if there is anything to report.
    fn seen(&self, before: &EntryBefore) -> Option<LeftFile> {
        let path = &before.path;
        let now = self.now.get(path)?;
        if self.is_as_before(now, before) || !LeftFile::is_reported(path) {
            return None;
        }
        let existed_before = before.state.kind != EntryKind::Absent;
        let what = What::between(existed_before, now.kind != EntryKind::Absent);
        Some(LeftFile { path: path.to_owned(), what, existed_before, fate: FileFate::PutBack })
    }

    /// Whether it looks as before; for a link, also whether it leads to the same place. A file of the same size and
    /// time has not been written.
    fn is_as_before(&self, now: &EntryState, before: &EntryBefore) -> bool {
        let same_target = || match &before.content {
            KeptContent::Target(target) => {
                self.entry(&before.path).and_then(|entry| entry.target()).is_ok_and(|now| now == *target)
            }
            _ => true,
        };
        now.looks_like(&before.state) && same_target()
    }

    /// Restores one path; returns the report about it.
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
            told.fate = FileFate::Stays(reason(&error));
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

    /// Rewrites the same file, which the run wrote: a file with other names stays one file.
    fn refresh(&mut self, entry: &SuiteEntry, before: &EntryBefore) -> io::Result<()> {
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

    /// Copies what is about to be overwritten or removed, and records where it was.
    fn keep(&mut self, entry: &SuiteEntry, path: &Path, now: &EntryState) -> io::Result<()> {
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

    /// Restores the times of directories whose names are unchanged. The others get the time of their last change by
    /// others.
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

/// The report about a path elsewhere, which is not touched.
fn outside(path: &Path, before: &EntryState) -> Option<LeftFile> {
    let now = undo::state_of(path);
    if now == *before || !LeftFile::is_reported(path) {
        return None;
    }
    let what = What::between(before.kind != EntryKind::Absent, now.kind != EntryKind::Absent);
    let existed_before = before.kind != EntryKind::Absent;
    Some(LeftFile { path: path.to_owned(), what, existed_before, fate: FileFate::Elsewhere })
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
