//! Rewriting declared findings: the file's own text stays, and the new declarations describe the observations.

use std::path::Path;

use proptest::prelude::*;
use taster::cause::Cause;
use taster::kind::FindingKind;
use taster::scenario::edit::{Declared, Observation, Observed, declare, redeclare};
use taster::scenario::{Scenario, Version, parse};

const BEFORE: &str = r#"# A story.
title = "T"   # in one sentence
setup = [ {mkdir="d"} ]

# The clock.
[clock]
timestamps = ["1s", "4ms", "1ns"]

[[test]]
name = "a"
steps = [{ import = "a" }]
[[test]]
name = 'b' # quoted otherwise
steps = [{ import = "b" }]

[[test]]
name = "c"
steps = [{ write = "c.py", text = """
# not a comment """ }]
"#;

const DECLARED: &str = r#"
# --- what is known ---

# The first one.
[[poisoning]]
polluters = [ "a" ]   # aligned
victim    = "b"
timestamps = ["1s"]
# after the first

# Of the second.
# Two lines.
[[brittle]]
test = "c"
state-setters = ["a", "b"]

[[broken]]
test = "c"
python = ">= 3.3"
# the end
"#;

fn scenario(text: &str) -> Scenario {
    parse(Path::new("x.toml"), text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

fn all_declared(text: &str) -> Vec<Declared> {
    let scenario = scenario(text);
    scenario.declarations.iter().map(|declaration| Declared::of(&scenario, declaration)).collect()
}

fn declared(kind: FindingKind, test: &str, others: &[&str]) -> Declared {
    Declared {
        kind,
        test: test.to_owned(),
        others: others.iter().map(|&other| other.to_owned()).collect(),
        cause: None,
        timestamps: Vec::new(),
        python: None,
    }
}

#[test]
fn what_is_declared_already_leaves_every_byte_alone() {
    let text = format!("{BEFORE}{DECLARED}");
    let mut wanted = all_declared(&text);
    assert_eq!(redeclare(&text, &wanted).expect("is a scenario"), text);
    wanted.reverse();
    wanted[1].others.reverse();
    assert_eq!(redeclare(&text, &wanted).expect("is a scenario"), text);
}

#[test]
fn what_is_gone_takes_its_own_comments_along_and_no_others() {
    let text = format!("{BEFORE}{DECLARED}");
    let wanted = all_declared(&text);
    let without_first = redeclare(&text, &wanted[1..]).expect("is a scenario");
    let first = DECLARED.find("# The first one.").expect("is there");
    let second = DECLARED.find("# Of the second.").expect("is there");
    assert_eq!(without_first, format!("{BEFORE}{}{}", &DECLARED[..first], &DECLARED[second..]));
    let without_last = redeclare(&text, &wanted[..2]).expect("is a scenario");
    let last = DECLARED.find("\n[[broken]]").expect("is there");
    assert_eq!(without_last, format!("{BEFORE}{}", &DECLARED[..last]));
    let none = redeclare(&text, &[]).expect("is a scenario");
    assert_eq!(none, format!("{BEFORE}\n# --- what is known ---\n"));
}

#[test]
fn what_is_new_follows_at_the_end_in_house_style() {
    let mut poisoning = declared(FindingKind::Victim, "c", &["a", "b"]);
    poisoning.cause = Some(Cause::StaleBytecode);
    poisoning.timestamps = vec!["1s".to_owned(), "4ms".to_owned()];
    poisoning.python = Some(">=3.3".parse().expect("is one"));
    let flaky = declared(FindingKind::FlakyAlone, "a", &[]);
    let brittle = declared(FindingKind::Brittle, "a", &["b"]);
    let rewritten = redeclare(BEFORE, &[poisoning, flaky, brittle]).expect("is a scenario");
    let expected = r#"
[[poisoning]]
polluters = ["a", "b"]
victim = "c"
cause = "stale-bytecode"
timestamps = ["1s", "4ms"]
python = ">=3.3"

[[flaky-alone]]
test = "a"

[[brittle]]
test = "a"
state-setters = ["b"]
"#;
    assert_eq!(rewritten, format!("{BEFORE}{expected}"));
}

#[test]
fn a_finding_that_holds_elsewhere_is_changed_in_place() {
    let text = format!("{BEFORE}{DECLARED}");
    let mut wanted = all_declared(&text);
    wanted[0].timestamps = vec!["1s".to_owned(), "4ms".to_owned()];
    wanted[0].cause = Some(Cause::Unknown);
    wanted[2].python = None;
    let rewritten = redeclare(&text, &wanted).expect("is a scenario");
    let expected = DECLARED
        .replace("timestamps = [\"1s\"]\n", "timestamps = [\"1s\", \"4ms\"]\ncause = \"unknown\"\n")
        .replace("python = \">= 3.3\"\n", "");
    assert_eq!(rewritten, format!("{BEFORE}{expected}"));
}

#[test]
fn lines_end_as_they_did() {
    let text = format!("{BEFORE}{DECLARED}").replace('\n', "\r\n");
    let mut wanted = all_declared(&text);
    assert_eq!(redeclare(&text, &wanted).expect("is a scenario"), text);
    wanted[0].cause = Some(Cause::Unknown);
    wanted.push(declared(FindingKind::Broken, "a", &[]));
    let rewritten = redeclare(&text, &wanted).expect("is a scenario");
    assert_eq!(rewritten.matches('\n').count(), rewritten.matches("\r\n").count());
    assert_eq!(all_declared(&rewritten), wanted);
}

#[test]
fn declarations_may_be_inline_tables() {
    let inline = r#"title = "T"
# Known.
poisoning = [
  { polluters = ["a"], victim = "b" }, # first
  { polluters = ["b"], victim = "a", timestamps = ["1s"] },
]
test = [{ name = "a", steps = [{ import = "a" }] }, { name = "b", steps = [{ import = "b" }] }]
"#;
    let wanted = all_declared(inline);
    assert_eq!(wanted.len(), 2);
    assert_eq!(redeclare(inline, &wanted).expect("is a scenario"), inline);
    let one = redeclare(inline, &wanted[1..]).expect("is a scenario");
    assert_eq!(all_declared(&one), wanted[1..]);
    let none = redeclare(inline, &[]).expect("is a scenario");
    assert_eq!(none, format!("title = \"T\"\n{}", &inline[inline.find("test =").expect("is there")..]));
    let other = declared(FindingKind::Victim, "b", &["a"]);
    let broken = declared(FindingKind::Broken, "b", &[]);
    let more = redeclare(&one, &[wanted[1].clone(), other.clone(), broken.clone()]).expect("is a scenario");
    assert_eq!(all_declared(&more), [wanted[1].clone(), other, broken]);
}

#[test]
fn what_is_no_scenario_is_not_touched() {
    assert!(redeclare("title = 3", &[]).is_err());
}

fn any_declared() -> impl Strategy<Value = Declared> {
    let kinds = prop::sample::select(vec![
        FindingKind::Victim,
        FindingKind::Brittle,
        FindingKind::Broken,
        FindingKind::FlakyAlone,
    ]);
    let names = || prop::sample::subsequence(vec!["a", "b", "c"], 1..=3);
    let clocks = prop::sample::subsequence(vec!["1s", "4ms", "1ns"], 0..=2);
    let cause = prop::option::of(prop::sample::select(vec![Cause::Unknown, Cause::StaleBytecode]));
    let python = prop::option::of(prop::sample::select(vec![">=3.3", "<3.7", "==3.6.*", ">=3.6,<3.9"]));
    (kinds, names(), clocks, cause, python).prop_filter_map(
        "others are needed",
        |(kind, names, clocks, cause, python)| {
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            let (test, others) = names.split_first()?;
            let has_others = matches!(kind, FindingKind::Victim | FindingKind::Brittle);
            if has_others && others.is_empty() {
                return None;
            }
            Some(Declared {
                kind,
                test: test.clone(),
                others: if has_others { others.to_vec() } else { Vec::new() },
                cause,
                timestamps: clocks.into_iter().map(str::to_owned).collect(),
                python: python.map(|python| python.parse().expect("is one")),
            })
        },
    )
}

fn several() -> impl Strategy<Value = Vec<Declared>> {
    prop::collection::vec(any_declared(), 0..6).prop_map(|all| {
        let mut distinct: Vec<Declared> = Vec::new();
        for one in all {
            if !distinct.contains(&one) {
                distinct.push(one);
            }
        }
        distinct
    })
}

fn same(some: &[Declared], others: &[Declared]) -> bool {
    some.len() == others.len() && some.iter().all(|one| others.contains(one))
}

proptest! {
    #[test]
    fn a_rewritten_file_declares_what_was_wanted(first in several(), second in several(), ends in any::<bool>()) {
        let start = if ends { BEFORE.to_owned() } else { BEFORE.trim_end().to_owned() };
        let one = redeclare(&start, &first).expect("is a scenario");
        prop_assert!(same(&all_declared(&one), &first), "{one}");
        prop_assert_eq!(&redeclare(&one, &first).expect("is a scenario"), &one);
        let two = redeclare(&one, &second).expect("is a scenario");
        prop_assert!(same(&all_declared(&two), &second), "{two}");
        prop_assert_eq!(&redeclare(&two, &second).expect("is a scenario"), &two);
        prop_assert!(two.starts_with(BEFORE.trim_end()), "{two}");
        let none = redeclare(&two, &[]).expect("is a scenario");
        prop_assert_eq!(none.trim_end(), BEFORE.trim_end());
    }
}

/// The versions that a run tries, and what it finds on them under each clock.
fn observations(table: &[(Version, &str, bool)]) -> Vec<Observation> {
    let observed = Observed { kind: FindingKind::Victim, test: 1, others: vec![0], cause: None };
    let observation = |&(version, clock, found): &(Version, &str, bool)| Observation {
        version,
        timestamps: clock.to_owned(),
        findings: if found { vec![observed.clone()] } else { Vec::new() },
    };
    table.iter().map(observation).collect()
}

/// What is declared of `a` poisoning `b`, as (timestamps, python).
fn restrictions(text: &str, table: &[(Version, &str, bool)]) -> Vec<(String, String)> {
    let declared = declare(&scenario(text), &observations(table));
    let words = |one: &Declared| {
        assert_eq!((one.test.as_str(), one.others.as_slice()), ("b", ["a".to_owned()].as_slice()));
        (one.timestamps.join(" "), one.python.as_ref().map(ToString::to_string).unwrap_or_default())
    };
    declared.iter().map(words).collect()
}

fn versions() -> [Version; 4] {
    [Version::new(2, 7, 18), Version::new(3, 6, 15), Version::new(3, 7, 16), Version::new(3, 13, 0)]
}

/// Every version under every clock; found where `found` says so.
fn table(found: impl Fn(Version, &str) -> bool) -> Vec<(Version, &'static str, bool)> {
    let clocks = ["1s", "4ms", "1ns"];
    let cells = versions().into_iter().flat_map(|version| clocks.map(|clock| (version, clock)));
    cells.map(|(version, clock)| (version, clock, found(version, clock))).collect()
}

fn pair(timestamps: &str, python: &str) -> (String, String) {
    (timestamps.to_owned(), python.to_owned())
}

#[test]
fn restrictions_are_left_out_where_a_finding_is_everywhere() {
    assert_eq!(restrictions(BEFORE, &table(|_, _| true)), [pair("", "")]);
    assert_eq!(restrictions(BEFORE, &table(|_, _| false)), []);
    assert_eq!(restrictions(BEFORE, &table(|_, clock| clock == "1s")), [pair("1s", "")]);
    assert_eq!(restrictions(BEFORE, &[(versions()[1], "4ms", true)]), [pair("4ms", "")]);
}

#[test]
fn versions_are_named_as_a_contiguous_range() {
    let [two, six, seven, thirteen] = versions();
    assert_eq!(restrictions(BEFORE, &table(|version, _| version > two)), [pair("", ">=3.6")]);
    assert_eq!(restrictions(BEFORE, &table(|version, _| version < seven)), [pair("", "<3.7")]);
    assert_eq!(restrictions(BEFORE, &table(|version, _| version == six)), [pair("", "==3.6.*")]);
    assert_eq!(
        restrictions(BEFORE, &table(|version, clock| clock == "1s" && version > two && version < thirteen)),
        [pair("1s", ">=3.6, <3.13")]
    );
    assert_eq!(
        restrictions(BEFORE, &table(|version, _| version == two || version == thirteen)),
        [pair("", "<3.6"), pair("", ">=3.13")]
    );
    assert_eq!(
        restrictions(BEFORE, &table(|version, clock| clock == "1s" || (clock == "4ms" && version > two))),
        [pair("1s", ""), pair("4ms", ">=3.6")]
    );
}

#[test]
fn what_was_not_run_keeps_its_restrictions() {
    let [two, six, ..] = versions();
    let with = |more: &str| format!("{BEFORE}\n[[poisoning]]\npolluters = [\"a\"]\nvictim = \"b\"\n{more}\n");
    let ran = [(six, "1s", true), (six, "4ms", false), (six, "1ns", false)];
    let kept = with("timestamps = [\"1s\"]\npython = \">=3.3\"");
    assert_eq!(restrictions(&kept, &ran), [pair("1s", ">=3.3")]);
    let narrowed = with("python = \">=3.3\"");
    assert_eq!(restrictions(&narrowed, &ran), [pair("1s", ">=3.3"), pair("4ms 1ns", ">=3.7")]);
    let anywhere = with("");
    assert_eq!(
        restrictions(&anywhere, &ran),
        [pair("1s", ""), pair("4ms 1ns", "<3.6"), pair("4ms 1ns", ">=3.7")]
    );
    assert_eq!(restrictions(&kept, &[(two, "1s", false)]), [pair("1s", ">=3.3")]);
    assert_eq!(restrictions(&kept, &[]), [pair("1s", ">=3.3")]);
}

#[test]
fn a_declaration_without_a_cause_stays_one() {
    let text = format!("{BEFORE}\n[[broken]]\ntest = \"c\"\n");
    let found = |cause: Cause| {
        let broken = Observed { kind: FindingKind::Broken, test: 2, others: Vec::new(), cause: Some(cause) };
        let under = |clock: &str| Observation {
            version: versions()[1],
            timestamps: clock.to_owned(),
            findings: vec![broken.clone()],
        };
        ["1s", "4ms", "1ns"].map(under)
    };
    assert_eq!(declare(&scenario(&text), &found(Cause::Unknown)), all_declared(&text));
    let named = format!("{text}cause = \"stale-bytecode\"\n");
    assert_eq!(declare(&scenario(&named), &found(Cause::StaleBytecode)), all_declared(&named));
    let other = declare(&scenario(&named), &found(Cause::Unknown));
    // On the versions that were not run it may be the declared cause.
    let told = |one: &Declared| (one.cause, one.python.as_ref().map(ToString::to_string).unwrap_or_default());
    let stale = |python: &str| (Some(Cause::StaleBytecode), python.to_owned());
    let told: Vec<_> = other.iter().map(told).collect();
    assert_eq!(told, [(Some(Cause::Unknown), "==3.6.*".to_owned()), stale("<3.6"), stale(">=3.7")]);
}

proptest! {
    #[test]
    fn what_is_declared_applies_exactly_where_it_was_found(
        found in prop::collection::vec(prop::option::of(any::<bool>()), 12),
        before in several(),
    ) {
        let text = redeclare(BEFORE, &before).expect("is a scenario");
        let all = table(|_, _| true);
        let ran = all.iter().zip(&found).filter_map(|(&(version, clock, _), found)| Some((version, clock, (*found)?)));
        let ran: Vec<_> = ran.collect();
        let about = |one: &Declared| one.kind == FindingKind::Victim && one.test == "b" && one.others == ["a"];
        let declared: Vec<_> =
            declare(&scenario(&text), &observations(&ran)).into_iter().filter(about).collect();
        let rewritten = redeclare(BEFORE, &declared).expect("is a scenario");
        let scenario = scenario(&rewritten);
        for (version, clock, found) in ran {
            let applies = scenario.declarations.iter().any(|one| one.cause.is_none() && one.applies(&version, clock));
            prop_assert_eq!(applies, found, "{} {} {}", version, clock, rewritten);
        }
    }
}
