//! Statements of module bodies.

use ruff_python_ast::{
    Alias, ExceptHandler, Expr, Parameters, Stmt, StmtClassDef, StmtFunctionDef, StmtImportFrom, StmtRaise,
    StmtTry,
};

use super::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Class, Exception, Object};
use crate::interpreter::model::stop::{EvaluationError, Result, raise, refuse};
use crate::interpreter::model::text;
use crate::interpreter::model::value::Value;

impl Machine<'_> {
    pub(super) fn statements(&mut self, scope: &mut Scope<'_>, statements: &[Stmt]) -> Result<()> {
        for statement in statements {
            self.statement(scope, statement).map_err(|stop| stop.at(|| scope.frame.place(statement)))?;
        }
        Ok(())
    }

    fn statement(&mut self, scope: &mut Scope<'_>, statement: &Stmt) -> Result<()> {
        match statement {
            Stmt::Pass(_) => Ok(()),
            Stmt::Expr(node) => self.evaluate(scope, &node.value).map(drop),
            Stmt::Assign(node) => {
                let value = self.evaluate(scope, &node.value)?;
                for target in &node.targets {
                    self.store(scope, target, value.clone())?;
                }
                Ok(())
            }
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
            Stmt::If(node) => {
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
                chosen.map_or(Ok(()), |body| self.statements(scope, body))
            }
            Stmt::Try(node) => self.try_statement(scope, node),
            Stmt::Raise(node) => self.raise_statement(scope, node),
            Stmt::FunctionDef(node) => self.define_function(scope, node),
            Stmt::ClassDef(node) => self.define_class(scope, node),
            Stmt::Global(_) if scope.class.is_none() => Ok(()),
            other => refuse(name_of(other)),
        }
    }

    fn condition(&mut self, scope: &mut Scope<'_>, test: &Expr) -> Result<bool> {
        let value = self.evaluate(scope, test)?;
        self.truth(&value)
    }

    fn assertion(&mut self, scope: &mut Scope<'_>, test: &Expr, message: Option<&Expr>) -> Result<()> {
        if test.is_tuple_expr() {
            return refuse("an assertion of a tuple, of which the compiler warns");
        }
        if self.condition(scope, test)? {
            return Ok(());
        }
        let arguments = match message {
            Some(message) => vec![self.evaluate(scope, message)?],
            None => Vec::new(),
        };
        let exception = self.exception_of("AssertionError", arguments)?;
        Err(EvaluationError::Raise(Box::new(exception)))
    }

    /// An exception of a built-in class.
    pub(super) fn exception_of(&mut self, class: &'static str, arguments: Vec<Value>) -> Result<Exception> {
        let message = text::message_of(self.memory, class, &arguments)?.into();
        Ok(Exception { class: Value::Builtin(class), arguments, message, name: None })
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

    fn try_statement(&mut self, scope: &mut Scope<'_>, node: &StmtTry) -> Result<()> {
        if node.is_star {
            return refuse("`except*`");
        }
        let mut done = self.statements(scope, &node.body);
        match done {
            Ok(()) => done = self.statements(scope, &node.orelse),
            Err(EvaluationError::Raise(raised)) => done = self.handle(scope, &node.handlers, *raised),
            Err(EvaluationError::Refuse(_)) => return done,
        }
        if matches!(done, Err(EvaluationError::Refuse(_))) {
            return done;
        }
        self.statements(scope, &node.finalbody).and(done)
    }

    fn handle(&mut self, scope: &mut Scope<'_>, handlers: &[ExceptHandler], raised: Exception) -> Result<()> {
        for ExceptHandler::ExceptHandler(handler) in handlers {
            if let Some(wanted) = &handler.type_ {
                let wanted = self.evaluate(scope, wanted)?;
                if !self.matches(&raised.class, &wanted)? {
                    continue;
                }
            }
            if let Some(name) = &handler.name {
                let site = scope.frame.site(handler);
                let id = self.memory.make(&site, Object::Exception(raised.clone()));
                self.bind(scope, name, Value::Object(id))?;
            }
            let outer = scope.handled.replace(raised);
            let done = self.statements(scope, &handler.body);
            scope.handled = outer;
            if let Some(name) = &handler.name
                && !matches!(done, Err(EvaluationError::Refuse(_)))
            {
                self.unbind(scope, name);
            }
            return done;
        }
        Err(EvaluationError::Raise(Box::new(raised)))
    }

    fn raise_statement(&mut self, scope: &mut Scope<'_>, node: &StmtRaise) -> Result<()> {
        let Some(raised) = &node.exc else {
            return match scope.handled.clone() {
                Some(raised) => Err(EvaluationError::Raise(Box::new(raised))),
                None => raise("RuntimeError", "No active exception to reraise"),
            };
        };
        let value = self.evaluate(scope, raised)?;
        if let Some(cause) = &node.cause {
            let cause = self.evaluate(scope, cause)?;
            if cause != Value::None && self.instantiate_exception(&cause)?.is_none() {
                return raise("TypeError", "exception causes must derive from BaseException");
            }
        }
        match self.instantiate_exception(&value)? {
            Some(exception) => Err(EvaluationError::Raise(Box::new(exception))),
            None => raise("TypeError", "exceptions must derive from BaseException"),
        }
    }

    fn define_function(&mut self, scope: &mut Scope<'_>, node: &StmtFunctionDef) -> Result<()> {
        if !node.decorator_list.is_empty() || node.type_params.is_some() || node.is_async {
            return refuse("a function with decorators or type parameters");
        }
        if node.returns.is_some() || has_annotations(&node.parameters) {
            return refuse("a function with annotations");
        }
        for parameter in node.parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default
                && !default.is_literal_expr()
            {
                return refuse("a function whose defaults are not literals");
            }
        }
        let site = scope.frame.site(node);
        let id = self.memory.make(&site, Object::Function(node.name.as_str().into()));
        self.bind(scope, &node.name, Value::Object(id))
    }

    fn define_class(&mut self, scope: &mut Scope<'_>, node: &StmtClassDef) -> Result<()> {
        if !node.decorator_list.is_empty() || node.type_params.is_some() || scope.class.is_some() {
            return refuse("a class with decorators, type parameters or inside another");
        }
        let mut bases = Vec::new();
        if let Some(arguments) = &node.arguments {
            if !arguments.keywords.is_empty() || arguments.args.len() > 1 {
                return refuse("a class with several bases or keywords");
            }
            for base in &arguments.args {
                let base = self.evaluate(scope, base)?;
                if !self.is_class(&base) {
                    return refuse("a class whose base is not known");
                }
                bases.push(base);
            }
        }
        let module = match self.memory.module_object(scope.frame.module) {
            Some(module) => module.name.clone(),
            None => return refuse("a module that is gone"),
        };
        let mut inner =
            Scope { frame: scope.frame, class: Some(std::collections::BTreeMap::new()), handled: None };
        self.statements(&mut inner, &node.body)?;
        let namespace = inner.class.unwrap_or_default();
        let name = node.name.as_str().into();
        let site = scope.frame.site(node);
        let id = self.memory.make(&site, Object::Class(Class { name, module, bases, namespace }));
        self.bind(scope, &node.name, Value::Object(id))
    }
}

fn has_annotations(parameters: &Parameters) -> bool {
    parameters.iter().any(|parameter| parameter.annotation().is_some())
}

/// The name of a statement, for a refusal.
fn name_of(statement: &Stmt) -> &'static str {
    match statement {
        Stmt::For(_) => "a `for` loop",
        Stmt::While(_) => "a `while` loop",
        Stmt::With(_) => "a `with` statement",
        Stmt::AnnAssign(_) => "an annotated assignment",
        Stmt::Match(_) => "a `match` statement",
        _ => "such a statement",
    }
}
