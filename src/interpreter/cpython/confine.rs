//! Confines an interpreter and all processes that it starts, by Landlock: they can write only below the
//! ordering's directory and to the null device, and have no TCP, no signals and no abstract sockets to the
//! outside. `gaps` says what this kernel does not support.
//!
//! A separate thread confines itself and starts the process, which inherits the confinement; taster itself stays free.

use std::io;
use std::path::Path;
use std::process::Command;

use crate::child::Child;

/// Starts `command`. If `writable` names a directory, the process is confined to it as far as this system can.
pub(crate) fn spawn(command: &mut Command, writable: Option<&Path>) -> io::Result<Child> {
    let Some(writable) = writable else {
        return Child::spawn(command);
    };
    std::thread::scope(|scope| {
        let confined = scope.spawn(|| {
            system::confine(writable)?;
            Child::spawn(command)
        });
        confined.join().unwrap_or_else(|_| Err(io::Error::other("the thread that starts it panicked")))
    })
}

/// The part of the confinement that this system lacks, as a sentence, or `None` if it lacks nothing.
pub fn gaps() -> Option<&'static str> {
    static GAPS: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    GAPS.get_or_init(system::gaps).as_deref()
}

/// Whether this system has no confinement at all.
pub(super) fn is_missing() -> bool {
    gaps() == Some(NONE)
}

#[cfg(target_os = "linux")]
mod system {
    use std::error::Error;
    use std::io;
    use std::path::Path;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, PathBeneath, PathFd, RestrictionStatus,
        Ruleset, RulesetAttr, RulesetCreatedAttr, Scope, make_bitflags,
    };

    /// What a step must not do elsewhere, and the version of Landlock that first prevents it.
    const PARTS: [(ABI, &str); 4] = [
        (ABI::V3, "truncating files"),
        (ABI::V4, "TCP connections"),
        (ABI::V5, "commands to devices"),
        (ABI::V6, "signals and abstract sockets"),
    ];

    /// Confines the calling thread and everything that it starts from now on.
    pub(super) fn confine(writable: &Path) -> io::Result<()> {
        let refused = |problem| {
            io::Error::other(format!(
                "it cannot be confined ({problem}); --unconfined starts it all the same"
            ))
        };
        restrict(writable).map(drop).map_err(refused)
    }

    fn restrict(writable: &Path) -> Result<RestrictionStatus, Box<dyn Error + Send + Sync>> {
        // A new device file would reach the outside.
        let devices = make_bitflags!(AccessFs::{MakeChar | MakeBlock | IoctlDev});
        let below = AccessFs::from_write(ABI::V9) & !devices;
        let to_null: BitFlags<AccessFs> = make_bitflags!(AccessFs::{WriteFile | Truncate | IoctlDev});
        let status = Ruleset::default()
            .handle_access(AccessFs::from_write(ABI::V9))?
            .handle_access(AccessNet::from_all(ABI::V4))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .add_rule(PathBeneath::new(PathFd::new(writable)?, below))?
            .add_rule(PathBeneath::new(PathFd::new("/dev/null")?, to_null))?
            .restrict_self()?;
        Ok(status)
    }

    pub(super) fn gaps() -> Option<String> {
        let tried = std::thread::spawn(|| restrict(Path::new("/")).map(|status| status.landlock));
        let lacking = |abi: ABI| {
            let missing = PARTS.iter().filter(|(since, _)| abi < *since).map(|(_, part)| *part);
            missing.collect::<Vec<_>>().join(", ")
        };
        match tried.join() {
            Ok(Ok(LandlockStatus::Available { effective_abi, .. })) => {
                let lacking = lacking(effective_abi);
                (!lacking.is_empty()).then(|| {
                    format!("steps are confined only in part; this kernel does not prevent: {lacking}")
                })
            }
            Ok(Ok(_)) => Some(super::NONE.to_owned()),
            // Starting an interpreter reports the reason.
            Ok(Err(_)) | Err(_) => None,
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io;
    use std::path::Path;

    pub(super) fn confine(_writable: &Path) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn gaps() -> Option<String> {
        Some(super::NONE.to_owned())
    }
}

/// The message if there is no confinement at all.
const NONE: &str = "steps are not confined: this system has no Landlock (Linux 5.13 and later), so a step can write and \
                    remove whatever you can";
