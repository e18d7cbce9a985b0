//! Reports for other tools, read by other people's readers: each finding arrives, with its cause and its line.

use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::environments::{self, environment};
use crate::hunting::{Hunted, equal, hunt};
use crate::{copy, pytest};

const READERS: [&str; 4] = ["junitparser", "sarif-tools", "sarif-pydantic", "markdown-it-py"];

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("reports::arrive_in_other_peoples_readers", arrive),
        Trial::test("reports::of_which_one_cannot_be_written_are_told_at_once", cannot_be_written),
    ]
}

fn arrive() -> Result<(), Failed> {
    let folder = copy("guilty_lines")?;
    let out = tempfile::tempdir()?;
    let to = |format: &str, name: &str| format!("{format}={}", out.path().join(name).display());
    let reports = [
        to("junit", "junit.xml"),
        to("sarif", "sarif.json"),
        to("markdown", "report.md"),
        to("github", "github.txt"),
        to("html", "report.html"),
    ];
    let mut options = vec!["--orders", "given,reverse", "--timestamps", "real", "--no-commands"];
    options.extend(reports.iter().flat_map(|report| ["--report", report.as_str()]));
    let hunted = hunt(folder.path(), &pytest()?, &options)?;
    let read = read(out.path())?;
    same(&hunted, &read).map_err(|error| format!("{error}\n{read:#}").into())
}

/// Whether the readers read what the hunt found.
fn same(hunted: &Hunted, read: &Value) -> Result<(), String> {
    let findings = hunted.of_kind("finding");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for finding in &findings {
        let victim = text(&finding["victim"]);
        equal(&victim, read["junit"][&victim].as_str(), finding["cause"].as_str())?;
    }
    let mut causes: Vec<String> = findings.iter().map(|finding| text(&finding["cause"])).collect();
    causes.sort();
    equal("results", &read["sarif"], &Value::from(causes.clone()))?;
    causes.dedup();
    equal("rules", &read["rules"], &Value::from(causes))?;
    let mut places: Vec<String> = findings
        .iter()
        .map(|finding| format!("{}:{}", text(&finding["victim_at"]["file"]), finding["victim_at"]["line"]))
        .collect();
    places.sort();
    equal("places", &read["records"], &Value::from(places.clone()))?;
    equal("annotations", &read["github"], &Value::from(places))?;
    let lines: usize = findings
        .iter()
        .map(|finding| {
            ["polluters", "state_setters"]
                .map(|key| finding[key].as_array().map_or(0, Vec::len))
                .iter()
                .sum::<usize>()
        })
        .sum();
    equal("page", &read["page"], &Value::from(vec![findings.len(), lines, 0]))?;
    equal("items", read["items"].as_u64(), Some(findings.len() as u64))?;
    equal("folded", read["folded"].as_u64(), Some(findings.len().min(20) as u64))
}

fn read(folder: &Path) -> Result<Value, String> {
    let python = environment("readers-3.11", "3.11", &READERS)?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hunt/readers.py");
    let read = environments::run(Command::new(python).arg(script).arg(folder))?;
    serde_json::from_str(&read).map_err(|error| error.to_string())
}

fn cannot_be_written() -> Result<(), Failed> {
    let folder = copy("cleaner")?;
    let python = pytest()?;
    for (report, said) in [
        ("junit", "name the file that it goes to: junit=FILE"),
        ("xml=report.xml", "there is no format `xml`; there are junit, sarif, github, markdown, html"),
        ("junit=nowhere/report.xml", "cannot write the report nowhere/report.xml"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_taster"))
            .args(["hunt", "--report", report, "--python"])
            .arg(&python)
            .current_dir(folder.path())
            .output()?;
        let error = String::from_utf8_lossy(&output.stderr);
        equal(report, output.status.code(), Some(2))?;
        equal(report, error.contains(said), true).map_err(|why| format!("{why}: {error}"))?;
        // No hunt began.
        equal(report, error.contains("collected in"), false)?;
    }
    Ok(())
}
