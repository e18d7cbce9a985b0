//! `taster package` on the small package `knot`, in which orders matter in every way that the command knows.

use std::fs;

use serde_json::Value;

use super::{Case, Need, said, version};

pub(super) const CASES: &[Case] = &[
    ("every_fault_of_a_small_package_is_found_and_nothing_else", Need::Python, knot),
    ("the_scenarios_of_a_package_s_findings_are_as_declared", Need::Python, emitted),
    ("old_bytecode_shows_in_the_pass_without_it", Need::Python, old_bytecode),
    ("a_module_that_is_written_and_imported_fails_under_frozen_times", Need::Python, frozen_times),
    ("what_passes_after_a_failed_import_only_cannot_be_imported_in_any_order", Need::Python, orphans),
    ("a_package_that_is_not_there_is_no_package", Need::Python, nothing),
];

/// What a survey says in JSON; the status must be this one.
fn surveyed(arguments: &[&str], status: i32) -> Value {
    let version = version();
    let fixed = ["package", "--format", "json", "--python", &version];
    let said = said(&[&fixed[..], arguments].concat()).exits(status);
    serde_json::from_str(&said.stdout).expect("one JSON object")
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text")).collect()
}

/// Kind, module (and name), cause, and modules imported first, of each finding.
fn findings(survey: &Value) -> Vec<String> {
    let findings = survey["findings"].as_array().expect("a list");
    let line = |finding: &Value| {
        let text = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
        let name = if text("name").is_empty() { String::new() } else { format!(".{}", text("name")) };
        let firsts = texts(&finding["firsts"]).join(",");
        format!("{} {}{name} {} {firsts}", text("kind"), text("module"), text("cause")).trim().to_owned()
    };
    let mut lines: Vec<String> = findings.iter().map(line).collect();
    lines.sort_unstable();
    lines
}

