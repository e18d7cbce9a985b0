//! The questions to one agent, and its answers as data.

use std::os::unix::ffi::OsStrExt as _;
use std::time::Duration;

use super::imported::{Imported, names, outcome, text};
use super::settings::{PackagePass, PackageSettings};
use crate::interpreter::cpython::{Conversation, ConversationStart};
use crate::interpreter::{NoOutcome, Outcome};

/// The agent's own files.
const FILES: [(&str, &str); 5] = [
    ("contents_of_modules.py", include_str!("agent/contents_of_modules.py")),
    ("failing.py", include_str!("agent/failing.py")),
    ("copies.py", include_str!("agent/copies.py")),
    ("listing.py", include_str!("agent/listing.py")),
    ("package.py", include_str!("agent/package.py")),
];
/// What an agent may take beyond the time of an import: for the look at what it left, and for its own work.
const BESIDE: Duration = Duration::from_mins(1);

/// A module of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListedModule {
    pub(super) name: String,
    /// Whether it is part of the package's own tests.
    pub(super) is_test: bool,
    pub(super) file: String,
}

/// The package as its directories show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listing {
    pub(super) directories: Vec<String>,
    pub(super) modules: Vec<ListedModule>,
}

/// An import after another that came to something else than alone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Otherwise {
    /// Among the modules that the agent knows.
    pub(super) second: usize,
    pub(super) outcome: Outcome,
    pub(super) chain: Vec<String>,
    pub(super) circle: Vec<String>,
    /// Modules with what they hold: `name=digest`; `-name`: not loaded; `!name`: not bound.
    pub(super) contents: Vec<String>,
}

/// How often a second module was imported after one first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tried {
    /// In a fork of its own.
    pub(super) run: usize,
    /// Answered by `sys.modules`, without any code to run.
    pub(super) loaded: usize,
}

/// One agent.
#[derive(Debug)]
pub(super) struct PackageAgent {
    conversation: Conversation,
    patience: Duration,
}

impl PackageAgent {
    /// Starts an agent that has imported nothing of the package, and only the `warm` modules of the standard library.
    pub(super) fn start(
        settings: &PackageSettings,
        pass: PackagePass,
        directories: &[String],
        warm: &[String],
    ) -> Result<Self, NoOutcome> {
        let conditions = match pass {
            PackagePass::AsItIs => "",
            PackagePass::WithoutBytecode => "without-bytecode",
            PackagePass::FrozenTimes => "frozen",
        };
        let timeout = settings.import_timeout.as_millis().to_string();
        let directories = directories.join("\n");
        let mut told: Vec<Vec<u8>> =
            [&*settings.package, &*timeout, conditions, &*directories, &*warm.join("\n")]
                .map(|field| field.as_bytes().to_vec())
                .to_vec();
        told.extend(settings.paths.iter().map(|path| path.as_os_str().as_bytes().to_vec()));
        let start =
            ConversationStart { installation: &settings.installation, files: &FILES, settings: &told };
        let conversation = Conversation::start(&start)?;
        Ok(Self { conversation, patience: settings.import_timeout + BESIDE })
    }

    /// The package's modules, or why there is no such package.
    pub(super) fn list(&mut self, package: &str) -> Result<Result<Listing, String>, NoOutcome> {
        self.conversation.ask(&[b"list", package.as_bytes()])?;
        let answer = self.conversation.answer(self.patience)?;
        let [letter, fields] = exactly(answer)?;
        let fields = if letter.is_empty() { parts(&fields)? } else { Vec::new() };
        let Some((problem, rest)) = fields.split_first() else {
            return Ok(Err("its directories could not be listed".to_owned()));
        };
        if !problem.is_empty() {
            return Ok(Err(text(problem)));
        }
        let Some((directories, modules)) = rest.split_first() else { return Err(malformed()) };
        let module = |fields: &[Vec<u8>]| ListedModule {
            name: text(&fields[0]),
            is_test: fields[1] == b"1",
            file: text(&fields[2]),
        };
        Ok(Ok(Listing {
            directories: names(directories, '\n'),
            modules: modules.chunks_exact(3).map(module).collect(),
        }))
    }

