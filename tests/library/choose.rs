//! Where interpreters are found, and which of them words select.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::not_run;
use crate::pythons::{any_python, import, walk};
use taster::interpreter::choose::{choose, choose_first};
use taster::interpreter::cpython::Program;
use taster::interpreter::cpython::discover::{Places, discover};
use taster::interpreter::{Installation, Kind};
use taster::world::Nanos;

fn directory(path: &Path) -> OsString {
    fs::create_dir_all(path).unwrap();
    path.as_os_str().to_owned()
}

fn script(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn executable(installation: &Installation) -> &Path {
    installation.identity.path.as_deref().unwrap()
}

#[test]
fn path_comes_before_the_environment_and_that_before_pyenv() {
    any_python(|installation| {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let places = Places {
            path: Some(directory(&at("path"))),
            virtual_env: Some(directory(&at("venv"))),
            pyenv_root: Some(directory(&at("pyenv"))),
            home: None,
            ..Places::default()
        };
        let pyenv = at("pyenv/versions/3.99.0/bin");
        directory(&pyenv);
        directory(&at("venv/bin"));
        let found = |place: &str| {
            let found = discover(&places);
            let [only] = &found[..] else { panic!("{found:?}") };
            assert_eq!(only.found, place);
            assert_eq!(only.identity.version, installation.identity.version);
        };
        assert_eq!(discover(&places), []);
        symlink(executable(installation), pyenv.join("python")).unwrap();
        found("pyenv");
        symlink(executable(installation), at("venv/bin/python")).unwrap();
        found("the active virtual environment");
        symlink(executable(installation), at("path/python3")).unwrap();
        found("PATH");
    });
}

#[test]
fn scripts_and_other_programs_are_no_interpreters() {
    let home = tempfile::tempdir().unwrap();
    let bin = home.path().join("bin");
    let places = Places { path: Some(directory(&bin)), ..Places::default() };
    script(&bin.join("python3"), "#!/bin/sh\necho taster False 3 11 7\n");
    fs::write(bin.join("python"), "no program").unwrap();
    symlink("/bin/true", bin.join("python2")).unwrap();
    assert_eq!(discover(&places), []);
    let asked = |name: &str| choose(&[bin.join(name).to_str().unwrap()], &places).unwrap_err().to_string();
    let at = |name: &str| bin.join(name).display().to_string();
    assert_eq!(
        asked("python3"),
        format!("{} is not a Python interpreter: it is not an executable program", at("python3"))
    );
    assert_eq!(
        asked("python2"),
        format!("{} is not a Python interpreter: it does not answer like one", at("python2"))
    );
    assert_eq!(asked("none"), format!("there is no file {}", at("none")));
    let none = choose(&["all"], &places).unwrap_err().to_string();
    assert_eq!(
        none,
        "no CPython was found on PATH, in the active virtual environment or among pyenv's versions"
    );
    let version = choose(&["3.11"], &places).unwrap_err().to_string();
    assert_eq!(version, "no Python 3.11 was found; there are: none");
}

#[test]
fn of_two_with_one_minor_version_the_first_has_the_short_name() {
    any_python(|installation| {
        let home = tempfile::tempdir().unwrap();
        let (one, two) = (home.path().join("one"), home.path().join("two"));
        let path = std::env::join_paths([directory(&one), directory(&two)]).unwrap();
        let places = Places { path: Some(path), ..Places::default() };
        symlink(executable(installation), one.join("python3")).unwrap();
        // A copy: links to one file are one interpreter.
        fs::copy(executable(installation).canonicalize().unwrap(), two.join("python3")).unwrap();
        let version = installation.identity.version;
        let found = discover(&places);
        let labels: Vec<&str> = found.iter().map(|found| found.identity.label.as_str()).collect();
        if labels.len() == 1 {
            let copied = executable(installation).display();
            not_run::say(&format!("a copy of {copied} does not start elsewhere"));
            return;
        }
        assert_eq!(labels, [format!("cpython-{}", version.short()), format!("cpython-{version}")]);
        let all = choose(&["all"], &places).unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(executable(&all[0]), one.join("python3"));
        let other = choose(&[two.join("python3").to_str().unwrap()], &places).unwrap();
        assert_eq!(other[0].identity.label, format!("cpython-{version}"));
    });
}

#[test]
fn words_name_versions_paths_and_the_model() {
    any_python(|installation| {
        let places = Places::from_variables(|name| std::env::var_os(name));
        let version = installation.identity.version;
        let path = executable(installation).to_str().unwrap();
        let words = format!("{}, {version},model:3.12,model", version.short());
        let chosen = choose(&[words.as_str(), path], &places).unwrap();
        let labels: Vec<&str> = chosen.iter().map(|chosen| chosen.identity.label.as_str()).collect();
        assert_eq!(labels, [installation.identity.label.as_str(), "model-3.12", "model-3.13"]);
        for wrong in ["python", "model:x", "modelling", "3.x", "model:3.12.1.0"] {
            let said = choose(&[wrong], &places).unwrap_err().to_string();
            assert!(said.starts_with(&format!("`{wrong}` names no interpreter: ")), "{said}");
        }
    });
}

#[test]
fn a_relative_path_names_an_interpreter_that_starts() {
    any_python(|installation| {
        let here = std::env::current_dir().unwrap();
        let up = "../".repeat(here.components().count() - 1);
        let relative = format!("{up}{}", executable(installation).to_str().unwrap().trim_start_matches('/'));
        let chosen = choose(&[relative], &Places::default()).unwrap();
        assert!(executable(&chosen[0]).is_absolute());
        walk(&chosen[0], Program::default(), Nanos::SECOND).passes(&import("json"));
    });
}

#[test]
fn without_a_word_it_is_the_first_cpython_and_the_model_beside_it() {
    any_python(|installation| {
        let home = tempfile::tempdir().unwrap();
        let places = Places { path: Some(directory(home.path())), ..Places::default() };
        let alone = choose_first(&places);
        assert_eq!((alone.len(), alone[0].identity.kind), (1, Kind::Model));
        symlink(executable(installation), home.path().join("python3")).unwrap();
        let both = choose_first(&places);
        let kinds: Vec<Kind> = both.iter().map(|found| found.identity.kind).collect();
        assert_eq!(kinds, [Kind::CPython, Kind::Model]);
        assert_eq!(both[0].identity.version.feature(), both[1].identity.version.feature());
    });
}
