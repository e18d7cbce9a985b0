//! Steps, names and counts in words, as every format for people writes them.

use num_bigint::BigUint;

use crate::diagnose::{Finding, Probability, Remedy};
use crate::explore::StepTimes;
use crate::kind::FindingKind;
use crate::remedy::{Place, StepPlace};
use crate::scenario::{Action, Check, Literal, Permute, Position, Repair, Scenario, Step};
use crate::world::{Mtime, Operation};

/// How much of a step the text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// What it does.
    Brief,
    /// What it does and what must hold afterwards.
    Whole,
}

/// Longest text of a `write` and code of an `exec` that is shown with the step.
const LONGEST_TEXT: usize = 24;

/// A step as a reader would say it.
pub(super) fn step(step: &Step, telling: Telling) -> String {
    match step {
        Step::World(operation) => self::operation(operation),
        Step::Interpreter(action) => match telling {
            Telling::Brief => self::action(action),
            Telling::Whole => self::action(action) + &check(action.check()),
        },
    }
}

fn operation(operation: &Operation) -> String {
    match operation {
        Operation::Write { path, text, mtime } if text.is_empty() => format!("write {path}{}", at(*mtime)),
        Operation::Write { path, text, mtime } => format!("write {path} {}{}", quoted(text), at(*mtime)),
        Operation::Copy { source, to, mtime } => format!("copy {} to {to}{}", source.written, at(*mtime)),
        Operation::Mkdir(path) => format!("mkdir {path}"),
        Operation::Remove(path) => format!("remove {path}"),
        Operation::Rename { from, to } => format!("rename {from} to {to}"),
        Operation::Touch { path, mtime } => format!("touch {path}{}", at(*mtime)),
        Operation::Link { path, to } => format!("symlink {path} to {to}"),
        Operation::Sleep(length) => format!("sleep {length}"),
    }
}

/// The modification time that a step gives, where that is not now.
fn at(mtime: Option<Mtime>) -> String {
    match mtime {
        None => String::new(),
        Some(Mtime::Before(length)) => format!(" as of -{length}"),
        Some(Mtime::After(length)) => format!(" as of +{length}"),
        Some(Mtime::At(time)) => format!(" as of second {} since 1970", time.second()),
    }
}

fn action(action: &Action) -> String {
    match action {
        Action::Import { module, names, .. } if names.is_empty() => format!("import {module}"),
        Action::Import { module, names, .. } => format!("from {module} import {}", names.join(", ")),
        Action::LazyImport { module, .. } => format!("import {module} lazily"),
        Action::RunModule { module, .. } => format!("run-module {module}"),
        Action::Reload { module, .. } => format!("reload {module}"),
        Action::SysPath { path, position } => format!("sys-path {path}{}", end(*position)),
        Action::SysPathText { text, position } => format!("sys-path {text:?} as written{}", end(*position)),
        Action::InvalidateCaches => "invalidate-caches".into(),
        Action::Forget(module) => format!("forget {module}"),
        Action::NotImported(module) => format!("not-imported {module}"),
        Action::Evaluate(expression) => format!("check {}", quoted(expression)),
        Action::SetVariable { name, value: Some(value) } => format!("setenv {name}={}", quoted(value)),
        Action::SetVariable { name, value: None } => format!("unsetenv {name}"),
        Action::ChangeDirectory(path) => format!("chdir {path}"),
        Action::Compile { path, invalidation } => format!("compile {path} {}", invalidation.word()),
        Action::Repair(repair) => self::repair(repair),
        Action::Exec { code, .. } => format!("exec {}", quoted(code)),
    }
}

const fn end(position: Position) -> &'static str {
    match position {
        Position::First => " first",
        Position::Last => "",
    }
}

