//! Whether a patch for one finding can help another one: not if all that it changes lies in tests that this one does not run.

use super::edits::Edit;
use super::source::{FoundFunction, TestSource, start_of};

/// Whether changes of a file can be seen by the tests that run, of all the tests that the file has.
pub(super) fn can_help(source: &TestSource, edits: &[Edit], tests: &[&str], running: &[&str]) -> bool {
    let functions = |ids: &[&str]| -> Vec<usize> {
        ids.iter().filter_map(|id| source.find(id).ok()).map(|found| start_of(found.function)).collect()
    };
    let (all, run) = (functions(tests), functions(running));
    let texts: Vec<&str> = running
        .iter()
        .filter_map(|id| source.find(id).ok())
        .map(|found| source.text_of(found.function))
        .collect();
    let is_seen = |found: &FoundFunction<'_>| {
        let start = start_of(found.function);
        let name = found.function.name.as_str();
        // A test may call another one.
        !all.contains(&start) || run.contains(&start) || texts.iter().any(|text| text.contains(name))
    };
    edits.iter().filter(|edit| !is_idle(edit)).any(|edit| {
        let found = source.enclosing(source.line_number(edit.from));
        found.is_none_or(|found| source.line_start(start_of(found.function)) >= edit.to || is_seen(&found))
    })
}

/// Whether a change only adds comments or imports of what is harmless.
fn is_idle(edit: &Edit) -> bool {
    let mut lines = edit.text.lines().map(str::trim);
    edit.from == edit.to
        && lines.all(|line| {
            let module = line.strip_prefix("import ");
            line.is_empty() || line.starts_with('#') || module.is_some_and(super::candidate::is_harmless)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_inside_of_a_test_helps_only_those_who_run_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test_a.py");
        let text = "import it\n\n\ndef test_a():\n    it.on = True\n\n\ndef test_b():\n    assert it.on\n\n\n\
                    def test_c():\n    test_a()\n\n\ndef helper():\n    it.on = 1\n";
        std::fs::write(&path, text).unwrap();
        let source = TestSource::read(&path).unwrap();
        let all = ["test_a.py::test_a", "test_a.py::test_b", "test_a.py::test_c"];
        let put = |before: &str, text: &str| {
            let at = source.text.find(before).unwrap();
            Edit { from: at, to: at, text: text.to_owned() }
        };
        let inner = [put("import it", "import os\n"), put("    it.on = True", "    # why\n    os.x()\n")];
        let helps = |edits: &[Edit], test: usize| can_help(&source, edits, &all, &all[test..=test]);
        assert_eq!([0, 1, 2].map(|test| helps(&inner, test)), [true, false, true], "the last one calls it");
        assert!(helps(&[put("import it", "import more\n")], 1), "who knows what is imported");
        assert!(helps(&[put("def test_a", "@pytest.fixture\ndef f():\n    pass\n\n\n")], 1));
        assert!(helps(&[put("    it.on = 1", "    pass\n")], 1), "anybody may call it");
    }
}
