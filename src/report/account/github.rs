//! Workflow commands of GitHub Actions: a line for each annotation, which annotates a line of a file. The rules of escaping are those
//! of the `@actions/core` toolkit (`command.ts`).

use super::{Account, Annotation, Weight};

/// The account as lines for a step's output.
pub(super) fn text(account: &Account) -> String {
    account.annotations().map(command).collect()
}

fn command(annotation: &Annotation) -> String {
    let level = match annotation.weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
    };
    let mut properties = format!("file={}", property(&annotation.at.file));
    if let Some(line) = annotation.at.line {
        properties += &format!(",line={line}");
    }
    properties += &format!(",title={}", property(&format!("taster: {}", annotation.code())));
    let mut message = annotation.message.clone();
    for (place, what) in &annotation.related {
        let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
        message += &format!("\n{}{line}: {what}", place.file);
    }
    format!("::{level} {properties}::{}\n", data(&message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
