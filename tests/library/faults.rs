//! Module code that breaks its own process: each kind has its outcome, the rest continues, and nothing is left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::not_run;
use crate::pythons::{Walk, any_python, each_python, exec, import, path, walk};
use crate::starting::with_caches;
use taster::interpreter::cpython::Program;
use taster::interpreter::{Crash, Installation, Interpreter, Keep, Landing, Outcome};
use taster::world::{Content, Nanos, Node};

/// Performs a module of this body in a copy of a state, then in the state itself, with a good module after each.
fn meets(installation: &Installation, body: &str, expect: impl Fn(&Landing)) {
    meets_within(installation, Program::default(), body, expect);
}

fn meets_within(installation: &Installation, program: Program, body: &str, expect: impl Fn(&Landing)) {
    let home = {
        // What it keeps for later sessions ends with it.
        let installation = with_caches(installation, Path::new("/nowhere"));
        let mut walk = walk(&installation, program, Nanos::SECOND);
        let home = home_of(&mut walk);
        walk.mkdir("d").sys_path("d").write("d/bad.py", body).write("d/good.py", "a = 0\n");
        let before = walk.world.clone();
        expect(&walk.descend(&import("bad"), Keep::State));
        walk.python.ascend().unwrap();
        walk.world = before.clone();
        walk.passes(&import("good"));
        walk.world = before;
        let landing = walk.step(&import("bad"));
        expect(&landing);
        if !matches!(landing.outcome, Outcome::Passed | Outcome::Failed { .. }) {
            walk.passes(&import("good"));
        }
        home
    };
    assert_nothing_is_left(&home);
}

/// The directory that holds all that an interpreter needs on disk.
fn home_of(walk: &mut Walk) -> PathBuf {
    // Letter by letter, for output has `$` instead of it.
    let root =
        walk.descend(&exec("import os\nprint(' '.join(os.getcwd()))"), Keep::State).output.replace(' ', "");
    walk.python.ascend().unwrap();
    Path::new(root.trim()).parent().unwrap().to_owned()
}

fn processes_of(home: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir("/proc") else {
        not_run::say("without /proc nobody knows which processes are left");
        return Vec::new();
    };
    let home = home.to_str().unwrap();
    let lines = entries.flatten().filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(home))
        .collect()
}

fn assert_nothing_is_left(home: &Path) {
    assert_eq!(processes_of(home), Vec::<String>::new());
    assert!(!home.exists(), "{} is left", home.display());
}

fn crashed(crash: Crash) -> impl Fn(&Landing) {
    move |landing| assert_eq!(landing.outcome, Outcome::Crashed(crash.clone()), "{}", landing.output)
}

fn failed(class: &'static str) -> impl Fn(&Landing) {
    move |landing| {
        let is_it = matches!(&landing.outcome, Outcome::Failed { exception, .. } if exception == class);
        assert!(is_it, "{} {}", landing.outcome, landing.output);
    }
}

fn passed(landing: &Landing) {
    assert_eq!(landing.outcome, Outcome::Passed, "{}", landing.output);
}

#[test]
fn a_segmentation_fault_is_a_crash() {
    each_python(|python| {
        let body = "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n";
        meets(python, body, crashed(Crash::Signal(11)));
    });
}

#[test]
fn an_exit_is_a_crash() {
    each_python(|python| {
        meets(python, "import os\nos._exit(0)\n", crashed(Crash::Exit(0)));
        meets(python, "import os\nos._exit(3)\n", crashed(Crash::Exit(3)));
    });
}

#[test]
fn exceptions_that_end_programs_are_failures() {
    each_python(|python| {
        meets(python, "raise SystemExit\n", failed("SystemExit"));
        meets(python, "raise KeyboardInterrupt\n", failed("KeyboardInterrupt"));
    });
}

#[test]
fn an_endless_loop_times_out() {
    each_python(|python| {
        let program = Program { step_timeout: Duration::from_millis(700), ..Program::default() };
        meets_within(python, program, "while True: pass\n", |landing| {
            assert_eq!(landing.outcome, Outcome::TimedOut);
        });
    });
}

#[test]
fn an_endless_recursion_is_a_failure() {
    each_python(|python| {
        let class = if python.identity.version.major == 2 { "RuntimeError" } else { "RecursionError" };
        meets(python, "def f(): f()\nf()\n", failed(class));
    });
}

#[test]
fn output_is_drained_and_bounded() {
    any_python(|python| {
        let body = "import sys\nfor _ in range(100): sys.stdout.write('x' * (1 << 20))\n";
        meets(python, body, |landing| {
            passed(landing);
            assert!((1 << 16..1 << 17).contains(&landing.output.len()), "{}", landing.output.len());
            assert!(landing.output.ends_with("left out]\n"));
        });
    });
}

#[test]
fn without_descriptors_the_interpreter_no_longer_answers() {
    each_python(|python| {
        meets(python, "import os\nos.closerange(0, 4096)\n", crashed(Crash::Lost));
    });
}

#[test]
fn nonsense_on_the_agents_own_descriptor_is_no_answer() {
    any_python(|python| {
        for said in ["hello, world, hello", "R9999999999:", "R0000000003:1:p0:0:"] {
            meets(python, &written_everywhere(said), crashed(Crash::Lost));
        }
    });
}

/// A module that writes to every descriptor that is a pipe, but for standard output and error.
fn written_everywhere(said: &str) -> String {
    format!(
        "import os\n\
         for name in sorted(os.listdir('/proc/self/fd')):\n    \
             try:\n        \
                 if int(name) > 2: os.write(int(name), b'{said}' + b'\\0' * 64)\n    \
             except OSError: pass\n"
    )
}

