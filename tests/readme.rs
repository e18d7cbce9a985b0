//! Runs the README's commands: each `console` block is a trial that compares the output with the README. `[..]` stands
//! for a time, and `SNAPSHOTS=overwrite` puts the output into the README. Its scenarios are read too. Blocks that need
//! a missing interpreter are ignored trials.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use snapbox::cmd::cargo_bin;
use snapbox::{Assert, IntoData};
use taster::interpreter::choose::choose;
use taster::interpreter::cpython::discover::Places;

/// A fenced block of the README.
struct Block {
    language: String,
    line: usize,
    text: String,
}

fn main() -> ExitCode {
    let readme = include_str!("../README.md");
    let blocks = blocks(readme);
    let trials = blocks.into_iter().filter_map(|block| match block.language.as_str() {
        "console" => Some(console(block)),
        "toml" => Some(scenario(block)),
        _ => None,
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => {
                open = Some(Block { language: language.into(), line: number + 1, text: String::new() });
            }
            (None, Some(block)) => block.text.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    blocks
}

/// A block that starts with a key of the format is a scenario, whole or its beginning; others show something else.
fn scenario(block: Block) -> Trial {
    let name = format!("README.md::line {}::scenario", block.line);
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
        let read = taster::scenario::parse("README.md".as_ref(), &block.text);
        read.map(|_| ()).map_err(Failed::from)
    })
}

/// The scenario that the README shows.
const SHIPPED: &str = include_str!("../scenarios/bpython-582.toml");

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('#')).flat_map(|line| [line, "\n"]).collect()
}

fn console(block: Block) -> Trial {
    let name = format!("README.md::line {}", block.line);
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
    let words = commands.flat_map(|command| shlex::split(command).unwrap_or_default());
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

/// Puts what was printed into the README, for `SNAPSHOTS=overwrite`.
fn rewrite(block: &Block, printed: &str) -> Result<(), Failed> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path)?.replace(&block.text, printed);
    Ok(std::fs::write(path, readme)?)
}

/// What a command of the README prints: its results, or else its complaint; and its exit status where it is asked for.
fn output(command: &str) -> Result<String, Failed> {
    let (command, asks_status) = match command.strip_suffix("; echo \"status $?\"") {
        Some(command) => (command, true),
        None => (command, false),
    };
    let words = shlex::split(command).ok_or("the command is not whole")?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (["taster", arguments @ ..] | ["cargo", "run", "--release", "--", arguments @ ..]) = words.as_slice()
    else {
        return Err(format!("the README shows a command that this test cannot run: {command}").into());
    };
    let mut taster = Command::new(cargo_bin!("taster"));
    taster.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    for name in ["TASTER_PYTHON", "TASTER_REQUIRE_PYTHON", "CLICOLOR_FORCE"] {
        taster.env_remove(name);
    }
    let output = taster.output()?;
    let said = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    let mut text = String::from_utf8(said)?;
    if asks_status {
        text.extend(["status ", &output.status.code().unwrap_or(-1).to_string(), "\n"]);
    }
    Ok(text)
}
