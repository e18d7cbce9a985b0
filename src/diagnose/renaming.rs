//! Renamings that leave a scenario as it is: its tests change places, and so do names in their steps. What is true of one test is true,
//! in the other names, of the test in whose place it comes: as far as all code only binds names and imports modules, it does the
//! same under any name. Whether orderings show that as well is for the graph of what was performed.

use std::collections::{BTreeSet, HashMap};

use super::names::{Names, pieces};
use super::taken_apart::StepTakenApart;
use crate::explore::{Graph, NodeId};
use crate::interpreter::{Outcome, inert};
use crate::remedy::{Place, StepPlace};
use crate::scenario::{Scenario, Step};

/// Ways to pair tests past which the search gives up.
const TRIED: usize = 2_000;

/// A renaming under which a scenario stays as it is.
#[derive(Debug, Clone)]
pub(super) struct Renaming {
    /// By test, the one in whose place it comes.
    tests: Vec<usize>,
    names: Names,
}

/// The search for a renaming.
struct RenamingSearch<'s> {
    scenario: &'s Scenario,
    /// By test, its steps.
    steps: Vec<Vec<StepTakenApart>>,
    tried: usize,
}

impl Renaming {
    /// A renaming of the scenario under which these tests come in the places of those, or `None` if none is found.
    pub(super) fn find(scenario: &Scenario, these: &[usize], those: &[usize]) -> Option<Self> {
        if these.len() != those.len() || !inert::is_inert_scenario(scenario) {
            return None;
        }
        let mut names = Names::of(scenario)?;
        for step in &scenario.setup {
            let step = StepTakenApart::of(step)?;
            names.align(&step, &step)?;
        }
        let apart = |steps: &[Step]| steps.iter().map(StepTakenApart::of).collect::<Option<Vec<_>>>();
        let steps = scenario.tests.iter().map(|test| apart(&test.steps)).collect::<Option<Vec<_>>>()?;
        let mut search = RenamingSearch { scenario, steps, tried: 0 };
        let mut tests = vec![None; scenario.tests.len()];
        for (&this, &that) in these.iter().zip(those) {
            names = search.pair((&tests, &names), this, that)?;
            tests[this] = Some(that);
        }
        let (tests, names) = search.complete(tests, names)?;
        let renaming = Self { tests, names };
        renaming.keeps_prerequisites(scenario).then_some(renaming)
    }

    /// The test in whose place this one comes.
    pub(super) fn test(&self, test: usize) -> usize {
        self.tests[test]
    }

    /// These tests under their new places.
    pub(super) fn word(&self, word: &[usize]) -> Vec<usize> {
        word.iter().map(|&test| self.test(test)).collect()
    }

    pub(super) fn step_place(&self, place: StepPlace) -> StepPlace {
        StepPlace { test: self.test(place.test), ..place }
    }

    pub(super) fn place(&self, place: Place) -> Place {
        match place {
            Place::Before(step) => Place::Before(self.step_place(step)),
            Place::After(step) => Place::After(self.step_place(step)),
        }
    }

    /// The text in the new names.
    pub(super) fn text(&self, text: &str) -> String {
        pieces(text).map(|piece| self.names.new.get(piece).map_or(piece, String::as_str)).collect()
    }

    /// Whether the names in a text come in the same order as their new ones: what lists them by name lists them alike then.
    pub(super) fn keeps_order(&self, text: &str) -> bool {
        let names: BTreeSet<&str> =
            pieces(text).filter(|piece| self.names.new.contains_key(*piece)).collect();
        let new: Vec<&String> = names.iter().map(|name| &self.names.new[*name]).collect();
        new.is_sorted()
    }

    /// Whether the text, of a remedy, has only what may be renamed.
    pub(super) fn can_rename(&self, text: &str) -> bool {
        !self.names.changes_number_in(text)
    }

    fn outcome(&self, outcome: &Outcome) -> Outcome {
        match outcome {
            Outcome::Failed { exception, message, line } => {
                Outcome::Failed { exception: self.text(exception), message: self.text(message), line: *line }
            }
            Outcome::Mismatched { message } => Outcome::Mismatched { message: self.text(message) },
            other => other.clone(),
        }
    }

    /// Whether all that was performed bears out the renaming: every ordering under it comes out as it does, in the new names.
    pub(super) fn is_borne_out_by(&self, graph: &Graph) -> bool {
        let mut twins: HashMap<NodeId, NodeId> = HashMap::from([(Graph::ROOT, Graph::ROOT)]);
        let mut left = vec![Graph::ROOT];
        while let Some(at) = left.pop() {
            let twin = twins[&at];
            for &edge in &graph.node(at).edges {
                let other = graph.edge(twin, self.test(edge.test));
                let alike = |other| *graph.outcome(other) == self.outcome(graph.outcome(edge));
                let Some(other) = other.filter(|&other| alike(other)) else { return false };
                match twins.insert(edge.to, other.to) {
                    None => left.push(edge.to),
                    Some(known) if known == other.to => {}
                    Some(_) => return false,
                }
            }
        }
        true
    }

    fn keeps_prerequisites(&self, scenario: &Scenario) -> bool {
        (0..scenario.tests.len()).all(|test| {
            let new: BTreeSet<usize> =
                scenario.tests[test].after.iter().map(|&test| self.test(test)).collect();
            new == scenario.tests[self.test(test)].after.iter().copied().collect()
        })
    }
}