fn repair(repair: &Repair) -> String {
    match repair {
        Repair::ForgetListing(path) => format!("make the finder of {path} forget its listing"),
        Repair::ForgetArchive(path) => format!("make zipimport forget {path}"),
        Repair::ForgetMetadata => "make importlib.metadata forget what it found".into(),
        Repair::DropPathEntry(path) => format!("drop {path} from sys.path_importer_cache"),
        Repair::ForgetModule(module) => format!("drop {module} from sys.modules"),
        Repair::SetPackagePath { package, .. } => format!("set {package}.__path__"),
        Repair::BindChild { package, child } => format!("bind {package}.{child}"),
        Repair::RestoreVariable { variable, .. } => format!("restore {variable} in os.environ"),
        Repair::RestoreDirectory(path) => format!("change back to {path}"),
        Repair::RestoreAttribute { module, attribute, .. } => format!("restore {module}.{attribute}"),
        Repair::DropRelativeEntry(entry) => format!("drop {entry} from sys.path_importer_cache"),
        Repair::ForgetRelativeListing(entry) => format!("make the finder of {entry} forget its listing"),
        Repair::AliasModule { name, of } => format!("make {name} the module {of}"),
        Repair::RebindName { reader, attribute, module, name } => {
            let name = name.as_ref().map(|name| format!(".{name}")).unwrap_or_default();
            format!("give {reader}.{attribute} the object of {module}{name}")
        }
        Repair::EmptyCache { module, path } => format!("empty the cache of {module}.{path}"),
        Repair::RestorePiece { address, .. } => format!("restore {address}"),
        Repair::Remember => "remember what all pieces of state hold".into(),
        Repair::WatchLocks { .. } => "note import locks that somebody waits for".into(),
        Repair::WatchImports => "note modules that are read half-initialised".into(),
    }
}

