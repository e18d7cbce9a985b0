//! From what tests did to a scenario: recorded file operations and imports become steps, are shrunk, and are run.
//!
//! Whether a scenario shows the cause is asked of the engine, through a closure.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::message::Recorded;
use crate::minimize::minimize;

/// What a scenario was seen to come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Kind, test and others of each finding, and its cause.
    pub(crate) findings: Vec<(String, String, Vec<String>, String)>,
    /// Whether these are exactly the ones that the file declares.
    pub(crate) as_declared: bool,
}

/// A step of one test, as TOML.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    test: usize,
    toml: String,
}

/// What is known of the directories that modules came from.
struct Places {
    /// Entries of `sys.path` below which tests wrote, and the names that they have in the scenario.
    names: BTreeMap<String, String>,
    /// Those that a test made itself.
    made: Vec<String>,
}

/// The steps of a recording that a scenario can hold.
#[derive(Debug)]
pub(crate) struct Draft {
    title: String,
    setup: Vec<String>,
    names: Vec<String>,
    steps: Vec<Step>,
}

impl Draft {
    /// Makes steps of a recording of tests that ran in this order; the last one is the victim.
    pub(crate) fn new(title: &str, recorded: &[Recorded], order: &[usize]) -> Self {
        let places = Places::of(recorded);
        let mut texts = BTreeMap::new();
        let mut steps = Vec::new();
        for each in recorded {
            let number = usize::try_from(each.test).ok();
            let Some(test) = number.and_then(|number| order.iter().position(|test| *test == number)) else {
                continue;
            };
            steps.extend(places.step(each, &mut texts).map(|toml| Step { test, toml }));
        }
        let polluters = order.len() - 1;
        let named = |test: usize| match (test == polluters, polluters) {
            (true, _) => "victim".to_owned(),
            (false, 1) => "polluter".to_owned(),
            _ => format!("polluter-{}", test + 1),
        };
        Self {
            title: title.to_owned(),
            setup: places.setup(),
            names: (0..order.len()).map(named).collect(),
            steps,
        }
    }

    /// The smallest scenario that shows this cause for the victim, with what it shows declared; `None` if none does.
    ///
    /// # Errors
    ///
    /// Those of the engine.
    pub(crate) fn shrunk<E>(
        &self,
        cause: &str,
        mut run: impl FnMut(&str) -> Result<Shown, E>,
    ) -> Result<Option<String>, E> {
        let whole_draft = run(&self.toml(&self.steps, &[]))?;
        if !has_cause(&whole_draft, cause) {
            return Ok(None);
        }
        // A shrunk step must not break a test that did its part: that would be another story.
        let broken = broken_in(&whole_draft);
        let mut has_it = |steps: &[Step]| {
            let whole = (0..self.names.len()).all(|test| steps.iter().any(|step| step.test == test));
            if !whole {
                return Ok::<bool, E>(false);
            }
            let shown = run(&self.toml(steps, &[]))?;
            Ok(has_cause(&shown, cause) && broken_in(&shown) == broken)
        };
        let smallest = minimize(&self.steps, &mut has_it)?;
        let shown = run(&self.toml(&smallest, &[]))?;
        let text = self.toml(&smallest, &shown.findings);
        Ok(run(&text)?.as_declared.then_some(text))
    }

    fn toml(&self, steps: &[Step], findings: &[(String, String, Vec<String>, String)]) -> String {
        let mut text = format!("title = {}\n", quoted(&self.title));
        let _infallible = writeln!(text, "setup = [{}]", self.setup.join(", "));
        text.push_str("\n[clock]\ntimestamps = [\"1s\"]\n");
        for (test, name) in self.names.iter().enumerate() {
            let _infallible = write!(text, "\n[[test]]\nname = \"{name}\"\nsteps = [\n");
            for step in steps.iter().filter(|step| step.test == test) {
                let _infallible = writeln!(text, "  {},", step.toml);
            }
            text.push_str("]\n");
        }
        for (kind, test, others, cause) in findings {
            let others: Vec<String> = others.iter().map(|other| quoted(other)).collect();
            let _infallible = match kind.as_str() {
                "victim" => write!(
                    text,
                    "\n[[poisoning]]\npolluters = [{}]\nvictim = \"{test}\"\ncause = \"{cause}\"\n",
                    others.join(", ")
                ),
                "brittle" => {
                    write!(
                        text,
                        "\n[[brittle]]\ntest = \"{test}\"\nstate-setters = [{}]\n",
                        others.join(", ")
                    )
                }
                other => write!(text, "\n[[{other}]]\ntest = \"{test}\"\n"),
            };
        }
        text
    }
}

fn has_cause(shown: &Shown, cause: &str) -> bool {
    shown.findings.iter().any(|(kind, test, _, found)| kind == "victim" && test == "victim" && found == cause)
}

fn broken_in(shown: &Shown) -> Vec<&str> {
    let broken = shown.findings.iter().filter(|(kind, ..)| kind == "broken");
    broken.map(|(_, test, ..)| test.as_str()).collect()
}

