//! Decides which module bodies are inert: those that only bind names in their own module and import other modules,
//! whatever else is in the world and whichever Python runs them. What other bodies do is not analysed here.
//!
//! If every body of a scenario is inert, no code could read a time, so a walk over its states may keep only
//! those times that the import system itself compares. In case of doubt the answer is "not inert".

mod grammar;
mod names;
#[cfg(test)]
mod tests;

use ruff_python_ast::{ExceptHandler, Expr, ModModule, Number, Parameters, Stmt, UnaryOp};
use ruff_python_parser::parse_module;

use crate::scenario::{Scenario, Step};
use crate::world::Operation;
pub(crate) use grammar::foreign_encoding;
use grammar::never_compiles_or_harmless;
use names::{EXCEPTIONS, PLAIN_DUNDERS, is_dunder, is_plain_attribute, may_bind, may_import};

/// Whether a step runs no code but that of modules, and gives modules no body that is not inert.
pub(crate) fn is_inert_step(step: &Step) -> bool {
    match step {
        Step::World(Operation::Write { text, .. }) => is_inert(text),
        Step::World(Operation::Copy { source, .. }) => {
            let mut contents = source.entries.iter().filter_map(|(_, content)| content.as_ref());
            contents.all(|bytes| std::str::from_utf8(bytes).is_ok_and(is_inert))
        }
        Step::World(_) => true,
        Step::Interpreter(action) => action.only_imports(),
    }
}

/// Whether all code that the scenario's steps run is inert. Nobody has looked into real code.
pub(crate) fn is_inert_scenario(scenario: &Scenario) -> bool {
    !scenario.real.is_reached() && scenario.steps().all(is_inert_step)
}

/// Whether a module body of this source only binds names to values and imports modules: it calls nothing
/// (except the constructor of a built-in exception that it raises), changes no object that another module could
/// hold, and defines nothing that Python would call on its own. Sources that no Python version compiles are
/// inert: they raise and do nothing.
pub(crate) fn is_inert(source: &str) -> bool {
    if foreign_encoding(source) || source.contains('\0') || crate::nesting::is_deep(source) {
        return false;
    }
    match parse_module(source) {
        Ok(parsed) => InertBody::of(parsed.syntax()).is_inert(),
        Err(_) => never_compiles_or_harmless(source),
    }
}

/// One body, and all names that it binds.
struct InertBody<'a> {
    statements: &'a [Stmt],
    bound: Vec<&'a str>,
    exceptions: Vec<&'a str>,
}

impl<'a> InertBody<'a> {
    fn of(module: &'a ModModule) -> Self {
        let mut body = Self { statements: &module.body, bound: Vec::new(), exceptions: Vec::new() };
        for statement in body.statements {
            body.collect(statement);
        }
        body
    }

    /// Collects the names bound anywhere in the body, so that `ImportError = f` cannot make a raise call `f`.
    fn collect(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(node) => node.targets.iter().for_each(|target| self.collect_target(target)),
            Stmt::Import(node) => self.bound.extend(node.names.iter().map(bound_by_alias)),
            Stmt::ImportFrom(node) => self.bound.extend(node.names.iter().map(bound_by_alias)),
            Stmt::FunctionDef(node) => self.bound.push(node.name.as_str()),
            Stmt::ClassDef(node) => {
                self.bound.push(node.name.as_str());
                self.exceptions.push(node.name.as_str());
                self.collect_all(&node.body);
            }
            Stmt::If(node) => {
                self.collect_all(&node.body);
                node.elif_else_clauses.iter().for_each(|clause| self.collect_all(&clause.body));
            }
            Stmt::Try(node) => {
                for part in [&node.body, &node.orelse, &node.finalbody] {
                    self.collect_all(part);
                }
                for ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    if let Some(name) = &handler.name {
                        self.bound.push(name.as_str());
                        self.exceptions.push(name.as_str());
                    }
                    self.collect_all(&handler.body);
                }
            }
            _ => {}
        }
    }

    fn collect_all(&mut self, statements: &'a [Stmt]) {
        for statement in statements {
            self.collect(statement);
        }
    }

    fn collect_target(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => self.bound.push(name.id.as_str()),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|part| self.collect_target(part)),
            Expr::List(list) => list.elts.iter().for_each(|part| self.collect_target(part)),
            _ => {}
        }
    }

    fn is_inert(&self) -> bool {
        self.bound.iter().all(|name| may_bind(name)) && self.all(self.statements)
    }

    fn all(&self, statements: &[Stmt]) -> bool {
        statements.iter().all(|statement| self.statement(statement))
    }

    fn statement(&self, statement: &Stmt) -> bool {
        match statement {
            Stmt::Pass(_) => true,
            Stmt::Expr(node) => inert(&node.value),
            Stmt::Assign(node) => node.targets.iter().all(is_target) && inert(&node.value),
            Stmt::Delete(node) => node.targets.iter().all(is_target),
            Stmt::Assert(node) => inert(&node.test) && node.msg.as_deref().is_none_or(inert),
            Stmt::Import(node) => !node.is_lazy && node.names.iter().all(|alias| may_import(&alias.name)),
            Stmt::ImportFrom(node) => {
                !node.is_lazy
                    && node.module.as_ref().is_none_or(|module| node.level > 0 || may_import(module))
                    && node.names.iter().all(|alias| is_plain_attribute(&alias.name))
            }
            Stmt::If(node) => {
                let inert_clause = |test: Option<&Expr>, body| test.is_none_or(inert) && self.all(body);
                inert_clause(Some(&node.test), &node.body)
                    && node
                        .elif_else_clauses
                        .iter()
                        .all(|clause| inert_clause(clause.test.as_ref(), &clause.body))
            }
            Stmt::Try(node) => {
                let handlers = node.handlers.iter().all(|ExceptHandler::ExceptHandler(handler)| {
                    handler.type_.as_deref().is_none_or(inert) && self.all(&handler.body)
                });
                !node.is_star
                    && handlers
                    && [&node.body, &node.orelse, &node.finalbody].into_iter().all(|part| self.all(part))
            }
            Stmt::Raise(node) => {
                node.exc.as_deref().is_none_or(|raised| self.exception(raised))
                    && node.cause.as_deref().is_none_or(|cause| self.exception(cause))
            }
            Stmt::FunctionDef(node) => {
                node.decorator_list.is_empty()
                    && node.type_params.is_none()
                    && node.returns.is_none()
                    && inert_parameters(&node.parameters)
            }
            Stmt::ClassDef(node) => {
                let bases = node.arguments.as_ref().is_none_or(|arguments| {
                    arguments.keywords.is_empty() && arguments.args.iter().all(|base| self.base(base))
                });
                node.decorator_list.is_empty() && node.type_params.is_none() && bases && self.all(&node.body)
            }
            _ => false,
        }
    }

    /// An exception that may be raised: a built-in exception, called with inert arguments or not; an exception
    /// caught or defined here; None.
    fn exception(&self, raised: &Expr) -> bool {
        match raised {
            Expr::NoneLiteral(_) => true,
            Expr::Name(name) => self.is_builtin(&name.id) || self.exceptions.contains(&name.id.as_str()),
            Expr::Call(call) => {
                let constructor = matches!(&*call.func, Expr::Name(name) if self.is_builtin(&name.id));
                constructor && call.arguments.keywords.is_empty() && call.arguments.args.iter().all(inert)
            }
            _ => false,
        }
    }

    fn base(&self, base: &Expr) -> bool {
        let Expr::Name(name) = base else { return false };
        name.id == "object" && !self.bound.contains(&"object") || self.is_builtin(&name.id)
    }

    fn is_builtin(&self, name: &str) -> bool {
        EXCEPTIONS.contains(&name) && !self.bound.contains(&name)
    }
}

