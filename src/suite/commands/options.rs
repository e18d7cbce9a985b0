//! Options of pytest that would keep a command from showing what it is to show: they end a run early, choose or spread its tests,
//! shuffle them, or let something else than the tests decide the exit status.

/// How an option gets in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hindrance {
    /// It may, which a run shows.
    Perhaps,
    /// It depends on earlier runs, on chance or on other processes: that it did not once says nothing.
    ByChance,
}

/// The options, whether they take a value, and how they get in the way.
const HINDERING: [(&str, bool, Hindrance); 33] = [
    ("-x", false, Hindrance::Perhaps),
    ("--exitfirst", false, Hindrance::Perhaps),
    ("--maxfail", true, Hindrance::Perhaps),
    ("--collect-only", false, Hindrance::Perhaps),
    ("--co", false, Hindrance::Perhaps),
    ("--setup-only", false, Hindrance::Perhaps),
    ("--setup-plan", false, Hindrance::Perhaps),
    ("--cov-fail-under", true, Hindrance::Perhaps),
    ("--junitxml", true, Hindrance::Perhaps),
    ("--junit-xml", true, Hindrance::Perhaps),
    ("--pyargs", false, Hindrance::Perhaps),
    ("--lf", false, Hindrance::ByChance),
    ("--last-failed", false, Hindrance::ByChance),
    ("--ff", false, Hindrance::ByChance),
    ("--failed-first", false, Hindrance::ByChance),
    ("--nf", false, Hindrance::ByChance),
    ("--new-first", false, Hindrance::ByChance),
    ("--lfnf", true, Hindrance::ByChance),
    ("--last-failed-no-failures", true, Hindrance::ByChance),
    ("--sw", false, Hindrance::ByChance),
    ("--stepwise", false, Hindrance::ByChance),
    ("--sw-skip", false, Hindrance::ByChance),
    ("--stepwise-skip", false, Hindrance::ByChance),
    ("--cache-clear", false, Hindrance::Perhaps),
    ("-n", true, Hindrance::ByChance),
    ("--numprocesses", true, Hindrance::ByChance),
    ("--dist", true, Hindrance::ByChance),
    ("--tx", true, Hindrance::ByChance),
    ("-d", false, Hindrance::ByChance),
    ("--random-order", false, Hindrance::ByChance),
    ("--random-order-bucket", true, Hindrance::ByChance),
    ("--random-order-seed", true, Hindrance::ByChance),
    ("--randomly-seed", true, Hindrance::ByChance),
];
/// Short options without a value, which may be written as one word.
const FLAGS: &str = "xvqsl";

/// Options without those that get in the way, and the worst of these.
pub(super) fn without_hindrances(words: &[String]) -> (Vec<String>, Option<Hindrance>) {
    let (mut kept, mut worst) = (Vec::new(), None);
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let (name, has_value) = match word.split_once('=') {
            Some((name, _)) if word.starts_with("--") => (name, true),
            _ => (word.as_str(), false),
        };
        let spelt = if name.starts_with("-n") && !name.starts_with("--") { "-n" } else { name };
        if let Some((_, takes_value, hindrance)) = HINDERING.iter().find(|(known, ..)| *known == spelt) {
            worst = worst.max(Some(*hindrance));
            if *takes_value && !has_value && spelt == name {
                rest.next();
            }
            continue;
        }
        if let Some(flags) = several_flags(word)
            && flags.contains('x')
        {
            worst = worst.max(Some(Hindrance::Perhaps));
            kept.push(format!("-{}", flags.replace('x', "")));
            continue;
        }
        kept.push(word.clone());
    }
    (kept, worst)
}

fn several_flags(word: &str) -> Option<&str> {
    let flags = word.strip_prefix('-')?;
    (flags.len() > 1 && flags.chars().all(|flag| FLAGS.contains(flag)) && flags != "x").then_some(flags)
}

/// Arguments without those that name what to collect. The value of an option may look like one of them.
pub(super) fn without_places(arguments: &[String], places: &[String]) -> Vec<String> {
    let mut kept: Vec<Option<&String>> = arguments.iter().map(Some).collect();
    for place in places {
        let is_it = |at: &usize| kept[*at] == Some(place);
        let follows_option =
            |at: &usize| *at > 0 && arguments[*at - 1].starts_with('-') && arguments[*at - 1] != "--";
        let all: Vec<usize> = (0..arguments.len()).filter(is_it).collect();
        let at = all.iter().find(|at| !follows_option(at)).or(all.last());
        if let Some(&at) = at {
            kept[at] = None;
        }
    }
    kept.into_iter().flatten().filter(|word| *word != "--").cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::{Hindrance, without_hindrances, without_places};

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_ends_spreads_or_shuffles_runs_is_left_out_with_its_value() {
        let cases = [
            ("-q --tb=short", "-q --tb=short", None),
            ("-xvs --maxfail 2 -k foo", "-vs -k foo", Some(Hindrance::Perhaps)),
            ("-n 4 --dist=load -p no:cov", "-p no:cov", Some(Hindrance::ByChance)),
            ("-nauto --lf -x", "", Some(Hindrance::ByChance)),
            ("--no-header -nx", "--no-header", Some(Hindrance::ByChance)),
        ];
        for (line, kept, worst) in cases {
            assert_eq!(without_hindrances(&words(line)), (words(kept), worst), "{line}");
        }
    }

    #[test]
    fn the_value_of_an_option_is_no_place() {
        let kept = |line: &str, places: &str| without_places(&words(line), &words(places)).join(" ");
        assert_eq!(kept("-k tests -q tests", "tests"), "-k tests -q");
        assert_eq!(kept("tests -k tests", "tests"), "-k tests");
        assert_eq!(kept("-q tests/a.py tests/b.py", "tests/a.py tests/b.py"), "-q");
        assert_eq!(kept("-q -- tests", "tests"), "-q");
        assert_eq!(kept("-q", "tests"), "-q");
    }
}
