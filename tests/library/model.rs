//! The model against real CPythons: shipped scenarios, random ones, and the known differences. A long run over random
//! scenarios is in `fuzz.rs`.
#![expect(clippy::print_stdout, reason = "what was not run is said where it is seen")]

use std::cell::RefCell;
use std::path::Path;

use crate::agreement::plan::{plan, script};
use crate::agreement::{Compared, Pair, installations};
use crate::not_run;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use taster::interpreter::model::Model;
use taster::interpreter::{Ask, Installation, Interpreter, Keep, NoOutcome, Outcome, choose};
use taster::ordering::{Counter, Sampler, Shape};
use taster::scenario::{Action, Check, Position, Scenario, Step, Version, files_in, read};
use taster::world::{EntryPath, Nanos, Operation, World};

/// Orderings of each shipped scenario that are compared step by step; `engine.rs` compares all of their counts.
const ORDERINGS: usize = 1;

fn each_installation(test: impl Fn(&Installation)) {
    let found = installations();
    if found.is_empty() {
        not_run::say("no CPython from 3.6 to 3.13 was found");
    }
    for installation in &found {
        println!("on {}", installation.identity.label);
        test(installation);
    }
}

/// Some orderings of a scenario, with the test of each step; setup comes first.
fn orderings(scenario: &Scenario) -> Vec<Vec<(Option<usize>, Step)>> {
    let shape = Shape::of(scenario);
    let tests: Vec<usize> = (0..scenario.tests.len()).collect();
    let counter = Counter::new(&shape, &tests).expect("few enough to count");
    let mut sampler = Sampler::new(&counter, 3);
    let words: Vec<Vec<usize>> = (0..ORDERINGS).map(|_| sampler.draw()).collect();
    let steps = |word: &Vec<usize>| {
        let mut done = vec![0; scenario.tests.len()];
        let mut steps: Vec<_> = scenario.setup.iter().map(|step| (None, step.clone())).collect();
        for test in shape.steps_of(word) {
            steps.push((Some(test), scenario.tests[test].steps[done[test]].clone()));
            done[test] += 1;
        }
        steps
    };
    words.iter().map(steps).collect()
}

#[test]
fn shipped_scenarios_go_step_by_step_as_on_every_cpython() {
    let files = files_in(Path::new("scenarios")).unwrap();
    // The model knows no real code.
    let files = files.iter().filter(|file| file.parent() == Some(Path::new("scenarios")));
    let scenarios: Vec<Scenario> = files.map(|file| read(file).unwrap()).collect();
    each_installation(|installation| {
        let mut refused = Vec::new();
        let mut pairs = [false, true].map(|bytecode| Pair::start(installation, bytecode).unwrap());
        for scenario in &scenarios {
            if !scenario.is_for(&installation.identity.version) {
                continue;
            }
            let pair = &mut pairs[usize::from(scenario.bytecode)];
            for timestamps in &scenario.timestamps {
                for steps in orderings(scenario) {
                    match pair.compare(&steps, timestamps.tick, scenario.step_time) {
                        Ok(compared) => refused.extend(compared.refused.map(|_| scenario.path.clone())),
                        Err(difference) => {
                            let shown = script(&steps[..=difference.at]);
                            panic!("{}: {difference}\n{shown}", scenario.path.display());
                        }
                    }
                }
            }
        }
        refused.dedup();
        println!("  refused: {refused:?}");
        assert!(refused.len() <= 4, "at most four shipped scenarios are refused: {refused:?}");
    });
}

