//! Finds a smallest part of a sequence that still fails. Pure: it knows nothing of tests, steps or state.
//!
//! The caller decides what an element is and what "fails" means, and handles repeats of an uncertain answer,
//! caching, budgets and parallel runs.

/// Finds a 1-minimal subsequence of `items` that still fails: no single element of it can be left out.
///
/// `items` as a whole must fail; this is not checked again. Elements keep their relative order. The result is
/// empty if the empty sequence fails. For `n` items of which `k` are needed, `fails` is called `O(k log n)`
/// times if it is monotone (every superset of a failing set fails). If it is not (one element undoes the effect
/// of another), the result still fails and is still 1-minimal, but more calls may be needed.
///
/// A first guess is that one element is enough; it is found by halving, which runs ever smaller sets, `2n`
/// elements in all. If that guess is wrong, the needed elements are found one by one, last first, each as the
/// end of a shortest failing prefix; a last round leaves out superfluous elements. The second part follows the
/// idea of Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002), with a binary
/// search instead of shrinking chunks.
///
/// # Errors
///
/// The first error of `fails` ends the search and is returned.
///
/// # Examples
///
/// ```
/// use std::convert::Infallible;
///
/// let needed = |part: &[u32]| Ok::<_, Infallible>(part.contains(&3) && part.contains(&70));
/// let items: Vec<u32> = (0..100).collect();
/// assert_eq!(taster::minimize::minimize(&items, needed), Ok(vec![3, 70]));
/// ```
pub fn minimize<T: Clone, E>(
    items: &[T],
    mut fails: impl FnMut(&[T]) -> Result<bool, E>,
) -> Result<Vec<T>, E> {
    let mut ask = |chosen: &[usize]| {
        let part: Vec<T> = chosen.iter().map(|&index| items[index].clone()).collect();
        fails(&part)
    };
    let chosen = smallest(items.len(), &mut ask)?;
    Ok(chosen.into_iter().map(|index| items[index].clone()).collect())
}

/// One element that fails alone, of `items` that fail as a whole, by halves. `None` where halves do not tell.
pub(crate) fn one_by_halves<T: Copy, E>(
    items: &[T],
    mut fails: impl FnMut(&[T]) -> Result<bool, E>,
) -> Result<Option<T>, E> {
    let mut ask = |chosen: &[usize]| fails(&chosen.iter().map(|&index| items[index]).collect::<Vec<T>>());
    Ok(match halve(items.len(), &mut ask)? {
        Halved::One(index) => Some(items[index]),
        Halved::Within(_) => None,
    })
}

/// The indices of a 1-minimal failing subsequence of `count` items.
fn smallest<E>(count: usize, ask: &mut impl FnMut(&[usize]) -> Result<bool, E>) -> Result<Vec<usize>, E> {
    if count == 0 || ask(&[])? {
        return Ok(Vec::new());
    }
    if count == 1 {
        return Ok(vec![0]);
    }
    match halve(count, ask)? {
        Halved::One(index) => Ok(vec![index]),
        Halved::Within(window) => {
            let needed = needed_one_by_one(window, ask)?;
            without_superfluous(needed, ask)
        }
    }
}

/// The result of halving.
enum Halved {
    /// This element fails alone.
    One(usize),
    /// More than one element is needed; this is the smallest window known to fail.
    Within(Vec<usize>),
}

/// Searches for one element that fails alone, guessing that if one half passes the other one fails.
fn halve<E>(count: usize, ask: &mut impl FnMut(&[usize]) -> Result<bool, E>) -> Result<Halved, E> {
    let mut failing: Vec<usize> = (0..count).collect();
    let mut window = failing.clone();
    let mut window_was_asked = true;
    while window.len() > 1 {
        let second = window.split_off(window.len() / 2);
        window_was_asked = ask(&window)?;
        if window_was_asked {
            failing.clone_from(&window);
        } else {
            window = second;
        }
    }
    match window.first() {
        Some(&index) if window_was_asked || ask(&[index])? => Ok(Halved::One(index)),
        _ => Ok(Halved::Within(failing)),
    }
}

/// Collects needed elements, the last one first: each ends a shortest prefix that fails together with those found.
fn needed_one_by_one<E>(
    window: Vec<usize>,
    ask: &mut impl FnMut(&[usize]) -> Result<bool, E>,
) -> Result<Vec<usize>, E> {
    let mut needed: Vec<usize> = Vec::new();
    let mut rest = window;
    // Invariant: `rest` followed by `needed` fails. All of `needed` comes after all of `rest`.
    loop {
        let (mut passing, mut failing) = (0, rest.len());
        while failing - passing > 1 {
            let middle = usize::midpoint(passing, failing);
            if ask(&joined(&rest[..middle], &needed))? {
                failing = middle;
            } else {
                passing = middle;
            }
        }
        rest.truncate(failing);
        let Some(last) = rest.pop() else { return Ok(needed) };
        needed.insert(0, last);
        if rest.is_empty() || ask(&needed)? {
            return Ok(needed);
        }
    }
}

