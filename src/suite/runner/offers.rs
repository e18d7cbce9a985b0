//! Runs that a process at work offers to those that have nothing left to do, while several of them run ahead.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::run::{EndedRun, RunRequest};

/// What is offered, and what came of it.
#[derive(Debug, Default)]
pub(crate) struct Offers {
    board: Mutex<Board>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Board {
    /// How many are at work, and may offer more.
    at_work: usize,
    /// How many runs were offered.
    offered: usize,
    /// Runs that nobody has begun, by their numbers.
    open: Vec<(usize, RunRequest)>,
    /// Runs that are over, by their numbers: `None` if whoever took one has panicked.
    over: HashMap<usize, Option<EndedRun>>,
}

/// Somebody at work, until this is dropped.
#[derive(Debug)]
pub(super) struct Offering<'o>(&'o Offers);

/// A run that somebody has taken.
#[derive(Debug)]
struct OfferedRun<'o> {
    offers: &'o Offers,
    number: usize,
    ended: Option<EndedRun>,
}

impl Offers {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, how: impl FnOnce(&mut Board) -> T) -> T {
        let done = how(&mut self.board());
        self.changed.notify_all();
        done
    }

    /// Waits until something is to be had.
    fn wait_for<T>(&self, mut take: impl FnMut(&mut Board) -> Option<T>) -> T {
        let mut board = self.board();
        loop {
            if let Some(taken) = take(&mut board) {
                return taken;
            }
            board = self.changed.wait(board).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Begins work that may offer runs.
    pub(super) fn begin(&self) -> Offering<'_> {
        self.change(|board| board.at_work += 1);
        Offering(self)
    }

    /// Offers a run; returns its number.
    pub(super) fn offer(&self, wanted: &RunRequest) -> usize {
        self.change(|board| {
            board.offered += 1;
            board.open.push((board.offered, wanted.clone()));
            board.offered
        })
    }

    /// Withdraws a run that was offered, if nobody has begun it.
    pub(super) fn withdraw(&self, offered: &mut Option<usize>) -> bool {
        let mut board = self.board();
        let place = board.open.iter().position(|(number, _)| Some(*number) == *offered);
        if let Some(place) = place {
            board.open.remove(place);
            *offered = None;
        }
        place.is_some()
    }

    /// Waits for a run that somebody has begun.
    ///
    /// # Panics
    /// If whoever took it has panicked.
    pub(super) fn ended(&self, number: usize) -> EndedRun {
        self.wait_for(|board| board.over.remove(&number))
            .unwrap_or_else(|| panic!("an offered run has panicked"))
    }

    /// Makes runs that others offer, until nobody is at work who could offer more.
    pub(super) fn serve(&self, mut make: impl FnMut(&RunRequest) -> EndedRun) {
        let take = |board: &mut Board| match board.open.pop() {
            Some(open) => Some(Some(open)),
            None => (board.at_work == 0).then_some(None),
        };
        while let Some((number, wanted)) = self.wait_for(take) {
            let mut taken = OfferedRun { offers: self, number, ended: None };
            taken.ended = Some(make(&wanted));
        }
    }
}

impl Drop for Offering<'_> {
    fn drop(&mut self) {
        self.0.change(|board| board.at_work -= 1);
    }
}

impl Drop for OfferedRun<'_> {
    fn drop(&mut self) {
        let ended = self.ended.take();
        self.offers.change(|board| board.over.insert(self.number, ended));
    }
}
