//! The files of a suite beside its tests: what its user changes meanwhile, and old files that hide a finding.

pub(crate) mod changes;
pub(crate) mod old_files;
pub(crate) mod recheck;
pub(crate) mod without;
