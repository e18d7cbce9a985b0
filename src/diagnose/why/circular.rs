//! Suspicions about circles of imports: a module was read while it was being imported, in the failing ordering alone.

use std::collections::BTreeSet;

use super::modules::plain_import;
use super::scene::Contrast;
use super::suspicion::SuspectedCause;
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::interpreter::{HalfRead, Outcome};

/// Reads of half-initialised modules that the passing ordering does not have; each with the other end of the circle imported first,
/// right before the step in which it came about.
pub(super) fn circles(contrast: &Contrast) -> Vec<SuspectedCause> {
    let passing: BTreeSet<&HalfRead> =
        contrast.passing.iter().flat_map(|scene| scene.half_read.iter().map(|(read, _)| read)).collect();
    let news = contrast.failing.half_read.iter().filter(|(read, _)| !passing.contains(read));
    let news: Vec<&(HalfRead, usize)> = news.collect();
    let mut suspicions = Vec::new();
    for (read, at) in &news {
        for first in others_ends(&news, read) {
            suspicions.push(circle(contrast, read, first).at(*at));
        }
    }
    suspicions
}

/// Who could be imported first: the module that read, then all others that read or were read.
fn others_ends<'n>(news: &[&'n (HalfRead, usize)], read: &'n HalfRead) -> Vec<&'n str> {
    let mut names = vec![read.reader.as_str()];
    for (other, _) in news {
        for name in [other.reader.as_str(), other.module.as_str()] {
            if name != read.module && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn circle(contrast: &Contrast, read: &HalfRead, first: &str) -> SuspectedCause {
    let half_read = (EvidenceKind::HalfRead, format!("{}, by {}", read.module, read.reader));
    let works_first = (EvidenceKind::WorksFirst, first.to_owned());
    let repair = vec![plain_import(first)];
    match &contrast.failing.outcome {
        Outcome::Failed { .. } => SuspectedCause::new(
            Cause::CircularImport,
            repair,
            [(EvidenceKind::FailingImport, contrast.failing.message()), half_read, works_first],
        ),
        _ => SuspectedCause::new(Cause::CircularImport, repair, [half_read, works_first]),
    }
}
