//! Sources that today's grammar or encoding does not tell enough of: what other Pythons could make of them.

/// A PEP 263 cookie that could make the text mean something else.
pub(crate) fn foreign_encoding(source: &str) -> bool {
    source.lines().take(2).any(|line| {
        let Some((_, rest)) = line.split_once("coding") else {
            return false;
        };
        let name = rest.trim_start_matches([':', '=']).trim().to_ascii_lowercase().replace('_', "-");
        line.contains('#')
            && rest.starts_with([':', '='])
            && !["utf-8", "utf8", "ascii", "us-ascii", "latin-1", "iso-8859-1"]
                .iter()
                .any(|known| name.starts_with(known))
    })
}

/// Of a source that today's grammar rejects: whether every Python's does, or whether what an older one (2.7, or 3.6 with
/// `async` as a name) could make of it has nothing in it that acts.
pub(super) fn never_compiles_or_harmless(source: &str) -> bool {
    unbalanced(source) || harmless_in_any_grammar(source)
}

/// Brackets that do not match, in a text with no quote, comment or continuation that could hide one.
fn unbalanced(source: &str) -> bool {
    if source.contains(['"', '\'', '#', '\\']) {
        return false;
    }
    let mut open = Vec::new();
    for character in source.chars() {
        match character {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(character) => return true,
            _ => {}
        }
    }
    !open.is_empty()
}

fn harmless_in_any_grammar(source: &str) -> bool {
    const ACTIVE_CHARACTERS: [char; 9] = ['(', '[', '.', '@', '`', '*', '>', '%', '\\'];
    const ACTIVE_WORDS: [&str; 13] = [
        "async", "await", "class", "def", "del", "exec", "for", "from", "lambda", "print", "raise", "with",
        "yield",
    ];
    let mut words = source.split(|character: char| !character.is_alphanumeric() && character != '_');
    !source.contains(ACTIVE_CHARACTERS)
        && !words.any(|word| word.starts_with("__") || ACTIVE_WORDS.contains(&word))
}
