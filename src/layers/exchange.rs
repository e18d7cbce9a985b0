//! Distributes the states that workers find: each worker has the table of its shard, and sends states of other
//! shards to their workers.

use std::sync::mpsc::{Receiver, Sender, channel};

use super::error::{LayersError, WorkerError};
use super::packing::PackedKey;
use super::table::{Number, StateTable, Ways, put, shard_of};

/// The number of states sent at once.
const BATCH: usize = 256;

/// Receives the states of the next layer.
pub(super) trait Sink<const W: usize, N: Number> {
    /// Receives a state with the ways into it.
    fn take(&mut self, key: PackedKey<W>, ways: Ways<N>) -> Result<(), LayersError>;
    /// Receives what the other workers sent; returns the number of states.
    fn settle(&mut self) -> Result<usize, WorkerError>;
}

/// The tables of all shards, filled by one worker.
pub(super) struct All<const W: usize, N: Number>(pub(super) Vec<StateTable<W, N>>);

impl<const W: usize, N: Number> Sink<W, N> for All<W, N> {
    #[inline]
    fn take(&mut self, key: PackedKey<W>, ways: Ways<N>) -> Result<(), LayersError> {
        let shard = shard_of(&key, self.0.len());
        put(&mut self.0[shard], key, ways)
    }

    fn settle(&mut self) -> Result<usize, WorkerError> {
        Ok(self.0.iter().map(StateTable::len).sum())
    }
}

/// States of one shard, found by the worker of another.
type Exchanged<const W: usize, N> = Vec<(PackedKey<W>, Ways<N>)>;

/// One worker's table, and its channels to the others.
pub(super) struct Exchange<const W: usize, N: Number> {
    /// This worker's shard.
    shard: usize,
    table: StateTable<W, N>,
    inbox: Receiver<Exchanged<W, N>>,
    /// The states to send to each shard, and the channel.
    outboxes: Vec<(Exchanged<W, N>, Sender<Exchanged<W, N>>)>,
}

impl<const W: usize, N: Number> Exchange<W, N> {
    /// One exchange for each of these tables.
    pub(super) fn between(tables: Vec<StateTable<W, N>>) -> Vec<Self> {
        let (senders, inboxes): (Vec<_>, Vec<_>) = tables.iter().map(|_| channel()).unzip();
        let outboxes = || senders.iter().map(|sender| (Vec::with_capacity(BATCH), sender.clone())).collect();
        let ends = tables.into_iter().zip(inboxes).enumerate();
        ends.map(|(shard, (table, inbox))| Self { shard, table, inbox, outboxes: outboxes() }).collect()
    }

    /// The table, once no other worker sends any more.
    pub(super) fn finish(mut self) -> Result<StateTable<W, N>, WorkerError> {
        for (found, sender) in std::mem::take(&mut self.outboxes) {
            // If a worker is gone, it has given up, and the layer with it.
            let _ = sender.send(found);
        }
        for found in &self.inbox {
            put_all(&mut self.table, found)?;
        }
        Ok(self.table)
    }
}

impl<const W: usize, N: Number> Sink<W, N> for Exchange<W, N> {
    #[inline]
    fn take(&mut self, key: PackedKey<W>, ways: Ways<N>) -> Result<(), LayersError> {
        let shard = shard_of(&key, self.outboxes.len());
        if shard == self.shard {
            return put(&mut self.table, key, ways);
        }
        let (found, sender) = &mut self.outboxes[shard];
        found.push((key, ways));
        if found.len() == BATCH {
            let _ = sender.send(std::mem::replace(found, Vec::with_capacity(BATCH)));
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<usize, WorkerError> {
        for found in self.inbox.try_iter() {
            put_all(&mut self.table, found)?;
        }
        Ok(self.table.len())
    }
}

fn put_all<const W: usize, N: Number>(
    table: &mut StateTable<W, N>,
    found: Exchanged<W, N>,
) -> Result<(), LayersError> {
    found.into_iter().try_for_each(|(key, ways)| put(table, key, ways))
}
