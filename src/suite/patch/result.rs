//! What came of the search for a patch, as data of a finding.

use serde::{Deserialize, Serialize};

/// The patch of a finding, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum PatchResult {
    /// A patch that cures the finding.
    Offered {
        /// The file that holds it.
        file: String,
        /// What it does.
        what: String,
        /// What was run with it, without a new failure.
        tried: Vec<String>,
        /// The line of code outside of tests that changes the state, if one does.
        #[serde(skip_serializing_if = "Option::is_none")]
        leaks: Option<String>,
    },
    /// There is none.
    None {
        /// The reason.
        why_not: String,
        /// The line of code outside of tests that changes the state, if one does.
        #[serde(skip_serializing_if = "Option::is_none")]
        leaks: Option<String>,
    },
}
