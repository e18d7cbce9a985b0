//! Does pieces of work side by side, and hands over the results one after the other, in the order of the pieces.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Calls `work` for each number below `count`, in several threads if there are several `lanes`, and `take` in this thread for each
/// result, in the order of the numbers. A lane is kept as long as its thread has work. Once `take` has failed, no piece is begun.
pub(crate) fn in_order<L: Send, T: Send, E>(
    count: usize,
    lanes: Vec<L>,
    work: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(usize, T) -> Result<(), E>,
) -> Result<(), E> {
    if lanes.len() < 2 {
        return (0..count).try_for_each(|at| take(at, work(at)));
    }
    let begun = AtomicUsize::new(0);
    let (begun, work) = (&begun, &work);
    thread::scope(|scope| {
        let (done, results) = mpsc::channel();
        for lane in lanes {
            let done = done.clone();
            scope.spawn(move || {
                let _lane = lane;
                let numbers = || Some(begun.fetch_add(1, Ordering::SeqCst)).filter(|&at| at < count);
                // Nobody listens any more once a result could not be taken.
                while numbers().is_some_and(|at| done.send((at, work(at))).is_ok()) {}
            });
        }
        drop(done);
        let mut waiting = BTreeMap::new();
        let mut wanted = 0;
        for (at, result) in results {
            waiting.insert(at, result);
            while let Some(result) = waiting.remove(&wanted) {
                take(wanted, result)?;
                wanted += 1;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn results_come_in_order_whichever_is_done_first() {
        let second_is_done = AtomicBool::new(false);
        let work = |at: usize| {
            if at == 0 {
                while !second_is_done.load(Ordering::SeqCst) {
                    thread::yield_now();
                }
            }
            second_is_done.fetch_or(at == 1, Ordering::SeqCst);
            at * 10
        };
        let mut taken = Vec::new();
        let done: Result<(), ()> = in_order(5, vec![(), ()], work, |at, result| {
            taken.push((at, result));
            Ok(())
        });
        assert_eq!(done, Ok(()));
        assert_eq!(taken, [(0, 0), (1, 10), (2, 20), (3, 30), (4, 40)]);
    }

    #[test]
    fn two_lanes_work_at_once() {
        let both = Barrier::new(2);
        let done: Result<(), ()> = in_order(2, vec![(), ()], |_| both.wait(), |_, _| Ok(()));
        assert_eq!(done, Ok(()));
    }

    #[test]
    fn nothing_is_begun_once_a_result_could_not_be_taken() {
        for lanes in [vec![()], vec![(), ()]] {
            let begun = AtomicUsize::new(0);
            let work = |at: usize| {
                begun.fetch_add(1, Ordering::SeqCst);
                at
            };
            assert_eq!(in_order(100_000, lanes, work, |_, _| Err("closed")), Err("closed"));
            assert!(begun.load(Ordering::SeqCst) < 100_000);
        }
    }
}
