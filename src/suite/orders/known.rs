//! The orders that ran, so that none runs twice under the same timestamps.

use std::collections::HashSet;

use crate::suite::runner::run::HuntClock;

/// Orders by what distinguishes them.
#[derive(Debug, Default)]
pub(crate) struct KnownOrders(HashSet<(HuntClock, [u8; 32])>);

impl KnownOrders {
    /// Adds an order; returns whether it is new.
    pub(crate) fn add(&mut self, timestamps: HuntClock, order: &[usize]) -> bool {
        self.0.insert((timestamps, digest(order)))
    }

    /// Whether this order ran, or is about to.
    pub(super) fn has(&self, timestamps: HuntClock, order: &[usize]) -> bool {
        self.0.contains(&(timestamps, digest(order)))
    }
}

fn digest(order: &[usize]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for test in order {
        hasher.update(&test.to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}
