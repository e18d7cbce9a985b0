//! Commands that examine one finding: sweep, bisect, replay of both orderings, emit, explain, bless.

use std::fs;

use snapbox::str;

use super::{Case, Need, matches, said, version};

pub(super) const CASES: &[Case] = &[
    ("a_sweep_is_two_tables", Need::Nothing, a_sweep_is_two_tables),
    ("a_sweep_in_json_has_exact_fractions", Need::Nothing, a_sweep_in_json_has_exact_fractions),
    ("a_sweep_draws_a_plot", Need::Nothing, a_sweep_draws_a_plot),
    ("steps_take_what_they_take_here", Need::Python, steps_take_what_they_take_here),
    ("probabilities_of_measured_steps", Need::Python, probabilities_of_measured_steps),
    ("why_it_usually_succeeds", Need::Python, why_it_usually_succeeds),
    ("a_sweep_of_who_is_no_victim", Need::Nothing, a_sweep_of_who_is_no_victim),
    ("both_orderings_side_by_side", Need::Nothing, both_orderings_side_by_side),
    ("a_finding_that_is_not_there", Need::Nothing, a_finding_that_is_not_there),
    ("bisecting_an_ordering", Need::Nothing, bisecting_an_ordering),
    ("bisecting_what_nobody_disturbs", Need::Nothing, bisecting_what_nobody_disturbs),
    ("a_script_is_printed_and_exits_1", Need::Python, a_script_is_printed_and_exits_1),
    ("the_model_runs_no_script", Need::Nothing, the_model_runs_no_script),
    ("every_code_is_explained", Need::Nothing, every_code_is_explained),
    ("a_cause_that_is_none", Need::Nothing, a_cause_that_is_none),
    ("blessing_shows_what_it_changes", Need::Nothing, blessing_shows_what_it_changes),
    ("blessing_by_the_way_of_part_of_it", Need::Nothing, blessing_by_the_way_of_part_of_it),
];

const TEN_LINES: &str = "scenarios/bpython-582.toml";
const MODEL: [&str; 2] = ["--python", "model:3.11"];

fn on_model(arguments: &[&'static str]) -> Vec<&'static str> {
    arguments.iter().chain(&MODEL).copied().collect()
}

fn within_80_columns(text: &str) {
    let long = text.lines().find(|line| line.chars().count() > 80 && !line.contains("https://"));
    assert_eq!(long, None);
}

fn a_sweep_is_two_tables() {
    let said = said(&on_model(&["sweep", TEN_LINES, "--victim", "second"])).exits(0);
    within_80_columns(&said.stdout);
    matches(
        said.stdout,
        str![[r#"
scenarios/bpython-582.toml: first makes second fail
on model-3.11, found at timestamps 1s

How often second passes, by the sleep that is put in (timestamps 1s):

the sleep stands               0 100ms 250ms 500ms 750ms 900ms    1s  1.1s
--------------------------------------------------------------------------
before step 1 of second (write tempdir/tempmod2.py "a = 1")
                           <0.1%  10 %  25 %  50 %  75 %  90 % 100 % 100 %
before step 2 of second (import tempmod2)
                           <0.1% <0.1% <0.1% <0.1% <0.1% <0.1% <0.1% <0.1%

How often second passes, by granularity, with the sleep before step 1 of second:

granularity                    0   1ms   5ms  10ms 100ms 500ms    1s    2s
--------------------------------------------------------------------------
2s (fat32)                 <0.1%  0.1%  0.3%  0.5%   5 %  25 %  50 % 100 %
1s (hfs+, ext3)            <0.1%  0.1%  0.5%   1 %  10 %  50 % 100 % 100 %
10ms (ext4-100hz)          <0.1%  10 %  50 % 100 % 100 % 100 % 100 % 100 %
4ms (ext4-250hz)            0.1% 25.1% 100 % 100 % 100 % 100 % 100 % 100 %
1ms (ext4-1000hz)           0.2% 100 % 100 % 100 % 100 % 100 % 100 % 100 %
100ns (ntfs)               100 % 100 % 100 % 100 % 100 % 100 % 100 % 100 %
1ns (apfs)                 100 % 100 % 100 % 100 % 100 % 100 % 100 % 100 %

Exact fractions: --format json. The ordering was performed 52 times.

"#]],
    );
}

fn a_sweep_in_json_has_exact_fractions() {
    let said = said(&on_model(&["sweep", TEN_LINES, "--victim", "second", "--format", "json"])).exits(0);
    let swept: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&swept["schema"], &swept["kind"]), (&1.into(), &"sweep".into()));
    let granularities = swept["granularities"].as_array().unwrap();
    let own = granularities.iter().find(|one| one["tick_ns"] == "1000000000").unwrap();
    let fraction = |place: usize, sleep: &str| {
        let points = own["curves"][place].as_array().unwrap();
        points.iter().find(|point| point["sleep_ns"] == sleep).unwrap()["fails"]["fraction"].clone()
    };
    // The second write comes 2 us after the first one: so much less than a second it takes to fall into the next tick.
    assert_eq!(fraction(0, "0"), "499999/500000");
    assert_eq!(fraction(0, "100000000"), "449999/500000");
    assert_eq!(fraction(0, "500000000"), "249999/500000");
    assert_eq!(fraction(0, "1000000000"), "0/1");
    assert_eq!(fraction(1, "1000000000"), "499999/500000");
}

fn a_sweep_draws_a_plot() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("plot.svg");
    let written = file.to_str().unwrap();
    let page = directory.path().join("page.html");
    let report = format!("html={}", page.display());
    let sweep = on_model(&["sweep", TEN_LINES, "--victim", "first"]);
    said(&[&sweep[..], &["--svg", written, "--report", &report]].concat()).exits(0);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("<svg ") && page.contains("How often first passes, by the sleep that is put in"));
    let picture = fs::read_to_string(&file).unwrap();
    assert!(picture.starts_with("<svg ") && picture.trim_end().ends_with("</svg>"));
    assert!(picture.contains("second makes first fail") && picture.contains("ext4-250hz"));
}

