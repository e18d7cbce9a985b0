//! Runs the commands of pages for users: each `console` block is a trial that compares the output with the page. `[..]`
//! stands for a time, `/project` for the directory of this crate, and `SNAPSHOTS=overwrite` puts the output into the page.
//! Scenarios of the README are read too. Blocks that need a missing interpreter are ignored trials.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use snapbox::cmd::cargo_bin;
use snapbox::{Assert, IntoData};
use taster::interpreter::choose::choose;
use taster::interpreter::cpython::discover::Places;

/// The pages, with their texts.
const PAGES: [(&str, &str); 2] =
    [("README.md", include_str!("../README.md")), ("docs/package.md", include_str!("../docs/package.md"))];

/// A fenced block of a page.
struct Block {
    page: &'static str,
    language: String,
    line: usize,
    text: String,
}

fn main() -> ExitCode {
    let blocks = PAGES.iter().flat_map(|(page, text)| blocks(page, text));
    let trials = blocks.filter_map(|block| match block.language.as_str() {
        "console" => Some(console(block)),
        "toml" => Some(scenario(block)),
        _ => None,
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn blocks(page: &'static str, text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => {
                let (language, line) = (language.into(), number + 1);
                open = Some(Block { page, language, line, text: String::new() });
            }
            (None, Some(block)) => block.text.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    blocks
}

/// A block that starts with a key of the format is a scenario, whole or its beginning; others show something else.
fn scenario(block: Block) -> Trial {
    let name = format!("{}::line {}::scenario", block.page, block.line);
    Trial::test(name, move || {
        if block.text.starts_with("[[test]]\nname = \"scenarios\"")
            || block.text.starts_with("[dev-dependencies]")
        {
            let manifest: Result<toml::Table, _> = block.text.parse();
            return manifest.map(|_| ()).map_err(Failed::from);
        }
        if block.text.contains("pull/582") && without_comments(SHIPPED) != block.text {
            return Err("this is no longer scenarios/bpython-582.toml without its comments".into());
        }
        let read = taster::scenario::parse(block.page.as_ref(), &block.text);
        read.map(|_| ()).map_err(Failed::from)
    })
}

/// The scenario that the README shows.
const SHIPPED: &str = include_str!("../scenarios/bpython-582.toml");

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('#')).flat_map(|line| [line, "\n"]).collect()
}

fn console(block: Block) -> Trial {
    let name = format!("{}::line {}", block.page, block.line);
    let missing = missing_python(&block.text);
    let is_ignored = missing.is_some();
    if let Some(reason) = &missing {
        eprintln!("{name}: {reason}");
    }
    let run = move || match missing {
        Some(reason) => Ok(Completion::ignored_with(reason)),
        None => compare(&block).map(|()| Completion::Completed),
    };
    Trial::ignorable_test(name, run).with_ignored_flag(is_ignored)
}

/// Why the commands of a block cannot be run here: an interpreter that they name is not there.
fn missing_python(text: &str) -> Option<String> {
    let places = Places::from_variables(|name| std::env::var_os(name));
    let commands = text.lines().filter_map(|line| line.strip_prefix("$ "));
    let words = commands.flat_map(|command| shlex::split(without_status(command).0).unwrap_or_default());
    let words: Vec<String> = words.collect();
    let named = words.windows(2).filter(|pair| pair[0] == "--python").map(|pair| pair[1].clone());
    named.filter_map(|word| choose(&[word], &places).err()).map(|error| format!("not run: {error}")).next()
}

fn compare(block: &Block) -> Result<(), Failed> {
    let mut printed = String::new();
    for line in block.text.lines() {
        let Some(command) = line.strip_prefix("$ ") else { continue };
        printed.extend([line, "\n", &output(command)?]);
    }
    let assert = Assert::new().normalize_paths(false);
    match assert.try_eq(None, printed.clone().into_data(), block.text.clone().into_data()) {
        Err(_) if std::env::var("SNAPSHOTS").is_ok_and(|wish| wish == "overwrite") => {
            rewrite(block, &printed)
        }
        result => result.map_err(|error| error.to_string().into()),
    }
}

/// Puts what was printed into the page, for `SNAPSHOTS=overwrite`.
fn rewrite(block: &Block, printed: &str) -> Result<(), Failed> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(block.page);
    let page = std::fs::read_to_string(&path)?.replace(&block.text, printed);
    Ok(std::fs::write(path, page)?)
}

/// The command itself, and whether its exit status is asked for.
fn without_status(command: &str) -> (&str, bool) {
    match command.strip_suffix("; echo \"status $?\"") {
        Some(command) => (command, true),
        None => (command, false),
    }
}

/// What a command of a page prints: its results, or else its complaint; and its exit status where it is asked for.
fn output(command: &str) -> Result<String, Failed> {
    let (command, asks_status) = without_status(command);
    let words = shlex::split(command).ok_or("the command is not whole")?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (["taster", arguments @ ..] | ["cargo", "run", "--release", "--", arguments @ ..]) = words.as_slice()
    else {
        return Err(format!("the page shows a command that this test cannot run: {command}").into());
    };
    let mut taster = Command::new(cargo_bin!("taster"));
    taster.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    for name in ["TASTER_PYTHON", "TASTER_REQUIRE_PYTHON", "CLICOLOR_FORCE"] {
        taster.env_remove(name);
    }
    let output = taster.output()?;
    let said = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    let mut text = String::from_utf8(said)?.replace(env!("CARGO_MANIFEST_DIR"), "/project");
    if asks_status {
        text.extend(["status ", &output.status.code().unwrap_or(-1).to_string(), "\n"]);
    }
    Ok(text)
}
