//! Hunts that their budget ends, however much a machine gets done in a second.

use serde_json::Value;

use crate::hunting::Hunted;

/// What a hunt says whose budget was too small for collection.
const NOT_EVEN_COLLECTED: &str = "was used up before pytest had collected the tests";

/// A hunt that its budget ends, at first after these seconds. What a machine gets done in that time must not decide: as long as
/// that is not enough, the hunt begins anew with four times the budget.
pub(crate) fn cut_short(
    seconds: u64,
    hunt: impl Fn(&str) -> Result<Hunted, String>,
    is_enough: impl Fn(&Value) -> bool,
) -> Result<Hunted, String> {
    for times in [1, 4, 16] {
        let hunted = hunt(&format!("{}s", seconds * times));
        match &hunted {
            Ok(hunted) if is_enough(hunted.summary()?) => {}
            Err(error) if !error.contains(NOT_EVEN_COLLECTED) => {}
            _ => continue,
        }
        return hunted;
    }
    hunt(&format!("{}s", seconds * 64))
}

/// Whether the given order has run.
pub(crate) fn given_ran(summary: &Value) -> bool {
    summary["orders"]["given"].as_u64() >= Some(1)
}
