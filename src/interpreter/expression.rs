//! The names in a Python expression: what a report shows the values of when the expression is false.

use ruff_python_ast::Expr;
use ruff_python_ast::visitor::{Visitor, walk_expr};

use crate::nesting;

/// The names in an expression, each once. Empty if it is no expression of Python 3.
pub(crate) fn names_in(expression: &str) -> Vec<String> {
    found_in(expression).names
}

/// The dotted names in an expression, each once, in the order in which they stand there: `a.b` for `a.b == 1`, and
/// `a.b` for `a.b.index(2) == 1` too, because the value of a method says nothing. Empty if it is no expression of
/// Python 3.
pub(crate) fn paths_in(expression: &str) -> Vec<Vec<String>> {
    found_in(expression).paths
}

fn found_in(expression: &str) -> NamesInExpression {
    let mut found = NamesInExpression::default();
    if let Some(parsed) = nesting::expression(&format!("({expression}\n)")) {
        found.visit_expr(parsed.expr());
    }
    found
}

/// The names and dotted names found so far.
#[derive(Default)]
struct NamesInExpression {
    names: Vec<String>,
    paths: Vec<Vec<String>>,
}

impl<'a> Visitor<'a> for NamesInExpression {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression
            && let Some(mut path) = dotted(&call.func)
        {
            self.add_name(&path[0]);
            path.pop();
            self.add(path);
            self.visit_arguments(&call.arguments);
        } else if let Some(path) = dotted(expression) {
            self.add_name(&path[0]);
            self.add(path);
        } else {
            walk_expr(self, expression);
        }
    }
}

impl NamesInExpression {
    fn add_name(&mut self, name: &str) {
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    fn add(&mut self, path: Vec<String>) {
        if !path.is_empty() && !self.paths.contains(&path) {
            self.paths.push(path);
        }
    }
}

/// The parts of a dotted name.
pub(crate) fn dotted(expression: &Expr) -> Option<Vec<String>> {
    match expression {
        Expr::Name(name) => Some(vec![name.id.to_string()]),
        Expr::Attribute(attribute) => {
            let mut path = dotted(&attribute.value)?;
            path.push(attribute.attr.to_string());
            Some(path)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(expression: &str) -> Vec<String> {
        paths_in(expression).into_iter().map(|path| path.join(".")).collect()
    }

    #[test]
    fn each_name_is_found_once_and_whole() {
        assert_eq!(names("a.b == 1 and a.b < a.c"), ["a.b", "a.c"]);
        assert_eq!(names("a.b.index(c.d) == len(e)"), ["a.b", "c.d", "e"]);
        assert_eq!(names("f() == [x for x in m.all]"), ["m.all", "x"]);
        assert_eq!(names("a[0].b is\n None"), ["a"]);
        assert_eq!(names("a ="), Vec::<String>::new());
        assert_eq!(names_in("f(a.b) == a.c"), ["f", "a"]);
    }
}
