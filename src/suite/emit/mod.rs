//! Reproductions of a finding without taster, written into a directory: a scenario, or a command and an order file.

pub(crate) mod assertions;
pub(crate) mod command;
pub(crate) mod emitter;
pub(crate) mod paths;
pub(crate) mod reproduce;
pub(crate) mod scenario;
