//! What a worker does not know yet: it evaluates a step, and remembers its effect.

use super::{StepTime, Worker};
use crate::layers::decision_tree::Leaf;
use crate::layers::error::{LayersError, WorkerError};
use crate::layers::packing::PackedKey;

impl<const W: usize> Worker<'_, W> {
    /// Evaluates a step that is unknown for such a state, unless another worker has, and remembers its effect.
    #[cold]
    pub(super) fn learn(
        &mut self,
        root: usize,
        key: &PackedKey<W>,
        place: (usize, usize),
        time: StepTime,
    ) -> Result<Leaf<W>, WorkerError> {
        let packing = &self.layout.packing;
        let mut numbers = packing.unpack(key);
        let evaluator = self.plan.evaluator();
        self.fits(&evaluator)?;
        let caught_up = self.trees.catch_up(&evaluator.shared_effects(), packing)?;
        if caught_up && let Some(leaf) = self.trees.find(root, key) {
            return Ok(*leaf);
        }
        let performed = evaluator.perform(&numbers, place, time.now).map_err(LayersError::Interpreter)?;
        let known = evaluator.known_effect(&numbers, place, &performed, time.clock_step);
        if let Some(effect) = known.map_err(LayersError::Interpreter)? {
            let example = evaluator.shared_effects().example(root, numbers, effect);
            let leaf = self.trees.learn(&example, packing)?;
            evaluator.shared_effects().keep(packing.places(), example);
            return Ok(leaf);
        }
        drop(evaluator);
        let mut evaluator = self.plan.evaluator_mut();
        let effect = evaluator.effect(&numbers, place, &performed, time.clock_step);
        let effect = effect.map_err(LayersError::Interpreter)?;
        let slots = evaluator.slots.len();
        numbers.resize(slots, 0);
        let example = evaluator.shared_effects().example(root, numbers, effect);
        let fits = self.fits(&evaluator);
        let leaf = fits.and_then(|()| Ok(self.trees.learn(&example, packing)?));
        evaluator.shared_effects().keep(slots, example);
        leaf
    }

    /// Removes objects that nothing refers to any more.
    #[cold]
    pub(super) fn collect(
        &mut self,
        key: &PackedKey<W>,
        time: StepTime,
    ) -> Result<PackedKey<W>, WorkerError> {
        let mut evaluator = self.plan.evaluator_mut();
        let numbers = self.layout.packing.unpack(key);
        let collected = evaluator.collected(&numbers, time.later).map_err(LayersError::Interpreter)?;
        self.fits(&evaluator)?;
        Ok(self.layout.packing.pack(&collected))
    }
}
