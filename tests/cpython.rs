//! Real CPythons through the trait `Interpreter`: what steps do, and what they leave.

mod pythons;

use pythons::{each_python, import, walk};
use taster::interpreter::Outcome;
use taster::interpreter::cpython::Program;
use taster::world::Nanos;

#[test]
fn the_ten_line_program_fails_at_one_second_and_not_at_a_microsecond() {
    each_python(|installation| {
        for (tick, coarse) in [(Nanos::SECOND, true), (Nanos(1), false)] {
            let mut walk = walk(installation, Program::default(), tick);
            walk.mkdir("d").sys_path("d");
            walk.write("d/a.py", "a = 0\n").passes(&import("a"));
            let outcome = walk.write("d/b.py", "").step(&import("b")).outcome;
            let old = installation.identity.version.major == 2;
            if coarse && !old {
                let class = if installation.identity.version.feature() < (3, 6) {
                    "ImportError"
                } else {
                    "ModuleNotFoundError"
                };
                assert_eq!(outcome.to_string(), format!("{class}: No module named 'b'"));
            } else {
                assert_eq!(outcome, Outcome::Passed);
            }
        }
    });
}

#[test]
fn equal_states_have_equal_fingerprints_and_others_do_not() {
    each_python(|installation| {
        let mut walk = walk(installation, Program::default(), Nanos::SECOND);
        walk.mkdir("d").sys_path("d").write("d/a.py", "a = 0\n").write("d/b.py", "import a\nb = [a]\n");
        let print = |landing: taster::interpreter::Landing| landing.fingerprint.expect("it can be merged");
        let first = print(walk.descend(&import("a"), taster::interpreter::Keep::State));
        let second = print(walk.descend(&import("b"), taster::interpreter::Keep::State));
        assert_ne!(first.digest, second.digest);
        println!("{:#?}", walk.python);
    });
}
