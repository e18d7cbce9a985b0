//! The parameters of a test that pytest fills: not the object that a method belongs to, nor those that `mock.patch` fills as a
//! decorator.

use ruff_python_ast::{Decorator, Expr};

use super::source::{FoundFunction, TestSource};

/// The parameters that a caller of a test has to give.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AskedParameters<'a> {
    pub(super) names: Vec<&'a str>,
    /// Whether others come before them, so that they must be given by name.
    by_name: bool,
}

impl<'a> AskedParameters<'a> {
    pub(super) fn of(source: &TestSource, found: &FoundFunction<'a>) -> Self {
        let names: Vec<&str> =
            found.function.parameters.args.iter().map(|each| each.parameter.name.as_str()).collect();
        let own = usize::from(found.class.is_some());
        let of_class = found.class.map_or(&[][..], |class| &class.decorator_list);
        let decorators = found.function.decorator_list.iter().chain(of_class);
        let filled = decorators.filter(|decorator| fills(source, decorator)).count();
        let asked = names.get(own + filled..).unwrap_or_default();
        Self { names: asked.to_vec(), by_name: filled > 0 }
    }

    /// The arguments of a call in which each is given by what has its name.
    pub(super) fn passed(&self) -> String {
        let each = |name: &&str| if self.by_name { format!("{name}={name}") } else { (*name).to_owned() };
        self.names.iter().map(each).collect::<Vec<String>>().join(", ")
    }
}

/// Whether a decorator gives the function one more argument: `patch(target)` or `patch.object(holder, name)`, unless it says
/// what to put there.
fn fills(source: &TestSource, decorator: &Decorator) -> bool {
    let Expr::Call(call) = &decorator.expression else { return false };
    let callee = source.text_of(&*call.func);
    let is = |name: &str| callee == name || callee.ends_with(&format!(".{name}"));
    let named = if is("patch") {
        1
    } else if is("patch.object") {
        2
    } else {
        return false;
    };
    let says_new = call.arguments.keywords.iter().any(|each| each.arg.as_ref().is_some_and(|it| it == "new"));
    call.arguments.args.len() <= named && !says_new
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::AskedParameters;
    use crate::suite::patch::source::TestSource;

    fn passed(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test_a.py");
        std::fs::write(&file, text).unwrap();
        let source = TestSource::read(Path::new(&file)).unwrap();
        let id = if text.contains("class ") { "test_a.py::TestA::test_x" } else { "test_a.py::test_x" };
        let found = source.find(id).unwrap();
        AskedParameters::of(&source, &found).passed()
    }

    #[test]
    fn what_a_mock_fills_is_not_given() {
        assert_eq!(passed("def test_x(a, b):\n    pass\n"), "a, b");
        assert_eq!(passed("@mock.patch('t.a')\ndef test_x(made, b):\n    pass\n"), "b=b");
        assert_eq!(passed("@patch.object(t, 'a', autospec=True)\ndef test_x(made, b):\n    pass\n"), "b=b");
        assert_eq!(passed("@patch('t.a', 1)\n@patch('t.b', new=2)\ndef test_x(a):\n    pass\n"), "a");
        assert_eq!(passed("@patch.dict('t.a')\n@mark.slow\ndef test_x(a):\n    pass\n"), "a");
        let class =
            "@patch('t.a')\nclass TestA:\n    @patch('t.b')\n    def test_x(self, b, a, c):\n        pass\n";
        assert_eq!(passed(class), "c=c");
        assert_eq!(passed("class TestA:\n    def test_x(self):\n        pass\n"), "");
    }
}
