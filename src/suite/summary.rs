//! The end of a hunt: the report of its search, with changed files, tests that pytest could not collect, and
//! reproductions of the findings.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::budget::Budget;
use crate::suite::collection::not_collected;
use crate::suite::commands::{CommandTrials, adding};
use crate::suite::emit::emitter::Emitter;
use crate::suite::event::HuntEvent;
use crate::suite::files::changes::{self, Files};
use crate::suite::files::old_files::listed;
use crate::suite::files::recheck::recheck;
use crate::suite::finding::HuntFinding;
use crate::suite::hunt_report::{About, BrokenTest, HuntReport, PairAccount, ShardOfHunt};
use crate::suite::inquiry::Inquiry;
use crate::suite::part::OwnPart;
use crate::suite::patch::{self, PatchWish};
use crate::suite::plan::HuntPlan;
use crate::suite::runner::run::{Runner, RunnerError};
use crate::suite::runner::suite::Suite;
use crate::suite::runner::zygote::Zygote;
use crate::suite::settings::HuntSettings;
use crate::suite::survey::states::States;

/// The number of files that the report lists.
pub(super) const MOST_LISTED: usize = 5;
/// The part of the budget that is kept back for commands, and the most of it.
const FOR_COMMANDS: u32 = 10;
const MOST_FOR_COMMANDS: Duration = Duration::from_secs(30);
/// The part of the budget that patches may take on top.
const FOR_PATCHES: u32 = 10;
/// What they may take on top at least.
const LEAST_FOR_PATCHES: Duration = Duration::from_secs(30);

/// The part of the budget that the search may take: a finding is not worth much without the commands that show it.
pub(super) fn time_to_search(settings: &HuntSettings) -> Duration {
    let kept = if settings.commands { settings.budget / FOR_COMMANDS } else { Duration::ZERO };
    settings.budget.saturating_sub(kept.min(MOST_FOR_COMMANDS))
}

/// The report of a search.
pub(super) fn sum_up<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<HuntReport, RunnerError> {
    let pairs = pairs(inquiry);
    let (suite, plan) = (inquiry.suite, &inquiry.plan);
    let id = |test: usize| suite.items[test].id.clone();
    let mut broken = Vec::new();
    let certain = inquiry.ledger.fails_alone.iter().filter(|test| !inquiry.ledger.may_be_brittle(**test));
    for &test in certain {
        // Asked before, so answered from memory: neither the budget nor the journal matters.
        let alone = inquiry.judge.alone(test, plan.timestamps)?;
        let outcome = alone.outcome.name().into();
        broken.push(BrokenTest { test: id(test), outcome, message: alone.text, broken_by: Vec::new() });
    }
    let seen_failing = inquiry.seen_failing();
    let shard = inquiry.plan.part.as_ref().map(|part| {
        shard(part, inquiry.ledger.seen.neighbours.coverage().0, inquiry.ledger.seen.neighbours.own())
    });
    let ledger = &mut inquiry.ledger;
    Ok(HuntReport {
        about: about(suite),
        findings: std::mem::take(&mut ledger.findings),
        unconfirmed: Vec::new(),
        broken,
        seen_failing,
        frozen_only: ledger.frozen_only.iter().map(|&test| id(test)).collect(),
        changed_meanwhile: Vec::new(),
        notes: ledger.notes.iter().cloned().collect(),
        orders: ledger.orders.clone().into_iter().collect(),
        neighbours: ledger.seen.neighbours.coverage(),
        pairs,
        seed: plan.seed,
        runs: 0,
        seconds: 0.0,
        last_finding: 0.0,
        halted: None,
        shard,
    })
}

/// Which part of the search it was; so many pairs ran as neighbours, and so many of them in orders of this machine alone.
fn shard(part: &OwnPart, ran: usize, own: usize) -> ShardOfHunt {
    let neighbours = (part.shared.unwrap_or(ran), own);
    ShardOfHunt::new(part.shard, part.whole.clone(), neighbours)
}

