//! Changes of the polluter, which then restores what it changed: the statement that changes it becomes a call of
//! `monkeypatch`, or `monkeypatch`, a fixture or `addCleanup` restores it at the end.

use super::candidate::{
    PatchCandidate, PatchReach, beside, comment, imports, new_name, of_pytest, parameter, used_by,
};
use super::edits::Edit;
use super::group::PatchGroup;
use super::module_setup;
use super::polluting::Polluter;
use super::reason;
use super::restoring::restoring;
use super::source::TestSource;
use super::statement;
use super::ways::CellRestoring;

/// All changes of one polluter that may cure, in no order.
pub(super) fn candidates(group: &PatchGroup<'_>, id: &str, source: &TestSource) -> Vec<PatchCandidate> {
    let mut found = Vec::new();
    let ways = ways_of(group, source);
    let Ok(function) = source.find(id) else {
        found.extend(ways.and_then(|ways| fixture_for_all(group, source, &ways, "function")));
        return found;
    };
    let test = Polluter { group, id, source, found: function };
    let of_unittest = function.class.is_some_and(|class| source.is_unittest(class));
    if !of_unittest {
        found.extend(statement::candidates(&test));
    }
    let Some(ways) = ways else { return found };
    if of_unittest {
        found.extend(test.cleanup(&ways));
    } else {
        found.extend(test.monkeypatch(&ways));
        found.extend(test.fixture(&ways, true));
        found.extend(test.fixture(&ways, false));
    }
    found.extend(
        ["function", "class", "module"]
            .into_iter()
            .filter_map(|scope| fixture_for_all(group, source, &ways, scope)),
    );
    found
}

/// Changes of the functions in which test code changed the state: fixtures, and methods that set up.
pub(super) fn in_guilty_functions(
    group: &PatchGroup<'_>,
    id: &str,
    source: &TestSource,
) -> Vec<PatchCandidate> {
    let mut candidates = Vec::new();
    for line in group.guilty_lines(&source.path) {
        let Some(found) = source.enclosing(line) else { continue };
        let test = Polluter { group, id, source, found };
        candidates.extend(statement::in_guilty_functions(&test));
        candidates.extend(ways_of(group, source).and_then(|ways| module_setup::candidate(&test, &ways)));
        if found.class.is_some_and(|class| source.is_unittest(class)) {
            candidates.extend(ways_of(group, source).and_then(|ways| test.cleanup(&ways)));
        }
    }
    candidates
}

/// How each cell of the group is restored, or `None` if one cannot be.
fn ways_of(group: &PatchGroup<'_>, source: &TestSource) -> Option<Vec<CellRestoring>> {
    let cells = &group.first().state;
    let ways: Option<Vec<CellRestoring>> =
        cells.iter().enumerate().map(|(number, cell)| restoring(cell, source, number)).collect();
    ways.filter(|ways| !ways.is_empty())
}

fn needed(ways: &[CellRestoring]) -> Vec<String> {
    ways.iter().flat_map(|each| each.imports.iter().cloned()).collect()
}

fn lines_of(ways: &[CellRestoring], of: impl Fn(&CellRestoring) -> &Vec<String>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for each in ways {
        // One call may restore several cells.
        let new: Vec<String> = of(each).iter().filter(|line| !lines.contains(line)).cloned().collect();
        lines.extend(new);
    }
    lines
}

