//! Performs an action and determines its outcome, by the rules of the scenario format.

use std::sync::Arc;

use super::body::{BodyFrame, CODE_OF_STEP};
use super::import::Importer;
use super::machine::Machine;
use super::module::{Entry, Module};
use super::object::{Exception, Object, StepLine};
use super::quote;
use super::state::{entry_of, is_relative, shown};
use super::stop::{EvaluationError, Refusal, Result, raise, refuse};
use super::text;
use super::value::{Float, Name, Value};
use crate::interpreter::Outcome;
use crate::interpreter::lazy_import::LAZY_IMPORT;
use crate::scenario::{Action, Check, Literal, Position};

/// How much of a value's `repr` an outcome shows, in characters.
const SHOWN: usize = 200;

impl Machine<'_> {
    /// Performs an action; the error is a refusal.
    pub(super) fn perform(&mut self, action: &Action) -> std::result::Result<Outcome, Refusal> {
        let done = self.recorded(action).and_then(|()| self.run_action(action));
        let judged = match (done, action.check()) {
            (Ok(()), Check::Nothing) => self.judge_state(action),
            (Ok(()), Check::Warns(wanted)) => self.judge_warnings(wanted),
            (Ok(()), Check::Raises(wanted)) => {
                Ok(Outcome::Mismatched { message: format!("expected {wanted}, nothing was raised") })
            }
            (Ok(()), Check::Expect(wanted)) => self.judge_module(module_of(action), wanted),
            (Err(EvaluationError::Raise(raised)), Check::Raises(wanted)) => {
                self.judge_exception(&raised, wanted)
            }
            (Err(stop), _) => Err(stop),
        };
        let judged = judged.or_else(|stop| self.failure(stop));
        if let Some(lost) = self.memory.lost() {
            let what =
                format!("symbolic links in circles, or out of the ordering's directory: {}", shown(lost));
            return Err(Refusal { what, place: None });
        }
        match judged {
            Ok(outcome) => Ok(outcome),
            Err(EvaluationError::Refuse(refusal)) => Err(refusal),
            Err(EvaluationError::Raise(raised)) => Err(Refusal {
                what: format!("an exception while an outcome is judged: {}", raised.message),
                place: None,
            }),
        }
    }

    /// Begins to record warnings, if the step wants one.
    fn recorded(&mut self, action: &Action) -> Result<()> {
        if matches!(action.check(), Check::Warns(_)) {
            self.find_and_load(&"warnings".into())?;
            self.warned = Some(Vec::new());
        }
        Ok(())
    }

    fn judge_warnings(&mut self, wanted: &str) -> Result<Outcome> {
        let mut issued = std::collections::BTreeSet::new();
        for category in self.warned.take().unwrap_or_default() {
            let names = self.base_names(&category)?;
            if names.iter().any(|name| **name == *wanted) {
                return Ok(Outcome::Passed);
            }
            issued.insert(names[0].to_string());
        }
        let issued: Vec<String> = issued.into_iter().collect();
        let others = match &issued[..] {
            [] => "no warning was issued".to_owned(),
            others => format!("issued {}", others.join(", ")),
        };
        Ok(Outcome::Mismatched { message: format!("expected {wanted}, {others}") })
    }

    fn run_action(&mut self, action: &Action) -> Result<()> {
        let importer = Importer { package: None, homeless: true };
        match action {
            Action::Import { module, names, .. } => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let mut parts = module.split('.').chain(names.iter().copied());
                if let Some(keyword) = parts.find(|part| is_keyword(part)) {
                    return refuse(format!("the import of a keyword, `{keyword}`"));
                }
                let found = self.import_name(module, &names, 0, &importer)?;
                for name in names {
                    self.import_from(&found, name)?;
                }
                Ok(())
            }
            Action::Reload { module, .. } => {
                let name: Name = module.as_str().into();
                match self.module_entry(&name)? {
                    Some(module) => self.reload(&module).map(drop),
                    None => raise("KeyError", &name),
                }
            }
            Action::SysPath { path, position } => {
                self.put_on_path(Entry::Directory(shown(path)), *position);
                Ok(())
            }
            Action::SysPathText { text, position } => {
                let entry = Entry::Directory(Self::path_entry(text)?);
                self.put_on_path(entry, *position);
                Ok(())
            }
            Action::InvalidateCaches => self.invalidate_caches(),
            Action::NotImported(_) | Action::Evaluate(_) => Ok(()),
            Action::SetVariable { name, value } => {
                self.set_environment(&name.as_str().into(), value.as_deref().map(Name::from))
            }
            Action::ChangeDirectory(path) => self.change_directory(&shown(path)),
            Action::LazyImport { module, .. } => {
                let code =
                    format!("import importlib.util, sys\nname = {}\n{LAZY_IMPORT}", quote::quoted(module));
                self.execute(&code.into(), importer)
            }
            Action::RunModule { module, .. } => self.run_module(&module.as_str().into()),
            Action::Compile { path, invalidation } => self.compile_file(path, *invalidation),
            Action::Forget(name) => {
                let name: Name = name.as_str().into();
                if self.module_entry(&name)?.is_some() {
                    self.remove_module(&name)?;
                }
                Ok(())
            }
            Action::Exec { code, .. } => self.execute(code, importer),
            Action::Repair(repair) => self.repair(repair),
        }
    }

    fn put_on_path(&mut self, entry: Entry, position: Position) {
        let path = self.memory.path_mut();
        match position {
            Position::First => path.insert(0, entry),
            Position::Last => path.push(entry),
        }
    }

    /// A text that may stand on `sys.path`.
    pub(super) fn path_entry(text: &str) -> Result<Name> {
        if text.is_empty() || is_relative(text) || entry_of(text).is_some() {
            return Ok(text.into());
        }
        refuse("an entry of `sys.path` outside the ordering's directory, or not in its shortest form")
    }

    fn execute(&mut self, code: &Arc<str>, importer: Importer) -> Result<()> {
        let body = self.body(&Arc::from(code.as_bytes()))?;
        let mut module = Module::new(&"__main__".into());
        module.namespace.clear();
        let id = self.memory.make(&"step".into(), Object::Module(module.into()));
        self.run(&BodyFrame::of_module(&id, CODE_OF_STEP, &body, importer))
    }

    /// The outcome of a step that ended early.
    fn failure(&mut self, stop: EvaluationError) -> Result<Outcome> {
        match stop {
            EvaluationError::Raise(raised) => {
                let exception = self.class_name(&raised.class)?.to_string();
                Ok(failed(exception, self.told(&raised)?, &raised))
            }
            refusal @ EvaluationError::Refuse(_) => Err(refusal),
        }
    }

    fn judge_exception(&mut self, raised: &Exception, wanted: &str) -> Result<Outcome> {
        let names = self.base_names(&raised.class)?;
        if names.iter().any(|name| **name == *wanted) {
            return Ok(Outcome::Passed);
        }
        Ok(failed(names[0].to_string(), self.told(raised)?, raised))
    }

    fn judge_module(&mut self, name: &str, wanted: &[(Vec<String>, Literal)]) -> Result<Outcome> {
        let mismatched = |message| Ok(Outcome::Mismatched { message });
        let Some(module) = self.module_entry(&name.into())? else {
            return mismatched(format!("sys.modules has no {}", quote::quoted(name)));
        };
        for (path, literal) in wanted {
            let dotted = path.join(".");
            let wanted = self.literal(literal);
            let mut found = module.clone();
            for name in path {
                let Some(value) = self.attribute(&found, name)? else {
                    let wanted = self.short_repr(&wanted)?;
                    let name = quote::quoted(name);
                    return mismatched(format!(
                        "expected {dotted} == {wanted}, there is no attribute {name}"
                    ));
                };
                found = value;
            }
            if !self.equal(&found, &wanted)? {
                let (wanted, found) = (self.short_repr(&wanted)?, self.short_repr(&found)?);
                return mismatched(format!("expected {dotted} == {wanted}, found {found}"));
            }
        }
        Ok(Outcome::Passed)
    }

    /// `repr`, shortened if it is long. (CPython shortens before the ordering's directory becomes `$`; it would
    /// shorten such a long text with that directory in it elsewhere.)
    pub(super) fn short_repr(&mut self, value: &Value) -> Result<String> {
        let text = text::repr(self.memory, value)?;
        if text.chars().count() <= SHOWN {
            return Ok(text);
        }
        if text.contains('$') {
            return refuse("a long text that may name the ordering's directory");
        }
        Ok(text.chars().take(SHOWN).chain("...".chars()).collect())
    }

    /// The Python value of a scenario's literal.
    fn literal(&mut self, literal: &Literal) -> Value {
        match literal {
            Literal::Bool(value) => Value::Bool(*value),
            Literal::Int(value) => Value::Int(*value),
            Literal::Float(value) => Value::Float(Float::new(*value)),
            Literal::Str(value) => Value::text(value),
            Literal::List(values) => {
                let values = values.iter().map(|value| self.literal(value)).collect();
                Value::Object(self.memory.make(&"expectation".into(), Object::List(values)))
            }
            Literal::Dict(items) => {
                let items =
                    items.iter().map(|(key, value)| (Value::text(key), self.literal(value))).collect();
                Value::Object(self.memory.make(&"expectation".into(), Object::Dict(items)))
            }
        }
    }
}

fn failed(exception: String, message: String, raised: &Exception) -> Outcome {
    let line = match raised.raised_on {
        StepLine::Line(line) => Some(line),
        StepLine::Nowhere | StepLine::Unknown => None,
    };
    Outcome::Failed { exception, message, line }
}

/// Words that are not names: importing one is a syntax error. (`async` and `await` since 3.7.)
fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 35] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
        "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in",
        "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    ];
    KEYWORDS.contains(&word)
}

fn module_of(action: &Action) -> &str {
    match action {
        Action::Import { module, .. } | Action::Reload { module, .. } | Action::LazyImport { module, .. } => {
            module
        }
        _ => "",
    }
}