/// The account of all ordered pairs: neighbours in an order have run, too. A finding that contradicts what follows from
/// state ends that claim.
fn pairs<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> PairAccount {
    let Inquiry { ledger, suite, plan, .. } = inquiry;
    for finding in &ledger.findings {
        let before = finding.before();
        if let ([first], Some(second)) = (before, suite.find(&finding.victim))
            && let Some(first) = suite.find(first)
        {
            let leavings = &ledger.states.leavings;
            let is_near = leavings.is_near((first, &suite.items[first]), &suite.items[second]);
            ledger.states.came_out_otherwise(first, second, is_near);
        }
    }
    for (first, second) in ledger.seen.neighbours.ran() {
        ledger.states.pairs.ran(first, second);
    }
    let wanted: Vec<usize> = plan.given.iter().copied().filter(|test| plan.accounts_for(*test)).collect();
    let States { leavings, pairs, .. } = &ledger.states;
    let mut files: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (test, item) in suite.items.iter().enumerate() {
        files.entry(&item.file).or_default().push(test);
    }
    let near_to = |first: usize| {
        let item = &suite.items[first];
        let finds = |test: &usize| leavings.is_near((first, item), &suite.items[*test]);
        files[&item.file[..]].iter().copied().filter(finds).collect()
    };
    pairs.account(leavings, (&plan.given, &wanted), near_to)
}

/// Names the files that pytest could not collect, unless the report already does.
pub(super) fn name_uncollected(suite: &Suite, report: &mut HuntReport) {
    for each in &suite.uncollected {
        let is_named = report.broken.iter().any(|broken| broken.test == each.id)
            || report.findings.iter().any(|finding| finding.victim == each.id);
        if !is_named {
            report.broken.push(not_collected(each));
        }
    }
}

/// Reports what others did to the suite's files meanwhile, and whether the findings hold with the files as they are
/// now.
pub(super) fn tell_changes(files: &mut Files, zygote: &Zygote, report: &mut HuntReport) {
    report.changed_meanwhile =
        changes::told(&files.changed(&zygote.written), Path::new(&zygote.suite.about.root));
    let told = report.changed_meanwhile.iter().take(MOST_LISTED).map(changes::sentence);
    report.notes.extend(told);
    match report.changed_meanwhile.len() {
        0 => return,
        few if few <= MOST_LISTED => {}
        many => report.notes.push(format!("and {} more files changed during the hunt", many - MOST_LISTED)),
    }
    if let Some(halt) = recheck(zygote, &mut report.findings) {
        report
            .notes
            .push(format!("taster did not try the findings again with the files as they are now: {halt}"));
    }
}

/// Adds commands that a person can paste, each run beforehand, in a hunt that began then.
pub(super) fn commands(
    settings: &HuntSettings,
    (zygote, budget): (&Zygote, &Budget),
    (jobs, began): (usize, Instant),
    report: &mut HuntReport,
) {
    if !settings.commands {
        return;
    }
    let note = adding::add(|| CommandTrials::new(zygote, settings, budget), (jobs, began), report);
    report.notes.extend(note);
}

/// Writes the reproductions of the findings. If one cannot be written, a note says so, and the finding stands.
pub(super) fn emit(settings: &HuntSettings, zygote: &mut Zygote, budget: &Budget, report: &mut HuntReport) {
    let Some(folder) = &settings.emit else { return };
    let emitter = Emitter { folder, settings, budget };
    let wanted = |finding: &&mut HuntFinding| finding.minimal && finding.holds_after_changes != Some(false);
    for finding in report.findings.iter_mut().filter(wanted) {
        if !finding.hidden_by.is_empty() {
            let names = listed(&finding.hidden_by);
            report.notes.push(format!("{}: not reproduced: it shows only without {names}", finding.victim));
            continue;
        }
        match emitter.emit(zygote, finding) {
            Ok(note) => report.notes.extend(note),
            Err(error) => report.notes.push(format!("{}: not reproduced: {error}", finding.victim)),
        }
    }
}

/// Writes the patches of the findings of a hunt that began then. That may take a part of the budget on top.
pub(super) fn fix(
    (settings, began): (&HuntSettings, Instant),
    (zygote, jobs): (&mut Zygote, usize),
    plan: &HuntPlan,
    report: &mut HuntReport,
    watch: &mut dyn FnMut(HuntEvent<'_>),
) {
    let Some(folder) = &settings.fix else { return };
    let on_top = (settings.budget / FOR_PATCHES).max(LEAST_FOR_PATCHES);
    let whole = zygote.budget.clone().with_time_since(began, settings.budget.saturating_add(on_top));
    zygote.budget = whole.with_at_least(on_top);
    let wanted = PatchWish { folder, apply: settings.apply, given: &plan.given };
    patch::write_all(&wanted, (zygote, jobs), report, watch);
}

fn about(suite: &Suite) -> About {
    let about = suite.about.clone();
    About {
        tests: suite.items.len(),
        root: about.root,
        python: about.python,
        executable: about.executable,
        pytest: about.pytest,
        bytecode: about.bytecode,
        forks: true,
        isolation: "private".into(),
        in_place_because: None,
    }
}