impl Polluter<'_> {
    /// Lines at the start of the test.
    fn at_start(&self, what: String, modules: &[String], lines: Vec<String>) -> Option<PatchCandidate> {
        let (at, margin) = self.source.body_start(self.found.function)?;
        let (mut edits, inner) = imports(self.source, modules);
        let all = [inner, comment(&self.reason(), &margin), lines].concat();
        edits.push(self.source.lines(at, &margin, &all));
        Some(PatchCandidate::new(PatchReach::Test, what).with(self.source, edits))
    }

    fn monkeypatch(&self, ways: &[CellRestoring]) -> Option<PatchCandidate> {
        let lines: Option<Vec<String>> = ways.iter().map(|each| each.monkeypatch.clone()).collect();
        let what = format!("{} restores {} with monkeypatch", self.name(), reason::cells(self.group.first()));
        let parameter = parameter(self.found.function, "monkeypatch")?;
        Some(self.at_start(what, &needed(ways), lines?)?.with(self.source, parameter))
    }

    fn cleanup(&self, ways: &[CellRestoring]) -> Option<PatchCandidate> {
        let what = format!("{} restores {} with addCleanup", self.name(), reason::cells(self.group.first()));
        let mut decorators = self.found.function.decorator_list.iter();
        let of_class = decorators.any(|each| self.source.text_of(each).contains("classmethod"));
        // Classes have clean-ups since Python 3.8; on an older one this change fails, and is not offered.
        let line = |line: String| {
            if of_class { line.replace("self.addCleanup(", "cls.addClassCleanup(") } else { line }
        };
        let lines = lines_of(ways, |each| &each.cleanup).into_iter().map(line);
        self.at_start(what, &needed(ways), lines.collect())
    }

    /// A fixture beside the test, which the test takes as a parameter or is marked to use.
    fn fixture(&self, ways: &[CellRestoring], as_parameter: bool) -> Option<PatchCandidate> {
        let name = new_name(self.source, &format!("restored_{}", ways[0].name));
        let what = format!("a fixture restores {} after {}", reason::cells(self.group.first()), self.name());
        let it = format!("{} ", self.name());
        let text = reason::restored(self.group, self.id, it.trim());
        let fixture = fixture_edits(
            self.source,
            beside(self.source, &self.found),
            &NewFixture { name: &name, arguments: "", text: &text },
            ways,
        );
        let function = self.found.function;
        let used =
            if as_parameter { parameter(function, &name) } else { used_by(self.source, function, &name) };
        Some(
            PatchCandidate::new(PatchReach::Beside, what).with(self.source, fixture).with(self.source, used?),
        )
    }
}

/// A fixture that all tests of the file use, of their classes or of the file.
fn fixture_for_all(
    group: &PatchGroup<'_>,
    source: &TestSource,
    ways: &[CellRestoring],
    scope: &str,
) -> Option<PatchCandidate> {
    let in_file: Vec<&String> =
        group.before().iter().filter(|id| group.file_of(id).as_ref() == Some(&source.path)).collect();
    let first = in_file.first()?;
    let names: Vec<String> = in_file.iter().map(|id| reason::said(id, id)).collect();
    let (its, _) = reason::listed(&names);
    let text = reason::restored(group, first, &its);
    let found = in_file.iter().filter_map(|id| source.find(id).ok()).min_by_key(|found| found.top);
    let at = match &found {
        Some(found) => beside(source, found),
        None => source.text.len(),
    };
    let name = new_name(source, &format!("restored_{}", ways[0].name));
    let scoped =
        if scope == "function" { String::new() } else { format!(", scope={}", source.quoted(scope)) };
    let arguments = format!("(autouse=True{scoped})");
    let edits =
        fixture_edits(source, at, &NewFixture { name: &name, arguments: &arguments, text: &text }, ways);
    let after = if scope == "function" { "each test" } else { "the tests" };
    let what = format!(
        "a fixture restores {} after {after} of {}",
        reason::cells(group.first()),
        group.shown(&source.path)
    );
    Some(PatchCandidate::new(PatchReach::File, what).with(source, edits))
}

/// A fixture to be written: its name, the arguments of its decorator, the reason.
struct NewFixture<'a> {
    name: &'a str,
    arguments: &'a str,
    text: &'a str,
}

/// A fixture that saves before and restores behind its `yield`.
fn fixture_edits(
    source: &TestSource,
    at: usize,
    fixture: &NewFixture<'_>,
    ways: &[CellRestoring],
) -> Vec<Edit> {
    let NewFixture { name, arguments, text } = fixture;
    let (mut edits, inner) = imports(source, &needed(ways));
    let (fixture, import) = of_pytest(source, "fixture");
    edits.extend(import);
    let body = [
        comment(text, &source.indent),
        inner,
        lines_of(ways, |each| &each.save),
        vec!["yield".to_owned()],
        lines_of(ways, |each| &each.restore),
    ];
    let mut lines = vec![format!("@{fixture}{arguments}"), format!("def {name}():")];
    lines.extend(body.concat().iter().map(|line| format!("    {line}")));
    let gap = vec![String::new(); 2];
    let lines = if at == source.text.len() { [gap, lines].concat() } else { [lines, gap].concat() };
    edits.push(source.lines(at, "", &lines));
    edits
}
