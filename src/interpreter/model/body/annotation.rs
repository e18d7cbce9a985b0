//! Annotations: what evaluating one does, where it is evaluated at all.

use ruff_python_ast::{Expr, Operator, StmtAnnAssign};

use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::Value;

impl Machine<'_> {
    /// `target: annotation = value`
    pub(super) fn annotated_assignment(&mut self, scope: &mut Scope<'_>, node: &StmtAnnAssign) -> Result<()> {
        if let Some(value) = &node.value {
            let value = self.evaluate(scope, value)?;
            self.store(scope, &node.target, value)?;
        } else if !node.target.is_name_expr() {
            return refuse("an annotation of such a target");
        }
        // In a function, CPython evaluates only annotations of what is no plain name.
        if scope.call.is_some() && node.target.is_name_expr() {
            return Ok(());
        }
        self.annotation(scope, &node.annotation)
    }

    /// Evaluates an annotation, for what it may raise.
    pub(super) fn annotation(&mut self, scope: &mut Scope<'_>, annotation: &Expr) -> Result<()> {
        if scope.frame.body.annotations_are_texts {
            return Ok(());
        }
        match annotation {
            Expr::Subscript(node) => {
                let of = self.evaluate(scope, &node.value)?;
                let is_generic = match &of {
                    Value::Library(name) => name.starts_with("typing."),
                    Value::Builtin(name) => {
                        self.version >= (3, 9)
                            && matches!(*name, "dict" | "frozenset" | "list" | "set" | "tuple" | "type")
                    }
                    _ => false,
                };
                if !is_generic {
                    return refuse("an annotation with such a subscript");
                }
                match &*node.slice {
                    Expr::Tuple(parts) => parts.elts.iter().try_for_each(|part| self.annotation(scope, part)),
                    part => self.annotation(scope, part),
                }
            }
            Expr::List(node) => node.elts.iter().try_for_each(|part| self.annotation(scope, part)),
            Expr::BinOp(node) if node.op == Operator::BitOr && self.version >= (3, 10) => {
                for side in [&node.left, &node.right] {
                    let known = side.is_none_literal_expr() || {
                        let value = self.evaluate(scope, side)?;
                        matches!(value, Value::Builtin(_)) || self.is_class(&value)
                    };
                    if !known {
                        return refuse("an annotation with such an operator");
                    }
                }
                Ok(())
            }
            other => self.evaluate(scope, other).map(drop),
        }
    }
}
