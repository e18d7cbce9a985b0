//! The repair that proved a cause is what the report recommends, in steps that a scenario can write; and names that a module took
//! are told from modules that are held.

use std::path::Path;

use crate::pythons::asked_for;
use taster::cause::Cause;
use taster::interpreter::{Installation, Kind};
use taster::run::{Diagnosis, RunOptions, run};
use taster::scenario::{Scenario, parse, read};
use taster::verdict::Verdict;

fn judged(scenario: &Scenario, installation: &Installation) -> Verdict {
    let mut options = RunOptions::default();
    (options.diagnose, options.second_opinion, options.audit) = (Diagnosis::Full, false, 0);
    run(scenario, installation, &scenario.timestamps[0], &options, &|_| {}).unwrap()
}

/// A scenario and a part of the step that cures it.
const CURES: [(&str, &str); 18] = [
    ("scenarios/reported/cached-lookup.toml", "sys.modules['plugins'].names.cache_clear()"),
    ("scenarios/reported/chdir-at-import.toml", "{ chdir = \".\" }"),
    ("scenarios/reported/collections-alias.toml", "shim"),
    ("scenarios/reported/conftest-twice.toml", "sys.modules['conftest'] = sys.modules['tests.conftest']"),
    ("scenarios/reported/extended-path.toml", "{ forget = \"pkgns\" }"),
    (
        "scenarios/reported/locale-at-import.toml",
        "locale.setlocale(locale.LC_ALL, 'LC_CTYPE=C.UTF-8;LC_NUMERIC=C;",
    ),
    ("scenarios/reported/log-handler-twice.toml", "logging.Logger.manager.loggerDict.pop('handout', None)"),
    (
        "scenarios/reported/path-read-at-import.toml",
        "sys.modules['working_set'].ENTRIES = [os.path.abspath('dists')]",
    ),
    (
        "scenarios/reported/parent-attribute.toml",
        "setattr(sys.modules['wet'], 'server', sys.modules['wet.server'])",
    ),
    ("scenarios/reported/path-of-its-own.toml", "sys.modules['app.main.llm'] = sys.modules['app.llm']"),
    ("scenarios/reported/pickled-after-reimport.toml", "{ forget = \"scene\" }"),
    ("scenarios/reported/shadowed-by-submodule.toml", "{ forget = \"shapes\" }"),
    (
        "scenarios/reported/start-method.toml",
        "multiprocessing.context._default_context._actual_context = None",
    ),
    ("scenarios/reported/stub-captured.toml", "{ forget = \"skills\" }"),
    ("scenarios/reported/time-zone-at-import.toml", "os.environ.pop('TZ', None); time.tzset()"),
    ("scenarios/reported/utils-shadowed.toml", "if item != os.path.abspath('site/grid')]"),
    ("scenarios/reported/warnings-as-errors.toml", "if item != ('error', None, Warning, None, 0)]"),
    ("scenarios/stale-name.toml", "sys.modules['worker'].sleep = sys.modules['clock'].sleep"),
];

#[test]
fn what_proved_a_cause_is_recommended_and_enough_in_every_ordering() {
    asked_for(|installation| {
        for (file, wanted) in CURES {
            let scenario = read(Path::new(file)).unwrap();
            if !scenario.is_for(&installation.identity.version) {
                continue;
            }
            let verdict = judged(&scenario, installation);
            let label = &installation.identity.label;
            let declared = scenario.declarations.len();
            assert_eq!(verdict.findings.len(), declared, "{file} on {label}: {:?}", verdict.findings);
            for finding in &verdict.findings {
                let Some(recommended) = &finding.recommended else {
                    panic!("{file} on {label} recommends nothing: {:?}", finding.remedies)
                };
                assert!(recommended.step.contains(wanted), "{file} on {label}: {}", recommended.step);
                assert_eq!(
                    recommended.cures_everywhere,
                    Some(true),
                    "{file} on {label}: {}",
                    recommended.step
                );
            }
        }
    });
}

