//! The text on a cause as a terminal shows it, and the list of causes.

use std::fmt::Write as _;

use super::layout::wrapped;
use crate::cause::Cause;
use crate::explain;

/// The text on a cause, its paragraphs filled to 80 columns; addresses stay whole.
pub fn explanation(cause: Cause) -> String {
    let mut text = String::new();
    let mut paragraph = String::new();
    for line in explain::text(cause).lines() {
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
pub fn causes() -> String {
    let told = |cause: Cause| format!("{}\n{}", cause.code(), wrapped("    ", &explain::sentence(cause)));
    let list: String = Cause::ALL.into_iter().map(told).collect();
    list + "\ntaster explain CAUSE prints the page of one cause.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_to_80_columns_but_for_addresses() {
        for cause in Cause::ALL {
            let text = explanation(cause);
            let long = text.lines().find(|line| line.chars().count() > 80 && !line.contains("https://"));
            assert_eq!(long, None, "{cause:?}");
        }
        assert_eq!(causes().lines().find(|line| line.chars().count() > 80), None);
    }

    #[test]
    fn a_text_on_the_terminal() {
        insta::assert_snapshot!(explanation(Cause::NegativePathEntry));
    }
}