/// The command of `docs/usually-succeeds.md` gives the rows of its table, and each is what the page says: the time between the two
/// writes, divided by the tick.
fn why_it_usually_succeeds() {
    let page = fs::read_to_string("docs/usually-succeeds.md").unwrap();
    let commands: Vec<&str> = page.lines().filter(|line| line.starts_with("taster sweep ")).collect();
    let [command] = commands[..] else { panic!("{commands:?}") };
    let here = version();
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    let words: Vec<&str> = words.iter().map(|word| if *word == "3.11" { &*here } else { *word }).collect();
    let table = said(&words).exits(0).stdout;
    let swept: serde_json::Value =
        serde_json::from_str(&said(&[&words[..], &["--format", "json"]].concat()).exits(0).stdout).unwrap();
    let nanos = |at: usize| swept["step_times"][at]["ns"].as_str().unwrap().parse::<f64>().unwrap();
    let apart = nanos(2) + nanos(3);
    for (name, tick) in [
        ("fat32", 2e9),
        ("hfs+", 1e9),
        ("ext4-100hz", 1e7),
        ("ext4-250hz", 4e6),
        ("ext4-1000hz", 1e6),
        ("ntfs", 1e2),
        ("apfs", 1.0),
    ] {
        assert!(table.contains(name), "{name} in {table}");
        let granularities = swept["granularities"].as_array().unwrap();
        let own = granularities.iter().find(|one| one["tick_ns"] == format!("{tick}")).unwrap();
        let fails = own["curves"][0][0]["fails"]["value"].as_f64().unwrap();
        let wanted = (1.0 - apart / tick).max(0.0);
        assert!((fails - wanted).abs() < 1e-6, "{name}: {fails} {wanted}");
    }
}

fn steps_take_what_they_take_here() {
    let version = version();
    let swept = |more: &[&str]| -> serde_json::Value {
        let sweep = ["sweep", TEN_LINES, "--victim", "second", "--format", "json", "--python", &version];
        serde_json::from_str(&said(&[&sweep[..], more].concat()).exits(0).stdout).unwrap()
    };
    let measured = swept(&["--step-time", "measured"]);
    let places: Vec<String> = measured["step_times"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["test"].as_str().unwrap_or("setup"), one["step"]))
        .collect();
    assert_eq!(places, ["setup 1", "setup 2", "first 1", "first 2", "second 1", "second 2"]);
    // The second write comes after the first one and an import.
    let fails = |swept: &serde_json::Value| {
        let granularities = swept["granularities"].as_array().unwrap();
        let own = granularities.iter().find(|one| one["tick_ns"] == "1000000000").unwrap();
        own["curves"][0][0]["fails"]["value"].as_f64().unwrap()
    };
    let nanos = |at: usize| measured["step_times"][at]["ns"].as_str().unwrap().parse::<f64>().unwrap();
    let wanted = 1.0 - (nanos(2) + nanos(3)) / 1e9;
    assert!((fails(&measured) - wanted).abs() < 1e-6, "{} {wanted}", fails(&measured));
    // What one machine measured is used by another.
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("swept.json");
    fs::write(&file, measured.to_string()).unwrap();
    let again = swept(&["--step-times", file.to_str().unwrap()]);
    assert!(again["granularities"] == measured["granularities"], "other curves");
    fs::write(&file, "{}").unwrap();
    let sweep = ["sweep", TEN_LINES, "--victim", "second", "--python", "model:3.11", "--step-times"];
    let said = said(&[&sweep[..], &[file.to_str().unwrap()]].concat()).exits(2);
    assert!(said.stderr.contains("it is no sweep with --step-time measured in JSON"), "{}", said.stderr);
}