impl RenamingSearch<'_> {
    /// The names, if this test comes in the place of that one too.
    fn pair(
        &mut self,
        (tests, names): (&[Option<usize>], &Names),
        this: usize,
        that: usize,
    ) -> Option<Names> {
        self.tried += 1;
        let (steps, others) = (&self.steps[this], &self.steps[that]);
        let is_free = tests[this].is_none_or(|known| known == that)
            && (0..tests.len()).all(|test| test == this || tests[test] != Some(that));
        if !is_free || steps.len() != others.len() || self.tried > TRIED {
            return None;
        }
        let mut names = names.clone();
        steps.iter().zip(others).try_for_each(|(step, other)| names.align(step, other))?;
        Some(names)
    }

    /// Finds places for the tests that have none yet.
    fn complete(&mut self, tests: Vec<Option<usize>>, names: Names) -> Option<(Vec<usize>, Names)> {
        let mut left = vec![(tests, names)];
        while let Some((tests, names)) = left.pop() {
            let Some(this) = tests.iter().position(Option::is_none) else {
                return Some((tests.into_iter().flatten().collect(), names));
            };
            // Later ones first: the one that is tried next is the last.
            for that in (0..self.scenario.tests.len()).rev() {
                if let Some(names) = self.pair((&tests, &names), this, that) {
                    let mut tests = tests.clone();
                    tests[this] = Some(that);
                    left.push((tests, names));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn scenario(tests: &str) -> Scenario {
        let text =
            format!("title = \"T\"\nsetup = [{{ mkdir = \"lib\" }}, {{ sys-path = \"lib\" }}]\n{tests}");
        crate::scenario::parse(Path::new("x.toml"), &text).expect("a scenario")
    }

    fn writing(name: &str, module: &str, text: &str) -> String {
        format!(
            "[[test]]\nname = \"{name}\"\n\
             steps = [{{ write = \"lib/{module}.py\", text = \"{text}\" }}, {{ import = \"{module}\" }}]\n"
        )
    }

    #[test]
    fn tests_alike_but_for_names_change_places() {
        let tests = [writing("a", "m1", "m1 = 0\\nx = 1"), writing("b", "m2", "m2 = 0\\nx = 1")];
        let scenario = scenario(&tests.concat());
        let renaming = Renaming::find(&scenario, &[0], &[1]).expect("a renaming");
        assert_eq!(renaming.word(&[0, 0, 1]), [1, 1, 0]);
        assert_eq!(renaming.text("lib/m1.py and m2, no m12"), "lib/m2.py and m1, no m12");
        assert!(renaming.keeps_order("m1.py") && !renaming.keeps_order("m1.py, m2.py"));
    }

    #[test]
    fn tests_that_differ_in_more_than_names_do_not() {
        let first = writing("a", "m1", "x = 1");
        let others = [
            ("a longer number", writing("b", "m2", "x = 22")),
            ("a longer name", writing("b", "m22", "x = 1")),
            ("a name of setup", writing("b", "lib", "x = 1")),
            ("a name of Python's", writing("b", "__", "x = 1")),
            ("another time", writing("b", "m2", "x = 1").replace("text", "mtime = \"-2s\", text")),
            ("a name that no step makes", writing("b", "m2", "y = 1")),
            ("another verb", writing("b", "m2", "x = 1").replace("import", "forget")),
            (
                "one name in two places",
                writing("b", "m2", "x = 1").replace("import = \"m2\"", "import = \"m3\""),
            ),
            ("code that could read its name", writing("b", "m2", "x = print(1)")),
            ("a prerequisite", writing("b", "m2", "x = 1").replace("steps", "after = [\"c\"]\nsteps")),
        ];
        for (why, other) in others {
            let third = "[[test]]\nname = \"c\"\nsteps = [{ import = \"gone\" }]\n";
            let scenario = scenario(&[&first, &other, third].concat());
            assert!(Renaming::find(&scenario, &[0], &[1]).is_none(), "{why}");
        }
    }

    #[test]
    fn numbers_change_places_too() {
        let tests = [writing("a", "m1", "x = 1"), writing("b", "m2", "x = 2")];
        let renaming = Renaming::find(&scenario(&tests.concat()), &[0], &[1]).expect("a renaming");
        assert_eq!(renaming.text("m1 has 1, not 2"), "m2 has 2, not 1");
        assert!(renaming.can_rename("{ forget = \"m1\" }") && renaming.can_rename("{ sleep = \"1s\" }"));
        assert!(!renaming.can_rename("{ exec = \"import m1; m1.x = 1\" }"));
        let deciding = |number| format!("if {number}:\\n import gone");
        let tests = [writing("a", "m1", &deciding(0)), writing("b", "m2", &deciding(1))];
        assert!(Renaming::find(&scenario(&tests.concat()), &[0], &[1]).is_none(), "a number that decides");
        let tests = [writing("a", "m1", "x = 1"), writing("b", "m2", "x = 2")];
        let one_of_three = [&tests[..], &[writing("c", "m3", "x = 2")]].concat();
        assert!(
            Renaming::find(&scenario(&one_of_three.concat()), &[0], &[1]).is_none(),
            "2 would come in two places"
        );
    }

    #[test]
    fn other_tests_have_to_find_places_too() {
        let tests = |odd: &str| {
            let pair = |number| writing(&format!("v{number}"), &format!("m{number}"), "x = 1");
            let using = |number, text: &str| {
                format!("[[test]]\nname = \"u{number}\"\nsteps = [{{ import = \"m{number}\"{text} }}]\n")
            };
            scenario(&[pair(1), pair(2), using(1, ""), using(2, odd)].concat())
        };
        let renaming = Renaming::find(&tests(""), &[0], &[1]).expect("a renaming");
        assert_eq!(renaming.word(&[0, 1, 2, 3]), [1, 0, 3, 2]);
        assert!(Renaming::find(&tests(", expect = { x = 1 }"), &[0], &[1]).is_none());
    }
}
