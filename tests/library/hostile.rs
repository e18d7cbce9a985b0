//! Module code that works against taster: stops and kills processes, hides behind signals, removes functions, limits
//! and descriptors. Each has an outcome within its limits, and a good module after it is judged.

use std::time::Duration;

use crate::not_run;
use crate::pythons;
use crate::pythons::{Walk, each_python, import, walk};
use taster::interpreter::cpython::Program;
use taster::interpreter::{Crash, Installation, Interpreter, Keep, Outcome};
use taster::world::Nanos;

/// The oldest, the newest, and 2.7.
fn unlike_pythons(test: impl Fn(&Installation)) {
    each_python(|python| {
        if [(2, 7), (3, 6), (3, 13)].contains(&python.identity.version.feature()) {
            test(python);
        }
    });
}

/// Whether a version is late enough for the body.
fn is_from(python: &Installation, feature: (u32, u32)) -> bool {
    python.identity.version.feature() >= feature
}

fn program() -> Program {
    Program { step_timeout: Duration::from_secs(2), ..Program::default() }
}

/// What a module of this body comes to: in a copy, where the state before it must be as good as new; and in the state itself.
fn outcomes(walk: &mut Walk, body: &str) -> [Outcome; 2] {
    let start = walk.world.clone();
    walk.mkdir("d").sys_path("d").write("d/bad.py", body).write("d/good.py", "a = 0\n");
    let before = walk.world.clone();
    let in_a_copy = walk.descend(&import("bad"), Keep::State).outcome;
    walk.descend(&import("good"), Keep::State);
    walk.python.ascend().unwrap();
    walk.python.ascend().unwrap();
    walk.world = before.clone();
    let good = walk.descend(&import("good"), Keep::State).outcome;
    assert_eq!(good, Outcome::Passed, "after {body}");
    walk.python.ascend().unwrap();
    walk.world = before;
    let itself = walk.step(&import("bad")).outcome;
    walk.step(&import("good"));
    walk.world = start;
    [in_a_copy, itself]
}

/// Each body, tried on an interpreter of its own, comes to what is said of it, both ways.
fn come_to(bodies: &[&str], expect: impl Fn(&Outcome) -> bool) {
    unlike_pythons(|python| {
        for body in bodies {
            let mut walk = walk(python, program(), Nanos::SECOND);
            for outcome in outcomes(&mut walk, body) {
                assert!(expect(&outcome), "{}: {body}: {outcome}", python.identity.label);
            }
        }
    });
}

fn passes(outcome: &Outcome) -> bool {
    *outcome == Outcome::Passed
}

/// Ancestors of the process that are not taster's own, which is past what a step may signal.
const ANCESTORS: &str = "import os, signal\n\
def parent(pid):\n    return int(open('/proc/%d/stat' % pid).read().rsplit(')', 1)[1].split()[1])\n\
def ancestors():\n    pid = os.getppid()\n    while pid > 1:\n        above = parent(pid)\n        yield pid\n        pid = above\n";

#[test]
fn processes_that_a_step_stops_go_on() {
    let all = format!(
        "{ANCESTORS}for pid in ancestors():\n    try: os.kill(pid, signal.SIGSTOP)\n    except OSError: break\n"
    );
    come_to(
        &[
            "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\n",
            "import os, signal\nos.kill(-1, signal.SIGSTOP)\n",
            &all,
        ],
        passes,
    );
}

#[test]
fn a_step_that_stops_itself_times_out() {
    come_to(&["import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n"], |outcome| {
        *outcome == Outcome::TimedOut
    });
}

#[test]
fn processes_that_a_step_kills_are_made_again() {
    let all = format!(
        "{ANCESTORS}for pid in ancestors():\n    try: os.kill(pid, signal.SIGKILL)\n    except OSError: break\n"
    );
    come_to(&["import os, signal\nos.kill(-1, signal.SIGKILL)\n", &all], |outcome| {
        matches!(outcome, Outcome::Passed | Outcome::Crashed(Crash::Lost | Crash::Signal(9)))
    });
}

