//! What actions did, by all that the interpreter had performed before them. An action sees of the world its entries and the time that
//! a change made now would get, and nothing else: where these and all earlier actions are the same, it does the same again, whatever
//! steps led there and however long they took.

use crate::interpreter::Landing;
use crate::scenario::Action;
use crate::world::World;

/// Entries of remembered worlds at most; then all are forgotten.
const REMEMBERED: usize = 500_000;

/// After which of the remembered actions an interpreter stands, or `None` for the start.
pub(super) type HistoryPlace = Option<usize>;

/// What was performed from one start, as a tree of actions.
#[derive(Debug, Default)]
pub(in crate::explore) struct History {
    known: Vec<KnownAction>,
    /// The actions with which histories begin.
    first: Vec<usize>,
    /// Entries of all worlds in it.
    entries: usize,
}

/// An action in the world in which it was performed, and what it did there.
#[derive(Debug)]
struct KnownAction {
    action: Action,
    before: World,
    landing: Landing,
    /// The actions after it.
    next: Vec<usize>,
}

impl History {
    /// Whether it has grown too large, so that whoever holds places of it must forget them with it.
    pub(super) fn is_full(&self) -> bool {
        self.entries > REMEMBERED
    }

    /// What the action does at a place, and the place after it, or `None` if nobody has performed it there.
    pub(super) fn recall(
        &self,
        at: HistoryPlace,
        action: &Action,
        world: &World,
    ) -> Option<(HistoryPlace, Landing)> {
        let found = self.find(at, action, world)?;
        let mut landing = self.known[found].landing.clone();
        landing.world = at_the_time_of(&landing.world, world);
        Some((Some(found), landing))
    }

    /// Remembers what an action did at a place, and returns the place after it.
    pub(super) fn learn(
        &mut self,
        at: HistoryPlace,
        action: &Action,
        world: &World,
        landing: Landing,
    ) -> usize {
        if let Some(known) = self.find(at, action, world) {
            return known;
        }
        let mut landing = Landing { fingerprint: None, ..landing };
        landing.world = if is_alike(&landing.world, world) {
            world.clone()
        } else {
            at_the_time_of(&landing.world, world)
        };
        self.entries += world.entries().count() + landing.world.entries().count();
        let new = self.known.len();
        let (action, before) = (action.clone(), world.clone());
        self.known.push(KnownAction { action, before, landing, next: Vec::new() });
        at.map_or(&mut self.first, |at| &mut self.known[at].next).push(new);
        new
    }

    fn find(&self, at: HistoryPlace, action: &Action, world: &World) -> Option<usize> {
        let next = at.map_or(&self.first, |at| &self.known[at].next);
        next.iter().copied().find(|&next| {
            let known = &self.known[next];
            known.action == *action && known.before.stamp() == world.stamp() && is_alike(&known.before, world)
        })
    }
}

/// Whether two worlds have the same entries, with the same contents and times.
fn is_alike(one: &World, other: &World) -> bool {
    one.tick() == other.tick() && one.entries().eq(other.entries())
}

/// The first world's entries at the other's time: no time passes within an action.
fn at_the_time_of(world: &World, other: &World) -> World {
    let mut moved = World::beginning_at(other.now(), other.tick());
    for (path, node) in world.entries() {
        moved.put(path.clone(), node.clone());
    }
    moved
}
