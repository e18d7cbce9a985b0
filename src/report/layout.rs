//! How text for people is laid out: 80 columns, filled paragraphs, commands in several lines, colours. What it says is for
//! those who call.

/// Columns that reports keep to (but for single words and paths that are longer).
pub(super) const WIDTH: usize = 80;

/// Colours: each repeats what a word beside it says.
pub(super) mod palette {
    use anstyle::{AnsiColor, Style};

    pub(in crate::report) const GOOD: Style = AnsiColor::Green.on_default();
    pub(in crate::report) const BAD: Style = AnsiColor::Red.on_default().bold();
    pub(in crate::report) const UNSURE: Style = AnsiColor::Yellow.on_default();
    pub(in crate::report) const STRONG: Style = Style::new().bold();
    pub(in crate::report) const FAINT: Style = Style::new().dimmed();
}

/// `text` in lines of at most [`WIDTH`] columns; the first starts with `first`, the others with as many blanks.
pub(super) fn wrapped(first: &str, text: &str) -> String {
    wrapped_below(first, &" ".repeat(textwrap::core::display_width(first)), text)
}

/// `text` in lines of at most [`WIDTH`] columns; the first starts with `first`, the others with `indent`.
pub(super) fn wrapped_below(first: &str, indent: &str, text: &str) -> String {
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(indent)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(text, options) + "\n"
}

/// `command` indented and, where it is long, in several lines that a shell reads as one: broken before an option, or before
/// any word of an option that is longer than a line.
pub(super) fn command(command: &str, indent: usize) -> String {
    let first = " ".repeat(indent);
    if indent + command.chars().count() <= WIDTH {
        return format!("{first}{command}\n");
    }
    let mut lines = vec![first];
    for part in options(&words(command)) {
        let whole = part.join(" ");
        let below = indent + 4;
        // Two columns are for the backslash.
        let fits = |line: usize, text: &str| line + 1 + text.chars().count() + 2 <= WIDTH;
        let pieces = if fits(below, &whole) { vec![whole.as_str()] } else { part };
        for piece in pieces {
            let line = lines.last().map_or(0, |line| line.chars().count());
            match lines.last_mut() {
                Some(last) if last.trim().is_empty() => last.push_str(piece),
                Some(last) if fits(line, piece) => *last = format!("{last} {piece}"),
                _ => lines.push(" ".repeat(below) + piece),
            }
        }
    }
    lines.join(" \\\n") + "\n"
}

/// The words of a command as they are written: a blank within quotes ends none.
fn words(command: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote, mut escaped) = (Vec::new(), 0, None, false);
    for (at, letter) in command.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quote != Some('\'') => escaped = true,
            '\'' | '"' if quote.is_none() => quote = Some(letter),
            '\'' | '"' if quote == Some(letter) => quote = None,
            ' ' if quote.is_none() => {
                words.push(&command[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&command[start..]);
    words
}

/// Words in parts, each but the first of which begins with an option.
fn options<'a>(words: &[&'a str]) -> Vec<Vec<&'a str>> {
    let mut parts: Vec<Vec<&str>> = Vec::new();
    for word in words {
        match parts.last_mut() {
            Some(part) if !word.starts_with("--") => part.push(word),
            _ => parts.push(vec![word]),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_command_stays_on_its_line() {
        assert_eq!(command("taster replay x.toml", 2), "  taster replay x.toml\n");
    }

    #[test]
    fn a_long_command_is_still_one_command() {
        let order = ["first"; 8].join(",");
        let tests = ["test_with_a_long_name.py::test_of_it"; 5].join(" ");
        for long in [
            format!("taster replay scenarios/x.toml --order {order} --python 3.11 --timestamps 1s"),
            format!("python3 -m pytest --quiet -p no:randomly {tests}"),
            format!("taster replay x.toml --order 'a test --with options,and \"another\" --one,{order}'"),
        ] {
            let text = command(&long, 4);
            let longest = words(&long).iter().map(|word| word.chars().count()).max().unwrap_or(0);
            let width = WIDTH.max(longest + 10);
            assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
            assert!(text.lines().count() > 1, "{text}");
            let joined = text.replace("\\\n", " ");
            assert_eq!(shlex::split(&joined), shlex::split(&long), "{text}");
        }
    }
}