fn bound_by_alias(alias: &ruff_python_ast::Alias) -> &str {
    match &alias.asname {
        Some(name) => name.as_str(),
        None => alias.name.split_once('.').map_or(alias.name.as_str(), |(first, _)| first),
    }
}

fn is_target(target: &Expr) -> bool {
    match target {
        Expr::Name(name) => may_bind(&name.id),
        Expr::Tuple(tuple) => tuple.elts.iter().all(is_target),
        Expr::List(list) => list.elts.iter().all(is_target),
        _ => false,
    }
}

fn inert_parameters(parameters: &Parameters) -> bool {
    let mut defaults =
        parameters.iter_non_variadic_params().filter_map(|parameter| parameter.default.as_deref());
    defaults.all(inert) && parameters.iter().all(|parameter| parameter.annotation().is_none())
}

/// Expressions that call no code of a program and change nothing.
fn inert(expression: &Expr) -> bool {
    match expression {
        Expr::StringLiteral(_)
        | Expr::BytesLiteral(_)
        | Expr::NumberLiteral(_)
        | Expr::BooleanLiteral(_)
        | Expr::NoneLiteral(_)
        | Expr::EllipsisLiteral(_) => true,
        Expr::Name(name) => !is_dunder(&name.id) || PLAIN_DUNDERS.contains(&name.id.as_str()),
        Expr::Attribute(node) => {
            matches!(&*node.value, Expr::Name(_) | Expr::Attribute(_))
                && is_plain_attribute(&node.attr)
                && inert(&node.value)
        }
        Expr::List(node) => node.elts.iter().all(inert),
        Expr::Tuple(node) => node.elts.iter().all(inert),
        Expr::Set(node) => node.elts.iter().all(inert),
        Expr::Dict(node) => {
            node.items.iter().all(|item| item.key.as_ref().is_some_and(inert) && inert(&item.value))
        }
        Expr::BoolOp(node) => node.values.iter().all(inert),
        Expr::Compare(node) => inert(&node.left) && node.comparators.iter().all(inert),
        Expr::If(node) => inert(&node.test) && inert(&node.body) && inert(&node.orelse),
        Expr::UnaryOp(node) if node.op == UnaryOp::Not => inert(&node.operand),
        Expr::UnaryOp(node) => is_number(&node.operand),
        Expr::BinOp(node) => is_number(&node.left) && is_number(&node.right),
        Expr::Lambda(node) => node.parameters.as_deref().is_none_or(inert_parameters),
        _ => false,
    }
}

/// Numbers so small that arithmetic on them takes negligible time, whatever the operator.
fn is_number(expression: &Expr) -> bool {
    match expression {
        Expr::NumberLiteral(node) => match &node.value {
            Number::Int(value) => value.as_u16().is_some(),
            _ => true,
        },
        Expr::UnaryOp(node) => is_number(&node.operand),
        _ => false,
    }
}