#[test]
fn random_scenarios_go_step_by_step_as_on_every_cpython() {
    each_installation(|installation| {
        let start = |bytecode| Pair::start(installation, bytecode).unwrap();
        let pairs = RefCell::new([start(false), start(true)]);
        let config = Config {
            cases: 20,
            rng_seed: RngSeed::Fixed(11),
            failure_persistence: None,
            ..Config::default()
        };
        let result = TestRunner::new(config).run(&plan(), |plan| {
            let pair = &mut pairs.borrow_mut()[usize::from(plan.bytecode)];
            for steps in plan.orderings(pair.version) {
                pair.compare(&steps, plan.tick, plan.step_time).map_err(|difference| {
                    TestCaseError::fail(format!("{difference}\n{}", script(&steps[..=difference.at])))
                })?;
            }
            Ok(())
        });
        if let Err(problem) = result {
            panic!("{problem}");
        }
    });
}

/// The model of one version on its own.
struct Walk {
    model: Model,
    world: World,
}

impl Walk {
    fn new(minor: u32) -> Self {
        let installation = choose::built_in(Version::new(3, minor, 0));
        Self {
            model: Model::start(&installation.identity, true).expect("a version that it is like"),
            world: World::new(Nanos::SECOND),
        }
    }

    fn write(&mut self, path: &str, text: &str) {
        let path = EntryPath::new(path).expect("a path");
        self.world
            .perform(&Operation::Write { path, text: text.into(), mtime: None })
            .expect("it can be written");
    }

    fn step(&mut self, action: &Action) -> Result<Outcome, NoOutcome> {
        let ask = Ask { keep: Keep::Nothing, fingerprint: false };
        let landing = self.model.descend(action, &self.world, ask)?;
        self.world = landing.world;
        Ok(landing.outcome)
    }

    fn import(&mut self, module: &str) -> String {
        match self.step(&import(module)) {
            Ok(outcome) => outcome.to_string(),
            Err(problem) => problem.to_string(),
        }
    }

    fn sys_path(&mut self, path: &str) {
        let path = EntryPath::new(path).expect("a path");
        self.step(&Action::SysPath { path, position: Position::Last }).expect("it passes");
    }
}

fn import(module: &str) -> Action {
    Action::Import { module: module.into(), names: Vec::new(), check: Check::Nothing }
}

#[test]
fn the_import_of_a_keyword_is_refused() {
    let mut walk = Walk::new(11);
    assert!(walk.import("ns.in.c").contains("the import of a keyword, `in`"));
}

#[test]
fn a_relative_import_in_a_steps_own_code_is_refused_where_3_6_takes_it() {
    let exec = Action::Exec { code: "from . import s\n".into(), check: Check::Nothing };
    assert!(Walk::new(6).step(&exec).is_err());
    let outcome = Walk::new(8).step(&exec).unwrap().to_string();
    assert_eq!(outcome, "ImportError: attempted relative import with no known parent package");
}

#[test]
fn a_name_that_the_standard_library_lacks_is_refused_for_its_message() {
    let names = vec!["t".to_owned()];
    let action = Action::Import { module: "json".into(), names, check: Check::Nothing };
    assert!(Walk::new(8).step(&action).unwrap_err().to_string().contains("the missing name `t` of `json`"));
}

#[test]
fn main_is_refused_as_a_module() {
    let code = "import sys\ndel sys.modules[__name__]\n".into();
    assert!(Walk::new(6).step(&Action::Exec { code, check: Check::Nothing }).is_err());
}

#[test]
fn a_refusal_names_file_and_line() {
    let mut walk = Walk::new(12);
    walk.write("lib/m.py", "V = 1\nclass C(int, str):\n    pass\n");
    walk.sys_path("lib");
    let said = walk.import("m");
    assert!(said.contains("a class with such bases ($/lib/m.py, line 2)"), "{said}");
}

#[test]
fn partially_initialised_modules_are_named_by_version() {
    for (minor, wanted) in [
        (6, "ImportError: cannot import name 'X'"),
        (7, "ImportError: cannot import name 'X' from 'a' ($/lib/a.py)"),
        (
            8,
            "ImportError: cannot import name 'X' from partially initialized module 'a' (most likely due to a circular \
             import) ($/lib/a.py)",
        ),
    ] {
        let mut walk = Walk::new(minor);
        walk.write("lib/a.py", "import b\nX = 1\n");
        walk.write("lib/b.py", "from a import X\n");
        walk.sys_path("lib");
        assert_eq!(walk.import("a"), wanted, "3.{minor}");
    }
}

