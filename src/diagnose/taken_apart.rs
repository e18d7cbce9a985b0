//! Steps taken apart into their texts and everything else, field by field.

use std::sync::Arc;

use crate::scenario::{Action, Check, Literal, Step};
use crate::world::{EntryPath, Operation};

/// A step with its texts beside it.
#[derive(Debug, Clone)]
pub(super) struct StepTakenApart {
    /// The step without its texts: what tells it from steps of another kind.
    pub(super) rest: Step,
    /// Its texts, in the order of its fields.
    pub(super) texts: Vec<String>,
    /// Those of them that are paths in the ordering's directory.
    pub(super) paths: Vec<String>,
}

impl StepTakenApart {
    /// `None` for a step of diagnosis, which no file can write, and where a text may spell a name in another way than with its
    /// letters.
    pub(super) fn of(step: &Step) -> Option<Self> {
        let (mut rest, mut taken) = (step.clone(), StepTexts::default());
        match &mut rest {
            Step::World(operation) => taken.operation(operation),
            Step::Interpreter(Action::Repair(_)) => return None,
            Step::Interpreter(action) => taken.action(action),
        }
        let StepTexts { texts, paths } = taken;
        (!texts.iter().any(|text| text.contains('\\'))).then_some(Self { rest, texts, paths })
    }
}

/// The texts that have been taken out of a step so far.
#[derive(Default)]
struct StepTexts {
    texts: Vec<String>,
    paths: Vec<String>,
}

impl StepTexts {
    fn text(&mut self, text: &mut String) {
        self.texts.push(std::mem::take(text));
    }

    fn source(&mut self, text: &mut Arc<str>) {
        self.texts.push(std::mem::replace(text, Arc::from("")).to_string());
    }

    fn path(&mut self, path: &mut EntryPath) {
        let path = std::mem::replace(path, EntryPath::root()).as_str().to_owned();
        self.paths.push(path.clone());
        self.texts.push(path);
    }

    fn operation(&mut self, operation: &mut Operation) {
        match operation {
            Operation::Write { path, text, mtime: _ } => {
                self.path(path);
                self.source(text);
            }
            Operation::Copy { source, to, mtime: _ } => {
                let source = Arc::make_mut(source);
                self.text(&mut source.written);
                source.entries.iter_mut().for_each(|(path, _)| self.path(path));
                self.path(to);
            }
            Operation::Rename { from: path, to } | Operation::Link { path, to } => {
                self.path(path);
                self.path(to);
            }
            Operation::Mkdir(path) | Operation::Remove(path) | Operation::Touch { path, mtime: _ } => {
                self.path(path);
            }
            Operation::Sleep(_) => {}
        }
    }

    fn action(&mut self, action: &mut Action) {
        match action {
            Action::Import { module, names, check } => {
                self.text(module);
                names.iter_mut().for_each(|name| self.text(name));
                self.check(check);
            }
            Action::Reload { module, check }
            | Action::LazyImport { module, check }
            | Action::RunModule { module, check } => {
                self.text(module);
                self.check(check);
            }
            Action::SysPath { path, position: _ }
            | Action::ChangeDirectory(path)
            | Action::Compile { path, invalidation: _ } => self.path(path),
            Action::SysPathText { text, position: _ } | Action::Forget(text) | Action::NotImported(text) => {
                self.text(text);
            }
            Action::Evaluate(code) => self.source(code),
            Action::SetVariable { name, value } => {
                self.text(name);
                value.iter_mut().for_each(|value| self.text(value));
            }
            Action::Exec { code, check } => {
                self.source(code);
                self.check(check);
            }
            Action::InvalidateCaches | Action::Repair(_) => {}
        }
    }

    fn check(&mut self, check: &mut Check) {
        match check {
            Check::Nothing => {}
            Check::Expect(expected) => {
                for (place, value) in expected {
                    place.iter_mut().for_each(|name| self.text(name));
                    self.literal(value);
                }
            }
            Check::Raises(class) | Check::Warns(class) => self.text(class),
        }
    }

    fn literal(&mut self, value: &mut Literal) {
        match value {
            Literal::Str(text) => self.text(text),
            Literal::List(items) => items.iter_mut().for_each(|item| self.literal(item)),
            Literal::Dict(items) => {
                for (key, item) in items {
                    self.text(key);
                    self.literal(item);
                }
            }
            Literal::Int(number) => self.texts.push(std::mem::take(number).to_string()),
            Literal::Bool(_) | Literal::Float(_) => {}
        }
    }
}
