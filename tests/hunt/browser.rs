//! Reports in HTML, in a headless Chromium: what a reader sees, clicks and types, what axe-core finds, and what they would fetch.
//! Pictures of each page at three widths, light and dark, are left in `target/tmp/browser`.

mod environments;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};

use environments::environment;

const PACKAGES: [&str; 3] = ["playwright>=1.50,<2", "axe-playwright-python>=0.1.4,<0.2", "pytest>=8,<10"];
/// Findings of the long page.
const MANY: usize = 200;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    let chromium = chromium.into_iter().map(PathBuf::from).find(|program| program.is_file());
    if chromium.is_none() && !arguments.list {
        eprintln!("not run: no Chromium was found");
    }
    let missing = chromium.is_none();
    let trial = Trial::test("browser::pages_read_well", move || {
        chromium.as_deref().map_or(Err("Chromium is gone".into()), read_well)
    });
    libtest_mimic::run(&arguments, vec![trial.with_ignored_flag(missing)]).exit_code()
}

fn read_well(chromium: &Path) -> Result<(), Failed> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let _not_there = fs::remove_dir_all(&place);
    fs::create_dir_all(&place)?;
    let python = environment("browser-3.11", "3.11", &PACKAGES)?;
    pages(&python, &place)?;
    fs::write(place.join("wrong.html"), WRONG)?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hunt/browser.py");
    let read = environments::run(Command::new(&python).arg(script).arg(chromium).arg(&place))?;
    let read: Value = serde_json::from_str(&read)?;
    // What finds nothing on the pages finds what is wrong with this one.
    let wrong = &read["wrong"];
    let caught = [
        wrong["axe"].as_array().is_some_and(|found| !found.is_empty()),
        wrong["overflow"][0].as_i64() > Some(0),
        wrong["fetched"].as_array().is_some_and(|fetched| !fetched.is_empty()),
        wrong["problems"].as_array().is_some_and(|problems| !problems.is_empty()),
    ];
    same("what is wrong with the wrong page", &json!(caught), &json!(vec![true; 4]), wrong)?;
    let wanted: [(&str, Value, usize, usize); 5] = [
        ("many", json!("taster hunt: 200 found"), MANY, 0),
        ("few", json!("taster hunt: 1 found"), 1, 0),
        ("run", json!("taster run: 6 found"), 1, 6),
        ("package", json!("taster package: 4 found"), 4, 0),
        ("sweep", json!("taster sweep: how it depends on time"), 0, 0),
    ];
    for (name, title, articles, timelines) in wanted {
        let page = &read[name];
        same("title", &page["title"], &title, page)?;
        same("findings", &page["articles"], &json!(articles), page)?;
        same("orderings side by side", &page["timelines"], &json!(timelines), page)?;
        same("what axe-core finds", &page["axe"], &json!([]), page)?;
        same("scrolling to the side", &page["overflow"], &json!(vec![0; 6]), page)?;
        same("what is fetched", &page["fetched"], &json!([]), page)?;
        same("the console", &page["problems"], &json!([]), page)?;
        same("the filter in print", &page["filter_in_print"], &json!(false), page)?;
        if articles > 0 {
            same(
                "the filter, by a word of the last finding alone",
                &page["filtered"],
                &json!([1, true, "1 shown"]),
                page,
            )?;
            same("nothing is shown", &page["filtered_by_nothing_there"], &json!([0, true, "0 shown"]), page)?;
        }
        if articles > 1 {
            same("folded parts by keys", &page["opens_by_keys"], &json!(true), page)?;
        }
    }
    let drawn = &read["many"]["headings"];
    let headings = json!(["What was found", "Which test does it to which", "How much was looked at"]);
    same("headings", drawn, &headings, drawn)?;
    Ok(same("headings of a sweep", &read["sweep"]["headings"][0], &json!("In a picture"), &read["sweep"])?)
}

fn same(what: &str, is: &Value, wanted: &Value, page: &Value) -> Result<(), String> {
    if is == wanted { Ok(()) } else { Err(format!("{what}: {is}, not {wanted}\n{page:#}")) }
}

/// A page with a fault of each kind.
const WRONG: &str = "<!doctype html><html><head><title>wrong</title></head><body><img src='nowhere.png'>\
                     <p style='width: 5000px; color: #eee; background: #fff'>wide</p>\
                     <script>console.error('told')</script></body></html>";

/// Has taster write a page of each kind.
fn pages(python: &Path, place: &Path) -> Result<(), Failed> {
    let suite = tempfile::tempdir()?;
    let victims = (0..MANY).map(|number| format!("def test_victim_{number}():\n    assert not seen\n\n\n"));
    let many = format!(
        "seen = []\n\n\ndef test_polluter():\n    seen.append(1)\n\n\n{}",
        victims.collect::<String>()
    );
    fs::write(suite.path().join("test_many.py"), many)?;
    fs::write(
        suite.path().join("test_few.py"),
        "seen = []\n\n\ndef test_one():\n    seen.append(1)\n\n\ndef test_two():\n    assert not seen\n",
    )?;
    // The model's findings without their declarations.
    let declared =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/four-modules.toml"))?;
    let undeclared = declared.split("[[poisoning]]").next().unwrap_or_default();
    fs::write(suite.path().join("four.toml"), undeclared)?;
    let python = python.display().to_string();
    let hunt = ["hunt", "--orders", "given", "--timestamps", "real", "--no-commands", "--python", &python];
    let sweep = ["sweep", "scenarios/bpython-582.toml", "--victim", "second", "--python", "model:3.11"];
    let package = ["package", "tests/packages/knot", "--import-timeout", "5s", "--python", &python];
    let four = suite.path().join("four.toml").display().to_string();
    let run = ["run", &four, "--test", "one,two,four", "--python", "model:3.11"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all: [(&str, Vec<&str>, &Path); 5] = [
        ("many", [&hunt[..], &["test_many.py"]].concat(), suite.path()),
        ("few", [&hunt[..], &["test_few.py"]].concat(), suite.path()),
        ("run", run.to_vec(), root),
        ("package", package.to_vec(), root),
        ("sweep", sweep.to_vec(), root),
    ];
    for (name, words, here) in all {
        let file = place.join(format!("{name}.html"));
        let cache = tempfile::tempdir()?;
        let output = Command::new(env!("CARGO_BIN_EXE_taster"))
            .args(&words)
            .arg("--report")
            .arg(format!("html={}", file.display()))
            .env("XDG_CACHE_HOME", cache.path())
            // What the caller asks of other tests' interpreters is not asked of these.
            .env_remove("TASTER_REQUIRE_PYTHON")
            .env_remove("TASTER_PYTHON")
            .current_dir(here)
            .output()?;
        if !file.is_file() {
            return Err(format!("{words:?}: {output:?}").into());
        }
    }
    Ok(())
}
