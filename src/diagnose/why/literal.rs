//! Whether a text is a Python literal.

use crate::nesting;

/// Whether a `repr` is a literal that gives an equal value back.
pub(super) fn is_literal(repr: &str) -> bool {
    nesting::expression(repr).is_some_and(|parsed| is_literal_expression(parsed.expr()))
}

fn is_literal_expression(expression: &ruff_python_ast::Expr) -> bool {
    use ruff_python_ast::Expr;
    match expression {
        Expr::List(list) => list.elts.iter().all(is_literal_expression),
        Expr::Tuple(tuple) => tuple.elts.iter().all(is_literal_expression),
        Expr::Set(set) => set.elts.iter().all(is_literal_expression),
        Expr::Dict(dict) => dict.items.iter().all(|item| {
            item.key.as_ref().is_some_and(is_literal_expression) && is_literal_expression(&item.value)
        }),
        Expr::UnaryOp(unary) => is_literal_expression(&unary.operand),
        other => other.is_literal_expr(),
    }
}