#[test]
fn only_attribute_errors_of_3_13_0_suspect_a_module_beside_the_script() {
    let mut walk = Walk::new(13);
    walk.write("n.py", "from n import V\n");
    walk.write("m.py", "import m\nm.V\n");
    walk.write("decimal.py", "import decimal\ndecimal.V\n");
    let root = Action::SysPath { path: EntryPath::root(), position: Position::First };
    walk.step(&root).unwrap();
    assert_eq!(
        walk.import("n"),
        "ImportError: cannot import name 'V' from partially initialized module 'n' (most likely due to a circular \
         import) ($/n.py)"
    );
    assert!(
        walk.import("m").contains("(consider renaming '$/m.py' if it has the same name as a third-party")
    );
    assert!(walk.import("decimal").contains("since it has the same name as the standard library module"));
}

/// Performs code on the model of a version, as a step that executes it.
fn exec(minor: u32, code: &str) -> String {
    let code = code.into();
    match Walk::new(minor).step(&Action::Exec { code, check: Check::Nothing }) {
        Ok(outcome) => outcome.to_string(),
        Err(problem) => problem.to_string(),
    }
}

#[test]
fn failing_code_has_the_line_that_every_cpython_tells() {
    let codes = [
        ("a = 1\n\nassert a == 2\n", Some(3)),
        ("def f():\n    raise ValueError\n\nf()\n", Some(2)),
        ("f = lambda: {}['a']\n\nf()\n", Some(1)),
        ("if True:\n    for key in ['a']:\n        {}[key]\n", Some(3)),
        ("import gone\n", Some(1)),
        ("[\n    1,\n    gone,\n]\n", None),
        ("try:\n    {}['a']\nexcept ValueError:\n    pass\n", None),
        ("try:\n    {}['a']\nexcept KeyError:\n    pass\nassert False\n", Some(5)),
    ];
    each_installation(|installation| {
        let minor = installation.identity.version.minor;
        let mut pair = Pair::start(installation, false).unwrap();
        for (code, wanted) in codes {
            let action = Action::Exec { code: code.into(), check: Check::Nothing };
            let Outcome::Failed { line, .. } = Walk::new(minor).step(&action).unwrap() else {
                panic!("{code}")
            };
            assert_eq!(line, wanted, "{code}");
            let steps = [(None, Step::Interpreter(action))];
            let compared = pair.compare(&steps, Nanos::SECOND, Nanos(1_000));
            compared.unwrap_or_else(|difference| panic!("{code}: {difference}"));
        }
    });
}

#[test]
fn modules_that_the_library_puts_into_sys_modules_itself_are_there() {
    let code = "import sys, importlib, os\n\
                assert 'importlib._bootstrap' in sys.modules and 'os.path' in sys.modules\n\
                import typing\n\
                assert 'typing.re' in sys.modules\n";
    assert_eq!(exec(12, code), "passed");
    assert_eq!(exec(13, code), "AssertionError");
}

#[test]
fn linecache_is_not_loaded_when_3_13_starts() {
    assert_eq!(exec(13, "import sys\nassert 'linecache' not in sys.modules\n"), "passed");
    let loads = "import inspect, sys\nassert 'linecache' in sys.modules\n";
    assert_eq!(exec(13, loads), "passed");
}

#[test]
fn modules_that_warn_and_directories_of_the_library_are_refused() {
    assert!(exec(11, "import imp\n").contains("whose import shows a warning"));
    assert!(exec(11, "import __pycache__\n").contains("that its tables leave out"));
}

#[test]
fn the_repr_of_a_library_module_is_refused() {
    assert!(
        exec(11, "import sys\nX = str(sys)\n").contains("the `repr` of a module of the standard library")
    );
}

