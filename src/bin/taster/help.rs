//! What the help of each command says beside its options: options of a hunt by purpose, examples, exit statuses.

use clap::Command;

use crate::status;

/// Options of a hunt, by what they are for.
const PURPOSES: [(&str, &[&str]); 5] = [
    ("What to look for", &["victim", "order", "orders", "seed", "shard", "timestamps"]),
    ("How long, and where tests run", &["python", "budget", "test_timeout", "jobs", "isolation", "fresh"]),
    ("What comes out", &["format", "quiet", "verbose", "reports", "emit", "no_commands", "fix", "apply"]),
    (
        "What is known from before",
        &["baseline", "update_baseline", "new_only", "verify", "resume", "journal"],
    ),
    ("Arguments for pytest", &["arguments"]),
];

/// Examples for each command: what one types, and what for.
const EXAMPLES: [(&str, &[(&str, &str)]); 14] = [
    (
        "hunt",
        &[
            ("taster hunt", "where you type `pytest`: find all, in ten minutes at most"),
            ("taster hunt tests -k cart --budget 60s", "in a part of the suite"),
            ("taster hunt --victim tests/test_cart.py::test_total", "what makes this one fail?"),
            ("taster hunt --fix patches", "with a patch for each finding"),
        ],
    ),
    (
        "run",
        &[
            ("taster run scenarios", "every scenario on every Python of the machine"),
            ("taster run scenarios/a.toml --python 3.11 --python model", "one of them on two interpreters"),
            ("taster run scenarios --bless", "declare what is found"),
        ],
    ),
    ("check", &[("taster check scenarios", "every mistake in every file")]),
    (
        "replay",
        &[
            ("taster replay a.toml --finding 1", "both orderings of a finding, step by step"),
            ("taster replay a.toml --order one,two,one", "an ordering of your own"),
        ],
    ),
    ("sweep", &[("taster sweep a.toml --victim two", "which sleep would be long enough?")]),
    ("bisect", &[("taster bisect a.toml --victim two", "which of many tests make it fail?")]),
    ("emit", &[("taster emit a.toml --finding 1 > shows_it.py", "a script that needs no taster")]),
    (
        "explain",
        &[("taster explain stale-directory-listing", "one cause"), ("taster explain", "the list of all")],
    ),
    (
        "package",
        &[("taster package jinja2 --python .venv/bin/python", "every module first, then every ordered pair")],
    ),
    (
        "merge",
        &[
            ("taster merge 1.json 2.json", "what --shard 1/2 and 2/2 wrote, with --format json"),
            ("taster merge *.json --report junit=report.xml", "the same for other tools"),
        ],
    ),
    ("pythons", &[("taster pythons", "which interpreters does taster find?")]),
    ("config", &[("taster config", "what is in force for hunts here, and whence")]),
    (
        "completions",
        &[(
            "taster completions bash > ~/.local/share/bash-completion/completions/taster",
            "for the next shell",
        )],
    ),
    ("man", &[("taster man ~/.local/share/man/man1", "then: man taster-hunt")]),
];

/// A command line with all of that.
pub(crate) fn described(line: Command) -> Command {
    let line = line.after_help(status::table());
    line.mut_subcommands(|verb| {
        let after = examples(verb.get_name()) + &status::table();
        let verb = verb.after_help(after);
        if verb.get_name() == "hunt" { verb.mut_args(with_purpose) } else { verb }
    })
}

fn with_purpose(option: clap::Arg) -> clap::Arg {
    let purpose = PURPOSES.into_iter().find(|(_, options)| options.contains(&option.get_id().as_str()));
    match purpose {
        Some((purpose, _)) => option.help_heading(purpose),
        None => option,
    }
}

fn examples(verb: &str) -> String {
    let Some((_, examples)) = EXAMPLES.into_iter().find(|(name, _)| *name == verb) else {
        return String::new();
    };
    let lines = examples.iter().map(|(typed, what)| format!("  {typed}\n      {what}\n"));
    format!("Examples:\n{}\n", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{EXAMPLES, described};
    use crate::args::CommandLine;

    #[test]
    fn each_option_of_a_hunt_has_a_purpose() {
        let line = described(CommandLine::command());
        let hunt = line.find_subcommand("hunt").expect("there is a hunt");
        let without: Vec<_> = hunt
            .get_arguments()
            .filter(|option| option.get_help_heading().is_none() && !option.is_global_set())
            .map(|option| option.get_id().as_str())
            .filter(|option| !["help", "version"].contains(option))
            .collect();
        assert_eq!(without, Vec::<&str>::new());
    }

    #[test]
    fn each_example_is_a_command_that_taster_takes() {
        for (verb, examples) in EXAMPLES {
            for (typed, _) in examples {
                let words =
                    typed.split(" > ").next().expect("there is a first part").split(' ').map(str::to_owned);
                let line = CommandLine::command();
                let words = crate::hunt_arguments::sorted(words.collect(), &line);
                let parsed =
                    line.try_get_matches_from(words).unwrap_or_else(|error| panic!("{typed}: {error}"));
                assert_eq!(parsed.subcommand_name(), Some(verb));
            }
        }
    }
}
