//! What cures a finding: steps put in at every place between the polluting and the failing step, each run. One is verified where
//! the test then passes in every ordering of itself and the others; where it helps nowhere it is a placebo.

use super::why::{Contrast, Scene, below_root, passes, passes_if_evaluated, shown, source_of};
use super::{Finding, Recommendation, Remedy, Trial};
use crate::cause::Cause;
use crate::explore::{ExploreError, Explorer, Line, Script};
use crate::kind::FindingKind;
use crate::ordering::Counter;
use crate::remedy::StepPlace;
use crate::scenario::{Action, Check, Repair, Scenario, Step};
use crate::world::{Content, EntryPath, Nanos, Node, Operation};

/// Orderings past which a remedy is not verified in every one of them.
const VERIFIED_IN: u32 = 400;

/// A cure to try: its name, how a scenario would write it, its steps.
struct Candidate {
    name: &'static str,
    written: String,
    steps: Vec<Step>,
}

/// A place for a remedy that keeps its meaning in every ordering: beside a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Right before this step.
    Before(StepPlace),
    /// Right after this step.
    After(StepPlace),
}

/// What a report recommends: the first of these that is verified and that a scenario can write.
const RECOMMENDED: [&str; 5] =
    ["invalidate-caches", "forget", "forget-with-children", "import-submodule", "sleep"];

/// The remedy that a report recommends, at the last of its places.
pub(super) struct Cure {
    name: &'static str,
    written: String,
    steps: Vec<Step>,
    place: Place,
}

impl Cure {
    /// The recommendation, not yet tried on the whole scenario.
    pub(super) fn recommendation(&self, scenario: &Scenario) -> Recommendation {
        Recommendation {
            remedy: self.name.to_owned(),
            step: self.written.clone(),
            place: self.place.in_words(|test| scenario.tests[test].name.clone()),
            cures_everywhere: None,
        }
    }

    /// The whole scenario with the remedy as steps of the test that it stands beside, and nothing declared.
    pub(super) fn applied(&self, scenario: &Scenario) -> Scenario {
        let mut cured = scenario.clone();
        let (beside, at) = match self.place {
            Place::Before(step) => (step.test, step.step - 1),
            Place::After(step) => (step.test, step.step),
        };
        cured.tests[beside].steps.splice(at..at, self.steps.iter().cloned());
        cured.declarations.clear();
        cured
    }
}

/// Tries every remedy at every place, and says which to recommend.
pub(super) fn try_all(
    explorer: &mut Explorer<'_>,
    finding: &Finding,
    contrast: &Contrast,
) -> Result<(Vec<Remedy>, Option<Cure>), ExploreError> {
    let scene = &contrast.failing;
    let script = scene.script(explorer.scenario());
    let places = places(&script, scene.at, finding);
    let words = words(explorer, finding);
    let mut remedies = Vec::new();
    let mut cures: Vec<Cure> = Vec::new();
    for candidate in candidates(explorer, finding, contrast) {
        let mut helps = Vec::new();
        let mut evaluated = true;
        for &place in &places {
            let script = with(&script, place, &candidate.steps);
            match passes_if_evaluated(explorer, &script, finding.test)? {
                Some(true) => helps.push(place),
                Some(false) => {}
                None => evaluated = false,
            }
        }
        let (mut remedy, place) = verify(explorer, finding, (&candidate, helps), words.as_deref())?;
        if !evaluated && remedy.trial == Trial::Placebo {
            remedy.trial = Trial::NotTried;
        }
        remedies.push(remedy);
        let Candidate { name, written, steps } = candidate;
        cures.extend(place.map(|place| Cure { name, written, steps, place }));
    }
    remedies.extend(reorder(explorer, finding)?);
    let rank = |cure: &Cure| RECOMMENDED.iter().position(|name| *name == cure.name);
    let best = cures.into_iter().filter(|cure| rank(cure).is_some()).min_by_key(rank);
    Ok((remedies, best))
}

/// Which of the places at which a candidate cures the failing ordering cure all of them.
fn verify(
    explorer: &mut Explorer<'_>,
    finding: &Finding,
    (candidate, helps): (&Candidate, Vec<Place>),
    words: Option<&[Vec<usize>]>,
) -> Result<(Remedy, Option<Place>), ExploreError> {
    let scenario = explorer.scenario();
    let mut everywhere = Vec::new();
    for &place in &helps {
        let mut cures = words.is_some();
        for word in words.unwrap_or_default() {
            let script = explorer.script(&explorer.shape().steps_of(word));
            if !passes(explorer, &with(&script, place, &candidate.steps), finding.test)? {
                cures = false;
                break;
            }
        }
        if cures {
            everywhere.push(place);
        }
    }
    let trial = match (helps.is_empty(), everywhere.is_empty(), words) {
        (true, ..) => Trial::Placebo,
        (false, false, _) => Trial::Verified,
        (false, true, None) => Trial::NotTried,
        (false, true, Some(_)) => Trial::Partial,
    };
    let last = everywhere.last().copied();
    let named = if everywhere.is_empty() { helps } else { everywhere };
    let places = named.iter().map(|place| place.in_words(|test| scenario.tests[test].name.clone()));
    let remedy = Remedy {
        name: candidate.name.to_owned(),
        step: Some(candidate.written.clone()),
        trial,
        places: places.collect(),
    };
    Ok((remedy, last))
}

