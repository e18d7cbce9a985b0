//! Converts paths of the machine to those of a scenario, and recorded actions of a test to steps.

use std::collections::BTreeMap;
use std::path::Path;

use crate::suite::runner::message::RecordedStep;

/// The directories that modules came from.
#[derive(Debug)]
pub(crate) struct ScenarioPaths {
    /// Entries of `sys.path` that contain modules, and their names in the scenario.
    names: BTreeMap<String, String>,
    /// Entries that a test created.
    made: Vec<String>,
    /// Entries that a test puts on `sys.path` in a step.
    later: Vec<String>,
    /// Modules that no test wrote: path in the scenario, text.
    modules: Vec<(String, String)>,
    /// Imports that raised in a test that is not the last one.
    raised: Vec<(i64, String)>,
}

impl ScenarioPaths {
    /// Examines the recording: with the modules that tests found, or only with those that they wrote; with steps for
    /// `sys.path`, or with all of it in the setup.
    pub(crate) fn of(recorded: &[RecordedStep], with_modules: bool, path_steps: bool) -> Self {
        let mut files = of_verbs(recorded, &["write", "mkdir", "rename"]);
        if with_modules {
            files.extend(of_verbs(recorded, &["module"]));
        }
        let below = |entry: &str| files.iter().any(|path| Path::new(path).starts_with(entry));
        let mut names = BTreeMap::new();
        for entry in of_verbs(recorded, &["sys-path"]) {
            if below(entry) && !names.contains_key(entry) {
                let name = if names.is_empty() {
                    "modules".to_owned()
                } else {
                    format!("modules{}", names.len() + 1)
                };
                names.insert(entry.to_owned(), name);
            }
        }
        let made = of_verbs(recorded, &["mkdir"]).into_iter().map(str::to_owned).collect();
        let is_later = |entry: &&String| {
            let mut notes = recorded.iter().filter(|each| each.verb == "sys-path" && each.subject == **entry);
            path_steps && notes.all(|note| note.detail != "there")
        };
        let later = names.keys().filter(is_later).cloned().collect();
        let mut places = Self { names, made, later, modules: Vec::new(), raised: Vec::new() };
        if with_modules {
            places.modules = places.unwritten(recorded);
            let last = recorded.last().map(|each| each.test);
            let raised = recorded.iter().filter(|each| each.verb == "raised" && Some(each.test) != last);
            places.raised = raised.map(|each| (each.test, each.subject.clone())).collect();
        }
        places
    }

    fn unwritten(&self, recorded: &[RecordedStep]) -> Vec<(String, String)> {
        let mut modules: Vec<(String, String)> = Vec::new();
        for module in recorded.iter().filter(|each| each.verb == "module") {
            let written = |each: &RecordedStep| {
                (each.verb == "write" && each.subject == module.subject)
                    || (each.verb == "rename" && each.detail == module.subject)
            };
            let place = self.relative(&module.subject).filter(|_| !recorded.iter().any(written));
            let known = |path: &String| modules.iter().any(|(known, _)| known == path);
            modules.extend(place.filter(|path| !known(path)).map(|path| (path, module.detail.clone())));
        }
        modules
    }

    /// The setup steps.
    pub(crate) fn setup(&self) -> Vec<String> {
        let write = |(path, text): &(String, String)| {
            format!("{{ write = {}, text = {} }}", quoted(path), quoted(text))
        };
        let writes = self.modules.iter().map(write);
        let holds_module =
            |name: &str| self.modules.iter().any(|(path, _)| Path::new(path).starts_with(name));
        let not_made =
            self.names.iter().filter(|(path, name)| !self.made.contains(path) && !holds_module(name));
        let made = not_made.map(|(_, name)| format!("{{ mkdir = \"{name}\" }}"));
        let at_once = self.names.iter().filter(|(path, _)| !self.later.contains(path));
        let entries = at_once.map(|(_, name)| format!("{{ sys-path = \"{name}\" }}"));
        writes.chain(made).chain(entries).collect()
    }

    /// The paths and texts of modules that exist before the tests begin.
    pub(crate) fn texts(&self) -> Vec<(String, String)> {
        self.modules.clone()
    }

