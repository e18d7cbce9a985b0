//! The text of a script: one or a few Python statements for each step, and as little around them as possible.

use std::fmt::Write as _;

use super::literal::{literal, quoted, seconds};
use super::statements::{module_of, statements};
use super::story::{Act, Footing, ScriptClock, Story};
use crate::interpreter::{Installation, Outcome};
use crate::kind::FindingKind;
use crate::scenario::{Check, Literal, Step};
use crate::world::{Time, World};

/// The first word of a script's output if it reproduces the finding.
pub(super) const REPRODUCED: &str = "reproduced:";

const SEEN_WITHIN: &str = "\
def stat(path, real=importlib._bootstrap_external._path_stat):
    result = real(path)
    return os.stat_result(result[:10], {'st_mtime': min(result.st_mtime, now)})
importlib._bootstrap_external._path_stat = stat
";

/// The whole script.
pub(super) fn script(story: &Story<'_>, clock: ScriptClock, installation: &Installation) -> String {
    let body: String = story.acts.iter().enumerate().map(|(at, act)| told(story, clock, (at, act))).collect();
    around(story, clock, installation, &(body + "print('not reproduced')\n"))
}

/// A script that times the steps on the real clock; `body` does so.
pub(super) fn timed(story: &Story<'_>, installation: &Installation, body: &str) -> String {
    around(story, ScriptClock::Real, installation, body)
}

/// What stands around the statements of steps.
fn around(story: &Story<'_>, clock: ScriptClock, installation: &Installation, body: &str) -> String {
    let mut script = heading(story, clock, installation);
    let mut modules = vec!["atexit", "os", "shutil", "sys", "tempfile"];
    if clock == ScriptClock::SeenWithin || body.contains("importlib.") {
        modules.insert(1, "importlib");
    }
    let _ = writeln!(script, "import {}\n", modules.join(", "));
    script += "os.chdir(tempfile.mkdtemp())\natexit.register(shutil.rmtree, os.getcwd(), True)\n";
    if story.footing() == Footing::Named {
        script += "home = os.getcwd()\n";
    }
    let _ =
        writeln!(script, "sys.dont_write_bytecode = {}", literal(&Literal::Bool(!story.scenario.bytecode)));
    script += &real_code(story);
    if clock != ScriptClock::Real {
        script += &emulation(story);
    }
    if clock == ScriptClock::SeenWithin {
        script += SEEN_WITHIN;
    }
    script.push('\n');
    script + body
}

/// Puts the scenario's real directories on `sys.path`; site-packages are there already.
fn real_code(story: &Story<'_>) -> String {
    let directories = &story.scenario.real.directories;
    if directories.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> = directories.iter().map(|path| quoted(&path.to_string_lossy())).collect();
    format!("sys.path.extend([{}])\n", quoted.join(", "))
}

fn heading(story: &Story<'_>, clock: ScriptClock, installation: &Installation) -> String {
    let name = |&test: &usize| story.scenario.tests[test].name.as_str();
    let test = name(&story.finding.test);
    let others: Vec<&str> = story.finding.others.iter().map(name).collect();
    let others = others.join(" and ");
    let claim = match story.finding.kind {
        FindingKind::Victim => format!("{others} makes {test} fail"),
        FindingKind::Brittle => format!("{test} fails unless {others} has run"),
        FindingKind::Broken | FindingKind::FlakyAlone => format!("{test} fails"),
        FindingKind::Nondeterministic => format!("{test} may fail"),
        FindingKind::Collection => format!("{test} fails once {others} is collected too"),
    };
    let times = match clock {
        ScriptClock::Real => String::from("on any clock"),
        _ => format!("on an emulated clock that ticks every {}", story.timestamps.tick),
    };
    let clean = |text: String| text.replace(|letter: char| letter.is_control() || !letter.is_ascii(), "?");
    format!(
        "# {}\n# {}, {times}; seen on {}.\n# Exits 1 where it is reproduced.\n",
        clean(format!("{}: {claim}", story.scenario.path.display())),
        story.finding.cause.code(),
        installation.identity.label,
    )
}

/// A clock whose times lie long before any real one: a newer time means that the entry has changed since the
/// last check.
fn emulation(story: &Story<'_>) -> String {
    let start = story.acts.first().map_or(Time::START, |act| stamp(story, act));
    let home = if story.footing() == Footing::Named { "home" } else { "'.'" };
    format!(
        "now = {}\n\n\
         def settle():  # whatever has changed since the last call was changed at `now`\n    \
         for top, _, files in os.walk({home}):\n        \
         for path in [top] + [os.path.join(top, name) for name in files]:\n            \
         if os.stat(path).st_mtime > now:\n                \
         os.utime(path, (now, now))\n",
        seconds(start)
    )
}

