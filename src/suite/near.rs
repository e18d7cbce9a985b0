//! Ids of tests that resemble one which is not there: the file seen from another directory, brackets or the class left out,
//! a misspelt name.

use std::cmp::Reverse;

/// The number of ids that are suggested.
const MOST: usize = 5;
/// How alike two names must be, from 0 to 1.
const ALIKE: f64 = 0.85;

/// The ids that may be meant, the likeliest first.
pub(super) fn near(wanted: &str, ids: &[&str]) -> Vec<String> {
    let wanted = wanted.trim().trim_end_matches("()");
    let mut ranked: Vec<(u32, &str)> =
        ids.iter().map(|id| (likeness(&IdParts::of(wanted), &IdParts::of(id)), *id)).collect();
    ranked.retain(|(likeness, _)| *likeness > 0);
    // Stable: where several are as likely, they stay in the suite's order.
    ranked.sort_by_key(|(likeness, _)| Reverse(*likeness));
    let best = ranked.first().map_or(0, |(likeness, _)| *likeness);
    // Where one kind of resemblance explains it, weaker ones only distract.
    let likely = ranked.into_iter().filter(|(likeness, _)| likeness / 100 == best / 100);
    likely.take(MOST).map(|(_, id)| id.to_owned()).collect()
}

/// The parts of a test's id.
struct IdParts<'a> {
    file: &'a str,
    /// The class, or several of them.
    classes: &'a str,
    /// The name of the function.
    own: &'a str,
    /// The parameters with their brackets, or nothing.
    parameters: &'a str,
}

impl<'a> IdParts<'a> {
    fn of(id: &'a str) -> Self {
        let end = id.find('[').unwrap_or(id.len());
        let (plain, parameters) = id.split_at(end);
        let (file, inside) = match plain.split_once("::") {
            Some(parts) => parts,
            None if plain.contains(['/', '.']) => (plain, ""),
            None => ("", plain),
        };
        let (classes, own) = inside.rsplit_once("::").unwrap_or(("", inside));
        Self { file, classes, own, parameters }
    }

    /// Whether one file is the other as seen from another directory, or none was written.
    fn may_be_in(&self, other: &Self) -> bool {
        let ends = |long: &str, short: &str| {
            long == short || long.strip_suffix(short).is_some_and(|rest| rest.ends_with('/'))
        };
        let (one, other) = (self.file.trim_start_matches("./"), other.file);
        one.is_empty() || ends(one, other) || ends(other, one)
    }
}

/// How likely the one is meant by the other: the hundreds say by which kind of slip.
fn likeness(wanted: &IdParts<'_>, test: &IdParts<'_>) -> u32 {
    let same_file = wanted.may_be_in(test);
    let same_class = wanted.classes == test.classes;
    let parameters = wanted.parameters == test.parameters;
    if wanted.own.is_empty() || test.own.is_empty() {
        return 0;
    }
    if wanted.own == test.own {
        let one_left_out = wanted.classes.is_empty() || same_class;
        return match (same_file, one_left_out, wanted.parameters.is_empty() || parameters) {
            (true, true, true) => 500,
            (true, true, false) => 400,
            (true, false, _) => 350,
            (false, ..) => 300 + u32::from(same_class) + u32::from(parameters),
        };
    }
    let alike = strsim::jaro_winkler(wanted.own, test.own);
    if alike < ALIKE {
        return 0;
    }
    let rank = (1..=99).rev().find(|rank| alike * 100.0 >= f64::from(*rank)).unwrap_or(1);
    if same_file { 200 + rank } else { 100 + rank }
}

#[cfg(test)]
mod tests {
    use super::near;

    const IDS: [&str; 6] = [
        "tests/test_a.py::test_one",
        "tests/test_a.py::TestIt::test_two",
        "tests/test_a.py::test_with[x::y]",
        "tests/test_a.py::test_with[z]",
        "tests/sub/test_b.py::test_one",
        "tests/sub/test_b.py::test_reads_the_value",
    ];

    #[test]
    fn what_people_write_instead_of_an_id() {
        let cases: [(&str, &[usize]); 9] = [
            ("test_a.py::test_one", &[0]),
            ("/home/me/project/tests/test_a.py::test_one", &[0]),
            ("test_one", &[0, 4]),
            ("tests/test_a.py::test_two", &[1]),
            ("tests/test_a.py::test_with", &[2, 3]),
            ("tests/test_a.py::test_with[zz]", &[2, 3]),
            ("tests/sub/test_b.py::test_read_the_value", &[5]),
            ("tests/test_c.py::test_reads_the_value", &[5]),
            ("tests/test_a.py::completely_else", &[]),
        ];
        for (wanted, meant) in cases {
            let meant: Vec<&str> = meant.iter().map(|at| IDS[*at]).collect();
            assert_eq!(near(wanted, &IDS), meant, "{wanted}");
        }
    }
}
