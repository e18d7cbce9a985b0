//! A private view: a mount namespace in which copy-on-write layers (overlayfs) lie over directories, at the same paths. The
//! layer of the collection stays; each run has one above it, which is thrown away after the run. `layer` makes one.
//!
//! Where taster is not root, a user namespace gives the right to mount; users and groups keep their numbers in it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::host::{Cover, Host, enter, opened, through};
use super::layer::{Lower, OverlayLayer, options_for};
use super::mounts::{self, Mount};
use super::talk::{PrivateView, WrittenPath};

/// What the view of a suite consists of. Dropping it takes the layers away again.
#[derive(Debug)]
pub(super) struct View {
    host: Host,
    covers: Vec<Cover>,
    /// Kept as they are within covered directories: file systems of other kinds, sockets that somebody listens on.
    kept: Vec<Kept>,
    collection: OverlayLayer,
    run: Option<OverlayLayer>,
    /// Layers made so far.
    made: u32,
    /// What of the view is not as it was asked for.
    notes: Vec<String>,
}

/// Something within a covered directory that shows through all layers.
#[derive(Debug)]
struct Kept {
    path: PathBuf,
    open: OwnedFd,
}

impl View {
    /// Enters a namespace of its own and covers the directories; why it cannot be done, if it cannot.
    pub(super) fn open(folder: &Path, wanted: &PrivateView) -> Result<Self, String> {
        let as_user = enter().map_err(|error| format!("this system allows no mount namespace ({error})"))?;
        let place = folder.join("view");
        fs::create_dir_all(&place).map_err(|error| error.to_string())?;
        let host =
            Host::at(&place, wanted.on_disk, options_for(as_user)).map_err(|error| error.to_string())?;
        try_out(&host).map_err(|error| format!("overlayfs cannot be used here ({error})"))?;
        let (covers, kept) = plan(wanted).map_err(|error| error.to_string())?;
        let mut notes = Vec::new();
        let asked_for: Vec<PathBuf> = wanted.covers.iter().map(PathBuf::from).collect();
        let (covers, collection) = first_layer(&host, covers, &asked_for, &mut notes)?;
        let view = Self { host, covers, kept, collection, run: None, made: 1, notes };
        view.keep_what_is_kept();
        view.leave_out(&wanted.without)?;
        view.change(&wanted.changed)?;
        Ok(view)
    }

