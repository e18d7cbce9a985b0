//! The walk through all layers, in states just wide enough for the contents found so far.

use super::dispatch::{Layer, go_on, repacked};
use super::error::LayersError;
use super::figures::OrderingCounts;
use super::meter::Meter;
use super::plan::{CountPlan, Layout, Start};
use super::table::{Number, StateTable, one_way, shard_of};
use super::walk::Walk;

/// Walks all layers from one state.
pub(super) fn walk<N: Number>(plan: &CountPlan<'_>, start: &Start) -> Result<OrderingCounts, LayersError> {
    let limits = plan.limits;
    let failing_by_test = vec![0; plan.shape.tests()];
    let mut counted = OrderingCounts { failing_by_test, states: 1, ..OrderingCounts::default() };
    let mut at = 0;
    let mut layout = Layout::of(&plan.evaluator());
    let first = layout.packing.pack::<32>(&start.numbers);
    let mut tables: Vec<StateTable<32, N>> =
        std::iter::repeat_with(StateTable::default).take(limits.jobs.max(1)).collect();
    let shard = shard_of(&first, tables.len());
    tables[shard].insert(first, one_way());
    let mut layer = Layer::ThirtyTwo(tables);
    loop {
        let wider = Layout::of(&plan.evaluator());
        layer = repacked(layer, &layout.packing, &wider.packing)?;
        layout = wider;
        let walk = Walk { plan, layout: &layout, meter: Meter::new(counted.states) };
        (layer, at) = go_on(&walk, layer, at, &mut counted)?;
        if at == plan.depth {
            return Ok(counted);
        }
    }
}
