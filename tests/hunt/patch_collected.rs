//! Patches where collection decides: of files that poison, of tests that count on what they leave, of tests that need other files.

use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::hunting::{equal, hunt, strings};
use crate::patches::{fixed, written};
use crate::pytest;

type Judge = fn() -> Result<(), String>;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Judge); 4] = [
        ("a_test_that_counts_on_what_two_files_leave_sets_it_itself", counts_on_it),
        ("a_test_that_needs_another_file_sets_it_itself", needs_a_file),
        ("a_test_that_needs_another_file_is_cured_in_a_copy_too", needs_a_file_in_place),
        ("a_test_of_unittest_puts_back_what_it_removes", puts_back),
    ];
    let trial = |(name, judge): (&str, Judge)| {
        Trial::test(format!("patch::collected::{name}"), move || judge().map_err(Failed::from))
    };
    all.into_iter().map(trial).collect()
}

/// What the patch of a finding does, and its file.
fn patch<'a>(findings: &'a [Value], victim: &str) -> Result<(&'a str, &'a str), String> {
    let finding = findings.iter().find(|finding| finding["victim"] == victim);
    let patch =
        finding.map(|finding| &finding["patch"]).ok_or_else(|| format!("no {victim}: {findings:#?}"))?;
    let text = |name: &str| patch[name].as_str().ok_or_else(|| format!("{victim}: {patch:#}"));
    Ok((text("what")?, text("file")?))
}

/// Whether plain pytest passes with these arguments in the folder.
fn passes(folder: &Path, arguments: &[&str]) -> Result<bool, String> {
    let mut command = Command::new(pytest()?);
    command.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]).args(arguments).current_dir(folder);
    let output = command.env_remove("PYTHONDONTWRITEBYTECODE").output().map_err(|error| error.to_string())?;
    Ok(output.status.success())
}

fn apply(folder: &Path, patch: &str) -> Result<(), String> {
    let status = Command::new("git").args(["apply", patch]).current_dir(folder).status();
    equal("git apply", status.map_err(|error| error.to_string())?.success(), true)
}

/// Two files poison others in the same way, and a third one counts on that.
fn counts_on_it() -> Result<(), String> {
    let poisons = "import os\n\nos.environ['TASTER_KIND'] = '1'\n\n\ndef test_sets():\n    assert os.environ['TASTER_KIND'] == '1'\n";
    let reads = "import os\n\n\ndef test_reads():\n    assert 'TASTER_KIND' not in os.environ\n";
    let counts = "import os\nimport unittest\n\n\nclass TestKind(unittest.TestCase):\n    def test_counts(self):\n        \
                  del os.environ['TASTER_KIND']\n";
    let files = [("test_a.py", reads), ("test_b.py", poisons), ("test_c.py", poisons), ("test_d.py", counts)];
    let folder = written(&files)?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    let (what, file) = patch(&findings, "test_a.py::test_reads")?;
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let changed = ["test_b.py", "test_c.py", "test_d.py"].map(|name| text.contains(&format!("+++ b/{name}")));
    equal(what, changed, [true; 3])?;
    equal("as it is", passes(folder.path(), &[])?, false)?;
    apply(folder.path(), file)?;
    equal("with it", passes(folder.path(), &[])?, true)
}

const NEEDS: [(&str, &str); 2] = [
    (
        "test_a.py",
        "import os\n\nos.environ[\"TASTER_KIND\"] = \"1\"\n\n\ndef test_sets():\n    assert os.environ[\"TASTER_KIND\"] == \"1\"\n",
    ),
    (
        "test_b.py",
        "import os\n\n\ndef test_other():\n    assert os\n\n\ndef test_needs():\n    assert os.environ[\"TASTER_KIND\"] == \"1\"\n",
    ),
];

fn needs_a_file() -> Result<(), String> {
    cured_alone(&[])
}

fn needs_a_file_in_place() -> Result<(), String> {
    cured_alone(&["--isolation", "in-place"])
}

fn cured_alone(options: &[&str]) -> Result<(), String> {
    let (folder, patches) = (written(&NEEDS)?, written(&[])?);
    let place = patches.path().to_string_lossy().into_owned();
    let hunted =
        hunt(folder.path(), &pytest()?, &[&["--timestamps", "real", "--fix", &place], options].concat())?;
    let findings: Vec<Value> = hunted.of_kind("finding").into_iter().cloned().collect();
    equal("findings", findings.len(), 1)?;
    equal("needs", strings(&findings[0]["state_setters"]), vec!["test_a.py"])?;
    let (what, file) = patch(&findings, "test_b.py::test_needs")?;
    equal("what", what, "test_needs sets os.environ['TASTER_KIND'] itself")?;
    equal("as it is", passes(folder.path(), &["test_b.py"])?, false)?;
    apply(folder.path(), file)?;
    equal("with it", passes(folder.path(), &["test_b.py"])? && passes(folder.path(), &[])?, true)
}

/// Where the file that poisons cannot be changed, a victim takes away what poisons it, and only for as long as it runs.
fn puts_back() -> Result<(), String> {
    let poisons = "import os\n\nfor name in ['TASTER_KIND']:\n    os.environ[name] = '1'\n\n\ndef test_sets():\n    \
                   assert os.environ['TASTER_KIND'] == '1'\n";
    let reads = "import os\nimport unittest\n\n\nclass TestKind(unittest.TestCase):\n    def test_reads(self):\n        \
                 self.assertNotIn('TASTER_KIND', os.environ)\n";
    let folder = written(&[("test_a.py", reads), ("test_b.py", poisons)])?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    let (what, file) = patch(&findings, "test_a.py::TestKind::test_reads")?;
    equal("what", what, "test_reads sets os.environ['TASTER_KIND'] itself")?;
    equal("as it is", passes(folder.path(), &[])?, false)?;
    apply(folder.path(), file)?;
    equal("with it", passes(folder.path(), &[])?, true)
}
