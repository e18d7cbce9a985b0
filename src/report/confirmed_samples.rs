//! Verdicts on what the model counted.

use super::samples::{clean, coverage, poisoned};
use crate::explore::{ComparedPiece, DifferentPiece, Disagreement};
use crate::layers::ConfirmedEffects;
use crate::note::Note;
use crate::verdict::{Judgement, Method, SecondOpinion, Verdict};

/// The ten-line program, counted by the model, whose effects the interpreter confirmed.
pub(super) fn confirmed() -> Verdict {
    let effects = ConfirmedEffects {
        distinct: 4_083,
        confirmed: 4_083,
        fewest_contexts: 1,
        median_contexts: 4,
        steps: 23_511,
    };
    let coverage = coverage(2, 6, 6, Method::Effects(effects));
    Verdict { coverage, notes: vec![Note::Effects(effects)], ..poisoned() }
}

/// The same, where the interpreter differs from the model after a few steps.
pub(super) fn contradicted() -> Verdict {
    let effects = ConfirmedEffects { distinct: 4_083, confirmed: 1_210, ..ConfirmedEffects::default() };
    let (first, second) = ("passed".to_owned(), "ImportError: no".to_owned());
    let different = DifferentPiece { piece: ComparedPiece::Outcome, first, second };
    let disagreement = Disagreement { steps: vec![0, 1, 1], different };
    let mut coverage = coverage(1, 3, 6, Method::Effects(effects));
    coverage.cut_short = true;
    Verdict {
        coverage,
        judgement: Judgement::Incomplete,
        model: SecondOpinion::Differs(disagreement.clone()),
        notes: vec![Note::Effects(effects), Note::ModelDiffers(disagreement)],
        ..clean()
    }
}
