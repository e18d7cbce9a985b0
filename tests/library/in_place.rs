//! A look at a state that only imports have made: whether it is made in the process itself or in a copy, nothing differs after it.

use crate::pythons::{Walk, each_python, import, walk};
use taster::interpreter::cpython::Program;
use taster::interpreter::{Installation, Interpreter, Keep, Landing, Outcome};
use taster::scenario::Action;
use taster::world::Nanos;

/// Nothing but imports of code that binds names.
fn inert(installation: &Installation) -> Walk {
    walk(installation, Program { inert: true, ..Program::default() }, Nanos::SECOND)
}

/// What these steps come to, with some looks before each of them and after the last.
fn performed(
    installation: &Installation,
    looks: usize,
    steps: &[&dyn Fn(&mut Walk) -> Landing],
) -> Vec<Landing> {
    let mut walk = inert(installation);
    let mut landings = Vec::new();
    for step in steps {
        look(&mut walk, looks);
        landings.push(step(&mut walk));
    }
    look(&mut walk, looks);
    landings
}

fn look(walk: &mut Walk, looks: usize) {
    let views: Vec<_> = (0..looks).map(|_| walk.python.inspect().unwrap()).collect();
    assert!(views.windows(2).all(|pair| pair[0] == pair[1]), "looking changes nothing");
}

fn are_equal(with: &[Landing], without: &[Landing]) {
    for (with, without) in with.iter().zip(without) {
        assert_eq!(with.outcome, without.outcome);
        assert_eq!(with.fingerprint, without.fingerprint);
        assert_eq!(with.world, without.world);
    }
}

fn sys_path(at: &'static str) -> impl Fn(&mut Walk) -> Landing {
    move |walk| {
        let action =
            Action::SysPath { path: crate::pythons::path(at), position: taster::scenario::Position::Last };
        walk.descend(&action, Keep::State)
    }
}

/// Writes a file, then imports a module in a copy that is kept.
fn imports(at: &'static str, text: &'static str, module: &'static str) -> impl Fn(&mut Walk) -> Landing {
    move |walk| {
        walk.write(at, text);
        walk.descend(&import(module), Keep::State)
    }
}

#[test]
fn what_imports_have_made_is_the_same_after_a_look() {
    each_python(|installation| {
        let steps: [&dyn Fn(&mut Walk) -> Landing; 6] = [
            &sys_path("d"),
            &imports("d/m.py", "a = [1]\nclass C:\n    b = 2\n", "m"),
            &imports("d/p/__init__.py", "from p import late\n", "p"),
            &imports("d/ns/n.py", "", "ns.n"),
            &imports("d/late.py", "import m\n", "late"),
            &imports("d/absent.txt", "", "absent"),
        ];
        are_equal(&performed(installation, 2, &steps), &performed(installation, 0, &steps));
    });
}

/// What zipimport remembers of an archive is read anew to be seen, which a later entry for the same archive would notice.
#[test]
fn an_archive_is_as_remembered_after_a_look() {
    each_python(|installation| {
        let (before, after) = (&*archive(&["m.py"]).leak(), &*archive(&["m.py", "sub/n.py"]).leak());
        let late: [&dyn Fn(&mut Walk) -> Landing; 4] = [
            &sys_path("a.zip"),
            &imports("a.zip", before, "m"),
            &sys_path("a.zip/sub"),
            &imports("a.zip", after, "n"),
        ];
        let without = performed(installation, 0, &late);
        assert_ne!(without[3].outcome, Outcome::Passed, "the archive's listing is stale");
        are_equal(&performed(installation, 2, &late), &without);
        let soon: [&dyn Fn(&mut Walk) -> Landing; 2] =
            [&sys_path("a.zip/sub"), &imports("a.zip", after, "n")];
        assert_eq!(performed(installation, 2, &soon)[1].outcome, Outcome::Passed, "it is an archive");
    });
}

/// An archive of empty files.
fn archive(names: &[&str]) -> String {
    let word = |number: usize| String::from_utf8(vec![number as u8, 0]).unwrap();
    let long = |number: usize| word(number) + &word(0);
    let (mut files, mut listing) = (String::new(), String::new());
    for name in names {
        let at = long(files.len());
        // Flags, method, time, date, checksum, both sizes, lengths of the name and of nothing more.
        let rest =
            [word(0), word(0), word(0), word(33), long(0), long(0), long(0), word(name.len()), word(0)]
                .concat();
        files += &format!("PK\u{3}\u{4}{}{rest}{name}", word(20));
        listing += &format!(
            "PK\u{1}\u{2}{}{}{rest}{}{}{}{}{at}{name}",
            word(20),
            word(20),
            word(0),
            word(0),
            word(0),
            long(0)
        );
    }
    let count = word(names.len());
    let end = [long(0), count.clone(), count, long(listing.len()), long(files.len()), word(0)].concat();
    assert!(files.len() < 128 && listing.len() < 128, "numbers of one byte");
    format!("{files}{listing}PK\u{5}\u{6}{end}")
}
