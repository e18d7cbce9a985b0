//! What stderr shows while a command works: a bar on a terminal, lines elsewhere.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use taster::package::PackageEvent;
use taster::run::Event;
use taster::suite::{HuntEvent, HuntProgress};

use crate::hunt_python::{ChosenPython, from_here};
use crate::lines::Lines;
use crate::phase;

/// The bar over explorations whose number is known.
const COUNTED: &str = "{bar:16} {prefix}  {wide_msg}";
/// The bar of a hunt, whose end nobody knows.
const OPEN: &str = "{spinner} {wide_msg}";

/// The display of one command.
#[derive(Debug)]
pub(crate) struct Progress {
    display: Display,
    total: usize,
    /// The explorations that go on, by their number from 0.
    current: Mutex<BTreeMap<usize, String>>,
    told: ToldOfHunt,
    /// The interpreter of a hunt, with the reason for it.
    python: String,
}

/// What of a hunt is told in lines that stay.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ToldOfHunt {
    /// Each order, and each test that the hunt looks into.
    pub(crate) orders: bool,
    /// Each finding and note; a report for people tells them itself.
    pub(crate) findings: bool,
}

#[derive(Debug)]
enum Display {
    Bar(ProgressBar),
    Lines(Lines),
}

impl Progress {
    /// Over `total` explorations.
    pub(crate) fn over(total: usize) -> Self {
        Self { total, ..Self::on(Display::of(ProgressBar::new(total as u64), COUNTED, Lines::new)) }
    }

    /// Over the survey of a package.
    pub(crate) fn of_package() -> Self {
        Self::on(Display::of(ProgressBar::new_spinner(), OPEN, Lines::new))
    }

    /// Over a hunt.
    pub(crate) fn of_hunt(told: ToldOfHunt, python: &ChosenPython) -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        let python = format!("{}: {}", from_here(&python.path, &here), python.because);
        Self { told, python, ..Self::on(Display::of(ProgressBar::new_spinner(), OPEN, Lines::beating)) }
    }

    fn on(display: Display) -> Self {
        let (current, python) = (Mutex::default(), String::new());
        Self { display, total: 0, current, told: ToldOfHunt::default(), python }
    }

    /// The exploration of this number (from 0) begins. Called from several threads.
    pub(crate) fn begin(&self, number: usize, what: &str) {
        let told = format!("[{}/{}] {what}", number + 1, self.total);
        if let Display::Lines(lines) = &self.display {
            lines.now_and_then(|| told.clone());
        }
        let mut current = self.current();
        // Whoever waits is told what for; of what is soon over, the report tells.
        current.insert(number, told);
        self.show_first(&current);
    }

    /// Something happened in the exploration of this number. It is shown of the first that goes on: the report waits for that one.
    /// Called from several threads.
    pub(crate) fn event(&self, number: usize, event: &Event) {
        let current = self.current();
        let Some((_, what)) = current.first_key_value().filter(|(first, _)| **first == number) else {
            return;
        };
        match &self.display {
            Display::Bar(bar) => bar.set_message(phase::in_words(event)),
            Display::Lines(lines) => lines.now_and_then(|| format!("{what}: {}", phase::in_words(event))),
        }
    }

    /// The exploration of this number is over. Called from several threads.
    pub(crate) fn end(&self, number: usize) {
        let mut current = self.current();
        current.remove(&number);
        if let Display::Bar(bar) = &self.display {
            bar.inc(1);
        }
        self.show_first(&current);
    }

    /// Names the first exploration that goes on in the bar.
    fn show_first(&self, current: &BTreeMap<usize, String>) {
        if let (Display::Bar(bar), Some((_, first))) = (&self.display, current.first_key_value())
            && bar.prefix() != *first
        {
            bar.set_prefix(first.clone());
            bar.set_message("");
        }
    }

    fn current(&self) -> MutexGuard<'_, BTreeMap<usize, String>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happened in the survey of a package. Called from several threads.
    pub(crate) fn package(&self, event: PackageEvent) {
        self.now_and_then(phase::of_package(event));
    }

    fn now_and_then(&self, text: String) {
        match &self.display {
            Display::Bar(bar) => bar.set_message(text),
            Display::Lines(lines) => lines.now_and_then(|| text),
        }
    }

    /// Something happened in the hunt.
    pub(crate) fn hunt(&self, event: &HuntEvent<'_>) {
        if let HuntEvent::Collected { python, pytest, .. } = event {
            self.aside(|| line(&format!("Python {python} ({}), pytest {pytest}", self.python)));
        }
        let Some((text, so_far)) = in_words(event) else { return };
        let is_passing = match event {
            HuntEvent::Order { .. }
            | HuntEvent::File { .. }
            | HuntEvent::Suspicion { .. }
            | HuntEvent::Patch { .. } => !self.told.orders,
            HuntEvent::Found { .. } => !self.told.findings,
            // The report for people ends with all notes.
            HuntEvent::Note { .. } => !self.told.findings && !self.told.orders,
            _ => false,
        };
        match &self.display {
            Display::Bar(bar) => {
                if !is_passing {
                    bar.suspend(|| line(&text));
                }
                let so_far = so_far.map(standing).unwrap_or_default();
                bar.set_message(format!("{so_far}{text}"));
            }
            Display::Lines(lines) if is_passing => {
                lines.now_and_then(|| so_far.map(standing).unwrap_or_default() + &text);
            }
            Display::Lines(lines) => lines.line(&text),
        }
    }

    /// Lets `write` write without a bar in between.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.display {
            Display::Bar(bar) => bar.suspend(write),
            Display::Lines(_) => write(),
        }
    }

    /// The command has done its work.
    pub(crate) fn finish(&self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }
}