#[test]
fn a_parent_that_is_traced_goes_on() {
    let attach = "try:\n    import ctypes, os, time\nexcept ImportError:\n    pass\nelse:\n    \
                  ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)\n    time.sleep(0.05)\n";
    come_to(&[attach], passes);
}

#[test]
fn signals_are_the_steps_own() {
    let handler = |body: &str| format!("import os, signal\ndef handler(*_):\n    {body}\n");
    come_to(
        &[
            "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n",
            &(handler("os.wait()") + "signal.signal(signal.SIGCHLD, handler)\n"),
            &(handler("raise ValueError") + "signal.signal(signal.SIGCHLD, handler)\n"),
            "import signal\nif hasattr(signal, 'pthread_sigmask'):\n    \
                signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))\n",
            "import signal\nsignal.setitimer(signal.ITIMER_REAL, 5, 0.001)\n",
            &(handler("raise ValueError")
                + "signal.signal(signal.SIGALRM, handler)\nsignal.setitimer(signal.ITIMER_REAL, 5, 0.001)\n"),
        ],
        passes,
    );
}

#[test]
fn what_is_taken_away_is_missed_by_the_steps_alone() {
    let taken = "import os, posix, sys\n\
        for module in (os, posix):\n    \
            for name in list(vars(module)):\n        \
                if not name.startswith('__'): setattr(module, name, None)\n";
    come_to(
        &[
            taken,
            "import sys\nsys.modules['os'] = None\nsys.modules['posix'] = 3\n",
            "import sys\nsys.exc_info = sys.gettrace = sys.settrace = sys.getrecursionlimit = None\n",
            "import gc\ngc.disable = gc.collect = gc.get_objects = None\n",
            "import sys\nsys.path = 3\n",
            "import sys\nfor limit in range(5, 200):\n    try:\n        sys.setrecursionlimit(limit)\n        break\n    \
                except Exception: pass\n",
            "import atexit, os\natexit.register(os.abort)\n",
            "import sys\nfor stream in (sys.stdin, sys.stdout, sys.stderr): stream.close()\n",
            "import os\nfor descriptor in (0, 1, 2): os.close(descriptor)\n",
        ],
        passes,
    );
    let builtins = "import sys\n\
        namespace = vars(sys.modules.get('builtins') or sys.modules['__builtin__'])\n\
        for name in 'open compile exec len type repr isinstance sorted getattr dict list bytes range'.split():\n    \
            if name in namespace: namespace[name] = None\n";
    come_to(
        &[
            builtins,
            "import sys\nvars(sys.modules.get('builtins') or sys.modules['__builtin__']).clear()\n",
            "import sys\nsys.modules = None\n",
        ],
        |outcome| matches!(outcome, Outcome::Passed | Outcome::Failed { .. }),
    );
}

#[test]
fn functions_that_watch_and_raise_are_met_by_the_steps_alone() {
    come_to(
        &[
            "import sys\ndef raises(*_): raise ValueError\nsys.settrace(raises)\n",
            "import sys\ndef raises(*_): raise ValueError\nsys.setprofile(raises)\n",
            "import sys\ncount = [0]\ndef at_times(*_):\n    count[0] += 1\n    \
                if count[0] % 3 == 0: raise ValueError\n    return at_times\nsys.settrace(at_times)\n",
        ],
        |outcome| matches!(outcome, Outcome::Passed | Outcome::Failed { .. }),
    );
    let hook = "import sys\ndef hook(event, _):\n    raise RuntimeError(event)\n\
                if hasattr(sys, 'addaudithook'): sys.addaudithook(hook)\n";
    let monitor = "import sys\ndef raises(*_): raise ValueError\n\
        if hasattr(sys, 'monitoring'):\n    \
            sys.monitoring.use_tool_id(2, 'x')\n    \
            sys.monitoring.register_callback(2, sys.monitoring.events.PY_START, raises)\n    \
            sys.monitoring.set_events(2, sys.monitoring.events.PY_START)\n";
    come_to(&[hook, monitor], |outcome| matches!(outcome, Outcome::Passed | Outcome::Failed { .. }));
}

