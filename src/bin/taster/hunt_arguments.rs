//! Which words of `taster hunt` are for pytest: those after `--`, and before it whatever is no option of taster's own. A
//! misspelt option stays where it is, for clap to suggest the right one.

use clap::{ArgAction, Command};

/// Options that clap adds to every command.
const BUILT_IN: [&str; 4] = ["-h", "--help", "-V", "--version"];
/// Shorter names resemble too many others.
const SHORTEST_MISSPELT: usize = 4;
/// Letters by which a misspelt name may differ from the right one.
const MOST_WRONG: usize = 2;

/// The words of a command line, with `--` before those that are for pytest.
pub(crate) fn sorted(words: Vec<String>, line: &Command) -> Vec<String> {
    let Some(start) = hunt(&words, line) else { return words };
    let Some(hunt) = line.find_subcommand("hunt") else { return words };
    let (mut own, rest) = (words[..=start].to_vec(), &words[start + 1..]);
    let (mut theirs, mut at) = (Vec::new(), 0);
    while at < rest.len() && rest[at] != "--" {
        let taken = match own_option(&rest[at], [hunt, line]) {
            Some(takes_value) => 1 + usize::from(takes_value),
            None => 0,
        };
        if taken == 0 {
            theirs.push(rest[at].clone());
        }
        let end = (at + taken).min(rest.len());
        own.extend_from_slice(&rest[at..end]);
        at = end.max(at + 1);
    }
    theirs.extend(rest.iter().skip(at + 1).cloned());
    if at < rest.len() || !theirs.is_empty() {
        own.push("--".to_owned());
    }
    own.extend(theirs);
    own
}

/// Where the word `hunt` stands, if it is the subcommand.
pub(crate) fn hunt(words: &[String], line: &Command) -> Option<usize> {
    subcommand(words, line).filter(|at| words[*at] == "hunt")
}

/// Where the subcommand stands: behind the options that all commands share.
fn subcommand(words: &[String], line: &Command) -> Option<usize> {
    let mut at = 1;
    while at < words.len() && words[at].starts_with('-') {
        at += 1 + usize::from(own_option(&words[at], [line]) == Some(true));
    }
    (at < words.len()).then_some(at)
}

/// Whether the next word belongs to this one, or `None` if this is no option of these commands.
fn own_option<const N: usize>(word: &str, commands: [&Command; N]) -> Option<bool> {
    if BUILT_IN.contains(&word) {
        return Some(false);
    }
    let (name, is_whole) = match word.split_once('=') {
        Some((name, _)) if word.starts_with("--") => (name, true),
        _ => (word, false),
    };
    let mut arguments = commands.into_iter().flat_map(Command::get_arguments);
    if let Some(short) = word.strip_prefix('-').filter(|short| short.chars().count() == 1) {
        let known = arguments.find(|known| known.get_short() == short.chars().next())?;
        return Some(takes_value(known.get_action()));
    }
    let name = name.strip_prefix("--").filter(|name| !name.is_empty())?;
    let mut misspelt = false;
    for (known, long) in arguments.filter_map(|known| Some((known, known.get_long()?))) {
        if long == name {
            return Some(takes_value(known.get_action()) && !is_whole);
        }
        let length = name.len().min(long.len());
        misspelt |= length >= SHORTEST_MISSPELT && strsim::osa_distance(name, long) <= MOST_WRONG;
    }
    misspelt.then_some(false)
}

fn takes_value(action: &ArgAction) -> bool {
    matches!(action, ArgAction::Set | ArgAction::Append)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::sorted;
    use crate::args::CommandLine;

    fn words(line: &str) -> String {
        let words = line.split(' ').map(str::to_owned).collect();
        sorted(words, &CommandLine::command()).join(" ")
    }

    #[test]
    fn what_is_not_an_option_of_tasters_is_for_pytest() {
        let lines = [
            ("taster hunt", "taster hunt"),
            ("taster hunt tests -k foo --budget 9s", "taster hunt --budget 9s -- tests -k foo"),
            ("taster hunt -x --seed=3 --fresh tests", "taster hunt --seed=3 --fresh -- -x tests"),
            ("taster --color never hunt a.py", "taster --color never hunt -- a.py"),
            ("taster hunt a.py -- --seed 1", "taster hunt -- a.py --seed 1"),
            ("taster hunt -v --", "taster hunt -v --"),
            ("taster hunt --victim a.py::test_b -x", "taster hunt --victim a.py::test_b -- -x"),
            ("taster hunt --help", "taster hunt --help"),
        ];
        for (line, wanted) in lines {
            assert_eq!(words(line), wanted, "{line}");
        }
    }

    #[test]
    fn a_misspelt_option_is_left_to_clap_and_other_commands_as_they_are() {
        for line in
            ["taster hunt --bugdet 9s", "taster run x.toml --python 3.11", "taster --nonsense", "taster"]
        {
            assert!(
                words(line).starts_with(line.split(" 9s").next().unwrap_or(line)),
                "{line}: {}",
                words(line)
            );
        }
        assert_eq!(words("taster run hunt -k"), "taster run hunt -k");
    }
}
