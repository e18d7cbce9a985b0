//! What stderr shows while a command works: a bar on a terminal, lines elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use taster::package::PackageEvent;
use taster::run::Event;
use taster::suite::{HuntEvent, HuntProgress};

use crate::hunt_python::{ChosenPython, from_here};
use crate::lines::Lines;
use crate::phase;

/// The bar over explorations whose number is known.
const COUNTED: &str = "{bar:16} {pos}/{len}  {prefix}  {wide_msg}";
/// The bar of a hunt, whose end nobody knows.
const OPEN: &str = "{spinner} {wide_msg}";

/// The display of one command.
#[derive(Debug)]
pub(crate) struct Progress {
    display: Display,
    begun: usize,
    total: usize,
    /// The exploration that goes on.
    current: String,
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
        let (current, python) = (String::new(), String::new());
        Self { display, begun: 0, total: 0, current, told: ToldOfHunt::default(), python }
    }

    /// The next exploration begins.
    pub(crate) fn begin(&mut self, what: &str) {
        self.begun += 1;
        match &mut self.display {
            Display::Bar(bar) => {
                bar.inc(u64::from(!bar.prefix().is_empty()));
                bar.set_prefix(what.to_owned());
                bar.set_message("");
            }
            Display::Lines(lines) => {
                let told = format!("[{}/{}] {what}", self.begun, self.total);
                // Whoever waits is told what for; of what is soon over, the report tells.
                self.current = format!("{told}: ");
                lines.now_and_then(|| told);
            }
        }
    }

    /// Something happened in the exploration. Called from several threads.
    pub(crate) fn event(&self, event: &Event) {
        self.now_and_then(phase::in_words(event));
    }

    /// Something happened in the survey of a package. Called from several threads.
    pub(crate) fn package(&self, event: PackageEvent) {
        self.now_and_then(phase::of_package(event));
    }

    fn now_and_then(&self, text: String) {
        match &self.display {
            Display::Bar(bar) => bar.set_message(text),
            Display::Lines(lines) => lines.now_and_then(|| format!("{}{text}", self.current)),
        }
    }

    /// Something happened in the hunt.
    pub(crate) fn hunt(&self, event: &HuntEvent<'_>) {
        if let HuntEvent::Collected { python, pytest, .. } = event {
            self.aside(|| line(&format!("Python {python} ({}), pytest {pytest}", self.python)));
        }
        let Some((text, so_far)) = in_words(event) else { return };
        let is_passing = match event {
            HuntEvent::Order { .. } | HuntEvent::Suspicion { .. } => !self.told.orders,
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
        HuntEvent::Suspicion { test, so_far } => (format!("looking into {test}"), Some(*so_far)),
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
