//! The page on a cause or a kind of finding as a terminal shows it, and the list of pages.

use std::fmt::Write as _;

use super::layout::wrapped;
use crate::explain::Topic;

/// The page on a topic, its paragraphs filled to 80 columns; addresses stay whole.
pub fn explanation(topic: Topic) -> String {
    let mut text = String::new();
    let mut paragraph = String::new();
    for line in topic.text().lines() {
        let begins = line.is_empty() || line.starts_with('#') || line.starts_with("- ");
        if begins {
            text += &filled(&std::mem::take(&mut paragraph));
        }
        match line.strip_prefix("- ") {
            _ if line.is_empty() => text.push('\n'),
            _ if line.starts_with('#') => {
                let _ = writeln!(text, "{}", line.trim_start_matches(['#', ' ']));
            }
            Some(_) => line.clone_into(&mut paragraph),
            None => {
                let gap = if paragraph.is_empty() { "" } else { " " };
                paragraph = format!("{paragraph}{gap}{}", line.trim());
            }
        }
    }
    text + &filled(&paragraph)
}

fn filled(paragraph: &str) -> String {
    match paragraph.strip_prefix("- ") {
        _ if paragraph.is_empty() => String::new(),
        Some(item) => wrapped("  - ", item),
        None => wrapped("  ", paragraph),
    }
}

/// Every code with its sentence.
pub fn topics() -> String {
    let told = |topic: Topic| format!("{}\n{}", topic.code(), wrapped("    ", &topic.sentence()));
    let list: String = Topic::all().map(told).collect();
    list + "\ntaster explain CODE prints the page of one cause or kind of finding.\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::Cause;

    #[test]
    fn texts_keep_to_80_columns_but_for_addresses() {
        for topic in Topic::all() {
            let text = explanation(topic);
            let long = text.lines().find(|line| line.chars().count() > 80 && !line.contains("https://"));
            assert_eq!(long, None, "{topic:?}");
        }
        assert_eq!(topics().lines().find(|line| line.chars().count() > 80), None);
    }

    #[test]
    fn a_text_on_the_terminal() {
        insta::assert_snapshot!(explanation(Topic::Cause(Cause::NegativePathEntry)));
    }
}
