//! Versions as contiguous ranges, the way a scenario writes them.

use crate::scenario::{Specifier, Version};

/// The contiguous ranges of versions that contain every version where it is true and no version where it is false.
pub(super) fn contiguous(cells: &[(Version, Option<bool>)]) -> Vec<Option<Specifier>> {
    let mut ranges: Vec<Range> = Vec::new();
    let mut below = None;
    let mut open = false;
    for &(version, holds) in cells {
        match holds {
            None => {}
            Some(true) if open => {
                if let Some(range) = ranges.last_mut() {
                    range.last = version;
                }
            }
            Some(true) => {
                ranges.push(Range { below, first: version, last: version, above: None });
                open = true;
            }
            Some(false) => {
                if let Some(range) = ranges.last_mut().filter(|_| open) {
                    range.above = Some(version);
                }
                open = false;
                below = Some(version);
            }
        }
    }
    let versions: Vec<_> = cells.iter().map(|(version, _)| *version).collect();
    ranges.iter().map(|range| range.specifier(&versions)).collect()
}

/// Versions from `first` to `last`, with the nearest versions outside where the finding is known to be absent.
struct Range {
    below: Option<Version>,
    first: Version,
    last: Version,
    above: Option<Version>,
}

impl Range {
    /// The range as a PEP 440 specifier, or `None` if it is unbounded.
    fn specifier(&self, versions: &[Version]) -> Option<Specifier> {
        let lower = self.below.map(|_| spelt(self.first, versions));
        let upper = self.above.map(|above| spelt(above, versions));
        let (first, last) = (self.first.feature(), self.last.feature());
        let outside = |version: Option<Version>| version.is_none_or(|version| version.feature() != first);
        let words = match (lower, upper) {
            (None, None) => return None,
            (Some(_), Some(_)) if first == last && outside(self.below) && outside(self.above) => {
                format!("=={}.*", self.first.short())
            }
            (Some(lower), None) => format!(">={lower}"),
            (None, Some(upper)) => format!("<{upper}"),
            (Some(lower), Some(upper)) => format!(">={lower},<{upper}"),
        };
        words.parse().ok()
    }
}

/// `major.minor` if `version` is the first of its minor version that was run, else the full version.
fn spelt(version: Version, versions: &[Version]) -> String {
    let first = versions.iter().find(|other| other.feature() == version.feature());
    if first == Some(&version) { version.short() } else { version.to_string() }
}
