//! Few orders in which every ordered pair of tests occurs as neighbours: the rows of a row-complete Latin square (E. J.
//! Williams, "Experimental designs balanced for the estimation of residual effects of treatments", 1949).

use std::collections::BTreeSet;

use super::Shape;

/// Orders of whole tests that, unless `after` prevents it, cover every ordered pair as neighbours: n orders for
/// an even number of tests, n + 1 for an odd one (the square of n + 1 without one item, whose two neighbours
/// then become adjacent). A test that must wait for another is placed as early as it may start.
pub fn covering_orders(shape: &Shape, tests: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let orders =
        (0..rows(tests.len())).map(|at| row(tests.len(), at).map(|item| tests[item]).collect::<Vec<_>>());
    orders.map(|order| constrained(shape, order))
}

/// The number of rows that cover all ordered pairs of `count` items.
pub fn rows(count: usize) -> usize {
    if count < 2 { 1 } else { side(count) }
}

/// Row number `row` for `count` items, which are numbered from 0.
pub fn row(count: usize, row: usize) -> impl Iterator<Item = usize> {
    let side = side(count);
    (0..side).map(move |column| (zigzag(column, side) + row) % side).filter(move |&item| item < count)
}

/// Squares of this kind exist for even numbers.
fn side(count: usize) -> usize {
    count + count % 2
}

/// 0, n-1, 1, n-2, ...: all differences between neighbours are distinct.
fn zigzag(column: usize, side: usize) -> usize {
    if column.is_multiple_of(2) { column / 2 } else { side - column.div_ceil(2) }
}

/// The same order, except that tests that must wait come as soon as they may.
fn constrained(shape: &Shape, order: Vec<usize>) -> Vec<usize> {
    if order.iter().all(|&test| shape.after[test].is_empty()) {
        return order;
    }
    let mut waits = vec![0; shape.tests()];
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); shape.tests()];
    let mut place = vec![None; shape.tests()];
    order.iter().enumerate().for_each(|(at, &test)| place[test] = Some(at));
    for &test in &order {
        for &other in shape.after[test].iter().filter(|&&other| place[other].is_some()) {
            waits[test] += 1;
            waiting[other].push(test);
        }
    }
    let mut free: BTreeSet<(Option<usize>, usize)> =
        order.iter().filter(|&&test| waits[test] == 0).map(|&test| (place[test], test)).collect();
    let mut placed = Vec::with_capacity(order.len());
    while let Some((_, test)) = free.pop_first() {
        placed.push(test);
        for &later in &waiting[test] {
            waits[later] -= 1;
            if waits[later] == 0 {
                free.insert((place[later], later));
            }
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::tests::shape;
    use super::*;
    use crate::scenario::Permute;

    #[test]
    fn every_ordered_pair_stands_side_by_side() {
        for count in 2..=13 {
            let free = shape(&vec![1; count], Permute::Tests);
            let orders: Vec<_> = covering_orders(&free, &(0..count).collect::<Vec<_>>()).collect();
            assert_eq!(orders.len(), count + count % 2);
            let pairs: HashSet<_> =
                orders.iter().flat_map(|order| order.windows(2).map(|pair| (pair[0], pair[1]))).collect();
            assert_eq!(pairs.len(), count * (count - 1), "{count} tests");
        }
    }

    #[test]
    fn a_test_that_must_wait_waits() {
        let mut four = shape(&[1; 4], Permute::Tests);
        four.after[0] = vec![3];
        let mut orders = covering_orders(&four, &[0, 1, 2, 3]);
        let place = |order: &[usize], test| order.iter().position(|&other| other == test);
        assert!(orders.all(|order| place(&order, 3) < place(&order, 0)));
    }
}
