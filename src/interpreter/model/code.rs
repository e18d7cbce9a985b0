//! The functions in a source: each with its parameters, its body, and the names that are its own.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{
    Alias, ExceptHandler, Expr, ExprContext, ExprLambda, ModModule, Parameters, Stmt, StmtFunctionDef,
};
use ruff_text_size::Ranged;

use super::value::Name;

/// A function as it stands in a source.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) parameters: Parameters,
    pub(super) body: FunctionBody,
    /// Parameters, and names that the body binds.
    pub(super) own: BTreeSet<Name>,
    /// Names that the body declares `global`.
    pub(super) globals: BTreeSet<Name>,
    /// Whether other functions or classes are defined in it, which may keep its names alive.
    pub(super) has_inner: bool,
    pub(super) suspends: Suspends,
}

/// Whether a call runs the body at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suspends {
    Never,
    /// It makes a generator.
    AtYields,
    /// It makes a coroutine, or an asynchronous generator.
    AtAwaits,
}

/// What a call runs.
#[derive(Debug)]
pub(super) enum FunctionBody {
    Statements(Vec<Stmt>),
    /// Of a `lambda`.
    Expression(Expr),
}

/// All functions in a source, by where each begins.
pub(super) type Codes = HashMap<u32, Arc<Code>>;

/// The functions in a module's source.
pub(super) fn codes_of(module: &ModModule) -> Codes {
    let mut found = FunctionsInSource(Codes::new());
    found.visit_body(&module.body);
    found.0
}

struct FunctionsInSource(Codes);

impl<'a> Visitor<'a> for FunctionsInSource {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::FunctionDef(node) = statement {
            self.0.insert(u32::from(node.start()), Code::of_def(node).into());
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Lambda(node) = expression {
            self.0.insert(u32::from(node.start()), Code::of_lambda(node).into());
        }
        walk_expr(self, expression);
    }
}

impl Code {
    fn of_def(node: &StmtFunctionDef) -> Self {
        let mut names = NamesOfFunction::of(&node.parameters);
        names.visit_body(&node.body);
        names.names_of_code(
            (*node.parameters).clone(),
            FunctionBody::Statements(node.body.iter().cloned().collect()),
            node.is_async,
        )
    }

    fn of_lambda(node: &ExprLambda) -> Self {
        let parameters = node.parameters.as_deref().cloned().unwrap_or_default();
        let mut names = NamesOfFunction::of(&parameters);
        names.visit_expr(&node.body);
        names.names_of_code(parameters, FunctionBody::Expression((*node.body).clone()), false)
    }
}

/// The names of one function, without those of functions, classes and comprehensions inside it.
#[derive(Default)]
struct NamesOfFunction {
    bound: BTreeSet<Name>,
    globals: BTreeSet<Name>,
    nonlocals: BTreeSet<Name>,
    has_inner: bool,
    yields: bool,
    awaits: bool,
}

impl NamesOfFunction {
    fn of(parameters: &Parameters) -> Self {
        let bound = parameters.iter().map(|parameter| parameter.name().as_str().into()).collect();
        Self { bound, ..Self::default() }
    }

    fn names_of_code(self, parameters: Parameters, body: FunctionBody, is_async: bool) -> Code {
        let declared_elsewhere = |name: &Name| self.globals.contains(name) || self.nonlocals.contains(name);
        Code {
            parameters,
            body,
            own: self.bound.iter().filter(|name| !declared_elsewhere(name)).cloned().collect(),
            globals: self.globals.clone(),
            has_inner: self.has_inner,
            suspends: match (is_async || self.awaits, self.yields) {
                (true, _) => Suspends::AtAwaits,
                (false, true) => Suspends::AtYields,
                (false, false) => Suspends::Never,
            },
        }
    }

    fn bind(&mut self, name: &str) {
        self.bound.insert(name.into());
    }
}

impl<'a> Visitor<'a> for NamesOfFunction {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(node) => {
                self.bind(&node.name);
                self.has_inner = true;
                node.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
            }
            Stmt::ClassDef(node) => {
                self.bind(&node.name);
                self.has_inner = true;
            }
            Stmt::Global(node) => {
                self.globals.extend(node.names.iter().map(|name| Name::from(name.as_str())));
            }
            Stmt::Nonlocal(node) => {
                self.nonlocals.extend(node.names.iter().map(|name| Name::from(name.as_str())));
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(node) if !matches!(node.ctx, ExprContext::Load) => self.bind(&node.id),
            Expr::Lambda(_) => self.has_inner = true,
            // A comprehension's own names are not the function's; `:=` in one is refused.
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.has_inner = true;
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.yields = true;
                walk_expr(self, expression);
            }
            Expr::Await(_) => self.awaits = true,
            _ => walk_expr(self, expression),
        }
    }

    fn visit_alias(&mut self, alias: &'a Alias) {
        match &alias.asname {
            Some(name) => self.bind(name),
            None => self.bind(alias.name.split('.').next().unwrap_or(&alias.name)),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(node) = handler;
        if let Some(name) = &node.name {
            self.bind(name);
        }
        ruff_python_ast::visitor::walk_except_handler(self, handler);
    }
}