fn check(check: &Check) -> String {
    match check {
        Check::Nothing => String::new(),
        Check::Raises(exception) => format!(", raises {exception}"),
        Check::Warns(category) => format!(", warns {category}"),
        Check::Expect(expected) => {
            let one =
                |(path, value): &(Vec<String>, Literal)| format!("{} = {}", path.join("."), literal(value));
            format!(", expect {}", expected.iter().map(one).collect::<Vec<_>>().join(", "))
        }
    }
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(value) => format!("{value:?}"),
        Literal::Str(value) => format!("{value:?}"),
        Literal::List(values) => {
            format!("[{}]", values.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        Literal::Dict(entries) => {
            let one = |(key, value): &(String, Literal)| format!("{key:?} = {}", literal(value));
            format!("{{{}}}", entries.iter().map(one).collect::<Vec<_>>().join(", "))
        }
    }
}

/// `text` in quotes, cut where it is long.
fn quoted(text: &str) -> String {
    let text = text.trim_end_matches('\n');
    if text.chars().count() <= LONGEST_TEXT {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(LONGEST_TEXT - 3).collect();
    format!("{:?}", start + "...")
}

/// The steps of `scenario` in the order that `word` puts them.
pub(super) fn unfold(scenario: &Scenario, word: &[usize]) -> Vec<StepPlace> {
    let mut done = vec![0; scenario.tests.len()];
    let mut places = Vec::new();
    for &test in word {
        let steps = match scenario.permute {
            Permute::Steps => 1,
            Permute::Tests => scenario.tests[test].steps.len(),
        };
        for _ in 0..steps {
            done[test] += 1;
            places.push(StepPlace { test, step: done[test] });
        }
    }
    places
}

/// What a finding says in one clause: `first makes second fail`.
pub(super) fn finding_claim(scenario: &Scenario, finding: &Finding) -> String {
    let claim = claim(scenario, finding.kind, finding.test, &finding.others);
    // Orderings are performed as they begin on a tick; the probability is over all instants of one.
    let is_certain = |probability: &Probability| probability.numerator == probability.denominator;
    let depends = finding.probability.as_ref().is_some_and(|probability| !is_certain(probability));
    if finding.kind == FindingKind::Broken && depends {
        format!("{claim} that begins on a tick")
    } else {
        claim
    }
}

/// The same of a finding's kind and tests, as a declaration has them too.
pub(super) fn claim(scenario: &Scenario, kind: FindingKind, test: usize, others: &[usize]) -> String {
    let several = others.len() > 1;
    let (test, others) = (&scenario.tests[test].name, names(scenario, others));
    match kind {
        FindingKind::Victim if several => format!("{others} make {test} fail"),
        FindingKind::Victim => format!("{others} makes {test} fail"),
        FindingKind::Brittle if several => format!("{test} fails unless {others} have run"),
        FindingKind::Brittle => format!("{test} fails unless {others} has run"),
        FindingKind::Broken => format!("{test} fails in every ordering"),
        FindingKind::FlakyAlone => format!("the outcome of {test} depends on the order of its prerequisites"),
        FindingKind::Nondeterministic => format!("{test} does different things in one and the same ordering"),
        FindingKind::Collection if several => format!("{test} fails once {others} are collected too"),
        FindingKind::Collection => format!("{test} fails once {others} is collected too"),
    }
}

/// `step 1 of setup 22 us, step 1 of first 76 us`; nothing if no step has a time of its own.
pub(super) fn step_times(scenario: &Scenario, times: &StepTimes) -> String {
    let told = times.own().map(|(test, number, time)| {
        let test = test.map_or("setup", |test| scenario.tests[test].name.as_str());
        format!("step {number} of {test} {} us", time.0.div_ceil(1_000))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn names(scenario: &Scenario, tests: &[usize]) -> String {
    listed(&word(scenario, tests))
}

/// The names of these tests, one by one.
pub(super) fn word<'a>(scenario: &'a Scenario, tests: &[usize]) -> Vec<&'a str> {
    tests.iter().map(|&test| scenario.tests[test].name.as_str()).collect()
}

/// `before step 2 of second`.
pub(super) fn place(scenario: &Scenario, place: Place) -> String {
    let name = |test: usize| scenario.tests[test].name.as_str();
    match place {
        Place::Before(StepPlace { test, step }) => format!("before step {step} of {}", name(test)),
        Place::After(StepPlace { test, step }) => format!("after step {step} of {}", name(test)),
    }
}

/// The places at which a remedy works or, of another order, that order.
pub(super) fn places(scenario: &Scenario, remedy: &Remedy) -> Vec<String> {
    if remedy.order.is_empty() {
        return remedy.places.iter().map(|&place| self::place(scenario, place)).collect();
    }
    vec![word(scenario, &remedy.order).join(", then ")]
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

/// A count with its noun: `1 ordering`, `2,000 orderings`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(&count.into()))
}

/// Digits that a count is written with.
const MOST_DIGITS: usize = 30;

/// A count with its thousands set apart; one that nobody would read to its end by its size.
pub(super) fn grouped(count: &BigUint) -> String {
    let digits = count.to_string();
    if digits.len() > MOST_DIGITS {
        return format!("about {}.{}e{}", &digits[..1], &digits[1..2], digits.len() - 1);
    }
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_thousands_set_apart() {
        let told = |count: u64| grouped(&BigUint::from(count));
        assert_eq!(told(0), "0");
        assert_eq!(told(999), "999");
        assert_eq!(told(1_000), "1,000");
        assert_eq!(told(81_729_648_000), "81,729,648,000");
        assert_eq!(grouped(&(BigUint::from(41_u32) * BigUint::from(10_u32).pow(9_129))), "about 4.1e9130");
    }

    #[test]
    fn a_list_ends_with_and() {
        assert_eq!(listed(&["a"]), "a");
        assert_eq!(listed(&["a", "b"]), "a and b");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(quoted("x = 1\n"), "\"x = 1\"");
        assert_eq!(quoted(&"x".repeat(25)), format!("\"{}...\"", "x".repeat(21)));
    }
}
