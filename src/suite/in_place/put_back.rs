//! Restores what runs wrote, from the log on disk: for one run, for all of a process, by a process that outlives
//! taster. `restore` restores single paths.

use std::fs;
use std::io;
use std::path::Path;

use super::left::{FileFate, LeftFile};
use super::restore::{KEPT, Restoring};
use super::written::WriteLog;

/// Marks a run that has been restored.
const DONE: &str = "done";

/// The writes of a run so far, without restoring anything.
pub(crate) fn written(folder: &Path) -> io::Result<Vec<LeftFile>> {
    Ok(Restoring::begin(folder, WriteLog::read(folder)?).written())
}

/// Restores what the runs of one process wrote, the last one first, unless that has been done. A process that outlives
/// taster does it with the folder of the process, once all that the process started has ended.
///
/// # Errors
///
/// Returns an error if a log cannot be read.
pub(crate) fn restore_all(folder: &Path) -> io::Result<()> {
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<usize>().ok();
    let mut runs: Vec<usize> = fs::read_dir(folder)?.flatten().filter_map(number).collect();
    runs.sort_unstable();
    for run in runs.iter().rev() {
        restore(&folder.join(run.to_string()))?;
    }
    Ok(())
}

/// Restores what the log in this folder records, if it is still as the run left it, once all processes of the run are
/// gone. Returns what the run left, and what happened to it.
///
/// # Errors
///
/// Returns an error if the log cannot be read. If something cannot be restored, the result says so.
pub(crate) fn restore(folder: &Path) -> io::Result<Vec<LeftFile>> {
    if folder.join(DONE).exists() {
        return Ok(Vec::new());
    }
    let left = Restoring::begin(folder, WriteLog::read(folder)?).all();
    // From now on, a similar change may be somebody else's.
    fs::write(folder.join(DONE), "")?;
    let all_done = left.iter().all(|left| !matches!(left.fate, FileFate::Stays(_)));
    match (all_done, folder.join(KEPT).exists()) {
        (true, true) => forget_copies(folder)?,
        (true, false) => fs::remove_dir_all(folder)?,
        // Somebody may want the original.
        (false, _) => {}
    }
    Ok(left)
}

/// The original is there again: only the overwritten version is kept.
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
