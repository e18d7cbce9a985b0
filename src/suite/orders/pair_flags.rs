//! Flags of ordered pairs of tests: a table of all pairs as long as that is small, else only those pairs that have any flag.

use std::collections::BTreeMap;

/// A table for so many tests takes 16 MB.
const MOST_IN_A_TABLE: usize = 4_000;

#[derive(Debug)]
pub(super) enum PairFlags {
    /// All pairs, row by row.
    Table {
        /// The number of columns.
        total: usize,
        /// One byte for each pair.
        flags: Vec<u8>,
    },
    /// The pairs with flags.
    Few(BTreeMap<(usize, usize), u8>),
}

impl PairFlags {
    /// No flags yet, in a suite of so many tests.
    pub(super) fn new(total: usize) -> Self {
        if total <= MOST_IN_A_TABLE {
            Self::Table { total, flags: vec![0; total * total] }
        } else {
            Self::Few(BTreeMap::new())
        }
    }

    pub(super) fn get(&self, one: usize, other: usize) -> u8 {
        match self {
            Self::Table { total, flags } => flags[one * total + other],
            Self::Few(flags) => flags.get(&(one, other)).copied().unwrap_or(0),
        }
    }

    pub(super) fn get_mut(&mut self, one: usize, other: usize) -> &mut u8 {
        match self {
            Self::Table { total, flags } => &mut flags[one * *total + other],
            Self::Few(flags) => flags.entry((one, other)).or_default(),
        }
    }

    /// The pairs that have all of these flags, in order.
    pub(super) fn with(&self, wanted: u8) -> Vec<(usize, usize)> {
        let has = |flags: u8| flags & wanted == wanted;
        match self {
            Self::Table { total, flags } => {
                let found = flags.iter().enumerate().filter(|(_, flags)| has(**flags));
                found.map(|(place, _)| (place / total, place % total)).collect()
            }
            Self::Few(flags) => {
                flags.iter().filter(|(_, flags)| has(**flags)).map(|(pair, _)| *pair).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::PairFlags;

    #[test]
    fn a_table_and_few_pairs_tell_the_same() {
        for mut flags in [PairFlags::new(5), PairFlags::Few(BTreeMap::new())] {
            *flags.get_mut(4, 0) |= 3;
            *flags.get_mut(1, 2) |= 1;
            *flags.get_mut(1, 2) |= 4;
            *flags.get_mut(0, 3) |= 2;
            assert_eq!([flags.get(1, 2), flags.get(2, 1), flags.get(4, 0)], [5, 0, 3]);
            assert_eq!(flags.with(1), [(1, 2), (4, 0)]);
            assert_eq!(flags.with(3), [(4, 0)]);
        }
    }

    #[test]
    fn a_large_suite_has_no_table() {
        assert!(matches!(PairFlags::new(50_000), PairFlags::Few(_)));
    }
}