#[test]
fn a_file_that_is_no_bytecode_has_a_bad_magic_number() {
    let mut walk = Walk::new(8);
    walk.write("lib/m.pyc", "V = 0\n");
    walk.sys_path("lib");
    assert_eq!(walk.import("m"), "ImportError: bad magic number in 'm': b'V = '");
}

#[test]
fn import_module_resolves_relative_names_and_refuses_empty_ones() {
    let call = |arguments: &str| format!("import importlib\nimportlib.import_module({arguments})\n");
    assert_eq!(exec(8, &call("''")), "ValueError: Empty module name");
    assert_eq!(exec(8, "__import__('')\n"), "ValueError: Empty module name");
    assert_eq!(exec(8, &call("'.s', 'p'")), "ModuleNotFoundError: No module named 'p'");
    assert_eq!(
        exec(8, &call("'.s'")),
        "TypeError: the 'package' argument is required to perform a relative import for '.s'"
    );
    for (minor, class) in [(8, "ValueError"), (9, "ImportError")] {
        let wanted = format!("{class}: attempted relative import beyond top-level package");
        assert_eq!(exec(minor, &call("'...s', 'p.q'")), wanted);
    }
}

#[test]
fn what_is_no_version_of_the_model_is_refused() {
    let identity = choose::built_in(Version::new(2, 7, 18)).identity;
    assert!(matches!(Model::start(&identity, true), Err(NoOutcome::Refused { .. })));
}

#[test]
fn code_nested_deeper_than_a_stack_is_refused() {
    let sum = |terms: usize| format!("A = 1{}\n", " + 1".repeat(terms));
    assert_eq!(exec(12, &sum(200)), "passed");
    for terms in [1_000, 3_000, 100_000] {
        assert!(exec(12, &sum(terms)).contains("code nested so deep"), "{terms}");
    }
    let nested = "def f(n):\n    return n and [f(m) for m in [n - 1]][0]\nf(1000)\n";
    assert!(exec(12, nested).contains("nested so deep"));
}

/// Found by random scenarios: the spec of a loaded module is one object, which the import system changes later.
#[test]
fn a_second_module_with_the_spec_of_one_that_is_being_imported_is_refused() {
    let mut walk = Walk::new(12);
    walk.write(
        "lib/n.py",
        "import importlib.util\nspec = importlib.util.find_spec('n')\nn = importlib.util.module_from_spec(spec)\n",
    );
    walk.sys_path("lib");
    let said = walk.import("n");
    assert!(said.contains("a second module with the spec of one that is being imported"), "{said}");
    let lazy = "import importlib.util, p\nspec = importlib.util.find_spec('p')\n\
                spec.loader = importlib.util.LazyLoader(spec.loader)\n";
    let mut walk = Walk::new(12);
    walk.write("lib/p.py", "");
    walk.sys_path("lib");
    let action = Action::Exec { code: lazy.into(), check: Check::Nothing };
    assert!(walk.step(&action).unwrap_err().to_string().contains("an attribute of a spec"));
}

#[test]
fn a_working_directory_that_is_gone_is_refused() {
    let mut walk = Walk::new(12);
    walk.write("lib/p.py", "");
    walk.step(&Action::ChangeDirectory(EntryPath::new("lib").expect("a path"))).expect("it passes");
    walk.world.perform(&Operation::Remove(EntryPath::new("lib").expect("a path"))).expect("it is there");
    let code = "import os\nos.getcwd()\n".into();
    let refused = walk.step(&Action::Exec { code, check: Check::Nothing }).unwrap_err();
    assert!(refused.to_string().contains("a working directory that is gone"), "{refused}");
}