/// Leaves out elements without which the rest still fails, one at a time, as long as there are any.
fn without_superfluous<E>(
    mut needed: Vec<usize>,
    ask: &mut impl FnMut(&[usize]) -> Result<bool, E>,
) -> Result<Vec<usize>, E> {
    let mut position = 0;
    let mut untouched = 0;
    while needed.len() > 1 && untouched < needed.len() {
        position %= needed.len();
        let mut without = needed.clone();
        without.remove(position);
        if ask(&without)? {
            needed = without;
            untouched = 0;
        } else {
            untouched += 1;
            position += 1;
        }
    }
    Ok(needed)
}

fn joined(first: &[usize], second: &[usize]) -> Vec<usize> {
    first.iter().chain(second).copied().collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::minimize;

    fn minimized(count: usize, fails: impl Fn(&[usize]) -> bool) -> (Vec<usize>, usize) {
        let calls = Cell::new(0);
        let items: Vec<usize> = (0..count).collect();
        let answer = minimize(&items, |part| {
            calls.set(calls.get() + 1);
            Ok::<_, Infallible>(fails(part))
        });
        let Ok(answer) = answer;
        (answer, calls.get())
    }

    #[test]
    fn nothing_needed_gives_nothing() {
        assert_eq!(minimized(8, |_| true), (vec![], 1));
        assert_eq!(minimized(0, |_| true), (vec![], 0));
    }

    #[test]
    fn one_needed_takes_a_logarithm_of_calls() {
        for wanted in [0, 1, 511, 1022, 1023] {
            let (answer, calls) = minimized(1024, |part| part.contains(&wanted));
            assert_eq!(answer, [wanted]);
            assert!(calls <= 12, "{calls} calls");
        }
    }

    #[test]
    fn four_needed_are_found_in_order() {
        let wanted = [3, 500, 501, 1999];
        let (answer, calls) = minimized(2000, |part| wanted.iter().all(|index| part.contains(index)));
        assert_eq!(answer, wanted);
        assert!(calls <= 6 * 11 + 6, "{calls} calls");
    }

    #[test]
    fn an_element_that_undoes_another_is_left_out() {
        // 10 spoils, 20 cleans, 30 spoils again: the last of them decides.
        let fails = |part: &[usize]| matches!(part.iter().rfind(|&&i| i == 10 || i == 20 || i == 30), Some(&i) if i != 20);
        let (answer, _) = minimized(64, fails);
        assert!(answer == [10] || answer == [30], "{answer:?}");
    }

    #[test]
    fn an_error_ends_the_search() {
        let mut calls = 0;
        let answer = minimize(&[1, 2, 3], |_| {
            calls += 1;
            if calls == 2 { Err("broken") } else { Ok(false) }
        });
        assert_eq!(answer, Err("broken"));
        assert_eq!(calls, 2);
    }

    proptest! {
        #[test]
        fn a_monotone_predicate_gives_exactly_what_is_needed(
            count in 1_usize..200,
            picks in prop::collection::btree_set(0_usize..200, 1..6),
        ) {
            let wanted: Vec<usize> = picks.into_iter().filter(|&pick| pick < count).collect();
            let (answer, calls) = minimized(count, |part| wanted.iter().all(|index| part.contains(index)));
            prop_assert_eq!(&answer, &wanted);
            let logarithm = count.ilog2() as usize + 2;
            prop_assert!(calls <= (wanted.len() + 1) * (logarithm + 2) + 2, "{} calls", calls);
        }

        #[test]
        fn any_predicate_gives_a_failing_part_that_cannot_lose_one_element(
            count in 1_usize..9,
            table in prop::collection::vec(any::<bool>(), 512),
        ) {
            let full = (1_usize << count) - 1;
            let fails = |part: &[usize]| {
                let word: usize = part.iter().map(|index| 1 << index).sum();
                word == full || table[word]
            };
            let (answer, _) = minimized(count, fails);
            prop_assert!(fails(&answer));
            prop_assert!(answer.is_sorted());
            for left_out in 0..answer.len() {
                let mut without = answer.clone();
                without.remove(left_out);
                prop_assert!(!fails(&without), "{:?} without {} still fails", answer, left_out);
            }
        }
    }
}