impl Display {
    fn of(bar: ProgressBar, template: &str, lines: fn(fn(&str)) -> Lines) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::Lines(lines(line));
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self::Bar(bar)
    }
}

/// An event of a hunt in words, and how far the hunt is, if the event says so.
fn in_words(event: &HuntEvent<'_>) -> Option<(String, Option<HuntProgress>)> {
    Some(match event {
        HuntEvent::Collected { tests, files, within, seconds, .. } => {
            let here = std::env::current_dir().unwrap_or_default();
            let place = match (files, from_here(within, &here).as_str()) {
                (1, file) => format!("in {file}"),
                (files, "") => format!("in {files} files here"),
                (files, within) => format!("in {files} files below {within}/"),
            };
            let tests = counted(*tests, "test");
            (format!("{tests} {place}, collected in {seconds:.1} s"), None)
        }
        HuntEvent::Order { kind, timestamps, tests, so_far } => {
            let tests = counted(*tests, "test");
            let text = format!("order: {}, {tests}, {} times", kind.name(), timestamps.name());
            (text, Some(*so_far))
        }
        HuntEvent::File { file, tests, so_far } => {
            let here = std::env::current_dir().unwrap_or_default();
            let file = from_here(file, &here);
            (format!("{file} collected alone, {}", counted(*tests, "test")), Some(*so_far))
        }
        HuntEvent::Suspicion { test, so_far } => (format!("looking into {test}"), Some(*so_far)),
        HuntEvent::Patch { test, number, of, so_far } => {
            (format!("trying changes for {test} (patch {number} of {of})"), Some(*so_far))
        }
        HuntEvent::Found { finding, so_far } => (format!("found: {}", finding.victim), Some(*so_far)),
        HuntEvent::Note { text } => (format!("note: {text}"), None),
        _ => return None,
    })
}

/// `12 orders, 1 finding, 540 s left: `
fn standing(so_far: HuntProgress) -> String {
    let left = so_far.time_left.map(|left| format!(", {} s left", left.as_secs())).unwrap_or_default();
    let (orders, findings) = (counted(so_far.orders, "order"), counted(so_far.findings, "finding"));
    format!("{orders}, {findings}{left}: ")
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn line(text: &str) {
    // There is nowhere else to write it.
    let _ = writeln!(std::io::stderr(), "taster: {text}");
}
