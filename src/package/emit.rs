//! Findings of a survey as scenarios: two tests that import the two modules of the witness, with the finding declared.

use std::path::{Component, Path, PathBuf};

use super::finding::{CellChange, OrderFault, PackageFinding};

/// A scenario: the name of its file, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmittedFinding {
    /// The name of the file.
    pub file: String,
    /// The scenario.
    pub text: String,
}

/// The scenario of a finding, for a file in `folder`; `paths` were first on `sys.path`. `None` if no scenario can say what
/// the finding says: a value without a literal, or another pass.
pub fn scenario_of(finding: &PackageFinding, paths: &[PathBuf], folder: &Path) -> Option<EmittedFinding> {
    let (first, second) = finding.witness.as_ref()?;
    let import = |module: &str| format!("{{ import = {} }}", quoted(module));
    let (title, declared, check) = match &finding.fault {
        OrderFault::CannotComeFirst { module, .. } => {
            (format!("{module} cannot be imported first"), BRITTLE, None)
        }
        OrderFault::FailsAfter { module, .. } => {
            (format!("{module} cannot be imported after {first}"), POISONING, None)
        }
        OrderFault::OtherCell(change) => {
            let title = format!("{}.{} is otherwise after {first}", change.module, change.name);
            (title, POISONING, Some(check_of(change)?))
        }
        _ => return None,
    };
    let file = format!("{}.toml", title.replace(' ', "-"));
    let check = check.map(|check| format!(", {{ check = {} }}", quoted(&check))).unwrap_or_default();
    let paths: Vec<String> =
        paths.iter().map(|path| quoted(&between(folder, path).to_string_lossy())).collect();
    let text = format!(
        "title = {}\npython-path = [{}]\nsite-packages = true\n\n[clock]\ntimestamps = [\"1ns\"]\n\n\
         [[test]]\nname = \"first\"\nsteps = [{}]\n\n[[test]]\nname = \"second\"\nsteps = [{}{check}]\n\n{declared}",
        quoted(&title),
        paths.join(", "),
        import(first),
        import(second),
    );
    Some(EmittedFinding { file, text })
}

const BRITTLE: &str = "[[brittle]]\ntest = \"second\"\nstate-setters = [\"first\"]\n";
const POISONING: &str = "[[poisoning]]\npolluters = [\"first\"]\nvictim = \"second\"\n";

/// What holds of the name where the second module is imported alone.
fn check_of(change: &CellChange) -> Option<String> {
    let value = change.alone.as_ref().filter(|value| !value.contains('<') && !value.contains("..."))?;
    Some(format!("repr({}.{}) == {}", change.module, change.name, quoted(value)))
}

fn quoted(text: &str) -> String {
    // What JSON writes is a basic string of TOML and a literal of Python too.
    serde_json::Value::from(text).to_string()
}

/// The way from a folder to a path, both absolute.
fn between(folder: &Path, path: &Path) -> PathBuf {
    let (from, to): (Vec<Component<'_>>, Vec<_>) =
        (folder.components().collect(), path.components().collect());
    let same = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = from[same..].iter().map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to[same..].iter().copied()).collect();
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_from_a_folder_goes_up_and_down() {
        let way = |from: &str, to: &str| between(Path::new(from), Path::new(to)).display().to_string();
        assert_eq!([way("/a/b", "/a/c/d"), way("/a", "/a"), way("/a", "/a/b")], ["../c/d", ".", "b"]);
    }

    #[test]
    fn a_value_without_a_literal_has_no_check() {
        let check = |alone: &str| {
            let (module, name) = ("p.m".to_owned(), "X".to_owned());
            check_of(&CellChange { module, name, alone: Some(alone.to_owned()), after: None })
        };
        assert_eq!(check("['a']").as_deref(), Some(r#"repr(p.m.X) == "['a']""#));
        assert_eq!(check("<p.m.C object>"), None);
    }
}
