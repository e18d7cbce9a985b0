//! Code that is not the scenario's own: directories beside it, and what is installed in a virtual environment.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Case, Need, Said, first, python, taster, told};

pub(super) const CASES: &[Case] = &[(
    "a_scenario_reaches_directories_beside_it_and_what_an_environment_has_installed",
    Need::Python,
    environment,
)];

/// A scenario of a module in `src` that uses an installed distribution, and what it requires.
fn scenario(head: &str) -> String {
    format!(
        "title = 't'\n{head}\n[[test]]\nname = 'a'\nsteps = [{{ import = 'app', expect = {{ V = 'of plugin 1.2' }} }}]\n"
    )
}

fn environment() {
    if first().is_some_and(|first| first.version.major < 3) {
        println!("not run: Python 2 has no module venv");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let at = |path: &str| folder.path().join(path);
    let mut made = Command::new(python().expect("the trial needs one"));
    made.args(["-m", "venv", "--without-pip"]).arg(at(".venv"));
    assert!(made.status().expect("Python starts").success(), "an environment can be made");
    let installed = site_packages(&at(".venv/lib"));
    fs::create_dir(installed.join("plugin-1.2.dist-info")).expect("a folder");
    let files = [
        (installed.join("plugin.py"), "VERSION = '1.2'\n"),
        (
            installed.join("plugin-1.2.dist-info/METADATA"),
            "Metadata-Version: 2.1\nName: plugin\nVersion: 1.2\n",
        ),
        (at("app.py"), "import plugin\nV = 'of plugin ' + plugin.VERSION\n"),
        (at("met.toml"), &scenario("python-path = ['src']\nsite-packages = true\nrequires = ['Plugin>=1']")),
        (
            at("unmet.toml"),
            &scenario("python-path = ['src']\nsite-packages = true\nrequires = ['plugin>=2']"),
        ),
        (at("off.toml"), &scenario("python-path = ['src']\nrequires = ['plugin']")),
    ];
    for (path, text) in files {
        fs::write(path, text).expect("a file");
    }
    fs::create_dir(at("src")).expect("a folder");
    fs::rename(at("app.py"), at("src/app.py")).expect("a move");
    let run = |name: &str| -> Said {
        let arguments = ["run", name, "--python", ".venv/bin/python", "--timestamps", "1ns"];
        told(&taster(&arguments).current_dir(folder.path()).output().expect("the binary starts"))
    };
    run("met.toml").exits(0);
    assert!(!at("src/__pycache__").exists() && !installed.join("__pycache__").exists(), "it is only read");
    for (name, reason) in [
        ("unmet.toml", "plugin>=2 is required, and plugin 1.2 is installed there"),
        ("off.toml", "plugin is not installed there (`site-packages` is off)"),
    ] {
        let said = run(name).exits(2);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let all = words(&format!("{} {}", said.stdout, said.stderr));
        assert!(all.contains(reason), "{all}");
    }
}

/// The one directory for what is installed.
fn site_packages(lib: &Path) -> std::path::PathBuf {
    let version = fs::read_dir(lib).expect("an environment has it").next().expect("a version");
    version.expect("a version").path().join("site-packages")
}
