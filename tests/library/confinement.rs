//! Steps write only below their own directory, connect nowhere and signal nobody outside; their limits hold. If this
//! system cannot confine, these tests say so and try nothing.

use std::fs;
use std::net::TcpListener;

use crate::not_run;
use crate::pythons::{Walk, any_python, each_python, exec, import, walk};
use taster::interpreter::cpython::{Program, gaps};
use taster::interpreter::{Crash, Installation, Interpreter, Keep, Outcome};
use taster::scenario::Limits;
use taster::world::Nanos;

/// Runs `test` on every interpreter, if steps can be confined here.
fn each_confined(test: impl Fn(&Installation)) {
    match gaps() {
        Some(gaps) => not_run::say(gaps),
        None => each_python(test),
    }
}

/// What one step of this code comes to in a copy of a state, which is as before then.
fn outcome_in_copy(walk: &mut Walk, code: &str) -> Outcome {
    let before = walk.world.clone();
    let outcome = walk.descend(&exec(code), Keep::State).outcome;
    walk.python.ascend().unwrap();
    walk.world = before;
    outcome
}

/// What one step of this code comes to with and without a way back.
fn outcome_of(python: &Installation, program: Program, code: &str) -> Outcome {
    let mut walk = walk(python, program, Nanos::SECOND);
    let outcome = outcome_in_copy(&mut walk, code);
    let afresh = walk.step(&exec(code));
    assert_eq!(outcome, afresh.outcome, "with and without a way back");
    walk.mkdir("d").sys_path("d").write("d/good.py", "a = 0\n").passes(&import("good"));
    outcome
}

/// A failure that names confinement in its message.
fn is_denied(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed { exception, message, .. }
        if ["PermissionError", "OSError", "IOError", "error"].contains(&exception.as_str())
            && message.contains("denied by taster"))
}

#[test]
fn nothing_outside_is_written() {
    each_confined(|python| {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("kept"), "kept").unwrap();
        fs::create_dir(outside.path().join("empty")).unwrap();
        let acts = [
            "open(OUT + '/new', 'w')",
            "open(OUT + '/kept', 'a')",
            "os.open(OUT + '/kept', os.O_RDONLY | os.O_TRUNC)",
            "os.remove(OUT + '/kept')",
            "os.rmdir(OUT + '/empty')",
            "os.mkdir(OUT + '/new')",
            "os.symlink('kept', OUT + '/new')",
            "os.rename(OUT + '/kept', OUT + '/moved')",
            "os.rename(OUT + '/kept', 'taken')",
            "os.mkfifo(OUT + '/new')",
            "open('own', 'w').close(); os.rename('own', OUT + '/new')",
            "open('link.txt', 'w').close(); os.link('link.txt', OUT + '/new')",
            "os.chdir(OUT); open('new', 'w')",
            "os.symlink(OUT, 'way'); open('way/new', 'w')",
            "open(os.path.join(os.getcwd(), '..', 'new'), 'w')",
        ];
        let mut walk = walk(python, Program::default(), Nanos::SECOND);
        for act in acts {
            let code = format!("import os\nOUT = {:?}\n{act}\n", outside.path());
            let outcome = outcome_in_copy(&mut walk, &code);
            assert!(is_denied(&outcome) || act.contains("way"), "{act}: {outcome}");
            assert!(outcome.is_failure(), "{act}: {outcome}");
        }
        assert_eq!(fs::read(outside.path().join("kept")).unwrap(), b"kept");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 2);
    });
}

#[test]
fn below_its_directory_a_step_may_do_what_it_likes() {
    each_confined(|python| {
        let code = "import os\n\
            os.makedirs('a/b')\n\
            open('a/b/f', 'w').close()\n\
            os.rename('a/b/f', 'g')\n\
            os.link('g', 'a/h')\n\
            os.symlink('g', 'l')\n\
            os.remove('a/h')\n\
            os.mkfifo('a/p')\n\
            os.utime('g', (1, 1))\n\
            open(os.devnull, 'w').write('x')\n\
            open(os.devnull, 'a').write('x')\n\
            open('/etc/passwd').read(1)\n\
            read, write = os.pipe()\n\
            os.write(write, b'x')\n\
            os.rmdir('a/b')\n";
        assert_eq!(outcome_of(python, Program::default(), code), Outcome::Passed);
    });
}

