//! Statements of module bodies.

use std::collections::BTreeMap;

use ruff_python_ast::{Alias, Expr, Stmt, StmtIf, StmtImportFrom};

use super::frame::BodyFrame;
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Exception, StepLine};
use crate::interpreter::model::stop::{EvaluationError, Result, refuse};
use crate::interpreter::model::text;
use crate::interpreter::model::value::Value;

/// The most statements and rounds of loops that one step may run.
const MOST: usize = 5_000;

/// How a statement ends.
#[derive(Debug, Clone)]
pub(super) enum Flow {
    /// The next statement follows.
    Next,
    Break,
    Continue,
    Return(Value),
}

impl Machine<'_> {
    /// Runs a body.
    pub(in crate::interpreter::model) fn run(&mut self, frame: &BodyFrame<'_>) -> Result<()> {
        let mut scope = Scope::of_module(frame);
        self.statements(&mut scope, &frame.body.syntax.body).map(drop)
    }

    pub(super) fn statements(&mut self, scope: &mut Scope<'_>, statements: &[Stmt]) -> Result<Flow> {
        for statement in statements {
            let flow = self.count_round().and_then(|()| self.statement(scope, statement));
            let told = |stop: EvaluationError| {
                stop.at(|| scope.frame.place(statement)).on(|| scope.frame.line_in_step(statement))
            };
            match flow.map_err(told)? {
                Flow::Next => {}
                left => return Ok(left),
            }
        }
        Ok(Flow::Next)
    }

    /// Counts a statement or a round of a loop, so that a loop without end is refused.
    pub(super) fn count_round(&mut self) -> Result<()> {
        self.ran += 1;
        if self.ran > MOST { refuse("so many statements in one step") } else { Ok(()) }
    }

    fn statement(&mut self, scope: &mut Scope<'_>, statement: &Stmt) -> Result<Flow> {
        match statement {
            Stmt::If(node) => self.if_statement(scope, node),
            Stmt::Try(node) => self.try_statement(scope, node),
            Stmt::For(node) => self.for_statement(scope, node),
            Stmt::While(node) => self.while_statement(scope, node),
            Stmt::With(node) => self.with_statement(scope, node),
            Stmt::Break(_) => Ok(Flow::Break),
            Stmt::Continue(_) => Ok(Flow::Continue),
            Stmt::Return(node) => match &node.value {
                Some(value) => self.evaluate(scope, value).map(Flow::Return),
                None => Ok(Flow::Return(Value::None)),
            },
            simple => self.simple_statement(scope, simple).map(|()| Flow::Next),
        }
    }

    /// A statement after which the next one always follows.
    fn simple_statement(&mut self, scope: &mut Scope<'_>, statement: &Stmt) -> Result<()> {
        match statement {
            Stmt::Pass(_) | Stmt::Nonlocal(_) => Ok(()),
            Stmt::Global(_) if scope.class.is_none() => Ok(()),
            Stmt::Expr(node) => match &*node.value {
                Expr::YieldFrom(node) => self.yield_from(scope, &node.value),
                value => self.evaluate(scope, value).map(drop),
            },
            Stmt::Assign(node) if self.assigned_path(scope, node)? => Ok(()),
            Stmt::Assign(node) => {
                let value = self.evaluate(scope, &node.value)?;
                for target in &node.targets {
                    self.store(scope, target, value.clone())?;
                }
                Ok(())
            }
            Stmt::AnnAssign(node) => self.annotated_assignment(scope, node),
            Stmt::AugAssign(node) => self.augment(scope, node),
            Stmt::Delete(node) => {
                for target in &node.targets {
                    self.delete(scope, target)?;
                }
                Ok(())
            }
            Stmt::Assert(node) => self.assertion(scope, &node.test, node.msg.as_deref()),
            Stmt::Import(node) if !node.is_lazy => {
                for alias in &node.names {
                    self.import(scope, alias)?;
                }
                Ok(())
            }
            Stmt::ImportFrom(node) if !node.is_lazy => self.import_names(scope, node),
            Stmt::Raise(node) => self.raise_statement(scope, node),
            Stmt::FunctionDef(node) => self.define_function(scope, node),
            Stmt::ClassDef(node) => self.define_class(scope, node),
            other => refuse(name_of(other)),
        }
    }

    fn if_statement(&mut self, scope: &mut Scope<'_>, node: &StmtIf) -> Result<Flow> {
        let mut chosen = self.condition(scope, &node.test)?.then_some(&node.body);
        for clause in &node.elif_else_clauses {
            if chosen.is_some() {
                break;
            }
            let holds = match &clause.test {
                Some(test) => self.condition(scope, test)?,
                None => true,
            };
            chosen = holds.then_some(&clause.body);
        }
        chosen.map_or(Ok(Flow::Next), |body| self.statements(scope, body))
    }

    pub(super) fn condition(&mut self, scope: &mut Scope<'_>, test: &Expr) -> Result<bool> {
        let value = self.evaluate(scope, test)?;
        self.truth(&value)
    }

    /// An exception of a built-in class.
    pub(super) fn exception_of(&mut self, class: &'static str, arguments: Vec<Value>) -> Result<Exception> {
        for argument in &arguments {
            if self.own_display(argument, true)?.is_some() {
                return refuse("an exception about what displays itself");
            }
        }
        let message = text::message_of(self.memory, class, &arguments)?.into();
        Ok(Exception {
            class: Value::Builtin(class),
            arguments,
            message,
            attributes: BTreeMap::new(),
            name: None,
            raised_on: StepLine::default(),
        })
    }

    /// `import a.b` and `import a.b as c`.
    fn import(&mut self, scope: &mut Scope<'_>, alias: &Alias) -> Result<()> {
        let importer = scope.frame.importer.clone();
        let module = self.import_name(&alias.name, &[], 0, &importer)?;
        let Some(bound) = &alias.asname else {
            let first = alias.name.split('.').next().unwrap_or(&alias.name);
            return self.bind(scope, first, module);
        };
        let mut found = module;
        for part in alias.name.split('.').skip(1) {
            found = if self.version >= (3, 7) {
                self.import_from(&found, part)?
            } else {
                self.required_attribute(&found, part)?
            };
        }
        self.bind(scope, bound, found)
    }

    /// `from a import b, c as d` and `from a import *`.
    fn import_names(&mut self, scope: &mut Scope<'_>, node: &StmtImportFrom) -> Result<()> {
        let importer = scope.frame.importer.clone();
        let name = node.module.as_ref().map_or("", |module| module.as_str());
        if name == "__future__" && self.version < (3, 7) {
            return refuse("`from __future__`");
        }
        let names: Vec<&str> = node.names.iter().map(|alias| alias.name.as_str()).collect();
        let module = self.import_name(name, &names, node.level, &importer)?;
        for alias in &node.names {
            if &alias.name == "*" {
                self.import_star(scope, &module)?;
                continue;
            }
            let value = self.import_from(&module, &alias.name)?;
            self.bind(scope, alias.asname.as_ref().unwrap_or(&alias.name), value)?;
        }
        Ok(())
    }

    /// `import_all_from` of `Python/ceval.c`.
    fn import_star(&mut self, scope: &mut Scope<'_>, module: &Value) -> Result<()> {
        let Some(id) = self.as_module(module) else { return refuse("a star import from what is no module") };
        let Some(object) = self.memory.module_object(&id).cloned() else {
            return refuse("a module that is gone");
        };
        if object.opaque {
            return refuse("a star import from the standard library");
        }
        if let Some(all) = self.attribute(module, "__all__")? {
            for name in self.names_of(&all)? {
                let value = self.required_attribute(module, &name)?;
                self.bind(scope, &name, value)?;
            }
            return Ok(());
        }
        for (name, value) in object.namespace {
            if !name.starts_with('_') {
                self.bind(scope, &name, value)?;
            }
        }
        Ok(())
    }
}

/// The name of a statement, for a refusal.
fn name_of(statement: &Stmt) -> &'static str {
    match statement {
        Stmt::TypeAlias(_) => "a `type` statement",
        Stmt::Match(_) => "a `match` statement",
        _ => "such a statement",
    }
}
