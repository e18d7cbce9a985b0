//! Checks findings again in a process that collects the suite's files as they are now, because some were changed.

use std::path::Path;

use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::runner::run::{Runner, RunnerError, TestRunOptions};
use crate::suite::runner::zygote::Zygote;

/// Records for each finding whether it holds with the files as they are now. Findings that are not checked before the
/// end of the budget are left open, with the reason.
pub(crate) fn recheck(zygote: &Zygote, findings: &mut [HuntFinding]) -> Option<String> {
    let open = |finding: &&mut HuntFinding| finding.finding != FindingKind::Nondeterministic;
    let mut whole = None;
    for finding in findings.iter_mut().filter(open) {
        match holds(zygote, &mut whole, finding) {
            Ok(holds) => finding.holds_after_changes = Some(holds),
            // A suite that cannot be collected any more does not show the finding.
            Err(RunnerError::Process(_)) => finding.holds_after_changes = Some(false),
            Err(halt) => return Some(halt.to_string()),
        }
    }
    None
}

/// `whole` is the suite as it is collected now, once it has been needed.
fn holds(zygote: &Zygote, whole: &mut Option<Zygote>, finding: &HuntFinding) -> Result<bool, RunnerError> {
    if finding.finding == FindingKind::Collection {
        return collection_holds(zygote, finding);
    }
    if !finding.hidden_by.is_empty() {
        let root = Path::new(&zygote.suite.about.root);
        let old = finding.hidden_by.iter().map(|path| root.join(path)).collect();
        return zygote.without(old)?.map_or(Ok(false), |mut now| shows(&mut now, finding));
    }
    if whole.is_none() {
        let mut now = zygote.with_files(Vec::new(), None)?;
        now.fresh |= zygote.fresh;
        *whole = Some(now);
    }
    whole.as_mut().map_or(Ok(false), |now| shows(now, finding))
}

/// Whether a victim or a brittle test still is one in this suite.
pub(crate) fn shows(now: &mut Zygote, finding: &HuntFinding) -> Result<bool, RunnerError> {
    let ids = finding.before().iter().chain([&finding.victim]);
    let Some(order) = ids.map(|id| now.suite.find(id)).collect::<Option<Vec<usize>>>() else {
        return Ok(false);
    };
    let Some(&victim) = order.last() else { return Ok(false) };
    let how = TestRunOptions::plain(finding.timestamps);
    let (alone, after) = (now.run(&[victim], &how)?, now.run(&order, &how)?);
    Ok(match finding.finding {
        FindingKind::Brittle => alone.fails(victim) && after.passes(victim),
        _ => alone.passes(victim) && after.fails(victim),
    })
}

fn collection_holds(zygote: &Zygote, finding: &HuntFinding) -> Result<bool, RunnerError> {
    let root = Path::new(&zygote.suite.about.root);
    let file = |id: &str| root.join(id.split("::").next().unwrap_or_default()).to_string_lossy().into_owned();
    let own = file(&finding.victim);
    let with: Vec<String> = finding.before().iter().map(|id| file(id)).chain([own.clone()]).collect();
    let fails = |files: Vec<String>| {
        let mut now = zygote.with_files(files, None)?;
        now.fresh |= zygote.fresh;
        if now.suite.uncollected.iter().any(|each| each.id == finding.victim) {
            return Ok(Some(true));
        }
        let Some(test) = now.suite.find(&finding.victim) else {
            // A whole file that can be collected now.
            return Ok((!finding.victim.contains("::")).then_some(false));
        };
        Ok::<_, RunnerError>(Some(now.run(&[test], &TestRunOptions::plain(finding.timestamps))?.fails(test)))
    };
    let needs_them = finding.state_setters.is_some();
    Ok(fails(vec![own])? == Some(needs_them) && fails(with)? == Some(!needs_them))
}