impl Places {
    fn of(recorded: &[Recorded]) -> Self {
        let writes: Vec<&str> = of_verbs(recorded, &["write", "mkdir", "rename"]);
        let below = |entry: &str| writes.iter().any(|path| Path::new(path).starts_with(entry));
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
        Self { names, made }
    }

    fn setup(&self) -> Vec<String> {
        let not_made = self.names.iter().filter(|(path, _)| !self.made.contains(path));
        let made = not_made.map(|(_, name)| format!("{{ mkdir = \"{name}\" }}"));
        made.chain(self.names.values().map(|name| format!("{{ sys-path = \"{name}\" }}"))).collect()
    }

    /// A path of the machine as one of the scenario.
    fn relative(&self, path: &str) -> Option<String> {
        self.names.iter().find_map(|(entry, name)| {
            let rest = Path::new(path).strip_prefix(entry).ok()?;
            let rest = rest.to_str()?;
            Some(if rest.is_empty() { name.clone() } else { format!("{name}/{rest}") })
        })
    }

    fn step(&self, recorded: &Recorded, texts: &mut BTreeMap<String, String>) -> Option<String> {
        let subject = &recorded.subject;
        match recorded.verb.as_str() {
            verb @ ("mkdir" | "remove" | "touch") => {
                Some(format!("{{ {verb} = {} }}", quoted(&self.relative(subject)?)))
            }
            "write" => {
                let path = self.relative(subject)?;
                texts.insert(path.clone(), recorded.detail.clone());
                Some(format!("{{ write = {}, text = {} }}", quoted(&path), quoted(&recorded.detail)))
            }
            "rename" => {
                let (from, to) = (self.relative(subject)?, self.relative(&recorded.detail)?);
                if let Some(text) = texts.remove(&from) {
                    texts.insert(to.clone(), text);
                }
                Some(format!("{{ rename = {}, to = {} }}", quoted(&from), quoted(&to)))
            }
            "import" => {
                let source = self.source(subject, texts)?;
                Some(format!("{{ import = {}{} }}", quoted(subject), expectation(&source)))
            }
            verb @ ("forget" | "reload") => {
                self.source(subject, texts)?;
                Some(format!("{{ {verb} = {} }}", quoted(subject)))
            }
            "invalidate-caches" => Some("{ invalidate-caches = true }".to_owned()),
            _ => None,
        }
    }

    /// The text of a module that tests wrote.
    fn source(&self, module: &str, texts: &BTreeMap<String, String>) -> Option<String> {
        let path = module.replace('.', "/");
        self.names.values().find_map(|name| {
            let file = texts.get(&format!("{name}/{path}.py"));
            file.or_else(|| texts.get(&format!("{name}/{path}/__init__.py"))).cloned()
        })
    }
}

fn of_verbs<'a>(recorded: &'a [Recorded], verbs: &[&str]) -> Vec<&'a str> {
    let wanted = recorded.iter().filter(|each| verbs.contains(&each.verb.as_str()));
    wanted.map(|each| each.subject.as_str()).collect()
}

/// What a module's plain assignments promise, as an expectation of its import.
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

/// A basic string of TOML on one line: what JSON writes, but for one control character.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::{Draft, Shown};
    use crate::suite::message::Recorded;

    fn recorded(test: i64, verb: &str, subject: &str, detail: &str) -> Recorded {
        Recorded { test, verb: verb.to_owned(), subject: subject.to_owned(), detail: detail.to_owned() }
    }

    #[test]
    fn steps_that_the_cause_does_not_need_are_left_out() {
        let steps = [
            recorded(7, "sys-path", "/tmp/x", ""),
            recorded(7, "import", "json", ""),
            recorded(7, "write", "/tmp/x/one.py", "a = 0\n"),
            recorded(7, "import", "one", ""),
            recorded(7, "remove", "/tmp/x/one.py", ""),
            recorded(4, "write", "/tmp/x/two.py", "b = 1\n"),
            recorded(4, "import", "two", ""),
        ];
        let draft = Draft::new("two fails after one", &steps, &[7, 4]);
        let run = |text: &str| {
            let shows = text.contains("import = \"one\"") && text.contains("import = \"two\"");
            let found = ("victim", "victim", "polluter", "stale-directory-listing");
            let finding =
                (found.0.to_owned(), found.1.to_owned(), vec![found.2.to_owned()], found.3.to_owned());
            Ok::<_, Infallible>(Shown {
                findings: if shows { vec![finding] } else { Vec::new() },
                as_declared: text.contains("[[poisoning]]"),
            })
        };
        let Ok(text) = draft.shrunk("stale-directory-listing", run);
        let steps: Vec<String> =
            text.unwrap().lines().filter_map(|line| line.strip_prefix("  { ").map(str::to_owned)).collect();
        assert_eq!(
            steps,
            ["import = \"one\", expect = { a = 0 } },", "import = \"two\", expect = { b = 1 } },"]
        );
    }
}
