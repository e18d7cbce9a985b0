//! How TOML spells a string: the place in the file of each part of its value, and the line of each of its lines.

use std::ops::Range;

/// The line of the file, from 1, on which each line of a string's value begins; empty if its spelling is too unusual to tell.
pub(super) fn lines(file: &str, string: &Range<usize>, value: &str) -> Vec<usize> {
    let Some((decoded, places)) = file.get(string.clone()).and_then(decoded) else { return Vec::new() };
    if decoded != value {
        return Vec::new();
    }
    let line_at = |place: &usize| file[..string.start + place].matches('\n').count() + 1;
    let starts = std::iter::once(0).chain(value.match_indices('\n').map(|(at, _)| at + 1));
    let starts = starts.filter(|start| *start < value.len());
    starts.filter_map(|start| places.get(start)).map(line_at).collect()
}

/// Where a part of a string's value stands in the file: the whole string if its spelling is too unusual to tell.
pub(super) fn place(file: &str, string: &Range<usize>, value: &str, part: &Range<usize>) -> Range<usize> {
    let Some((decoded, places)) = file.get(string.clone()).and_then(decoded) else { return string.clone() };
    if decoded != value {
        return string.clone();
    }
    let at = |offset: usize| places.get(offset).map(|place| string.start + place);
    match (at(part.start), at(part.end)) {
        (Some(start), Some(end)) => start..end.max(start + 1),
        _ => string.clone(),
    }
}

/// The value of a string of TOML, and for each byte of it, and for its end, the place in the string's spelling.
fn decoded(written: &str) -> Option<(String, Vec<usize>)> {
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| written.starts_with(quote))?;
    let end = written.len().checked_sub(quote.len()).filter(|end| *end >= quote.len())?;
    let mut at = quote.len();
    if quote.len() == 3 {
        let rest = &written[at..];
        at += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
    }
    let (mut value, mut places) = (String::new(), Vec::new());
    while at < end {
        let (letter, length) = match written[at..].strip_prefix('\\') {
            Some(escape) if quote.starts_with('"') => escaped(escape)?,
            _ => written[at..].chars().next().map(|letter| (Some(letter), letter.len_utf8()))?,
        };
        if let Some(letter) = letter {
            value.push(letter);
            places.resize(value.len(), at);
        }
        at += length;
    }
    places.push(end);
    Some((value, places))
}

/// The letter that an escape stands for (none for the end of a line), and the length of the escape; `after` is what follows the
/// backslash.
fn escaped(after: &str) -> Option<(Option<char>, usize)> {
    let kind = after.chars().next()?;
    let digits = |count: usize| {
        let code = u32::from_str_radix(after.get(1..=count)?, 16).ok()?;
        Some((Some(char::from_u32(code)?), count + 2))
    };
    let plain = |letter: char| Some((Some(letter), 2));
    match kind {
        'n' => plain('\n'),
        't' => plain('\t'),
        'r' => plain('\r'),
        '"' | '\\' => plain(kind),
        'b' => plain('\u{8}'),
        'f' => plain('\u{c}'),
        'e' => plain('\u{1b}'),
        'x' => digits(2),
        'u' => digits(4),
        'U' => digits(8),
        _ if kind.is_whitespace() => {
            Some((None, 1 + after.len() - after.trim_start_matches([' ', '\t', '\r', '\n']).len()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_its_line_in_the_file() {
        let told = |file: &str, value: &str| {
            let start = file.find(" = ").expect("there is a key") + 3;
            lines(file, &(start..file.len()), value)
        };
        assert_eq!(told("# a\nb = '''\nx\n\ny\n'''", "x\n\ny\n"), [3, 4, 5]);
        assert_eq!(told("# a\nb = \"x\\ny\"", "x\ny"), [2, 2]);
        assert_eq!(told("b = \"\"\"\nx \\\n  + 1\ny\"\"\"", "x + 1\ny"), [2, 4]);
        assert_eq!(told("b = 'x'", "y"), [0; 0]);
    }

    #[test]
    fn strings_of_every_kind_are_followed() {
        let value = |written: &str| decoded(written).map(|(value, _)| value);
        assert_eq!(value(r#""a\tb""#).as_deref(), Some("a\tb"));
        assert_eq!(value("'''\na\\n'''").as_deref(), Some("a\\n"));
        assert_eq!(value("\"\"\"\na \\\n   b\"\"\"").as_deref(), Some("a b"));
        assert_eq!(value(r#""\U0001F600""#).as_deref(), Some("\u{1f600}"));
        assert_eq!(value("no string"), None);
    }
}
