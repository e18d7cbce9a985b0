//! `taster schema`: the JSON Schema of the scenario format.

use crate::format::print;
use crate::status::{CommandError, Status};

/// Prints the schema.
pub(crate) fn schema() -> Result<Status, CommandError> {
    print(&taster::scenario::schema())?;
    Ok(Status::AsDeclared)
}
