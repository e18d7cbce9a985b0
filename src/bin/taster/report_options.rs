//! Reports for other tools, beside what the terminal shows: where each goes, and that it can be written there.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use taster::report::{Account, AccountFormat};

use crate::format::{Format, print};
use crate::status::CommandError;

/// Options of every command that writes reports.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ReportOptions {
    /// Write a report for other tools as well: junit, sarif, markdown, html, or github, which needs no file; repeatable
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = wanted)]
    reports: Vec<WantedReport>,
}

/// A report and where it goes.
#[derive(Debug, Clone)]
struct WantedReport {
    format: AccountFormat,
    /// The output, if none.
    file: Option<PathBuf>,
}

impl ReportOptions {
    /// Whether any is wanted.
    pub(crate) fn is_empty(&self) -> bool {
        self.reports.is_empty()
    }

    /// Says now, rather than at the end of a long search, what cannot be written.
    pub(crate) fn check(&self, format: Format) -> Result<(), CommandError> {
        for WantedReport { file, .. } in &self.reports {
            match file {
                Some(file) => make_file(file).map_err(|why| cannot(file, &why))?,
                None if format == Format::Json => {
                    let both = "machine output and the github report cannot share the output; name a file: \
                                --report github=FILE";
                    return Err(CommandError::CouldNot(both.to_owned()));
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Writes each report.
    pub(crate) fn write(&self, account: &Account) -> Result<(), CommandError> {
        for WantedReport { format, file } in &self.reports {
            let text = format.text(account);
            match file {
                Some(file) => std::fs::write(file, text).map_err(|why| cannot(file, &why))?,
                None => print(&text)?,
            }
        }
        Ok(())
    }
}

/// Makes a file that will be written, or finds that it is there and can be.
pub(crate) fn make_file(file: &Path) -> std::io::Result<()> {
    OpenOptions::new().create(true).append(true).open(file).map(|_there| ())
}

/// Makes the directory that files will be written into, so that a command says now, rather than at its end, that it cannot.
pub(crate) fn make_folder(folder: &Path) -> Result<(), CommandError> {
    std::fs::create_dir_all(folder)
        .map_err(|why| CommandError::CouldNot(format!("cannot write into {}: {why}", folder.display())))
}

fn cannot(file: &Path, why: &std::io::Error) -> CommandError {
    CommandError::CouldNot(format!("cannot write the report {}: {why}", file.display()))
}

fn wanted(written: &str) -> Result<WantedReport, String> {
    let (name, file) = match written.split_once('=') {
        Some((name, file)) => (name, Some(file)),
        None => (written, None),
    };
    let format = AccountFormat::named(name).map_err(|unknown| unknown.to_string())?;
    match file {
        None if format != AccountFormat::Github => Err(format!("name the file that it goes to: {name}=FILE")),
        Some("") => Err(format!("name the file that it goes to: {name}=FILE")),
        file => Ok(WantedReport { format, file: file.map(PathBuf::from) }),
    }
}

/// The top of the checkout that this directory is in, or the directory itself if it is in none. Reports tell paths as seen from
/// there.
pub(crate) fn top(here: &Path) -> &Path {
    here.ancestors().find(|above| above.join(".git").exists()).unwrap_or(here)
}
