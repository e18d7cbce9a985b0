//! Whether a test fails for the same reason as before, as far as what it says tells.

/// Errors that name what is not there: the same error about something else is another failure.
const NAMING: [&str; 3] = ["AttributeError", "KeyError", "NameError"];

/// Whether two texts of failures are of the same kind: of the same exception and, where that is about a name, about the same one.
pub(super) fn is_alike(one: &str, other: &str) -> bool {
    let (kind, about) = kind_of(one);
    let (its_kind, its_about) = kind_of(other);
    kind == its_kind && (!NAMING.contains(&kind) || without_numbers(about) == without_numbers(its_about))
}

/// The name of the exception, and what it says. What pytest says of an assertion has no name.
fn kind_of(text: &str) -> (&str, &str) {
    let first = text.lines().next().unwrap_or_default();
    let (name, about) = first.split_once(':').unwrap_or((first, ""));
    let is_name = |each: char| each.is_alphanumeric() || matches!(each, '_' | '.');
    if !name.is_empty() && name.chars().all(is_name) { (name, about) } else { ("AssertionError", first) }
}

/// Without what differs from run to run: words with digits in them, such as addresses and temporary names.
fn without_numbers(text: &str) -> Vec<&str> {
    let words = text.split(|each: char| !(each.is_alphanumeric() || each == '_'));
    words.filter(|word| !word.contains(|each: char| each.is_ascii_digit())).collect()
}

#[cfg(test)]
mod tests {
    use super::is_alike;

    #[test]
    fn another_exception_is_another_failure() {
        assert!(!is_alike("ValueError: Set is empty.", "AttributeError: no attribute '_backup'"));
        assert!(is_alike("assert [] == [1]", "AssertionError: 1 != 2"));
        assert!(is_alike("ValueError: at 0x7f12", "ValueError: at 0x9c"));
    }

    #[test]
    fn another_name_that_is_not_there_is_another_failure() {
        assert!(!is_alike("KeyError: 'key'", "KeyError: 'other'"));
        assert!(is_alike(
            "AttributeError: <A at 0x7f> has no 'k'",
            "AttributeError: <A at 0x9a2> has no 'k'"
        ));
    }
}