#[test]
fn a_state_whose_process_was_killed_is_made_again() {
    any_python(|python| {
        meets(python, "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n", |landing| {
            assert!(landing.outcome == Outcome::Passed || landing.outcome == Outcome::Crashed(Crash::Lost));
        });
    });
}

#[test]
fn a_child_that_stays_ends_with_its_state() {
    each_python(|python| {
        meets(python, "import os, time\nif os.fork() == 0:\n    time.sleep(1000)\n", passed);
        meets(python, "import os\nos.fork()\n", passed);
    });
}

#[test]
fn a_deleted_directory_comes_back_empty() {
    each_python(|python| {
        let body = "import os, shutil\nshutil.rmtree(os.getcwd())\n";
        // Confined, it can be emptied, but the directory around it is another's.
        let class = if python.identity.version.major == 2 { "OSError" } else { "PermissionError" };
        meets(python, body, |landing| {
            failed(class)(landing);
            assert_eq!(landing.world.entries().count(), 1);
            assert!(landing.wrote_files);
        });
        meets(&python.clone().unconfined(), body, |landing| {
            passed(landing);
            assert_eq!(landing.world.entries().count(), 1);
            assert!(landing.wrote_files);
        });
    });
}

#[test]
fn another_working_directory_lasts_as_long_as_its_state() {
    each_python(|python| {
        let mut walk = walk(python, Program::default(), Nanos::SECOND);
        walk.mkdir("d").sys_path("d").write("d/bad.py", "import os\nos.chdir('/')\n");
        walk.descend(&import("bad"), Keep::State);
        let here = exec("import os\nprint(os.getcwd())");
        assert_eq!(walk.descend(&here, Keep::State).output, "/\n");
        walk.python.ascend().unwrap();
        walk.python.ascend().unwrap();
        assert_ne!(walk.descend(&here, Keep::State).output, "/\n");
    });
}

#[test]
fn an_emptied_table_of_modules_is_the_modules_own_problem() {
    each_python(|python| {
        meets(python, "import sys\nsys.modules.clear()\n", |landing| {
            assert!(
                !matches!(landing.outcome, Outcome::Crashed(_) | Outcome::TimedOut),
                "{}",
                landing.outcome
            );
        });
    });
}

#[test]
fn a_replaced_import_function_is_met_by_later_imports_only() {
    each_python(|python| {
        let module = if python.identity.version.major == 2 { "__builtin__" } else { "builtins" };
        let body = format!("import {module}\n{module}.__import__ = None\n{module}.open = None\n");
        meets(python, &body, passed);
        let mut walk = walk(python, Program::default(), Nanos::SECOND);
        walk.mkdir("d").sys_path("d").write("d/bad.py", &body).passes(&import("bad"));
        failed("TypeError")(&walk.step(&import("other")));
    });
}

#[test]
fn files_and_names_that_are_not_utf8_are_kept() {
    each_python(|python| {
        let body = "open('x.py', 'wb').write(b'\\xff')\nopen(b'\\xfe\\xff', 'wb').close()\n";
        meets(python, body, |landing| {
            passed(landing);
            let content = Content::Bytes(vec![0xFF].into());
            let node = landing.world.get(&path("x.py"));
            assert!(matches!(node, Some(Node::File { content: found, .. }) if *found == content), "{node:?}");
            assert!(landing.wrote_files);
            let mut walk = walk(python, Program::default(), Nanos::SECOND);
            walk.world = landing.world.clone();
            let names = "import os\nassert b'\\xfe\\xff' in os.listdir(os.getcwd().encode('ascii'))";
            walk.passes(&exec(names));
        });
    });
}

#[test]
fn a_link_is_recorded_and_not_followed() {
    each_python(|python| {
        meets(
            python,
            "import os\nos.symlink('/etc', 'd/link')\nos.symlink(os.getcwd(), 'self')\n",
            |landing| {
                passed(landing);
                let below = landing.world.entries().filter(|(entry, _)| entry.is_below(&path("d/link")));
                assert_eq!(below.count(), 0);
                let node = landing.world.get(&path("d/link"));
                assert!(matches!(node, Some(Node::Link { target }) if **target == *b"/etc"), "{node:?}");
            },
        );
    });
}

#[test]
fn what_no_world_can_hold_is_removed() {
    any_python(|python| {
        meets(python, "import os\nos.mkfifo('pipe')\n", |landing| {
            passed(landing);
            assert_eq!(landing.world.get(&path("pipe")), None);
            assert!(landing.wrote_files);
        });
    });
}

#[test]
fn when_taster_is_killed_its_agents_end() {
    any_python(|_| {
        let this = std::env::current_exe().unwrap();
        let arguments = ["--exact", "--ignored", "--nocapture", "faults::what_is_killed_in_another_test"];
        let mut command = std::process::Command::new(this);
        let mut child = command.args(arguments).stdout(std::process::Stdio::piped()).spawn().unwrap();
        let output = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut lines = std::io::BufRead::lines(output).map_while(Result::ok);
        let home = lines.find_map(|line| line.split_once("home ").map(|(_, home)| PathBuf::from(home)));
        let home = home.unwrap();
        assert!(!processes_of(&home).is_empty());
        child.kill().unwrap();
        child.wait().unwrap();
        let deadline = Instant::now() + Duration::from_mins(1);
        while (!processes_of(&home).is_empty() || home.exists()) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_nothing_is_left(&home);
    });
}

#[test]
#[ignore = "run by when_taster_is_killed_its_agents_end, which kills it"]
fn what_is_killed_in_another_test() {
    any_python(|python| {
        let mut walk = walk(python, Program::default(), Nanos::SECOND);
        println!("home {}", home_of(&mut walk).display());
        walk.step(&exec("import os\nos.fork()\nwhile True: pass"));
    });
}