    /// What of the view is not as it was asked for.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// From here on the layer of the collection is below those of runs.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        if self.run.is_none() {
            for cover in &mut self.covers {
                cover.settled = Some(opened(&cover.path)?);
            }
            self.new_run()?;
        }
        Ok(())
    }

    fn new_run(&mut self) -> io::Result<()> {
        let mut layer = OverlayLayer::make(&self.host, self.made)?;
        self.made += 1;
        for (index, cover) in self.covers.iter().enumerate() {
            let collection = self.collection.upper(index);
            let lower =
                Lower { below: &cover.below, settled: cover.settled.as_ref(), collection: Some(&collection) };
            if let Err(error) = layer.cover(&self.host, index, cover, &lower) {
                layer.take_away(&self.tops());
                return Err(error);
            }
        }
        self.run = Some(layer);
        self.keep_what_is_kept();
        Ok(())
    }

    /// What the run wrote, and whether its layer was full; then the next run's layer is there.
    pub(super) fn next_run(&mut self) -> io::Result<(Vec<WrittenPath>, bool)> {
        let layer = self.run.as_ref().unwrap_or(&self.collection);
        let mut written = Vec::new();
        for (index, cover) in self.covers.iter().enumerate() {
            let below = if self.run.is_some() { cover.settled.as_ref() } else { None };
            layer.written(index, &cover.path, &through(below.unwrap_or(&cover.below)), &mut written);
        }
        let full = layer.is_full();
        if let Some(layer) = self.run.take() {
            layer.take_away(&self.tops());
            self.new_run()?;
        }
        Ok((written, full))
    }

    /// Covered directories that lie in no other one.
    fn tops(&self) -> Vec<PathBuf> {
        let paths = self.covers.iter().map(|cover| &cover.path);
        let inner = |path: &&PathBuf| {
            self.covers.iter().any(|other| **path != other.path && path.starts_with(&other.path))
        };
        paths.filter(|path| !inner(path)).cloned().collect()
    }

    fn keep_what_is_kept(&self) {
        for kept in &self.kept {
            let _shows_the_layer_instead =
                rustix::mount::mount_bind_recursive(through(&kept.open), &kept.path);
        }
    }

    /// Gives files another text in the view, and only there.
    fn change(&self, changed: &[(OsString, String)]) -> Result<(), String> {
        for (path, text) in changed {
            let path = Path::new(path);
            self.must_cover(path)?;
            fs::write(path, text).map_err(|error| format!("cannot change {}: {error}", path.display()))?;
        }
        Ok(())
    }

    fn must_cover(&self, path: &Path) -> Result<(), String> {
        let is_in = |cover: &Cover| path.starts_with(&cover.path) && path != cover.path;
        let covered = self.covers.iter().any(is_in);
        if covered { Ok(()) } else { Err(format!("{} is not in the private view", path.display())) }
    }

    /// Removes paths in the view, and only there.
    fn leave_out(&self, without: &[OsString]) -> Result<(), String> {
        for path in without.iter().map(Path::new) {
            self.must_cover(path)?;
            let is_directory = fs::symlink_metadata(path).is_ok_and(|data| data.is_dir());
            let done = if is_directory { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            match done {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(format!("cannot leave out {}: {error}", path.display()));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let tops = self.tops();
        if let Some(layer) = self.run.take() {
            layer.take_away(&tops);
        }
        std::mem::take(&mut self.collection).take_away(&tops);
    }
}

/// Mounts a layer over a directory of its own and does there what not every file system can hold.
fn try_out(host: &Host) -> io::Result<()> {
    let mut layer = OverlayLayer::make(host, u32::MAX)?;
    let place = host.place.join("tried");
    fs::create_dir_all(place.join("directory"))?;
    fs::write(place.join("directory/file"), "")?;
    let cover = Cover::of(&place)?;
    let lower = Lower { below: &cover.below, settled: None, collection: None };
    let tried = layer.cover(host, 0, &cover, &lower).and_then(|()| {
        fs::remove_dir_all(place.join("directory"))?;
        fs::create_dir(place.join("directory"))?;
        match fs::read_dir(place.join("directory"))?.next() {
            None => Ok(()),
            Some(_) => Err(io::Error::other("a removed file came back")),
        }
    });
    layer.take_away(&[place]);
    tried
}

/// The first layer, over all covers that can be covered: the first one that was asked for must be, or one that it lies in.
///
/// To an ordinary user, Linux refuses a directory in which others have mounted something: what was asked for within it is
/// then covered by itself.
fn first_layer(
    host: &Host,
    planned: Vec<Cover>,
    asked_for: &[PathBuf],
    notes: &mut Vec<String>,
) -> Result<(Vec<Cover>, OverlayLayer), String> {
    let mut layer = OverlayLayer::make(host, 0).map_err(|error| error.to_string())?;
    let mut covers: Vec<Cover> = Vec::new();
    let mut left = VecDeque::from(planned);
    while let Some(cover) = left.pop_front() {
        let lower = Lower { below: &cover.below, settled: None, collection: None };
        match layer.cover(host, covers.len(), &cover, &lower) {
            Ok(()) => covers.push(cover),
            Err(error) => {
                notes.push(format!("{} is not private ({error})", cover.path.display()));
                for path in outermost_within(&cover.path, asked_for) {
                    left.push_front(Cover::of(path).map_err(|error| error.to_string())?);
                }
            }
        }
    }
    match asked_for.first() {
        Some(suite) if !covers.iter().any(|cover| suite.starts_with(&cover.path)) => Err(notes.join("; ")),
        _ => Ok((covers, layer)),
    }
}

/// The paths that lie in a directory, and in no other of these.
fn outermost_within<'a>(directory: &Path, paths: &'a [PathBuf]) -> impl Iterator<Item = &'a PathBuf> {
    let within: Vec<&PathBuf> =
        paths.iter().filter(|path| *path != directory && path.starts_with(directory)).collect();
    let is_outermost = |path: &&PathBuf| !within.iter().any(|other| other != path && path.starts_with(other));
    within.clone().into_iter().filter(is_outermost).collect::<Vec<_>>().into_iter()
}

/// What to cover, outer directories first, and what to keep within.
fn plan(wanted: &PrivateView) -> io::Result<(Vec<Cover>, Vec<Kept>)> {
    let table = mounts::all()?;
    let mut paths: Vec<PathBuf> = wanted.covers.iter().map(PathBuf::from).collect();
    let inner: Vec<&Mount> =
        table.iter().filter(|mount| paths.iter().any(|path| mount.path.starts_with(path))).collect();
    let coverable = inner.iter().filter(|mount| mount.can_be_covered()).map(|mount| mount.path.clone());
    paths.extend(coverable.collect::<Vec<_>>());
    paths.sort_by_key(|path| path.as_os_str().len());
    paths.dedup();
    let mut chosen: Vec<PathBuf> = Vec::new();
    for path in paths {
        let mount = mounts::of(&table, &path);
        let within = |outer: &&PathBuf| path.starts_with(outer) && mounts::of(&table, outer) == mount;
        if !chosen.iter().any(|outer| within(&outer)) {
            chosen.push(path);
        }
    }
    let others = inner.iter().filter(|mount| !mount.can_be_covered()).map(|mount| mount.path.clone());
    let listening = mounts::listening_sockets(&chosen);
    let kept = others.chain(listening).filter_map(|path| Some(Kept { open: opened(&path).ok()?, path }));
    let kept = kept.collect();
    let covers = chosen.iter().map(|path| Cover::of(path));
    Ok((covers.collect::<io::Result<_>>()?, kept))
}