    /// Imports modules one after the other, and tells what the last came to. `wanted`: modules to show the cells of.
    pub(super) fn import(&mut self, modules: &[&str], wanted: &[&str]) -> Result<Imported, NoOutcome> {
        let fields = [b"perform" as &[u8]].into_iter();
        let fields = fields.chain(modules.iter().map(|name| name.as_bytes())).chain([b"" as &[u8]]);
        let fields: Vec<&[u8]> = fields.chain(wanted.iter().map(|name| name.as_bytes())).collect();
        self.conversation.take_output();
        self.conversation.ask(&fields)?;
        let answer = self.conversation.answer(self.patience + self.patience)?;
        let [letter, told] = exactly(answer)?;
        let fields = if letter.is_empty() { parts(&told)? } else { Vec::new() };
        let mut imported = Imported::of_answer(&letter, &fields, &told);
        imported.output = self.conversation.take_output();
        Ok(imported)
    }

    /// Tells what each module came to alone, and the cells that no comparison counts.
    pub(super) fn learn(&mut self, lore: &[Vec<u8>]) -> Result<(), NoOutcome> {
        let fields: Vec<&[u8]> =
            [b"known" as &[u8]].into_iter().chain(lore.iter().map(Vec::as_slice)).collect();
        self.conversation.ask(&fields)?;
        self.conversation.answer(self.patience).map(drop)
    }

    /// Imports one module, and each of the others after it. `tell` is called for each that came to something else than
    /// alone.
    pub(super) fn after(
        &mut self,
        first: &str,
        seconds: &[usize],
        tell: &mut dyn FnMut(Otherwise),
    ) -> Result<Tried, NoOutcome> {
        let numbers: Vec<String> = seconds.iter().map(ToString::to_string).collect();
        let fields = [b"after" as &[u8], first.as_bytes()].into_iter();
        let fields: Vec<&[u8]> = fields.chain(numbers.iter().map(String::as_bytes)).collect();
        self.conversation.ask(&fields)?;
        let mut tried = Tried::default();
        loop {
            let answer = self.conversation.answer(self.patience + self.patience)?;
            self.conversation.take_output();
            if answer.first().is_some_and(|kind| kind == b"end") {
                return if tried.run + tried.loaded == seconds.len() {
                    Ok(tried)
                } else {
                    Err(cut_short(first))
                };
            }
            let [kind, number, how, letter, exception, message, chain, circle, _, contents] =
                exactly(answer)?;
            *if how == b"run" { &mut tried.run } else { &mut tried.loaded } += 1;
            if kind == b"other" {
                let second = text(&number).parse().map_err(|_| malformed())?;
                let outcome = outcome(&letter, &exception, &message);
                let (chain, circle) = (names(&chain, '>'), names(&circle, '>'));
                tell(Otherwise { second, outcome, chain, circle, contents: names(&contents, '\n') });
            }
        }
    }
}

fn exactly<const N: usize>(fields: Vec<Vec<u8>>) -> Result<[Vec<u8>; N], NoOutcome> {
    fields.try_into().map_err(|_| malformed())
}

fn parts(field: &[u8]) -> Result<Vec<Vec<u8>>, NoOutcome> {
    Conversation::fields_of(field).ok_or_else(malformed)
}

fn malformed() -> NoOutcome {
    lost("an answer of another form".to_owned())
}

/// The copy that imported the first module ended before it had tried all others.
fn cut_short(first: &str) -> NoOutcome {
    lost(format!("its process ended after the import of {first}"))
}

fn lost(reason: String) -> NoOutcome {
    NoOutcome::Lost { interpreter: "of the package".to_owned(), reason }
}