/// The places between the polluting step (or the start) and the failing step, each named by the step beside it that is the test's own,
/// or else by the one before it.
fn places(script: &[Line<'_>], failing: usize, finding: &Finding) -> Vec<Place> {
    let is_polluting = |line: &Line<'_>| {
        let at = line.test.map(|test| StepPlace { test, step: line.number });
        finding.kind != FindingKind::Brittle && at.is_some() && at == finding.polluting_step
    };
    let first = script.iter().position(is_polluting).map_or(0, |at| at + 1).min(failing);
    let place = |at: usize| {
        let beside = |line: &Line<'_>| line.test.map(|test| StepPlace { test, step: line.number });
        let next = beside(&script[at]).filter(|place| place.test == finding.test);
        let before = at.checked_sub(1).and_then(|at| beside(&script[at]));
        next.map(Place::Before).or(before.map(Place::After))
    };
    let mut places: Vec<Place> = (first..=failing).filter_map(place).collect();
    places.dedup();
    places
}

impl Place {
    fn in_words(self, name: impl Fn(usize) -> String) -> String {
        match self {
            Self::Before(StepPlace { test, step }) => format!("before step {step} of {}", name(test)),
            Self::After(StepPlace { test, step }) => format!("after step {step} of {}", name(test)),
        }
    }
}

/// The script with these steps put in at a place. They belong to no test: where they cannot be done, nothing else ends.
fn with<'s>(script: &Script<'s>, place: Place, steps: &'s [Step]) -> Script<'s> {
    let (beside, offset) = match place {
        Place::Before(step) => (step, 0),
        Place::After(step) => (step, 1),
    };
    match script.place_of(beside.test, beside.step) {
        Some(at) => script.inserted(at + offset, steps),
        None => script.clone(),
    }
}

/// All orderings of the test and the others; none where they are too many.
fn words(explorer: &Explorer<'_>, finding: &Finding) -> Option<Vec<Vec<usize>>> {
    let with_test: Vec<usize> = finding.others.iter().copied().chain([finding.test]).collect();
    let scope = explorer.scenario().closure(&with_test);
    let counter = Counter::new(explorer.shape(), &scope).ok()?;
    (counter.total() <= VERIFIED_IN.into()).then(|| explorer.shape().words_of(&scope).collect())
}

/// Running the test before the others.
fn reorder(explorer: &mut Explorer<'_>, finding: &Finding) -> Result<Option<Remedy>, ExploreError> {
    if !matches!(finding.kind, FindingKind::Victim | FindingKind::Brittle) {
        return Ok(None);
    }
    let mut tests = vec![finding.test];
    if finding.kind == FindingKind::Victim {
        tests.extend(&finding.others);
    } else {
        tests.splice(0..0, finding.others.iter().copied());
    }
    let scenario = explorer.scenario();
    let mut order = Vec::new();
    for test in tests {
        order.extend(
            scenario.closure(&[test]).into_iter().filter(|test| !order.contains(test)).collect::<Vec<_>>(),
        );
    }
    let word = explorer.shape().word_of(&order);
    let script = explorer.script(&explorer.shape().steps_of(&word));
    let works = passes(explorer, &script, finding.test)?;
    let names: Vec<&str> = order.iter().map(|&test| scenario.tests[test].name.as_str()).collect();
    Ok(Some(Remedy {
        name: "reorder".to_owned(),
        step: None,
        trial: if works { Trial::Verified } else { Trial::Placebo },
        places: if works { vec![names.join(", then ")] } else { Vec::new() },
    }))
}

/// What is tried.
fn candidates(explorer: &Explorer<'_>, finding: &Finding, contrast: &Contrast) -> Vec<Candidate> {
    let scene = &contrast.failing;
    let mut candidates = vec![Candidate {
        name: "invalidate-caches",
        written: "{ invalidate-caches = true }".to_owned(),
        steps: vec![Step::Interpreter(Action::InvalidateCaches)],
    }];
    candidates.push(sleep(scene.before.world.tick()));
    candidates.extend(forgetting(scene));
    candidates.extend(dropping(scene));
    candidates.extend(without_bytecode(scene));
    candidates.extend(importing(explorer, finding, contrast));
    candidates
}

