//! What a shard of `taster package` says of itself before it imports anything.

use serde::{Deserialize, Serialize};

use super::package_report::PackageError;
use super::settings::PackageSettings;
use super::survey::list;
use crate::interpreter::Identity;
use crate::shard::{Shard, Whole};

/// A shard of the surveys of one package on some interpreters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardOfPackage {
    /// Which one.
    pub shard: Shard,
    /// Of what.
    pub whole: Whole,
    /// The interpreters, in the order in which one machine has them. Every shard has its pairs on each.
    pub interpreters: Vec<Identity>,
}

impl ShardOfPackage {
    /// Of surveys with these settings: the package is listed on each interpreter, since its modules are what the whole consists of.
    ///
    /// # Errors
    /// Returns an error if there is no such package, or an interpreter cannot be started.
    pub fn new(shard: Shard, surveys: &[PackageSettings]) -> Result<Self, PackageError> {
        let (mut suite, mut options) = (Vec::new(), Vec::new());
        for settings in surveys {
            let modules = list(settings)?.modules.into_iter();
            suite.push(settings.installation.identity.version.to_string());
            suite.extend(modules.map(|module| module.name));
            options.push(options_of(settings));
        }
        let suite = suite.iter().map(String::as_bytes);
        let interpreters = surveys.iter().map(|settings| settings.installation.identity.clone()).collect();
        Ok(Self { shard, whole: Whole::new("package", 0, suite, options.join("; ")), interpreters })
    }
}

/// What decides what is found beside the modules.
fn options_of(settings: &PackageSettings) -> String {
    let identity = &settings.installation.identity;
    let passes: Vec<&str> = settings.passes.iter().map(|pass| pass.code()).collect();
    format!(
        "{} on {} {}, {}{}{}, {:?} in all and {:?} for an import",
        settings.package,
        identity.kind.as_str(),
        identity.version,
        passes.join(" and "),
        if settings.with_tests { ", with its tests" } else { "" },
        if settings.fresh { ", every pair in a fresh interpreter" } else { "" },
        settings.budget,
        settings.import_timeout,
    )
}
