//! Puts things with one key together, in the order in which the keys first appear: findings of several runs, runs of one outcome.

/// Each key once, with all values that have it.
pub(super) fn gather<K: PartialEq, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Vec<(K, Vec<V>)> {
    let mut gathered: Vec<(K, Vec<V>)> = Vec::new();
    for (key, value) in pairs {
        match gathered.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => gathered.push((key, vec![value])),
        }
    }
    gathered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_values_theirs() {
        let pairs = [("b", 1), ("a", 2), ("b", 3)];
        assert_eq!(gather(pairs), [("b", vec![1, 3]), ("a", vec![2])]);
    }
}
