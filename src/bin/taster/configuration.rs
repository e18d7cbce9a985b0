//! What a project configures for hunts: the table `[tool.taster]` of its `pyproject.toml`, or its `taster.toml`. Each key is an
//! option of `taster hunt`; the command line wins.

use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use clap::Command;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Keys that are options of a hunt with one value each.
const VALUES: [&str; 8] =
    ["baseline", "budget", "isolation", "jobs", "python", "seed", "test-timeout", "timestamps"];
/// Keys that are lists: of kinds of orders, of reports.
const LISTS: [(&str, &str); 2] = [("orders", "orders"), ("reports", "report")];
/// The list of arguments for pytest.
const ARGUMENTS: &str = "arguments";
/// The table of variables that tests see, unless the caller has set them.
const ENVIRONMENT: &str = "environment";

/// The configuration of a project.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Configuration {
    /// What is configured, in the order of the file.
    pub(crate) entries: Vec<Entry>,
    /// Variables for the environment.
    pub(crate) environment: Vec<(String, String)>,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// The option that it stands for, or none for pytest's arguments.
    option: Option<&'static str>,
    pub(crate) values: Vec<String>,
    /// `pyproject.toml:12`
    pub(crate) place: String,
}

/// A configuration file with a mistake, as text for people.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Misconfigured(String);

impl Misconfigured {
    /// A variable that could not be set.
    pub(crate) fn because(error: &std::io::Error) -> Self {
        Self(format!("cannot start again with the configured environment: {error}"))
    }
}

/// A file, while it is read.
struct File<'a> {
    name: String,
    text: &'a str,
    hunt: &'a Command,
}

impl Configuration {
    /// The configuration for this directory: the nearest one above, within the checkout. `line` is taster's command line.
    pub(crate) fn of(here: &Path, line: &Command) -> Result<Self, Misconfigured> {
        for folder in here.ancestors() {
            for (name, table) in [("taster.toml", [].as_slice()), ("pyproject.toml", &["tool", "taster"])] {
                let path = folder.join(name);
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                if let Some(read) = Self::read(shown(&path, here), &text, table, line)? {
                    return Ok(read);
                }
            }
            if folder.join(".git").exists() {
                break;
            }
        }
        Ok(Self::default())
    }

    /// Reads a file, in which the configuration is below `table`; `None` if there is no such table.
    fn read(name: String, text: &str, table: &[&str], line: &Command) -> Result<Option<Self>, Misconfigured> {
        let Some(hunt) = line.find_subcommand("hunt") else { return Ok(None) };
        let file = File { name, text, hunt };
        let parsed = DeTable::parse(text)
            .map_err(|error| file.mistake(error.span().unwrap_or_default(), error.message(), ""))?;
        let mut here = parsed.get_ref();
        for key in table {
            match here.get(*key).map(Spanned::get_ref) {
                Some(DeValue::Table(inner)) => here = inner,
                _ => return Ok(None),
            }
        }
        let mut read = Self::default();
        for (key, value) in here {
            if key.get_ref() == ENVIRONMENT {
                read.environment = file.environment(value)?;
            } else {
                read.entries.push(file.entry(key, value)?);
            }
        }
        Ok(Some(read))
    }

    /// The words of a command line that starts a hunt, with what is configured and not said in them. They are sorted: options of
    /// taster's own, `--`, arguments for pytest.
    pub(crate) fn complete(&self, mut words: Vec<String>, hunt: usize) -> Vec<String> {
        let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
        let is_said = |option: &str| {
            let own = words[hunt..end].iter();
            own.clone().any(|word| word.split('=').next() == Some(&format!("--{option}")))
        };
        let options: Vec<String> = self
            .entries
            .iter()
            .filter_map(|entry| Some((entry.option.filter(|option| !is_said(option))?, entry)))
            .flat_map(|(option, entry)| entry.values.iter().map(move |value| format!("--{option}={value}")))
            .collect();
        if end == words.len()
            && let Some(arguments) = self.entries.iter().find(|entry| entry.option.is_none())
        {
            words.push("--".to_owned());
            words.extend(arguments.values.iter().cloned());
        }
        words.splice(hunt + 1..=hunt, options);
        words
    }
}