fn stamp(story: &Story<'_>, act: &Act<'_>) -> Time {
    act.performed.began.floor(story.timestamps.tick)
}

/// One step, and the times of its changes.
fn told(story: &Story<'_>, clock: ScriptClock, (at, act): (usize, &Act<'_>)) -> String {
    let mut text = String::new();
    let before = at.checked_sub(1).map(|at| stamp(story, &story.acts[at]));
    let now = stamp(story, act);
    if clock != ScriptClock::Real && before.is_some_and(|before| before != now) {
        let _ = writeln!(text, "now = {}", seconds(now));
    }
    let statements = statements(act, story.footing());
    let settles = clock != ScriptClock::Real && !act.fails && !same_tree(&act.before, &act.performed.world);
    let done = match (&act.performed.outcome, check(act.line.step)) {
        _ if act.fails => failing(act, &statements),
        (Outcome::Passed, Check::Raises(_)) | (Outcome::Failed { .. } | Outcome::Mismatched { .. }, _) => {
            let body = indented(&statements);
            format!("try:\n{body}except {}:\n    pass\n", caught(&act.performed.outcome))
        }
        _ => statements.iter().fold(String::new(), |text, statement| text + statement + "\n"),
    };
    text += &done;
    if settles {
        let one_line = statements.len() == 1 && text.ends_with(&format!("{}\n", statements[0]));
        let plain = one_line && !statements[0].starts_with('#');
        if plain {
            text.pop();
        }
        text += if plain { "; settle()\n" } else { "settle()\n" };
    }
    text
}

/// Whether the files are the same, regardless of the clock.
fn same_tree(before: &World, after: &World) -> bool {
    before.entries().eq(after.entries())
}

/// The step at which the test fails: prints the failure and exits with status 1.
fn failing(act: &Act<'_>, statements: &[String]) -> String {
    let what = quoted(headline(statements));
    let caught = caught(&act.performed.outcome);
    match check(act.line.step) {
        Check::Raises(class) => format!(
            "try:\n{}except BaseException as problem:\n    \
             raised = [base.__name__ for base in type(problem).__mro__]\nelse:\n    raised = []\n\
             if {} not in raised:\n    sys.exit('{REPRODUCED} %s raises not {class} but %s' % ({what}, raised[:1]))\n",
            indented(statements),
            quoted(class),
        ),
        Check::Expect(expected) if matches!(act.performed.outcome, Outcome::Mismatched { .. }) => {
            let mut lines = statements.to_vec();
            let module = module_of(act.line.step);
            lines.extend(expected.iter().map(|(path, value)| {
                let attribute = format!("{module}.{}", path.join("."));
                let told = quoted(&format!("{attribute} is %r"));
                format!("assert {attribute} == {}, {told} % ({attribute},)", literal(value))
            }));
            reporting(&indented(&lines), "Exception", &what)
        }
        Check::Expect(_) | Check::Warns(_) | Check::Nothing => {
            reporting(&indented(statements), caught, &what)
        }
    }
}

/// The statement that a failure is told with: the last that calls something.
fn headline(statements: &[String]) -> &str {
    let calls = statements.iter().rev().find(|statement| statement.contains('('));
    calls.or(statements.last()).map_or("", |statement| statement.trim())
}

fn reporting(body: &str, caught: &str, what: &str) -> String {
    format!(
        "try:\n{body}except {caught} as problem:\n    \
         sys.exit('{REPRODUCED} %s: %s: %s' % ({what}, type(problem).__name__, problem))\n"
    )
}

fn indented(statements: &[String]) -> String {
    statements.iter().fold(String::new(), |text, statement| format!("{text}    {statement}\n"))
}

/// The exception to name in an `except` that catches this outcome.
fn caught(outcome: &Outcome) -> &'static str {
    const BARE: [&str; 3] = ["SystemExit", "KeyboardInterrupt", "GeneratorExit"];
    match outcome {
        Outcome::Failed { exception, .. } if BARE.contains(&exception.as_str()) => "BaseException",
        _ => "Exception",
    }
}

fn check(step: &Step) -> &Check {
    match step {
        Step::Interpreter(action) => action.check(),
        Step::World(_) => &Check::Nothing,
    }
}