#[test]
fn a_child_that_a_step_starts_is_confined_too() {
    each_confined(|python| {
        let outside = tempfile::tempdir().unwrap();
        let code = format!(
            "import subprocess\nassert subprocess.call(['/bin/sh', '-c', 'echo > {}/new']) != 0\n",
            outside.path().display()
        );
        assert_eq!(outcome_of(python, Program::default(), &code), Outcome::Passed);
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    });
}

#[test]
fn no_connection_goes_out() {
    each_confined(|python| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        for act in [format!("s.connect(('127.0.0.1', {port}))"), "s.bind(('127.0.0.1', 0))".to_owned()] {
            let code = format!("import socket\ns = socket.socket()\n{act}\n");
            let outcome = outcome_of(python, Program::default(), &code);
            assert!(is_denied(&outcome), "{act}: {outcome}");
        }
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "somebody connected");
    });
}

#[test]
fn no_signal_goes_out() {
    each_confined(|python| {
        // Signal 0 asks whether one may signal; this process is one that survives the question being answered wrongly.
        let code = format!("import os\nos.kill({}, 0)\n", std::process::id());
        let outcome = outcome_of(python, Program::default(), &code);
        assert!(is_denied(&outcome), "{outcome}");
        let everybody = "import os, signal\nos.kill(-1, signal.SIGCONT)\n";
        assert_eq!(outcome_of(python, Program::default(), everybody), Outcome::Passed);
    });
}

#[test]
fn unconfined_steps_write_where_their_user_may() {
    each_python(|python| {
        let outside = tempfile::tempdir().unwrap();
        let code = format!("open({:?}, 'w').close()\n", outside.path().join("new"));
        assert_eq!(outcome_of(&python.clone().unconfined(), Program::default(), &code), Outcome::Passed);
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    });
}

fn limited(set: impl FnOnce(&mut Limits)) -> Program {
    let mut program = Program::default();
    set(&mut program.limits);
    program
}

#[test]
fn past_its_memory_a_step_fails() {
    each_python(|python| {
        let code = "x = bytearray(300 << 20)\n";
        assert_eq!(outcome_of(python, Program::default(), code), Outcome::Passed);
        let outcome = outcome_of(python, limited(|limits| limits.memory = 256 << 20), code);
        assert!(
            matches!(&outcome, Outcome::Failed { exception, .. } if exception == "MemoryError"),
            "{outcome}"
        );
    });
}

#[test]
fn past_its_file_size_a_step_fails() {
    each_python(|python| {
        let code = "f = open('f', 'wb', 0)\nfor _ in range(3): f.write(b'x' * 1000)\n";
        assert_eq!(outcome_of(python, Program::default(), code), Outcome::Passed);
        let outcome = outcome_of(python, limited(|limits| limits.file_size = 2000), code);
        assert!(outcome.is_failure(), "{outcome}");
    });
}

#[test]
fn past_its_processes_a_step_is_ended() {
    any_python(|python| {
        let start = "import os, time\nfor _ in range(5):\n    if os.fork() == 0:\n        time.sleep(1000)\n";
        let too_many = Outcome::Crashed(Crash::TooManyProcesses);
        assert_eq!(outcome_of(python, limited(|limits| limits.processes = 5), start), Outcome::Passed);
        let few = || limited(|limits| limits.processes = 4);
        assert_eq!(outcome_of(python, few(), start), too_many);
        let without_end = format!("{start}while True: pass\n");
        assert_eq!(outcome_of(python, few(), &without_end), too_many);
        // Each starts others, in groups of their own, but not without end: this machine is not the test's alone.
        let bomb =
            "import os, time\nfor _ in range(9):\n    os.fork()\n    os.setpgid(0, 0)\ntime.sleep(1000)\n";
        assert_eq!(outcome_of(python, limited(|limits| limits.processes = 100), bomb), too_many);
    });
}