/// Past the next tick, and past the next second, by which bytecode is compared.
fn sleep(tick: Nanos) -> Candidate {
    let length = tick.max(Nanos::SECOND);
    Candidate {
        name: "sleep",
        written: format!("{{ sleep = \"{length}\" }}"),
        steps: vec![Step::World(Operation::Sleep(length))],
    }
}

/// The failing step's module, alone and with its parents and children.
fn forgetting(scene: &Scene) -> Vec<Candidate> {
    let Some(module) = scene.module() else { return Vec::new() };
    let forget = |name: &str| Step::Interpreter(Action::Forget(name.to_owned()));
    let mut candidates = vec![
        Candidate {
            name: "forget",
            written: format!("{{ forget = \"{module}\" }}"),
            steps: vec![forget(module)],
        },
        Candidate {
            name: "reload",
            written: format!("{{ reload = \"{module}\" }}"),
            steps: vec![Step::Interpreter(Action::Reload {
                module: module.to_owned(),
                check: Check::Nothing,
            })],
        },
    ];
    let package = module.split('.').next().unwrap_or(module);
    let below = |name: &&String| name.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'));
    let children: Vec<&String> = scene.before.inspection.modules.keys().filter(below).collect();
    if !children.is_empty() {
        let names: Vec<&str> =
            [package].into_iter().chain(children.into_iter().map(String::as_str)).collect();
        let written = names.iter().map(|name| format!("{{ forget = \"{name}\" }}"));
        candidates.push(Candidate {
            name: "forget-with-children",
            written: written.collect::<Vec<_>>().join(", "),
            steps: names.iter().map(|name| forget(name)).collect(),
        });
    }
    candidates
}

/// The entries of `sys.path_importer_cache` in the ordering's directory.
fn dropping(scene: &Scene) -> Vec<Candidate> {
    let paths: Vec<EntryPath> =
        scene.before.inspection.finders.keys().filter_map(|entry| below_root(entry)).collect();
    let drop = |path: &EntryPath| Step::Interpreter(Action::Repair(Repair::DropPathEntry(path.clone())));
    let written = paths.iter().map(|path| format!("del sys.path_importer_cache['{}']", shown(path)));
    let candidate = Candidate {
        name: "drop-path-entry",
        written: written.collect::<Vec<_>>().join("; "),
        steps: paths.iter().map(drop).collect(),
    };
    if paths.is_empty() { Vec::new() } else { vec![candidate] }
}

/// The bytecode of the failing step's module, or else all there is.
fn without_bytecode(scene: &Scene) -> Option<Candidate> {
    let world = &scene.before.world;
    let compiled =
        world.entries().filter(|(_, node)| matches!(node, Node::File { content: Content::Bytecode(_), .. }));
    let all: Vec<&EntryPath> = compiled.map(|(path, _)| path).collect();
    let last = scene.module().and_then(|module| module.rsplit('.').next()).unwrap_or_default();
    let of_module =
        |path: &&&EntryPath| source_of(path).is_some_and(|source| source.name() == format!("{last}.py"));
    let own: Vec<&EntryPath> = all.iter().filter(of_module).copied().collect();
    let paths = if own.is_empty() { all } else { own };
    let written = paths.iter().map(|path| format!("{{ remove = \"{path}\" }}"));
    (!paths.is_empty()).then(|| Candidate {
        name: "remove-bytecode",
        written: written.collect::<Vec<_>>().join(", "),
        steps: paths.iter().map(|path| Step::World(Operation::Remove((*path).clone()))).collect(),
    })
}

/// The modules that the others import: what a brittle test should import itself.
fn importing(explorer: &Explorer<'_>, finding: &Finding, contrast: &Contrast) -> Vec<Candidate> {
    if finding.kind != FindingKind::Brittle && finding.cause != Cause::MissingSubmodule {
        return Vec::new();
    }
    let scenario = explorer.scenario();
    let own = contrast.failing.module().unwrap_or_default();
    let steps = finding.others.iter().flat_map(|&test| &scenario.tests[test].steps);
    let mut modules: Vec<&str> = steps
        .filter_map(|step| match step {
            Step::Interpreter(Action::Import { module, .. }) if module != own => Some(module.as_str()),
            _ => None,
        })
        .collect();
    modules.dedup();
    let import = |module: &str| Candidate {
        name: "import-submodule",
        written: format!("{{ import = \"{module}\" }}"),
        steps: vec![Step::Interpreter(Action::Import {
            module: module.to_owned(),
            names: Vec::new(),
            check: Check::Nothing,
        })],
    };
    modules.into_iter().map(import).collect()
}
