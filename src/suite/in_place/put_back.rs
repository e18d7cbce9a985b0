//! Putting back what runs wrote, from the log on disk: for one run, for all of a process, by whoever outlives taster. How one path is
//! put back is the matter of `restore`.

use std::fs;
use std::io;
use std::path::Path;

use super::left::{Fate, LeftFile};
use super::restore::{KEPT, Restoring};
use super::written::WriteLog;

/// The mark of a run that has been put back.
const DONE: &str = "done";

/// What a run has written so far, without putting anything back.
pub(crate) fn written(folder: &Path) -> io::Result<Vec<LeftFile>> {
    Ok(Restoring::begin(folder, WriteLog::read(folder)?).written())
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