#[test]
fn an_audit_hook_hears_the_steps_and_not_the_agent() {
    each_python(|python| {
        if !is_from(python, (3, 8)) {
            return;
        }
        let mut walk = walk(python, program(), Nanos::SECOND);
        walk.mkdir("d").sys_path("d");
        walk.write(
            "d/heard.py",
            "import sys\nevents = []\nsys.addaudithook(lambda event, _: events.append(event))\n",
        );
        walk.write("d/good.py", "a = 0\n");
        walk.descend(&import("heard"), Keep::State);
        walk.descend(&import("good"), Keep::State);
        let code = "import heard\nassert 'import' in heard.events\n\
                    assert not [event for event in heard.events if event.startswith(('os.fork', 'os.kill', 'os.waitpid'))]\n";
        walk.passes(&pythons::exec(code));
    });
}

#[test]
fn limits_that_a_step_sets_are_its_own() {
    let limit = |which: &str, most: &str| {
        format!("import resource\nresource.setrlimit(resource.RLIMIT_{which}, ({most}, {most}))\n")
    };
    let bodies = [
        ("FSIZE", "0"),
        ("NOFILE", "0"),
        ("NPROC", "0"),
        ("CPU", "1"),
        ("AS", "1 << 20"),
        ("STACK", "1 << 14"),
    ]
    .map(|(which, most)| limit(which, most));
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    come_to(&bodies, passes);
    come_to(
        &[
            "import os\nos.umask(0o777)\n",
            "import os\nos.chdir('/')\n",
            "import os\nos.chmod('d', 0)\nos.chmod('.', 0)\n",
        ],
        passes,
    );
}

#[test]
fn another_root_or_user_is_the_steps_own() {
    if !rustix::process::geteuid().is_root() {
        not_run::say("only root can change the root directory and the user");
        return;
    }
    come_to(&["import os\nos.chroot('d')\n", "import os\nos.setuid(65534)\n"], passes);
}

#[test]
fn descriptors_that_become_others_cost_the_step() {
    let onto = |file: &str| {
        format!(
            "import os\nother = os.open({file}, os.O_RDWR | os.O_CREAT)\nfor each in range(1024):\n    if each != other: os.dup2(other, each)\n"
        )
    };
    come_to(&[&onto("os.devnull"), &onto("'file'")], |outcome| {
        matches!(outcome, Outcome::Crashed(_) | Outcome::TimedOut)
    });
}

#[test]
fn what_leaves_its_group_or_session_is_found() {
    come_to(
        &[
            "import os\nos.setpgid(0, os.getpgid(os.getppid()))\n",
            "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork(): os._exit(0)\n    time.sleep(1000)\nos.wait()\n",
            "import os\nif os.fork() == 0:\n    os.setsid()\n    while True: os.write(1, b'x' * 1000)\n",
            "import threading, time\ndef f():\n    while True: time.sleep(0.001)\nthreading.Thread(target=f).start()\n",
        ],
        passes,
    );
    come_to(&["import os\nos.setpgid(0, os.getpgid(os.getppid()))\nwhile True: pass\n"], |outcome| {
        *outcome == Outcome::TimedOut
    });
}

#[test]
fn odd_exceptions_are_failures() {
    let raising = "class E(Exception):\n    def __str__(self): raise ValueError\n    \
                   @property\n    def __class__(self): raise ValueError\nraise E\n";
    let text = "class S(str):\n    def encode(self, *_): raise ValueError\n    def __len__(self): raise ValueError\n\
                class E(Exception):\n    def __str__(self): return S('text')\nraise E\n";
    let meta = "class M(type):\n    def __getattribute__(cls, name): raise ValueError\nE = M('E', (Exception,), {})\nraise E\n";
    come_to(
        &[raising, text, meta, "class E(SystemExit): pass\nraise E(0)\n"],
        |outcome| matches!(outcome, Outcome::Failed { exception, .. } if exception == "E"),
    );
}

#[test]
fn a_large_value_takes_no_time_of_the_step() {
    come_to(&["x = bytearray(1 << 29)\n", "x = 'a' * (1 << 28)\n", "x = list(range(1000000))\n"], passes);
}
