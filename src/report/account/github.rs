//! Workflow commands of GitHub Actions: a line for each point, which annotates a line of a file. The rules of escaping are those
//! of the `@actions/core` toolkit (`command.ts`).

use super::{Account, Level, Point};

/// The account as lines for a step's output.
pub(super) fn text(account: &Account) -> String {
    account.points().map(command).collect()
}

fn command(point: &Point) -> String {
    let level = match point.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let mut properties = format!("file={}", property(&point.at.file));
    if let Some(line) = point.at.line {
        properties += &format!(",line={line}");
    }
    properties += &format!(",title={}", property(&format!("taster: {}", point.topic.code())));
    let mut message = point.message.clone();
    for (place, what) in &point.related {
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
