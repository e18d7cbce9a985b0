//! The files of a suite besides its tests: changes by the user during the hunt, and old files that hide a finding.

pub(crate) mod changes;
pub(crate) mod old_files;
pub(crate) mod recheck;
pub(crate) mod without;
