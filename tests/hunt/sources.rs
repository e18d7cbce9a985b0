//! Source distributions from the Python package index, kept under the target directory and unpacked where a test may
//! change them.

use std::fs;
use std::process::Command;

use crate::environments::{environment, run, target};

/// A fresh copy of a source distribution, unpacked.
pub(crate) fn source(name: &str, version: &str) -> Result<tempfile::TempDir, String> {
    let folder = target().join("sources");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let archive = folder.join(format!("{name}-{version}.tar.gz"));
    if !archive.is_file() {
        let python = environment("download-3.8", "3.8", &["pip<24"])?;
        let wanted = format!("{name}=={version}");
        let options = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest"];
        run(Command::new(python).args(options).arg(&folder).arg(wanted))?;
    }
    let place = tempfile::tempdir().map_err(|error| error.to_string())?;
    run(Command::new("tar")
        .arg("xzf")
        .arg(&archive)
        .args(["--strip-components", "1", "-C"])
        .arg(place.path()))?;
    Ok(place)
}
