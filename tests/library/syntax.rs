//! Each interpreter of the machine compiles what its version has, and nothing else; nothing of it runs.

use crate::pythons::each_python;
use taster::interpreter::cpython::compiling::{PythonText, compile};

/// A text, the first and the last version that have it, and where others see the fault.
type Case = (PythonText<'static>, (u32, u32), (u32, u32), usize);

const TEXTS: [Case; 8] = [
    (PythonText::Statements("a = 1\nprint 'x'\n"), (2, 7), (2, 7), 2),
    (PythonText::Statements("match 1:\n    case 1: pass\n"), (3, 10), (9, 9), 1),
    (PythonText::Expression("(n := 1)"), (3, 8), (9, 9), 1),
    (PythonText::File("d = {}\na = f'{d['x']}'\n"), (3, 12), (9, 9), 2),
    (PythonText::Statements("\nasync = 1\n"), (2, 7), (3, 6), 2),
    (PythonText::Expression("1 +\n 1"), (2, 7), (9, 9), 0),
    (PythonText::File("# -*- coding: latin-1 -*-\na = 'x'\n"), (2, 7), (9, 9), 0),
    (PythonText::Statements("raise SystemExit(3)"), (2, 7), (9, 9), 0),
];

#[test]
fn each_version_compiles_what_it_has() {
    each_python(|installation| {
        let version = installation.identity.version.feature();
        let faults = compile(installation, &TEXTS.map(|(text, ..)| text)).unwrap();
        for ((text, first, last, line), fault) in TEXTS.iter().zip(&faults) {
            let has_it = (first..=last).contains(&&version);
            assert_eq!(fault.is_none(), has_it, "{text:?}: {fault:?}");
            assert!(fault.iter().all(|fault| fault.line == *line), "{text:?}: {fault:?}");
        }
    });
}
