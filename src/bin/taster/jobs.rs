//! How many things are done at a time, as an argument.

use std::num::NonZero;

/// A number of jobs.
pub(crate) fn number(text: &str) -> Result<NonZero<usize>, String> {
    text.parse().map_err(|_no_number| format!("`{text}` is no number of jobs; write 1, 2 or more"))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn none_is_no_number_of_jobs() {
        assert_eq!(number("2").map(|jobs| jobs.get()), Ok(2));
        for wrong in ["0", "-1", "two"] {
            assert_eq!(
                number(wrong).unwrap_err(),
                format!("`{wrong}` is no number of jobs; write 1, 2 or more")
            );
        }
    }
}
