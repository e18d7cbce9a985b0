//! Starting interpreters: what is kept between starts, and that nothing rests on it.

use std::fs;
use std::path::{Path, PathBuf};

use taster::Places;
use taster::interpreter::cpython::Program;
use taster::interpreter::{Installation, choose};
use taster::world::Nanos;

use crate::pythons::{each_python, import, walk};

/// The same interpreter, found anew by somebody whose caches are here.
fn with_caches(installation: &Installation, caches: &Path) -> Installation {
    let places = Places { cache: Some(caches.into()), ..Places::default() };
    let path = installation.identity.path.clone().unwrap();
    choose::choose(&[path.to_str().unwrap()], &places).unwrap().remove(0)
}

/// Starts it, and performs a step.
fn works(installation: &Installation) {
    walk(installation, Program::default(), Nanos::SECOND).passes(&import("decimal"));
}

/// The files with compiled agents in these caches.
fn kept(caches: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(caches.join("taster/agents")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_agent_is_compiled_once_and_whatever_is_not_its_code_is_written_anew() {
    each_python(|installation| {
        let caches = tempfile::tempdir().unwrap();
        let starts = || works(&with_caches(installation, caches.path()));
        starts();
        let [file] = &kept(caches.path())[..] else { panic!("{:?}", kept(caches.path())) };
        let (code, written) = (fs::read(file).unwrap(), fs::metadata(file).unwrap().modified().unwrap());
        starts();
        assert_eq!(fs::metadata(file).unwrap().modified().unwrap(), written, "it is read");
        for wrong in [&b"not code"[..], &code[..code.len() / 2], &[]] {
            fs::write(file, wrong).unwrap();
            starts();
            assert_eq!(fs::read(file).unwrap().len(), code.len());
        }
        assert_eq!(kept(caches.path()), [file.clone()]);
    });
}

#[test]
fn caches_that_cannot_be_written_are_no_error() {
    each_python(|installation| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a file");
        fs::write(&file, "in the way").unwrap();
        works(&with_caches(installation, &file));
        assert_eq!(fs::read(&file).unwrap(), b"in the way");
    });
}
