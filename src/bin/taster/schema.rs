//! `taster schema`: the JSON Schema of the scenario format.

use std::io::Write as _;

use crate::status::{Status, Stop};

/// Prints the schema.
pub(crate) fn schema() -> Result<Status, Stop> {
    anstream::stdout().write_all(taster::scenario::schema().as_bytes())?;
    Ok(Status::AsDeclared)
}
