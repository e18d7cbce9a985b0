//! Changes for tests whose outcome depends on a global generator of random numbers: the victim seeds it.

use std::path::Path;

use super::candidate::{PatchCandidate, PatchReach, comment, imports};
use super::group::PatchGroup;
use super::place::named;
use super::reason;
use super::source::TestSource;
use crate::suite::runner::cell::CellKind;

/// Seeds to try besides those that the suite uses.
const SEEDS: [&str; 3] = ["0", "1", "42"];

/// The changes that may cure: one for each seed.
pub(super) fn candidates(group: &PatchGroup<'_>, source: &TestSource) -> Vec<PatchCandidate> {
    let cells = group.first().state.iter().filter(|cell| cell.kind == CellKind::Generator);
    let seeders: Vec<&str> = cells.filter_map(|cell| seeder(&cell.key)).collect();
    let Some(seeder) = seeders.first() else { return Vec::new() };
    let seeds = seeds_of(group, source);
    seeds.iter().filter_map(|seed| seeded(group, source, seeder, seed)).collect()
}

/// The function that seeds a generator.
fn seeder(getter: &str) -> Option<&'static str> {
    match getter {
        "random.getstate()" => Some("random.seed"),
        "numpy.random.get_state()" => Some("numpy.random.seed"),
        "torch.random.get_rng_state()" => Some("torch.manual_seed"),
        _ => None,
    }
}

fn seeded(group: &PatchGroup<'_>, source: &TestSource, seeder: &str, seed: &str) -> Option<PatchCandidate> {
    let id = &group.first().victim;
    let found = source.find(id).ok()?;
    let (at, margin) = source.body_start(found.function)?;
    let module = seeder.rsplit_once('.')?.0;
    let (mut edits, inner) = imports(source, &[module.to_owned()]);
    let (before, _) = reason::listed(
        &group.before().iter().map(|id| reason::said(id, &group.first().victim)).collect::<Vec<_>>(),
    );
    let text = format!(
        "Seeded, because all tests share this generator: after {before} it gives other numbers, and this test fails."
    );
    let call = format!("{}({seed})", named(source, seeder));
    let lines = [comment(&text, &margin), inner, vec![call.clone()]].concat();
    edits.push(source.lines(at, &margin, &lines));
    let what = format!("{} begins with {call}", reason::said(id, id));
    Some(PatchCandidate::new(PatchReach::Statement, what).with(source, edits))
}

/// Numbers that the suite seeds with, then others.
fn seeds_of(group: &PatchGroup<'_>, source: &TestSource) -> Vec<String> {
    let root = Path::new(&group.suite.about.root);
    let above = source.path.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
    let near = above.filter_map(|folder| std::fs::read_to_string(folder.join("conftest.py")).ok());
    let mut seeds: Vec<String> = Vec::new();
    for text in std::iter::once(source.text.clone()).chain(near) {
        for rest in text.split("seed(").skip(1) {
            let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
            if !number.is_empty() && rest[number.len()..].starts_with(')') && !seeds.contains(&number) {
                seeds.push(number);
            }
        }
    }
    seeds.extend(SEEDS.iter().map(ToString::to_string));
    seeds.dedup();
    seeds
}
