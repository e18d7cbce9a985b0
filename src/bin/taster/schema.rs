//! `taster schema`: the JSON Schema of the scenario format.

use crate::format::print;
use crate::status::{Status, Stop};

/// Prints the schema.
pub(crate) fn schema() -> Result<Status, Stop> {
    print(&taster::scenario::schema())?;
    Ok(Status::AsDeclared)
}
