//! What stderr shows while a run is under way: a bar on a terminal, lines elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use taster::run::Event;

use crate::phase;

/// How often a line says how far a long exploration is.
const EVERY: Duration = Duration::from_secs(10);

/// Progress over several explorations.
#[derive(Debug)]
pub(crate) struct Progress(Display);

#[derive(Debug)]
enum Display {
    Bar(ProgressBar),
    Lines { begun: usize, total: usize, last: Mutex<Instant> },
}

impl Progress {
    /// Over `total` explorations.
    pub(crate) fn over(total: usize) -> Self {
        if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(total as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:16} {pos}/{len}  {prefix}  {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            return Self(Display::Bar(bar));
        }
        Self(Display::Lines { begun: 0, total, last: Mutex::new(Instant::now()) })
    }

    /// The next exploration begins.
    pub(crate) fn begin(&mut self, what: &str) {
        match &mut self.0 {
            Display::Bar(bar) => {
                bar.inc(u64::from(!bar.prefix().is_empty()));
                bar.set_prefix(what.to_owned());
                bar.set_message("");
            }
            Display::Lines { begun, total, last } => {
                *begun += 1;
                *last.get_mut().unwrap_or_else(PoisonError::into_inner) = Instant::now();
                line(&format!("[{begun}/{total}] {what}"));
            }
        }
    }

    /// Something happened in the exploration. Called from several threads.
    pub(crate) fn event(&self, event: &Event) {
        let told = phase::in_words(event);
        match &self.0 {
            Display::Bar(bar) => bar.set_message(told),
            Display::Lines { last, .. } => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() >= EVERY {
                    *last = Instant::now();
                    line(&told);
                }
            }
        }
    }

    /// Lets `write` write without a bar in between.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.0 {
            Display::Bar(bar) => bar.suspend(write),
            Display::Lines { .. } => write(),
        }
    }

    /// All explorations are over.
    pub(crate) fn finish(&self) {
        if let Display::Bar(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn line(text: &str) {
    // There is nowhere else to say it.
    let _ = writeln!(std::io::stderr(), "taster: {text}");
}
