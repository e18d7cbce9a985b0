//! `taster package` on a package of the index, which an environment of these tests holds anyway.

use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::ENDS;
use crate::environments::environment;
use crate::hunting::{equal, strings};

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("packages::the_module_of_py_that_cannot_come_first", || py().map_err(Failed::from))]
}

/// In py 1.11, `py._code._assertionnew` and `py._code.assertion` import names from each other.
fn py() -> Result<(), String> {
    let (version, name, package) = ENDS[0];
    let python = environment(name, version, &[package])?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_taster"));
    command.args(["package", "py", "--format", "json", "--python"]).arg(python);
    let output = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    let survey: Value = serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {said}"))?;
    equal("status", output.status.code(), Some(1))?;
    equal("halted", &survey["halted"], &Value::Null)?;
    let findings = survey["findings"].as_array().ok_or("there are no findings")?;
    let of_kind = |kind: &'static str| findings.iter().filter(move |finding| finding["kind"] == kind);
    let first: Vec<&Value> = of_kind("cannot-come-first").collect();
    let [first] = first.as_slice() else { return Err(format!("not one module: {first:?}")) };
    equal("module", &first["module"], &"py._code._assertionnew".into())?;
    equal("cause", &first["cause"], &"circular-import".into())?;
    let circle = ["py._code._assertionnew", "py._code.assertion", "py._code._assertionnew"];
    equal("circle", strings(&first["circle"]), circle.to_vec())?;
    equal("firsts", strings(&first["firsts"]), vec!["py._code.assertion"])?;
    equal("cured", &first["cured"], &true.into())?;
    equal("modules that fail after others", of_kind("fails-after").count(), 0)
}