/// In a scenario that wants it, and where nothing can be measured.
fn probabilities_of_measured_steps() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("measured.toml");
    let text = fs::read_to_string(TEN_LINES).unwrap();
    let text = text.replace(
        "[[test]]\nname = \"first\"",
        "[clock]\nstep-time = \"measured\"\n\n[[test]]\nname = \"first\"",
    );
    fs::write(&file, text).unwrap();
    let version = version();
    let run = |python: &str| -> serde_json::Value {
        let run =
            ["run", file.to_str().unwrap(), "--format", "json", "--timestamps", "1s", "--python", python];
        serde_json::from_str(said(&run).exits(0).stdout.lines().next().unwrap()).unwrap()
    };
    let real = &run(&version)["findings"][0];
    assert_eq!(real["step_times"].as_array().map(Vec::len), Some(6), "{real:#}");
    let nanos = |at: usize| real["step_times"][at]["ns"].as_str().unwrap().parse::<f64>().unwrap();
    // That of the victim `first`, whose steps come behind those of `second`, or the other way round.
    let between = if real["victim"] == "first" { nanos(4) + nanos(5) } else { nanos(2) + nanos(3) };
    let fails = real["probability"]["value"].as_f64().unwrap();
    assert!((fails - (1.0 - between / 1e9)).abs() < 1e-6, "{real:#}");
    let model = run("model:3.11");
    assert_eq!(model["findings"][0]["probability"]["fraction"], "499999/500000");
    assert!(model["notes"].to_string().contains("the steps could not be measured"), "{:#}", model["notes"]);
}

