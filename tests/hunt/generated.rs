//! A generated suite: 20 files of 100 tests, three hidden pairs.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Polluter and victim as file and number; the victim of the second comes first in the order given.
pub(crate) const PAIRS: [((usize, usize), (usize, usize)); 3] =
    [((1, 17), (14, 80)), ((18, 3), (2, 50)), ((7, 10), (7, 90))];

/// The node id.
pub(crate) fn name((file, test): (usize, usize)) -> String {
    format!("test_{file:02}.py::test_{test:03}")
}

/// Writes the suite into a folder.
pub(crate) fn write_suite(folder: &Path) -> std::io::Result<()> {
    fs::write(folder.join("pytest.ini"), "[pytest]\n")?;
    fs::write(folder.join("shared.py"), "left = set()\n")?;
    for file in 0..20 {
        let mut text = String::from("import shared\n");
        for test in 0..100 {
            let body = PAIRS.iter().enumerate().find_map(|(pair, (polluter, victim))| {
                let here = (file, test);
                (here == *polluter)
                    .then(|| format!("shared.left.add({pair})"))
                    .or_else(|| (here == *victim).then(|| format!("assert {pair} not in shared.left")))
            });
            let body = body.unwrap_or_else(|| "pass".to_owned());
            let _infallible = write!(text, "\n\ndef test_{test:03}():\n    {body}\n");
        }
        fs::write(folder.join(format!("test_{file:02}.py")), text)?;
    }
    Ok(())
}
