//! Lines about work that goes on, where no bar can be shown: not more than one in ten seconds for what passes, and at least one in ten
//! seconds where somebody waits for something long. What they say is for `progress`.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a line says how far long work is.
const EVERY: Duration = Duration::from_secs(10);

/// What writes a line.
type Write = fn(&str);

/// The lines of one command.
#[derive(Debug)]
pub(crate) struct Lines {
    last: Arc<Mutex<LastLine>>,
    write: Write,
    /// While it is there, a thread writes too.
    _beats: Option<Sender<()>>,
}

#[derive(Debug, Default)]
struct LastLine {
    /// When it was written, if one was.
    at: Option<Instant>,
    /// What goes on, and since when.
    doing: Option<(String, Instant)>,
}

impl LastLine {
    /// How long nothing need be written yet.
    fn rest(&self, every: Duration) -> Duration {
        self.at.map_or(every, |at| every.saturating_sub(at.elapsed()))
    }
}

impl Lines {
    /// Lines only when something happens.
    pub(crate) fn new(write: Write) -> Self {
        Self { last: Arc::default(), write, _beats: None }
    }

    /// Lines even when nothing happens.
    pub(crate) fn beating(write: Write) -> Self {
        Self::beating_every(EVERY, write)
    }

    fn beating_every(every: Duration, write: Write) -> Self {
        let last: Arc<Mutex<LastLine>> = Arc::default();
        let (beats, ended) = mpsc::channel();
        let shared = Arc::clone(&last);
        std::thread::spawn(move || {
            let mut rest = every;
            while ended.recv_timeout(rest) == Err(RecvTimeoutError::Timeout) {
                rest = beat(&shared, every, write);
            }
        });
        Self { last, write, _beats: Some(beats) }
    }

    /// Something passes: a line, unless one was written a moment ago.
    pub(crate) fn now_and_then(&self, text: impl FnOnce() -> String) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.at.is_none() || last.rest(EVERY).is_zero();
        let text = text();
        if is_due {
            last.at = Some(Instant::now());
            (self.write)(&text);
        }
        last.doing = Some((text, Instant::now()));
    }

    /// A line that stays.
    pub(crate) fn line(&self, text: &str) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        (last.at, last.doing) = (Some(now), Some((text.to_owned(), now)));
        (self.write)(text);
    }
}

/// Says once more what goes on, if nothing was written for long; returns when to look again.
fn beat(last: &Mutex<LastLine>, every: Duration, write: Write) -> Duration {
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    let rest = last.rest(every);
    if !rest.is_zero() && last.at.is_some() {
        return rest;
    }
    if let Some((text, since)) = &last.doing {
        write(&format!("{text} (for {} s)", since.elapsed().as_secs()));
        last.at = Some(Instant::now());
    }
    every
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::Lines;

    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

    fn said() -> Vec<String> {
        SAID.lock().unwrap().clone()
    }

    #[test]
    fn somebody_who_waits_is_told_that_it_goes_on() {
        let lines =
            Lines::beating_every(Duration::from_millis(5), |text| SAID.lock().unwrap().push(text.to_owned()));
        lines.line("order: state");
        while said().len() < 3 {
            std::thread::yield_now();
        }
        assert_eq!(said()[..3], ["order: state", "order: state (for 0 s)", "order: state (for 0 s)"]);
        drop(lines);
    }
}
