//! The second opinion: the model of the same version explores the same, and every step is compared.

use super::attempt::Attempt;
use super::audit::AuditResult;
use super::cover::Covered;
use super::error::RunError;
use super::events::Phase;
use crate::explore::{ExploreError, Explorer, Reach, WalkProgress, disagreement};
use crate::interpreter::{Kind, NoOutcome, choose};
use crate::verdict::SecondOpinion;

/// Asks the model, where it is wanted and the outcomes of a real interpreter are complete and fixed.
pub(super) fn second_opinion(
    attempt: &Attempt<'_>,
    covered: &Covered,
    audited: &AuditResult,
) -> Result<SecondOpinion, RunError> {
    if let Covered::Effects(effects) = covered
        && let Some(disagreement) = &effects.disagreement
    {
        return Ok(SecondOpinion::Differs(disagreement.clone()));
    }
    let setting = attempt.setting;
    let identity = attempt.explorer.identity();
    let fixed = audited.unsteady.is_empty() && !audited.misled;
    let asks = setting.options.second_opinion && identity.kind == Kind::CPython && fixed;
    if !asks || !covered.is_walked_to_the_end() {
        return Ok(SecondOpinion::NotAsked);
    }
    let model = choose::built_in(identity.version);
    let budget = setting.budget_afterwards();
    setting.announcer.go_on_within(&budget);
    let meter =
        |progress: WalkProgress| setting.announcer.phase(Phase::AskingModel { states: progress.states });
    meter(WalkProgress { states: 0, transitions: 0 });
    let explored = Explorer::new(setting.lab.with_installation(&model), true).and_then(|mut explorer| {
        let reach = explorer.cover(&attempt.tests(), 1, &budget, &meter)?;
        Ok((explorer, reach))
    });
    match explored {
        Ok((_, Reach::Stopped(_))) => Ok(SecondOpinion::NotAsked),
        Err(ExploreError::Interpreter(NoOutcome::Refused { reason })) => Ok(SecondOpinion::Refused(reason)),
        Err(ExploreError::Setup { step, outcome }) => {
            Ok(SecondOpinion::Refused(format!("setup step {step} did not pass on the model: {outcome}")))
        }
        Err(problem) => Err(problem.into()),
        Ok((explorer, Reach::Complete)) => Ok(disagreement(&attempt.explorer.graph(), &explorer.graph())
            .map_or(SecondOpinion::Agrees, SecondOpinion::Differs)),
    }
}