/// A module that takes names from another one, and a test that needs them to be one object; the other test is what its steps are.
fn taking(reader: &str, polluter: &str, victim: &str) -> Scenario {
    let text = format!(
        "title = 't'\npython = '>=3.4'\nsetup = [\n  {{ write = 'lib/clock.py', text = \"\"\"\ndef sleep():\n    return 1\n\"\"\" \
         }},\n  {{ write = 'lib/worker.py', text = \"\"\"\n{reader}\n\"\"\" }},\n  {{ sys-path = 'lib' }},\n]\n[clock]\ntimestamps = \
         ['1ns']\n[[test]]\nname = 'a'\nsteps = [{polluter}]\n[[test]]\nname = 'b'\nsteps = [{victim}]\n"
    );
    parse(Path::new("taking.toml"), &text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The body of the reader, the polluter, the victim, and what the cause is.
const TAKEN: [(&str, &str, &str, Cause); 7] = [
    // The module itself, which was loaded again.
    (
        "import clock",
        "{ import = 'worker' }, { forget = 'clock' }, { import = 'clock' }",
        "{ exec = 'import worker, clock; assert worker.clock is clock' }",
        Cause::StaleName,
    ),
    // Taken before the patch.
    (
        "from clock import sleep",
        "{ import = 'worker' }",
        "{ exec = 'import clock; clock.sleep = 2' }, { import = 'worker' }, { check = 'worker.sleep == 2' }",
        Cause::StaleName,
    ),
    // Under another name, by an assignment, by a star.
    (
        "from clock import sleep as nap",
        "{ import = 'worker' }",
        "{ exec = 'import clock; clock.sleep = 2' }, { import = 'worker' }, { check = 'worker.nap == 2' }",
        Cause::StaleName,
    ),
    (
        "import clock\nnap = clock.sleep",
        "{ import = 'worker' }",
        "{ exec = 'import clock; clock.sleep = 2' }, { import = 'worker' }, { check = 'worker.nap == 2' }",
        Cause::StaleName,
    ),
    (
        "from clock import *",
        "{ import = 'worker' }",
        "{ exec = 'import clock; clock.sleep = 2' }, { import = 'worker' }, { check = 'worker.sleep == 2' }",
        Cause::StaleName,
    ),
    // Taken during a patch, which is over.
    (
        "from clock import sleep",
        "{ exec = 'import clock; old = clock.sleep; clock.sleep = len; import worker; clock.sleep = old' }",
        "{ import = 'worker' }, { check = 'worker.sleep() == 1' }",
        Cause::StaleName,
    ),
    // Objects of a module that was loaded again: the earlier module is the cause.
    (
        "from clock import sleep",
        "{ import = 'worker' }, { reload = 'clock' }",
        "{ exec = 'import worker, clock; assert worker.sleep is clock.sleep' }",
        Cause::RetainedModule,
    ),
];

#[test]
fn a_name_that_a_module_took_is_told_from_a_module_that_is_held() {
    asked_for(|installation| {
        for (reader, polluter, victim, wanted) in TAKEN {
            let scenario = taking(reader, polluter, victim);
            if !scenario.is_for(&installation.identity.version) {
                continue;
            }
            let verdict = judged(&scenario, installation);
            let of_b: Vec<Cause> = verdict
                .findings
                .iter()
                .filter(|finding| finding.test == 1)
                .map(|finding| finding.cause)
                .collect();
            let about = format!("{reader}; {polluter} on {}", installation.identity.label);
            assert_eq!(of_b, [wanted], "{about}");
            if wanted == Cause::StaleName {
                let recommended = verdict.findings.iter().find_map(|finding| finding.recommended.as_ref());
                let step = recommended.map(|recommended| recommended.step.as_str()).unwrap_or_default();
                assert!(step.contains("sys.modules['worker']."), "{about}: {step}");
            }
        }
    });
}

/// Pieces of one kind are told apart: the setup, the polluter, the victim, the cause.
const TOLD_APART: [(&str, &str, &str, Cause); 18] = [
    // The module was loaded from what a link led to.
    (
        "{ write = 'one/app.py', text = 'V = 1' }, { write = 'two/app.py', text = 'V = 2' }, { symlink = 'lib', to = 'one' }",
        "{ import = 'app' }",
        "{ remove = 'lib' }, { symlink = 'lib', to = 'two' }, { import = 'app', expect = { V = 2 } }",
        Cause::RetainedModule,
    ),
    // The directory whose listing is stale is behind one.
    (
        "{ write = 'one/app.py' }, { touch = 'one', mtime = '2001-09-09T01:46:30Z' }, { symlink = 'lib', to = 'one' }",
        "{ import = 'nowhere', raises = 'ImportError' }",
        "{ write = 'one/late.py' }, { touch = 'one', mtime = '2001-09-09T01:46:30Z' }, { import = 'late' }",
        Cause::StaleDirectoryListing,
    ),
    // What somebody put into `sys.modules` was not left there by a package that failed.
    (
        "{ write = 'lib/models/__init__.py' }, { write = 'lib/models/run.py', text = 'RUN = 1' }",
        "{ exec = \"import sys, types; sys.modules['models.run'] = types.ModuleType('models.run')\" }",
        "{ import = 'models.run', names = ['RUN'] }",
        Cause::RetainedModule,
    ),
    // What a module holds was changed since it was loaded: it is no other module.
    (
        "{ write = 'lib/m.py', text = \"\"\"\nKNOWN = []\ndef add(name):\n    if name in KNOWN:\n        raise ValueError(name)\n    \
         KNOWN.append(name)\n\"\"\" }",
        "{ exec = \"import m; m.add('user')\" }",
        "{ exec = \"import m; m.add('user')\" }",
        Cause::ImportSideEffect,
    ),
    // The same where one file is imported under two names.
    (
        "{ write = 'lib/m.py', text = \"\"\"\nKNOWN = []\ndef add(name):\n    if name in KNOWN:\n        raise ValueError(name)\n    \
         KNOWN.append(name)\n\"\"\" }, { write = 'lib/shop/__init__.py' }, { write = 'lib/shop/metrics.py', text = \"import m; \
         m.add('orders')\" }, { sys-path = 'lib/shop' }",
        "{ import = 'shop.metrics' }",
        "{ import = 'metrics' }",
        Cause::DuplicateModule,
    ),
    // It was loaded where another module stood in for what it takes: it is another one.
    (
        "{ write = 'lib/real.py', text = \"\"\"\ndef get():\n    return 1\n\"\"\" }, { write = 'lib/m.py', text = 'from real import get' }",
        "{ exec = \"import sys, types; sys.modules['real'] = types.ModuleType('real'); sys.modules['real'].get = lambda: 2; import m; \
         del sys.modules['real']\" }",
        "{ import = 'm' }, { check = 'm.get() == 1' }",
        Cause::RetainedModule,
    ),
    // A module that another one got from code, which was loaded again since.
    (
        "{ write = 'lib/m.py', text = 'N = [1]' }, { write = 'lib/load.py', text = \"\"\"\nimport importlib, sys\nsys.modules.pop('m', \
         None)\nheld = importlib.import_module('m')\n\"\"\" }, { import = 'load' }",
        "{ exec = \"import sys; del sys.modules['m']; import m\" }",
        "{ exec = 'import load, m; load.held.N.append(2); assert m.N == [1, 2]' }",
        Cause::StaleName,
    ),
    // A file that was loaded anew under the name that it had, by another path, while nobody held the first module.
    (
        "{ write = 'real/m.py', text = 'N = []' }, { symlink = 'link', to = 'real' }, { sys-path = 'link' }, { exec = 'import m; \
         m.N.append(1)' }",
        "{ exec = \"import os, sys; del sys.modules['m']; sys.path.insert(0, os.path.abspath('real')); import m\" }",
        "{ exec = 'import m; assert m.N == [1], m.N' }",
        Cause::DuplicateModule,
    ),
    // What an import sets is nowhere to see, but importing decides.
    (
        "{ write = 'lib/m.py', text = \"\"\"\nimport functools\n@functools.singledispatch\ndef show(value):\n    raise \
         TypeError(value)\n\"\"\" }, { write = 'lib/more.py', text = \"\"\"\nimport m\n@m.show.register(int)\ndef show_int(value):\n    \
         return 1\n\"\"\" }",
        "{ import = 'more' }",
        "{ import = 'm' }, { check = 'm.show(2) == 1' }",
        Cause::ImportSideEffect,
    ),
    // A list of the library that somebody replaced by another one, and not what the first list got.
    (
        "{ write = 'lib/hook.py', text = \"\"\"\nimport sys\nfrom importlib.machinery import ModuleSpec\nclass Finder(object):\n    def \
         find_spec(self, name, path=None, target=None):\n        return ModuleSpec(name, self) if name == 'made' else None\n    def \
         create_module(self, spec):\n        return None\n    def exec_module(self, module):\n        pass\nsys.meta_path.insert(0, \
         Finder())\n\"\"\" }, { import = 'hook' }",
        "{ exec = 'import sys; sys.meta_path = sys.meta_path[1:]' }",
        "{ import = 'made' }",
        Cause::ImportSideEffect,
    ),
    // What handles a signal, and how deep calls may be nested.
    (
        "{ write = 'lib/worker.py', text = \"\"\"\nimport signal\ndef stop(number, frame):\n    pass\nsignal.signal(signal.SIGTERM, \
         stop)\n\"\"\" }",
        "{ import = 'worker' }",
        "{ exec = 'import signal; assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL' }",
        Cause::ImportSideEffect,
    ),
    (
        "{ write = 'lib/worker.py', text = \"\"\"\nimport signal\ndef stop(number, frame):\n    pass\nsignal.signal(signal.SIGURG, \
         stop)\n\"\"\" }",
        "{ import = 'worker' }",
        "{ exec = 'import signal; assert signal.getsignal(signal.SIGURG) == signal.SIG_DFL' }",
        Cause::ImportSideEffect,
    ),
    // One that has no name.
    (
        "{ write = 'lib/worker.py', text = \"\"\"\nimport signal\nsignal.signal(signal.SIGRTMIN + 3, signal.SIG_IGN)\n\"\"\" }",
        "{ import = 'worker' }",
        "{ exec = 'import signal; assert signal.getsignal(signal.SIGRTMIN + 3) == signal.SIG_DFL' }",
        Cause::ImportSideEffect,
    ),
    (
        "{ write = 'lib/guard.py', text = 'import sys; sys.setrecursionlimit(150)' }, { write = 'lib/tree.py', text = \"\"\"\ndef \
         depth(n):\n    return n and 1 + depth(n - 1)\n\"\"\" }",
        "{ import = 'guard' }",
        "{ import = 'tree' }, { check = 'tree.depth(400) == 400' }",
        Cause::ImportSideEffect,
    ),
    // The module holds a class of another one that somebody imported anew: it has not changed itself.
    (
        "{ write = 'lib/m.py', text = 'class C: pass' }, { write = 'lib/keep.py', text = \"\"\"\nfrom m import C\nONE = \
         C()\n\"\"\" }",
        "{ import = 'keep' }, { forget = 'm' }, { import = 'm' }",
        "{ import = 'keep' }, { exec = 'import m; assert type(__import__(\"keep\").ONE) is m.C' }",
        Cause::RetainedModule,
    ),
    // A cache of a method, and one with a size.
    (
        "{ write = 'lib/m.py', text = \"\"\"\nimport functools\nN = [1]\nclass C:\n    @staticmethod\n    def get():\n        return \
         many()\n@functools.lru_cache(maxsize=2)\ndef many():\n    return len(N)\n\"\"\" }, { import = 'm' }",
        "{ check = 'm.C.get() == 1' }",
        "{ exec = 'import m; m.N.extend([1] if len(m.N) == 1 else [])' }, { check = 'm.many() == 2' }",
        Cause::ImportSideEffect,
    ),
    (
        "{ write = 'lib/m.py', text = \"\"\"\nimport functools\nN = [1]\nclass C:\n    @functools.lru_cache(maxsize=None)\n    def \
         many(self=None):\n        return len(N)\n\"\"\" }, { import = 'm' }",
        "{ check = 'm.C.many() == 1' }",
        "{ exec = 'import m; m.N.extend([1] if len(m.N) == 1 else [])' }, { check = 'm.C.many() == 2' }",
        Cause::ImportSideEffect,
    ),
    // A cache that has results in the passing ordering too is not what differs.
    (
        "{ write = 'lib/m.py', text = \"\"\"\nimport functools\nN = [1]\n@functools.lru_cache(maxsize=None)\ndef one():\n    return \
         1\none()\n\"\"\" }, { import = 'm' }",
        "{ exec = 'import m; m.N.append(2)' }",
        "{ check = 'm.one() and m.N == [1]' }",
        Cause::ImportSideEffect,
    ),
];

#[test]
fn what_belongs_to_a_module_that_the_passing_ordering_never_has_is_no_cause() {
    let text = r#"
title = 'An import hook that a test leaves behind blocks a module for the next'
python = '>=3.6'
setup = [
  { write = 'lib/blocker.py', text = """
import sys
class Blocker(object):
    def find_spec(self, name, path=None, target=None):
        if name == 'fast':
            raise ImportError(name)
sys.meta_path.insert(0, Blocker())
""" },
  { write = 'lib/fast.py' },
  { sys-path = 'lib' },
]
[clock]
timestamps = ['1ns']
[[test]]
name = 'without'
steps = [{ import = 'blocker' }]
[[test]]
name = 'with'
steps = [{ import = 'fast' }]
"#;
    let scenario = parse(Path::new("hook.toml"), text).unwrap_or_else(|problems| panic!("{problems}"));
    asked_for(|installation| {
        if !scenario.is_for(&installation.identity.version) || installation.identity.kind == Kind::Model {
            return;
        }
        let verdict = judged(&scenario, installation);
        let [finding] = &verdict.findings[..] else { panic!("{:?}", verdict.findings) };
        let about = format!("{:?} on {}", finding.evidence, installation.identity.label);
        assert_eq!(finding.cause, Cause::ImportSideEffect, "{about}");
        assert!(about.contains("sys.meta_path"), "{about}");
        let recommended = finding.recommended.as_ref().map(|recommended| recommended.step.as_str());
        let wanted =
            "sys.meta_path[:] = [item for item in sys.meta_path if type(item).__name__ != 'Blocker']";
        assert!(recommended.is_some_and(|step| step.contains(wanted)), "{recommended:?} on {about}");
    });
}

#[test]
fn two_pieces_that_fail_a_test_each_alone_are_repaired_together() {
    let scenario = read(Path::new("scenarios/reported/one-time-for-all-files.toml")).unwrap();
    asked_for(|installation| {
        if !scenario.is_for(&installation.identity.version) {
            return;
        }
        let verdict = judged(&scenario, installation);
        let finding = verdict.findings.iter().find(|finding| finding.test == 0).unwrap();
        let about = format!("{:?} on {}", finding.evidence, installation.identity.label);
        assert_eq!(finding.cause, Cause::RetainedModule, "{about}");
        assert!(about.contains("version.py") && about.contains(".pyc"), "{about}");
        let recommended = finding.recommended.as_ref().map(|recommended| recommended.step.as_str());
        let step = recommended.unwrap_or_default();
        assert!(step.starts_with("{ forget = \"version\" }, { remove = "), "{step:?} of {about}");
    });
}

#[test]
fn pieces_of_one_kind_are_told_apart() {
    asked_for(|installation| {
        for (setup, polluter, victim, wanted) in TOLD_APART {
            let text = format!(
                "title = 't'\npython = '>=3.6'\nsetup = [{{ sys-path = 'lib' }}, {setup}]\n[clock]\ntimestamps = ['1ns']\n\
                 [[test]]\nname = 'a'\nsteps = [{polluter}]\n[[test]]\nname = 'b'\nsteps = [{victim}]\n"
            );
            let scenario =
                parse(Path::new("apart.toml"), &text).unwrap_or_else(|problems| panic!("{problems}"));
            if !scenario.is_for(&installation.identity.version) {
                continue;
            }
            let verdict = judged(&scenario, installation);
            let about = format!("{setup} on {}", installation.identity.label);
            let Some(finding) = verdict.findings.iter().find(|finding| finding.test == 1) else {
                panic!("{about}: {:?}", verdict.findings)
            };
            assert_eq!(finding.cause, wanted, "{about}: {:?}", finding.evidence);
            let recommended = finding.recommended.as_ref().map(|recommended| &recommended.step);
            assert_eq!(
                recommended.is_some_and(|step| step.contains("cache_clear()")),
                setup.contains("many"),
                "{about}: {recommended:?}"
            );
        }
    });
}

/// A module in which a test sets 400 attributes, and what another test asserts about it.
fn with_many_attributes(asserted: &str) -> Scenario {
    let text = format!(
        "title = 't'\npython = '>=3.6'\nsetup = [{{ sys-path = 'lib' }}, {{ write = 'lib/m.py', text = 'it = iter([1, 2])' }}]\n\
         [clock]\ntimestamps = ['1ns']\n[[test]]\nname = 'a'\n\
         steps = [{{ exec = 'import m; next(m.it); [setattr(m, \"a%d\" % n, n) for n in range(400)]' }}]\n\
         [[test]]\nname = 'b'\nsteps = [{{ exec = 'import m; assert {asserted}' }}]\n"
    );
    parse(Path::new("own.toml"), &text).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn hundreds_of_attributes_of_a_module_take_few_trials() {
    asked_for(|installation| {
        if installation.identity.kind != Kind::CPython || installation.identity.version.major < 3 {
            return;
        }
        // Only loading the module anew helps; one of the attributes decides; two of them do.
        let decided = [
            ("next(m.it) == 1", "what m holds"),
            ("not hasattr(m, \"a217\")", "m.a217: absent -> 217"),
            ("not hasattr(m, \"a217\") and not hasattr(m, \"a31\")", "m.a217: absent -> 217"),
        ];
        for (asserted, wanted) in decided {
            let verdict = judged(&with_many_attributes(asserted), installation);
            let finding = verdict.findings.iter().find(|finding| finding.test == 1).unwrap();
            let about = format!("{asserted} on {}: {:?}", installation.identity.label, finding.evidence);
            assert_eq!(finding.cause, Cause::ImportSideEffect, "{about}");
            assert!(finding.evidence.iter().any(|fact| fact.value.contains(wanted)), "{about}");
            assert!(finding.evidence.len() <= 2, "{about}");
            assert!(verdict.runs < 150, "{} runs: {about}", verdict.runs);
        }
    });
}

#[test]
fn hundreds_of_pieces_beside_a_module_that_was_changed_take_few_trials() {
    // Nobody can put back how far an iterator is: only loading the module anew helps.
    let text = "title = 't'\npython = '>=3.6'\nsetup = [{ sys-path = 'lib' }, { write = 'lib/m.py', text = 'it = iter([1, 2])' }]\n\
                [clock]\ntimestamps = ['1ns']\n[[test]]\nname = 'a'\n\
                steps = [{ exec = 'import m, string; next(m.it); [setattr(string, \"a%d\" % n, n) for n in range(400)]' }]\n\
                [[test]]\nname = 'b'\nsteps = [{ exec = 'import m; assert next(m.it) == 1' }]\n";
    let scenario = parse(Path::new("many.toml"), text).unwrap_or_else(|problems| panic!("{problems}"));
    asked_for(|installation| {
        let real = installation.identity.kind == Kind::CPython;
        if !real || !scenario.is_for(&installation.identity.version) {
            return;
        }
        let verdict = judged(&scenario, installation);
        let about = format!("{:?} on {}", verdict.findings, installation.identity.label);
        let finding = verdict.findings.iter().find(|finding| finding.test == 1);
        assert_eq!(finding.map(|finding| finding.cause), Some(Cause::ImportSideEffect), "{about}");
        assert!(verdict.runs < 250, "{} runs: {about}", verdict.runs);
    });
}

/// Objects that somebody replaced and that no text says: the first version of Python 3 that has the cure, the setup, the polluter, the
/// victim, and a part of the step that cures it.
const REPLACED: [(u32, &str, &str, &str, &str); 9] = [
    // What a module's body made is made anew.
    (
        6,
        "{ write = 'lib/fast.py', text = \"\"\"\nimport json\ndef patch():\n    json.dumps = repr\n\"\"\" }",
        "{ exec = 'import fast; fast.patch()' }",
        "{ exec = \"import json; assert json.dumps(None) == 'null'\" }",
        "importlib.reload(json)",
    ),
    (
        6,
        "{ write = 'lib/fast.py', text = \"\"\"\nimport json\nclass Encoder(json.JSONEncoder):\n    def default(self, o):\n        return \
         str(o)\njson._default_encoder = Encoder()\n\"\"\" }, { import = 'json' }",
        "{ import = 'fast' }",
        "{ exec = 'import json; json.dumps(object())', raises = 'TypeError' }",
        "{ reload = \"json\" }",
    ),
    // A finder that a list has lost is put there again by the module that has its class.
    (
        6,
        "{ write = 'lib/hook.py', text = \"\"\"\nimport sys\nfrom importlib.machinery import ModuleSpec\nclass Finder(object):\n    def \
         find_spec(self, name, path=None, target=None):\n        return ModuleSpec(name, self) if name == 'made' else None\n    def \
         create_module(self, spec):\n        return None\n    def exec_module(self, module):\n        pass\nsys.meta_path.insert(0, \
         Finder())\n\"\"\" }, { import = 'hook' }",
        "{ exec = 'import sys; sys.meta_path = sys.meta_path[1:]' }",
        "{ import = 'made' }",
        "{ reload = \"hook\" }",
    ),
    // One that code of a step has put there is taken out.
    (
        6,
        "{ write = 'lib/m.py' }",
        "{ exec = \"\"\"\nimport sys\nclass Block(object):\n    def find_spec(self, name, path=None, target=None):\n        if name == \
         'm':\n            raise ImportError('blocked')\nsys.meta_path = [Block()] + sys.meta_path\n\"\"\" }",
        "{ import = 'm' }",
        "if type(item).__name__ != 'Block']",
    ),
    (
        10,
        "{ write = 'lib/any.py', text = \"\"\"\nimport codecs\ndef search(name):\n    return codecs.lookup('latin-1') if name != \
         'latin-1' else None\n\"\"\" }",
        "{ exec = 'import any, codecs; codecs.register(any.search)' }",
        "{ exec = \"'x'.encode('no-such')\", raises = 'LookupError' }",
        "codecs.unregister(sys.modules['any'].search)",
    ),
    // Objects that Python has elsewhere too.
    (
        9,
        "{ import = 'time' }",
        "{ exec = 'import time; time.time = lambda: 7' }",
        "{ exec = 'import time; assert time.time() != 7' }",
        "time.time = importlib.util.module_from_spec(time.__spec__).time",
    ),
    (
        6,
        "{ write = 'lib/m.py' }",
        "{ exec = 'import builtins; builtins.open = None' }",
        "{ exec = \"open('lib/m.py').close()\" }",
        "builtins.open = io.open",
    ),
    (
        6,
        "{ write = 'lib/m.py' }",
        "{ exec = \"import os; os.getcwd = lambda: '/nowhere'\" }",
        "{ exec = \"import os; assert os.getcwd() != '/nowhere'\" }",
        "os.getcwd = posix.getcwd",
    ),
    (
        6,
        "{ write = 'lib/m.py' }",
        "{ exec = 'import sys; sys.stdout = None' }",
        "{ exec = \"import sys; sys.stdout.write('x')\" }",
        "sys.stdout = sys.__stdout__",
    ),
];

#[test]
fn objects_that_somebody_replaced_are_put_back_from_where_python_has_them() {
    asked_for(|installation| {
        let version = installation.identity.version;
        if version.major < 3 || installation.identity.kind == Kind::Model {
            return;
        }
        for (first, setup, polluter, victim, wanted) in REPLACED {
            if version.minor < first {
                continue;
            }
            let text = format!(
                "title = 't'\nsetup = [\n  {{ sys-path = 'lib' }},\n  {setup},\n]\n[clock]\ntimestamps = ['1ns']\n[[test]]\nname = \
                 'a'\nsteps = [{polluter}]\n[[test]]\nname = 'b'\nsteps = [{victim}]\n"
            );
            let scenario =
                parse(Path::new("replaced.toml"), &text).unwrap_or_else(|problems| panic!("{problems}"));
            let verdict = judged(&scenario, installation);
            let about = format!("{polluter} on {}", installation.identity.label);
            let [finding] = verdict.findings.as_slice() else { panic!("{about}: {:?}", verdict.findings) };
            assert_eq!(finding.cause, Cause::ImportSideEffect, "{about}");
            let Some(recommended) = &finding.recommended else {
                panic!("{about} recommends nothing: {:?}", finding.remedies)
            };
            assert!(recommended.step.contains(wanted), "{about}: {}", recommended.step);
            assert_eq!(recommended.cures_everywhere, Some(true), "{about}: {}", recommended.step);
        }
    });
}