fn a_sweep_of_who_is_no_victim() {
    let said = said(&on_model(&["sweep", "scenarios/clean.toml", "--victim", "nobody"])).exits(2);
    matches(
        said.stderr,
        str![[r#"
taster: there is no test `nobody`; there are one, two, three

"#]],
    );
}

fn both_orderings_side_by_side() {
    let said = said(&on_model(&["replay", TEN_LINES, "--finding", "2"])).exits(1);
    within_80_columns(&said.stdout);
    matches(
        said.stdout,
        str![[r#"
scenarios/bpython-582.toml
on model-3.11, timestamps 1s; times in seconds since the start

     0  setup: mkdir tempdir
     0.000001  setup: sys-path tempdir

     failing ordering                      passing ordering
     ------------------------------------  ------------------------------------
  1  0.000002  second                      0.000002  second
       write tempdir/tempmod2.py "a = 1"     write tempdir/tempmod2.py "a = 1"
       - passed                              - passed
  2  0.000003  second                      0.000003  first
       import tempmod2, expect a = 1 -       write tempdir/tempmod1.py "a = 0"
       passed                                - passed
       ~ tempdir listed, its time being
         0: tempmod2.py
       ~ wrote tempmod2.cpython-311.pyc
         for second 0
       ~ sys.modules: + tempmod2
  3  0.000004  first                       0.000004  second
       write tempdir/tempmod1.py "a = 0"     import tempmod2, expect a = 1 -
       - passed                              passed
       ~ tempdir: on disk, not in the        ~ tempdir listed, its time being
         listing: tempmod1.py                  0: tempmod1.py, tempmod2.py
                                             ~ wrote tempmod2.cpython-311.pyc
                                               for second 0
                                             ~ sys.modules: + tempmod2
  4  0.000005  first                       0.000005  first
       import tempmod1, expect a = 0 -       import tempmod1, expect a = 0 -
       FAILED                                passed
         ModuleNotFoundError: No module      ~ wrote tempmod1.cpython-311.pyc
         named 'tempmod1'                      for second 0
                                             ~ sys.modules: + tempmod1

"#]],
    );
}

fn a_finding_that_is_not_there() {
    let said = said(&on_model(&["replay", TEN_LINES, "--finding", "3"])).exits(2);
    matches(
        said.stderr,
        str![[r#"
taster: scenarios/bpython-582.toml has no finding 3 here; there are 1 to 2

"#]],
    );
}

fn bisecting_an_ordering() {
    let arguments = on_model(&["bisect", "scenarios/four-modules.toml", "--victim", "four"]);
    let said = said(&arguments).exits(0);
    within_80_columns(&said.stdout);
    matches(
        said.stdout,
        str![[r#"
scenarios/four-modules.toml
on model-3.11, timestamps 1s

four fails in this ordering of 4 tests. 4 runs of the interpreter found who
makes it so, and 42 more, of the few tests that are left, why.

  [1] one makes four fail (declared)
      on model-3.11 at 1s

   setup mkdir lib, sys-path lib
         failing ordering                    passing ordering
         ----------------------------------  ----------------------------------
       1 one   write lib/m1.py               one   write lib/m1.py
    >  2 one   import m1 (pollutes)          four  write lib/m4.py
    >  3 four  write lib/m4.py               one   import m1
       4 four  import m4 (FAILS)             four  import m4 (passes)
         > marks the swapped steps

      fails with   ModuleNotFoundError: No module named 'm4'
      cause        stale-directory-listing
                   The module is on disk, but Python listed its directory before
                   the file was there, and does not list it again.
      evidence     finder: $/lib
                   directory's time when it was listed: 0.000000000
                   directory's time now: 0.000000000
                   on disk, but not in the listing: m4.py
                   more: taster explain stale-directory-listing
      orderings    fails for this cause in 1 of 6 orderings of these tests
      probability  fails 99.9998 % of the time at 1s
      fix          insert { invalidate-caches = true } before step 2 of four
                   (not tried on the whole scenario)
      remedies     { invalidate-caches = true } before step 1 of four, or before
                   step 2 of four
                   { sleep = "1s" } before step 1 of four
                   { exec = "import os, sys;
                   sys.path_importer_cache.pop(os.path.abspath('lib'), None)" }
                   before step 1 of four, or before step 2 of four
                   reorder: four, then one
      no effect    forget, reload, remove-bytecode
      reproduce with
        taster replay scenarios/four-modules.toml --order one,one,four,four \
            --python model:3.11 --timestamps 1s


"#]],
    );
}

fn bisecting_what_nobody_disturbs() {
    let order = "second,second,first,first";
    let said = said(&on_model(&["bisect", TEN_LINES, "--victim", "second", "--order", order])).exits(2);
    matches(
        said.stdout,
        str![[r#"
scenarios/bpython-582.toml
on model-3.11, timestamps 1s

second passes in this ordering of 2 tests, and without the others too: no other
test makes a difference.

"#]],
    );
}

fn a_script_is_printed_and_exits_1() {
    let said = said(&["emit", TEN_LINES, "--finding", "1", "--python", &version()]).exits(0);
    assert!(said.stderr.contains("reproduced: "), "{}", said.stderr);
    matches(
        said.stdout,
        str![[r#"
# scenarios/bpython-582.toml: first makes second fail
# stale-directory-listing, on an emulated clock that ticks every 1s; seen on [PYTHON].
# Exits 1 where it is reproduced.
import atexit, os, shutil, sys, tempfile

os.chdir(tempfile.mkdtemp())
atexit.register(shutil.rmtree, os.getcwd(), True)
sys.dont_write_bytecode = False
now = 1000000000

def settle():  # whatever has changed since the last call was changed at `now`
    for top, _, files in os.walk('.'):
        for path in [top] + [os.path.join(top, name) for name in files]:
            if os.stat(path).st_mtime > now:
                os.utime(path, (now, now))

os.makedirs('tempdir'); settle()
sys.path.append(os.path.abspath('tempdir'))
open('tempdir/tempmod1.py', 'w').write('a = 0\n'); settle()
import tempmod1; settle()
open('tempdir/tempmod2.py', 'w').write('a = 1\n'); settle()
try:
    import tempmod2
except Exception as problem:
    sys.exit('reproduced: %s: %s: %s' % ('import tempmod2', type(problem).__name__, problem))
print('not reproduced')

"#]],
    );
}

fn the_model_runs_no_script() {
    let said = said(&on_model(&["emit", TEN_LINES])).exits(2);
    matches(
        said.stderr,
        str![[r#"
taster: a script is run before it is printed, and model-3.11 cannot run one: name a real Python with --python

"#]],
    );
}

fn every_code_is_explained() {
    let list = said(&["explain"]).exits(0).stdout;
    within_80_columns(&list);
    matches(
        list,
        str![[r#"
stale-directory-listing
    The module is on disk, but Python listed its directory before the file was
    there, and does not list it again.
negative-path-entry
    Python searched a sys.path entry before the directory existed, and does not
    search it again now that it does.
relative-path-entry
    A relative entry of sys.path means another directory now, and the import
    still searches the one that it meant earlier.
stale-bytecode
    A program rewrote a source file, and the import runs the bytecode of the
    earlier source.
retained-module
    sys.modules still holds an earlier module of that name, and the import
    returns it.
stale-name
    A module took a name from another module, and keeps the object that it got,
    while the other module has another one now.
duplicate-module
    One file was imported twice, mostly under two names, so there are two
    modules with separate contents.
circular-import
    A module is read while it is still being imported, and lacks what its body
    has not bound yet. Importing the two modules in the other order works.
missing-submodule
    A test uses a submodule as an attribute of its package, and the attribute
    exists only after other code has imported it.
stale-namespace-path
    A portion of a namespace package appeared after the first import of the
    package, and Python does not search it.
half-imported-package
    A package failed halfway through its import, and the next import of it
    leaves one of its submodules unbound.
import-side-effect
    An import, or code of another test, changed state that this test reads: the
    environment, the working directory, an attribute of another module, or a
    setting of the interpreter.
changed-file
    Another test wrote, removed or replaced a file that this test reads.
changed-state
    Another test changed state outside the import system and did not restore it,
    and this test depends on that state.
random-state
    The outcome of this test depends on how often a global random generator was
    used before it, or on nothing but chance.
import-lock
    A thread waits for the import lock of a module, and the import of that
    module waits for the thread.
not-sought
    One test makes another fail, and taster has not looked for the cause.
unknown
    One test makes another fail, and taster could not confirm any cause that it
    knows.
victim
    This test passes on its own and fails after others, its polluters.
brittle
    This test fails on its own and passes after others, its state-setters.
broken
    This test fails on its own and after whatever else ran.
flaky-alone
    The outcome of this test depends on the order of the tests that it requires,
    without any others.
nondeterministic
    This test does different things in one and the same order: no order is to
    blame.
collection
    The outcome of this test depends on which other files pytest collects,
    whatever runs.

taster explain CODE prints the page of one cause or kind of finding.

"#]],
    );
    for topic in taster::explain::Topic::all() {
        let text = said(&["explain", topic.code()]).exits(0).stdout;
        assert!(text.starts_with(topic.code()), "{text}");
        within_80_columns(&text);
    }
}

fn a_cause_that_is_none() {
    let said = said(&["explain", "stale-listing"]).exits(2);
    matches(
        said.stderr,
        str![[r#"
taster: there is no code `stale-listing`; did you mean `stale-directory-listing`? `taster explain` lists all

"#]],
    );
}

fn blessing_shows_what_it_changes() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("scenario.toml");
    let text = fs::read_to_string("tests/cli/differs.toml").unwrap();
    fs::write(&file, &text).unwrap();
    let path = file.to_str().unwrap();
    let blessed = said(&[&["run", "--bless", path][..], &MODEL].concat()).exits(0).stdout;
    let diff = blessed.lines().skip_while(|line| !line.starts_with("--- ")).skip(2);
    matches(
        diff.map(|line| format!("{line}\n")).collect(),
        str![[r#"
@@ -19,3 +19,13 @@
 
 [[broken]]
 test = "first"
+python = "<3.11"
+
+[[broken]]
+test = "first"
+python = ">=3.12"
+
+[[poisoning]]
+polluters = ["second"]
+victim = "first"
+cause = "stale-directory-listing"

"#]],
    );
    let again = said(&[&["run", "--bless", path][..], &MODEL].concat()).exits(0).stdout;
    assert!(!again.contains("\n+++ "), "{again}");
    said(&[&["run", path][..], &MODEL].concat()).exits(0);
}

fn blessing_by_the_way_of_part_of_it() {
    let said = said(&["run", "--bless", "--test", "first", TEN_LINES]).exits(2);
    assert!(said.stderr.contains("cannot be used with"), "{}", said.stderr);
}