    /// A path of the machine as one of the scenario, below the nearest entry of `sys.path`.
    fn relative(&self, path: &str) -> Option<String> {
        let below = self.names.iter().filter_map(|(entry, name)| {
            let rest = Path::new(path).strip_prefix(entry).ok()?.to_str()?;
            Some((entry.len(), if rest.is_empty() { name.clone() } else { format!("{name}/{rest}") }))
        });
        below.max().map(|(_, path)| path)
    }

    /// The step for a recorded action, if a scenario can hold it; `texts` has the files written so far, the last one
    /// last.
    pub(crate) fn step(&self, recorded: &RecordedStep, texts: &mut Vec<(String, String)>) -> Option<String> {
        let subject = &recorded.subject;
        match recorded.verb.as_str() {
            verb @ ("mkdir" | "remove" | "touch") => {
                Some(format!("{{ {verb} = {} }}", quoted(&self.relative(subject)?)))
            }
            "write" => {
                let path = self.relative(subject)?;
                texts.push((path.clone(), recorded.detail.clone()));
                Some(format!("{{ write = {}, text = {} }}", quoted(&path), quoted(&recorded.detail)))
            }
            "rename" => {
                let (from, to) = (self.relative(subject)?, self.relative(&recorded.detail)?);
                if let Some((_, text)) = texts.iter().rfind(|(path, _)| *path == from).cloned() {
                    texts.push((to.clone(), text));
                }
                Some(format!("{{ rename = {}, to = {} }}", quoted(&from), quoted(&to)))
            }
            "import" => {
                let source = self.source(subject, texts)?;
                if self.raised.contains(&(recorded.test, subject.clone())) {
                    // The test continued, so it caught the exception, and it would have continued without one.
                    let code = format!("try:\n    import {subject}\nexcept Exception:\n    pass\n");
                    return Some(format!("{{ exec = {} }}", quoted(&code)));
                }
                Some(format!("{{ import = {}{} }}", quoted(subject), expectation(&source)))
            }
            verb @ ("forget" | "reload") => {
                self.source(subject, texts)?;
                Some(format!("{{ {verb} = {} }}", quoted(subject)))
            }
            "sys-path" if self.later.contains(subject) => {
                let position = if recorded.detail == "first" { ", position = \"first\"" } else { "" };
                Some(format!("{{ sys-path = {}{position} }}", quoted(&self.relative(subject)?)))
            }
            "invalidate-caches" => Some("{ invalidate-caches = true }".to_owned()),
            _ => None,
        }
    }

    /// The text of a module that tests wrote or found; the last one written, if there are several of one name.
    fn source(&self, module: &str, texts: &[(String, String)]) -> Option<String> {
        let path = module.replace('.', "/");
        let is_of = |file: &str| {
            let inside = self.names.values().find_map(|name| file.strip_prefix(name)?.strip_prefix('/'));
            let ends = inside.and_then(|inside| inside.strip_prefix(&path));
            matches!(ends, Some(".py" | "/__init__.py"))
        };
        texts.iter().rfind(|(file, _)| is_of(file)).map(|(_, text)| text.clone())
    }
}

fn of_verbs<'a>(recorded: &'a [RecordedStep], verbs: &[&str]) -> Vec<&'a str> {
    let wanted = recorded.iter().filter(|each| verbs.contains(&each.verb.as_str()));
    wanted.map(|each| each.subject.as_str()).collect()
}

/// Turns a module's plain assignments into an expectation of its import.
fn expectation(source: &str) -> String {
    let plain = |line: &str| {
        let (name, value) = line.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let identifier = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            && name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
        let number: i64 = value.parse().ok()?;
        identifier.then(|| (name.to_owned(), number))
    };
    let found: BTreeMap<String, i64> = source.lines().filter_map(plain).collect();
    if found.is_empty() {
        return String::new();
    }
    let inner: Vec<String> = found.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    format!(", expect = {{ {} }}", inner.join(", "))
}

/// A basic TOML string on one line: as JSON writes it, except for one control character.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