fn knot() {
    let directory = tempfile::tempdir().expect("there is room");
    let [junit, sarif] = ["junit", "sarif"].map(|name| directory.path().join(name));
    let reports = [format!("junit={}", junit.display()), format!("sarif={}", sarif.display())];
    let survey = surveyed(
        &["tests/packages/knot", "--import-timeout", "5s", "--report", &reports[0], "--report", &reports[1]],
        1,
    );
    let junit = fs::read_to_string(junit).expect("a report");
    assert_eq!(junit.matches("<failure ").count(), 4, "{junit}");
    assert!(junit.contains("message=\"knot.left cannot be imported first (on cpython-"), "{junit}");
    let sarif = fs::read_to_string(sarif).expect("a report");
    assert!(sarif.contains("\"uri\": \"tests/packages/knot/left.py\""), "{sarif}");
    assert_eq!(
        findings(&survey),
        [
            "cannot-come-first knot.left circular-import knot.right",
            "fails-after knot.strict unknown knot.locks",
            "other-value knot.registry.ENTRIES import-side-effect knot.plugin",
            "other-value knot.switch.LOCKED import-side-effect knot.locks",
        ],
        "{survey:#}"
    );
    let circle =
        survey["findings"].as_array().and_then(|all| all.iter().find(|one| one["module"] == "knot.left"));
    let circle = circle.expect("it was found");
    assert_eq!(texts(&circle["circle"]), ["knot.left", "knot.right", "knot.left"]);
    assert_eq!(circle["cured"], true);
    let gone = survey["not_importable"].as_array().expect("a list");
    let gone: Vec<_> = gone.iter().map(|one| (one["module"].as_str(), one["outcome"].to_string())).collect();
    let expected = [
        ("knot.__main__", r#"{"kind":"failed","exception":"SystemExit","message":"2"}"#),
        ("knot.hangs", r#"{"kind":"timed-out"}"#),
        ("knot.leaves", r#"{"kind":"crashed","exit":3}"#),
    ];
    assert_eq!(gone, expected.map(|(module, outcome)| (Some(module), outcome.to_owned())));
    assert_eq!(survey["printing"].to_string(), r#"[{"module":"knot.prints","first_line":"good morning"}]"#);
    assert_eq!(texts(&survey["unsteady_cells"]), ["knot.draws.TOKEN"]);
    assert_eq!(texts(&survey["left_out"]), ["knot.tests", "knot.tests.test_knot"]);
    let pairs = &survey["pairs"][0];
    let tried = pairs["run"]
        .as_u64()
        .zip(pairs["answered_by_sys_modules"].as_u64())
        .map(|(run, loaded)| run + loaded);
    assert_eq!(tried, pairs["possible"].as_u64(), "all pairs were tried");
    assert_eq!(survey["halted"], Value::Null);
}

fn emitted() {
    let folder = tempfile::tempdir().expect("a directory");
    let folder = folder.path().to_string_lossy();
    let package = folder.to_string() + "/pair";
    fs::create_dir(&package).expect("it can be made");
    for name in ["__init__", "left", "right", "registry", "plugin", "switch", "locks", "strict"] {
        let text = fs::read_to_string(format!("tests/packages/knot/{name}.py")).expect("it is there");
        fs::write(format!("{package}/{name}.py"), text.replace("knot", "pair")).expect("it can be written");
    }
    let emitted = format!("{folder}/emitted");
    let survey = surveyed(&[&package, "--emit", &emitted], 1);
    let written = fs::read_dir(&emitted).expect("it is there").count();
    assert_eq!(Some(written), survey["findings"].as_array().map(Vec::len));
    said(&["run", &emitted, "--python", &version()]).exits(0);
}

fn old_bytecode() {
    let folder = tempfile::tempdir().expect("a directory");
    let package = folder.path().join("old");
    fs::create_dir(&package).expect("it can be made");
    fs::write(package.join("__init__.py"), "").expect("it can be written");
    let module = package.join("a.py");
    fs::write(&module, "X = 1\n").expect("it can be written");
    let python = super::python().expect("the trial needs one");
    let compiled = std::process::Command::new(python).args(["-m", "compileall", "-q"]).arg(&package).status();
    assert!(compiled.expect("it runs").success());
    let written = fs::metadata(&module).and_then(|found| found.modified()).expect("it has a time");
    fs::write(&module, "X = 2\n").expect("it can be written");
    let file = fs::File::options().write(true).open(&module).expect("it is there");
    file.set_modified(written).expect("its time can be set");
    let survey = surveyed(&[&package.to_string_lossy(), "--bytecode", "off"], 1);
    assert_eq!(findings(&survey), ["other-value-in-pass old.a.X stale-bytecode"], "{survey:#}");
    let finding = &survey["findings"][0];
    assert_eq!([&finding["alone"], &finding["after"]], ["1", "2"]);
    assert_eq!(surveyed(&[&package.to_string_lossy()], 0)["findings"], Value::Array(Vec::new()));
}

const GENERATOR: &str = "\
import os, sys, time
folder = os.path.join(os.getcwd(), 'made')
os.mkdir(folder)
sys.path.insert(0, folder)
try:
    import not_made_yet
except ImportError:
    pass
time.sleep(0.05)
with open(os.path.join(folder, 'made_now.py'), 'w') as file:
    file.write('X = 1')
import made_now
";

fn frozen_times() {
    let folder = tempfile::tempdir().expect("a directory");
    let package = folder.path().join("maker");
    fs::create_dir(&package).expect("it can be made");
    fs::write(package.join("__init__.py"), "").expect("it can be written");
    fs::write(package.join("generator.py"), GENERATOR).expect("it can be written");
    let survey = surveyed(&[&package.to_string_lossy(), "--timestamps", "frozen"], 1);
    assert_eq!(
        findings(&survey),
        ["other-outcome-in-pass maker.generator stale-directory-listing"],
        "{survey:#}"
    );
}

fn nothing() {
    let version = version();
    let said = said(&["package", "no_such_package", "--python", &version]).exits(2);
    let label = format!("cpython-{version}");
    let hint = "--python names the interpreter that has it, --path DIR a directory to look in";
    let (start, end) = ("taster: no module is named no_such_package (on ", format!("); {hint}\n"));
    assert!(
        said.stderr.starts_with(&format!("{start}{label}")) && said.stderr.ends_with(&end),
        "{}",
        said.stderr
    );
}

/// The import of `orphan.outer` fails within `orphan.outer.inner.needs` and leaves `orphan.outer.inner` in `sys.modules`, where
/// the next import finds it.
fn orphans() {
    let directory = tempfile::tempdir().expect("there is room");
    let package = directory.path().join("orphan");
    fs::create_dir_all(package.join("outer/inner")).expect("there is room");
    for (file, body) in [
        ("__init__.py", ""),
        ("outer/__init__.py", "from orphan.outer.inner import needs\n"),
        ("outer/inner/__init__.py", ""),
        ("outer/inner/needs.py", "import gone_for_good\n"),
    ] {
        fs::write(package.join(file), body).expect("there is room");
    }
    let survey = surveyed(&[package.to_str().expect("a path")], 0);
    assert_eq!(findings(&survey), Vec::<String>::new());
    let unimportable: Vec<&str> = survey["not_importable"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|module| module["module"].as_str().expect("a name"))
        .collect();
    assert_eq!(unimportable, ["orphan.outer", "orphan.outer.inner", "orphan.outer.inner.needs"]);
}
