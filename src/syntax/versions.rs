//! Versions in words.

use crate::scenario::Version;

/// `2.7, 3.6 to 3.9 and 3.12`; `versions` are sorted, and `conjunction` joins the last.
pub(super) fn listed(versions: &[Version], conjunction: &str) -> String {
    let mut runs: Vec<(Version, Version)> = Vec::new();
    for version in versions {
        match runs.last_mut() {
            Some((_, last)) if last.major == version.major && last.minor + 1 >= version.minor => {
                *last = *version;
            }
            _ => runs.push((*version, *version)),
        }
    }
    let run = |(first, last): &(Version, Version)| {
        if first.feature() == last.feature() {
            vec![first.short()]
        } else if first.minor + 1 == last.minor {
            vec![first.short(), last.short()]
        } else {
            vec![format!("{} to {}", first.short(), last.short())]
        }
    };
    let words: Vec<String> = runs.iter().flat_map(run).collect();
    match &words[..] {
        [start @ .., last] if !start.is_empty() => format!("{} {conjunction} {last}", start.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_a_row_are_a_range() {
        let told = |minors: &[u32]| {
            listed(&minors.iter().map(|minor| Version::new(3, *minor, 1)).collect::<Vec<_>>(), "or")
        };
        assert_eq!(told(&[]), "");
        assert_eq!(told(&[6]), "3.6");
        assert_eq!(told(&[6, 7]), "3.6 or 3.7");
        assert_eq!(told(&[6, 7, 8, 12]), "3.6 to 3.8 or 3.12");
        assert_eq!(listed(&[Version::new(2, 7, 18), Version::new(3, 8, 0)], "and"), "2.7 and 3.8");
    }
}