/// Found by random scenarios.
#[test]
fn a_module_with_another_name_is_shown_by_that_of_its_spec_and_loaded_again_under_it() {
    let scenario = "title = 't'\nsetup = [\n\
                    { write = 'lib/n.py', text = 'V = 1' }, { sys-path = 'lib' },\n\
                    { write = 'lib/m.py', text = \"import n\\nn.__name__ = 'other'\\n\" }]\n[[test]]\nname = 't'\n\
                    steps = [{ import = 'm', expect = { \"n.__name__\" = 'other', V = 1 } }]\n[[test]]\nname = 'u'\n\
                    steps = [{ import = 'm', expect = { n = 1 } }]\n[[test]]\nname = 'v'\n\
                    steps = [{ import = 'n', names = ['gone'] }]\n[[test]]\nname = 'w'\n\
                    steps = [{ reload = 'n', expect = { __name__ = 'n' } }, { import = 'other' }]\n";
    let scenario = taster::scenario::parse(Path::new("t.toml"), scenario).expect("a scenario");
    each_installation(|installation| {
        let compared = compared_in_order(installation, &scenario);
        let said: Vec<String> = compared.outcomes[3..].iter().map(ToString::to_string).collect();
        assert!(said[0].contains("no attribute 'V'"), "{said:?}");
        assert!(said[1].contains("found <module 'n' from '$/lib/n.py'>"), "{said:?}");
        let from_other = installation.identity.version.minor == 6 || said[2].contains("from 'other'");
        assert!(from_other && said[2].contains("cannot import name 'gone'"), "{said:?}");
        assert_eq!(said[3..], ["passed", "ModuleNotFoundError: No module named 'other'"]);
    });
}

/// What both do in the tests of a scenario, one after the other; the model refuses none of it.
fn compared_in_order(installation: &Installation, scenario: &Scenario) -> Compared {
    let compared = in_order(installation, scenario);
    assert_eq!(compared.refused, None);
    compared
}

/// The same, as far as the model does not refuse.
fn in_order(installation: &Installation, scenario: &Scenario) -> Compared {
    let mut pair = Pair::start(installation, true).unwrap();
    let tests = scenario.tests.iter().enumerate();
    let own = tests.flat_map(|(at, test)| test.steps.iter().map(move |step| (Some(at), step.clone())));
    let setup = scenario.setup.iter().map(|step| (None, step.clone()));
    let steps: Vec<_> = setup.chain(own).collect();
    let compared = pair.compare(&steps, Nanos::SECOND, Nanos(1_000));
    compared.unwrap_or_else(|difference| panic!("{difference}"))
}

/// Found by random scenarios: what 3.13 says of a missing name depends on the working directory of the moment.
#[test]
fn a_module_in_the_working_directory_may_shadow_another() {
    let scenario = "title = 't'\nsetup = [\n\
                    { write = 'lib/m.py', text = \"import m\\nm.F\\n\" }, { write = 'm.py', text = \"import m\\nm.F\\n\" },\n\
                    { write = 'lib/p/__init__.py', text = \"import p\\np.Q\\n\" }, { sys-path = 'lib' }]\n[[test]]\nname = 't'\n\
                    steps = [{ import = 'm' }]\n[[test]]\nname = 'u'\nsteps = [{ chdir = 'lib' }, { import = 'm' }]\n\
                    [[test]]\nname = 'v'\nsteps = [{ import = 'p' }]\n[[test]]\nname = 'w'\n\
                    steps = [{ chdir = 'lib/p' }, { import = 'p' }]\n[[test]]\nname = 'x'\n\
                    steps = [{ sys-path = '.', position = 'first' }, { import = 'm' }]\n";
    let scenario = taster::scenario::parse(Path::new("t.toml"), scenario).expect("a scenario");
    each_installation(|installation| {
        let compared = compared_in_order(installation, &scenario);
        let failed = compared.outcomes.iter().filter(|outcome| outcome.is_failure()).count();
        assert_eq!(failed, 5, "{:?}", compared.outcomes);
    });
}

