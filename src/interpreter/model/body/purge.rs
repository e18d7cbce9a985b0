//! Loops that take modules out of `sys.modules` by their names: `for name in list(sys.modules): if ...: del sys.modules[name]`. The
//! model does not know in which order the names stand there; for these loops it does not matter.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Stmt, StmtFor};

use super::frame::CODE_OF_STEP;
use super::scope::Scope;
use super::statement::Flow;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::Value;

/// Functions that make a copy of the names.
const COPIES: [&str; 3] = ["list", "sorted", "tuple"];

/// What the tests may call: no order of calls changes anything.
const CALLED: [&str; 8] = ["all", "any", "endswith", "len", "partition", "rpartition", "split", "startswith"];

/// Whether a loop only takes modules out of `sys.modules`, by tests of their names.
pub(super) fn is_purge(node: &StmtFor) -> bool {
    let Expr::Name(name) = &*node.target else { return false };
    let names_given = match &*node.iter {
        Expr::Call(call) => {
            let is_copy = matches!(&*call.func, Expr::Name(name) if COPIES.contains(&name.id.as_str()));
            let copied = call.arguments.args.first().is_some_and(gives_names);
            is_copy && copied && call.arguments.len() == 1
        }
        chosen => gives_names(chosen) && !is_modules(chosen),
    };
    !node.is_async && node.orelse.is_empty() && names_given && takes_out(&node.body, &name.id)
}

/// `sys.modules`, or a comprehension that chooses from it or from a copy.
fn gives_names(expression: &Expr) -> bool {
    match expression {
        Expr::ListComp(list) => match &list.generators[..] {
            [generator] => {
                let is_name = matches!((&*list.elt, &generator.target), (Expr::Name(one), Expr::Name(other)) if one.id == other.id);
                let of = match &generator.iter {
                    Expr::Call(call) if call.arguments.len() == 1 => call.arguments.args.first(),
                    of => Some(of),
                };
                is_name && of.is_some_and(is_modules) && generator.ifs.iter().all(is_simple)
            }
            _ => false,
        },
        other => is_modules(other),
    }
}

fn is_modules(expression: &Expr) -> bool {
    match expression {
        Expr::Attribute(node) => {
            node.attr.as_str() == "modules"
                && matches!(&*node.value, Expr::Name(name) if name.id.as_str() == "sys")
        }
        _ => false,
    }
}

/// Whether statements take `sys.modules[name]` out, if a test says so, and do nothing else.
fn takes_out(body: &[Stmt], name: &str) -> bool {
    let is_name = |expression: &Expr| matches!(expression, Expr::Name(node) if node.id.as_str() == name);
    body.iter().all(|statement| match statement {
        Stmt::If(node) => {
            node.elif_else_clauses.is_empty() && is_simple(&node.test) && takes_out(&node.body, name)
        }
        Stmt::Delete(node) => node.targets.iter().all(|target| {
            matches!(target, Expr::Subscript(item) if is_modules(&item.value) && is_name(&item.slice))
        }),
        Stmt::Expr(node) => match &*node.value {
            Expr::Call(call) => {
                let is_pop = matches!(&*call.func, Expr::Attribute(method) if method.attr.as_str() == "pop" && is_modules(&method.value));
                is_pop && call.arguments.args.first().is_some_and(is_name) && call.arguments.keywords.is_empty()
            }
            _ => false,
        },
        _ => false,
    })
}

/// Whether an expression only compares, and calls nothing but what has no effect.
fn is_simple(expression: &Expr) -> bool {
    let mut found = Effects(false);
    found.visit_expr(expression);
    !found.0
}

struct Effects(bool);

impl<'a> Visitor<'a> for Effects {
    fn visit_expr(&mut self, expression: &'a Expr) {
        let called = match expression {
            Expr::Call(call) => match &*call.func {
                Expr::Name(name) => Some(name.id.as_str()),
                Expr::Attribute(method) => Some(method.attr.as_str()),
                _ => None,
            },
            Expr::Named(_) | Expr::Await(_) | Expr::Yield(_) | Expr::YieldFrom(_) => None,
            _ => Some(CALLED[0]),
        };
        self.0 |= called.is_none_or(|called| !CALLED.contains(&called));
        walk_expr(self, expression);
    }
}

impl Machine<'_> {
    /// Runs such a loop. Its variable, which holds the last name in the unknown order, can be read by nobody afterwards.
    pub(super) fn purge(&mut self, scope: &mut Scope<'_>, node: &StmtFor) -> Result<Flow> {
        let is_seen = scope.call.is_none() && scope.frame.file != CODE_OF_STEP;
        if is_seen || scope.class.is_some() {
            return refuse("a loop over `sys.modules` whose variable others can read");
        }
        self.names_in_any_order = true;
        let names = self.evaluate(scope, &node.iter).and_then(|names| self.elements(&names));
        self.names_in_any_order = false;
        for name in names? {
            self.count_round()?;
            self.store(scope, &node.target, name)?;
            self.statements(scope, &node.body)?;
        }
        self.store(scope, &node.target, Value::Elements([].into()))?;
        Ok(Flow::Next)
    }

    /// The names in `sys.modules`, for those for whom the order does not matter.
    pub(super) fn names_of_modules(&mut self) -> Result<Vec<Value>> {
        if !self.names_in_any_order {
            return refuse("the order of the names in `sys.modules`");
        }
        let Some(mut names) = self.memory.module_names() else {
            return refuse("the names in `sys.modules` while orderings are counted");
        };
        names.extend(self.library.started().map(Into::into));
        names.insert("__main__".into());
        Ok(names.into_iter().map(Value::Str).collect())
    }
}