impl File<'_> {
    fn entry(
        &self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Entry, Misconfigured> {
        let name = key.get_ref().as_ref();
        let option = VALUES.into_iter().find(|known| *known == name);
        let listed = LISTS.into_iter().find(|(known, _)| *known == name).map(|(_, option)| option);
        let values = match (option, listed) {
            (Some(_), _) => vec![self.word(value)?],
            (None, Some(_)) => self.list(value)?,
            (None, None) if name == ARGUMENTS => self.list(value)?,
            (None, None) => {
                return Err(self.mistake(key.span(), &format!("there is no key `{name}`"), &help(name)));
            }
        };
        let option = option.or(listed);
        for written in option.into_iter().flat_map(|option| values.iter().map(move |value| (option, value))) {
            self.try_out((written.0, written.1.as_str()), value.span())?;
        }
        let line = 1 + self.text[..key.span().start].matches('\n').count();
        Ok(Entry { key: name.to_owned(), option, values, place: format!("{}:{line}", self.name) })
    }

    /// Whether taster takes this value for this option.
    fn try_out(&self, (option, value): (&str, &str), span: Range<usize>) -> Result<(), Misconfigured> {
        let tried =
            self.hunt.clone().try_get_matches_from(["hunt".to_owned(), format!("--{option}={value}")]);
        let Err(error) = tried else { return Ok(()) };
        let told = error.to_string();
        let told: Vec<&str> = told.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let first = told.first().map_or("", |line| line.trim_start_matches("error: "));
        let help = told.iter().find(|line| line.starts_with('[')).copied().unwrap_or_default();
        Err(self.mistake(span, first, help))
    }

    /// A value as a word of a command line. A path is seen from where the hunt starts.
    fn word(&self, value: &Spanned<DeValue<'_>>) -> Result<String, Misconfigured> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            DeValue::Integer(number) => Ok(number.to_string()),
            _ => Err(self.mistake(value.span(), "this is a text or a number", "")),
        }
    }

    fn list(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, Misconfigured> {
        match value.get_ref() {
            DeValue::Array(values) => values.iter().map(|value| self.word(value)).collect(),
            _ => {
                Err(self.mistake(value.span(), "this is a list of texts", "for example: [\"one\", \"two\"]"))
            }
        }
    }

    fn environment(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<(String, String)>, Misconfigured> {
        let DeValue::Table(variables) = value.get_ref() else {
            let help = "for example: environment = { DJANGO_SETTINGS_MODULE = \"tests.settings\" }";
            return Err(self.mistake(value.span(), "this is a table of variables", help));
        };
        let one = |(name, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
            Ok((name.get_ref().to_string(), self.word(value)?))
        };
        variables.iter().map(one).collect()
    }

    fn mistake(&self, span: Range<usize>, what: &str, help: &str) -> Misconfigured {
        let snippet =
            Snippet::source(self.text).path(&self.name).annotation(AnnotationKind::Primary.span(span));
        let mut group = Level::ERROR.primary_title(what).element(snippet);
        if !help.is_empty() {
            group = group.element(Level::HELP.message(help));
        }
        Misconfigured(Renderer::plain().render(&[group]))
    }
}

fn keys() -> Vec<&'static str> {
    let mut keys: Vec<&str> = VALUES.into_iter().chain(LISTS.map(|(key, _)| key)).collect();
    keys.extend([ARGUMENTS, ENVIRONMENT]);
    keys.sort_unstable();
    keys
}

fn help(key: &str) -> String {
    let near = keys().into_iter().find(|known| strsim::osa_distance(known, key) <= 2);
    near.map_or_else(|| format!("there are {}", keys().join(", ")), |near| format!("did you mean `{near}`?"))
}

fn shown(path: &Path, here: &Path) -> String {
    let path: PathBuf = path.strip_prefix(here).map_or_else(|_| path.to_owned(), Path::to_owned);
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Configuration;
    use crate::args::CommandLine;

    fn read(text: &str) -> Result<Configuration, String> {
        let read =
            Configuration::read("pyproject.toml".into(), text, &["tool", "taster"], &CommandLine::command());
        read.map(Option::unwrap_or_default).map_err(|error| error.to_string())
    }

    fn complete(text: &str, words: &str) -> String {
        let words = words.split(' ').map(str::to_owned).collect();
        read(text).expect(text).complete(words, 1).join(" ")
    }

    const ALL: &str = "[tool.taster]\nbudget = \"5m\"\norders = [\"given\", \"state\"]\narguments = [\"tests\", \"-k\", \"a b\"]\n\
                       reports = [\"junit=t.xml\", \"github\"]\nseed = 3\n";

    #[test]
    fn what_is_configured_is_said_before_what_is_typed() {
        assert_eq!(
            complete(ALL, "taster hunt"),
            "taster hunt --budget=5m --orders=given --orders=state --report=junit=t.xml --report=github --seed=3 -- tests -k a b"
        );
    }

    #[test]
    fn the_command_line_wins() {
        assert_eq!(
            complete(ALL, "taster hunt --budget 1m --report=sarif=x --orders pairs -- other"),
            "taster hunt --seed=3 --budget 1m --report=sarif=x --orders pairs -- other"
        );
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        let cases = [
            ("budgte = \"5m\"", "did you mean `budget`?"),
            ("budget = \"5 parsecs\"", "invalid value '5 parsecs' for '--budget <TIME>'"),
            ("orders = \"given\"", "this is a list of texts"),
            ("orders = [\"sideways\"]", "[possible values: given, state, reverse, pairs, random]"),
            ("environment = 3", "this is a table of variables"),
            ("budget = true", "this is a text or a number"),
            ("colour = 3", "there are arguments, baseline, budget"),
        ];
        for (line, said) in cases {
            let told = read(&format!("[project]\nname = \"x\"\n\n[tool.taster]\n{line}\n")).expect_err(line);
            assert!(told.contains(said) && told.contains("pyproject.toml:5:"), "{told}");
        }
    }

    #[test]
    fn other_tools_tables_are_theirs() {
        assert_eq!(read("[tool.black]\nline-length = 3\n").expect("it is TOML"), Configuration::default());
    }
}