/// Found by random scenarios: whoever asks a lazily loaded module for its path gets to know that it has none, whatever `AttributeError`
/// its body raises; only a reload raises that.
#[test]
fn a_lazy_module_whose_body_raises_an_attribute_error_is_no_package() {
    let scenario = "title = 't'\nsetup = [\n\
                    { write = 'lib/m.py', text = \"class C:\\n    pass\\nC.gone\\n\" }, { sys-path = 'lib' }]\n\
           [[test]]\nname = 't'\nsteps = [{ import = 'm', lazy = true }, { import = 'm.x' }]\n\
           [[test]]\nname = 'u'\nsteps = [{ forget = 'm' }, { import = 'm', lazy = true }, { import = 'm', names = ['x'] }]\n";
    let scenario = taster::scenario::parse(Path::new("t.toml"), scenario).expect("a scenario");
    each_installation(|installation| {
        let compared = compared_in_order(installation, &scenario);
        let said: Vec<String> = compared.outcomes.iter().map(ToString::to_string).collect();
        assert!(said[3].contains("No module named 'm.x'; 'm' is not a package"), "{said:?}");
    });
}

/// Found by random scenarios: a reload that finds nothing takes the spec away, and the module still says where it came from.
#[test]
fn a_module_whose_reload_found_nothing_names_its_file() {
    let scenario = "title = 't'\nsetup = [{ write = 'lib/p/__init__.py' }, { write = 'lib/p/m.py' }, { sys-path = 'lib' }]\n\
           [[test]]\nname = 't'\nsteps = [{ import = 'p.m' }, { remove = 'lib/p/m.py' }, { invalidate-caches = true }, { reload = 'p.m' }]\n";
    let scenario = taster::scenario::parse(Path::new("t.toml"), scenario).expect("a scenario");
    each_installation(|installation| {
        // What the name `m` of `p` shows is compared.
        let compared = compared_in_order(installation, &scenario);
        assert!(!compared.outcomes[6].is_pass(), "{compared:?}");
    });
}

/// Found by random scenarios: bytecode in a directory that a link makes that of other sources too is nobody's for certain.
#[test]
fn bytecode_that_several_sources_may_have_is_refused() {
    let scenario = "title = 't'\nsetup = [{ write = 'lib/p/__init__.py' }, { sys-path = 'lib' },\n\
                    { symlink = 'lib/__pycache__', to = 'lib/p/__pycache__' }]\n\
           [[test]]\nname = 't'\nsteps = [{ import = 'p' }]\n";
    let scenario = taster::scenario::parse(Path::new("t.toml"), scenario).expect("a scenario");
    each_installation(|installation| {
        let compared = in_order(installation, &scenario);
        assert!(compared.refused.is_some(), "{compared:?}");
    });
}

/// Found by random scenarios: `runpy` wraps what finding a module below what is no package raises.
#[test]
fn running_a_module_below_what_is_no_package_says_what_was_raised() {
    each_installation(|installation| {
        let minor = installation.identity.version.minor;
        let mut pair = Pair::start(installation, true).unwrap();
        let text = "title = 't'\nsetup = [{ write = 'lib/m.py' }, { sys-path = 'lib' }]\n[[test]]\nname = 't'\n\
                    steps = [{ run-module = 'm.x' }]\n";
        let scenario = taster::scenario::parse(Path::new("t.toml"), text).expect("a scenario");
        let setup = scenario.setup.iter().map(|step| (None, step.clone()));
        let steps: Vec<_> = setup.chain([(Some(0), scenario.tests[0].steps[0].clone())]).collect();
        let compared = pair.compare(&steps, Nanos::SECOND, Nanos(1_000));
        let compared = compared.unwrap_or_else(|difference| panic!("{difference}"));
        assert_eq!(compared.refused.is_some(), minor == 6, "{compared:?}");
        let said = compared.outcomes.last().map(ToString::to_string).unwrap_or_default();
        assert!(minor == 6 || said.contains("Error while finding module specification for 'm.x'"), "{said}");
    });
}
