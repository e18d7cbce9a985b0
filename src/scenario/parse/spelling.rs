//! Guesses the intended word from an unknown one.

/// The known word that `written` is most likely a misspelling of.
pub(super) fn nearest<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain = normalise(written);
    let distance = |word: &str| strsim::osa_distance(&plain, &normalise(word));
    let nearest = known.iter().copied().min_by_key(|word| distance(word))?;
    let allowed = match plain.chars().count().max(nearest.chars().count()) {
        0..=2 => 0,
        3..=5 => 1,
        6..=8 => 2,
        _ => 3,
    };
    (distance(nearest) <= allowed).then_some(nearest)
}

/// "did you mean ...?" if a known word is near, else `listing`.
pub(super) fn help(written: &str, known: &[&str], listing: &str) -> String {
    match nearest(written, known) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("{listing} {}", list(known)),
    }
}

/// `a`, `b` and `c`.
pub(super) fn list(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

fn normalise(word: &str) -> String {
    word.to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_found_and_a_far_one_is_not() {
        let known = ["import", "write", "sys-path", "invalidate-caches"];
        assert_eq!(nearest("imprt", &known), Some("import"));
        assert_eq!(nearest("sys_path", &known), Some("sys-path"));
        assert_eq!(nearest("invalidate_cache", &known), Some("invalidate-caches"));
        assert_eq!(nearest("delete", &known), None);
        assert_eq!(nearest("", &known), None);
        assert_eq!(nearest("x", &[]), None);
    }

    #[test]
    fn lists_read_as_people_write_them() {
        assert_eq!(list(&[]), "");
        assert_eq!(list(&["a"]), "`a`");
        assert_eq!(list(&["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
