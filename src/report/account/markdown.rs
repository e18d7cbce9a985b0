//! Markdown for a comment on a pull request: a line for each thing that was found, the rest folded, and never more than a comment
//! may hold.

use super::{Account, Case, CaseResult, FilePlace};

/// Letters that a comment of GitHub may have are 65,536; GitLab's may have more.
const MOST: usize = 60_000;
/// Cases whose details are shown.
const MOST_DETAILED: usize = 20;

/// The account as Markdown.
pub(super) fn text(account: &Account) -> String {
    let failed: Vec<&Case> = account.failed().collect();
    let mut text = format!("### {}: {}\n\n", account.command, verdict(&failed));
    let mut left = failed.len();
    for case in &failed {
        let item = item(case, failed.len() - left < MOST_DETAILED);
        if text.len() + item.len() > MOST {
            break;
        }
        text += &item;
        left -= 1;
    }
    if left > 0 {
        text += &format!("- and {left} more\n");
    }
    if !failed.is_empty() {
        text.push('\n');
    }
    text + &fenced(&account.summary)
}

fn verdict(failed: &[&Case]) -> String {
    let (unjudged, found): (Vec<&Case>, Vec<&Case>) =
        failed.iter().partition(|case| case.result == CaseResult::NotJudged);
    match (found.iter().map(|case| case.found()).sum::<usize>(), unjudged.len()) {
        (0, 0) => "nothing found".to_owned(),
        (found, 0) => format!("{found} found"),
        (found, unjudged) => format!("{found} found, {unjudged} not judged"),
    }
}

fn item(case: &Case, detailed: bool) -> String {
    let mut text = String::new();
    text += &format!("- {}", escaped(&case.claim()));
    if let Some(annotation) = case.annotations.first() {
        let alone = case.annotations.len() == 1;
        let about = if alone { format!("**{}** at ", annotation.code()) } else { String::new() };
        text += &format!(" — {about}{}", code(&place(&annotation.at)));
        for (at, what) in annotation.related.iter().filter(|(at, _)| at.line.is_some()) {
            text += &format!("; {} {}", code(&place(at)), escaped(what));
        }
    }
    text.push('\n');
    if case.annotations.len() > 1 {
        let parts = case.annotations.iter();
        text.extend(parts.map(|part| format!("  - **{}**: {}\n", part.code(), escaped(&part.message))));
    }
    if detailed && !case.details.trim().is_empty() {
        let details = fenced(&case.details);
        let details: String = details.lines().map(|line| format!("  {line}\n")).collect();
        text += &format!(
            "\n  <details><summary>what taster knows of it</summary>\n\n{details}\n  </details>\n\n"
        );
    }
    text
}

fn place(place: &FilePlace) -> String {
    match place.line {
        Some(line) => format!("{}:{line}", place.file),
        None => place.file.clone(),
    }
}

/// Text in a block that keeps it as it is: behind a fence longer than any in it.
fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

/// Text as code within a line.
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

/// Text in which no letter means anything else.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '\n' => escaped.push(' '),
            '<' => escaped += "&lt;",
            '&' => escaped += "&amp;",
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '@' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            other => escaped.push(other),
        }
    }
    escaped
}
