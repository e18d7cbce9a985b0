//! A user who works in a checkout: edits, adds, removes, renames, links and commits at random, and knows the expected
//! result.
//!
//! The user sets every time explicitly, so the expectation never has to be read from the checkout; only git's changes
//! to its own directory are read, right after each commit.

use std::fs::{self, File, FileTimes};
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::entries::{Entries, Entry, below, entry};

/// How often git is asked to add what there is.
const ADDITIONS: usize = 10;
/// 2020-01-01, from where his times count.
const EPOCH: u64 = 1_577_836_800;

/// Somebody at work.
pub(crate) struct User {
    root: PathBuf,
    seed: u64,
    acts: u64,
    /// Whether he keeps away from this directory.
    spared: Option<PathBuf>,
    /// All that must be in the checkout.
    pub(crate) expected: Entries,
    /// What he himself has made what it is, or removed.
    pub(crate) own: Vec<PathBuf>,
}

impl User {
    /// He knows the checkout as it is now.
    pub(crate) fn new(root: &Path, seed: u64, spared: Option<PathBuf>) -> io::Result<Self> {
        let expected = below(root)?;
        Ok(Self { root: root.to_owned(), seed, acts: 0, spared, expected, own: Vec::new() })
    }

    /// How much he has done.
    pub(crate) fn acts(&self) -> u64 {
        self.acts
    }

    /// Does one thing at random.
    pub(crate) fn act(&mut self) -> io::Result<()> {
        self.acts += 1;
        let files = self.files(|_| true);
        match self.random(20) {
            0..=6 => self.edit(&files),
            7..=11 => self.add(),
            12..=13 => self.link(),
            14..=15 => self.remove(),
            16..=17 => self.rename(),
            18 => self.mode(&files),
            _ => self.commit(),
        }
    }

    /// The next of a sequence of numbers below `most` that the seed decides (splitmix64).
    fn random(&mut self, most: u64) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }

    fn one_of(&mut self, paths: &[PathBuf]) -> Option<PathBuf> {
        if paths.is_empty() {
            return None;
        }
        let number = self.random(paths.len() as u64);
        usize::try_from(number).ok().map(|number| paths[number].clone())
    }

    /// Files and links that he works on, outside of git's directory.
    fn files(&self, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let git = self.root.join(".git");
        let may = |path: &Path| {
            !path.starts_with(&git) && self.spared.as_ref().is_none_or(|spared| !path.starts_with(spared))
        };
        let is_file = |entry: &Entry| entry.mode & 0o170_000 == 0o100_000;
        let all = self.expected.iter().filter(|(path, entry)| is_file(entry) && may(path) && wanted(path));
        all.map(|(path, _)| path.clone()).collect()
    }

    /// What can go without the suite being broken: what he has made himself.
    fn made(&self) -> Vec<PathBuf> {
        self.files(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("mine_")))
    }

    fn new_path(&mut self) -> PathBuf {
        let folder = ["", "mine/deep", "docs"][usize::try_from(self.random(3)).unwrap_or_default()];
        let end = ["py", "txt", "cfg"][usize::try_from(self.random(3)).unwrap_or_default()];
        self.root.join(folder).join(format!("mine_{}.{end}", self.acts))
    }

    /// A file is written anew beside the old one and takes its place, or gets a line at its end: editors do both.
    fn edit(&mut self, files: &[PathBuf]) -> io::Result<()> {
        let Some(path) = self.one_of(files) else { return Ok(()) };
        let mut content = self.expected[&path].content.clone();
        content.extend(format!("\n# line {}\n", self.acts).bytes());
        let mode = self.expected[&path].mode;
        if self.random(2) == 0 {
            let beside = path.with_extension("swap");
            fs::write(&beside, &content)?;
            fs::set_permissions(&beside, fs::Permissions::from_mode(mode & 0o7777))?;
            fs::rename(&beside, &path)?;
        } else {
            fs::write(&path, &content)?;
        }
        self.is_now(&path, Some(Entry { mode, modified: (0, 0), names: 1, content }))
    }

    fn add(&mut self) -> io::Result<()> {
        let (path, content) = (self.new_path(), format!("made = {}\n", self.acts).into_bytes());
        self.make_parents(&path)?;
        fs::write(&path, &content)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640))?;
        self.is_now(&path, Some(Entry { mode: 0o100_640, modified: (0, 0), names: 1, content }))
    }

    fn link(&mut self) -> io::Result<()> {
        let path = self.root.join(format!("mine_link_{}", self.acts));
        symlink("setup.cfg", &path)?;
        let made = entry(&path)?;
        self.expected.insert(path.clone(), made);
        self.own.push(path.clone());
        self.moved(&path)
    }

    fn remove(&mut self) -> io::Result<()> {
        let made = self.made();
        let Some(path) = self.one_of(&made) else { return Ok(()) };
        fs::remove_file(&path)?;
        self.is_now(&path, None)
    }

    fn rename(&mut self) -> io::Result<()> {
        let made = self.made();
        let Some(path) = self.one_of(&made) else { return Ok(()) };
        let to = self.new_path();
        self.make_parents(&to)?;
        fs::rename(&path, &to)?;
        let entry = self.expected[&path].clone();
        self.is_now(&path, None)?;
        self.is_now(&to, Some(entry))
    }

    fn mode(&mut self, files: &[PathBuf]) -> io::Result<()> {
        let Some(path) = self.one_of(files) else { return Ok(()) };
        let mode = [0o600, 0o644, 0o755][usize::try_from(self.random(3)).unwrap_or_default()];
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        let entry = Entry { mode: 0o100_000 | mode, ..self.expected[&path].clone() };
        self.is_now(&path, Some(entry))
    }

    fn commit(&mut self) -> io::Result<()> {
        let root = self.root.clone();
        // What tests have under their hands may go while git looks at it.
        let spared = self.spared.as_ref().and_then(|spared| spared.file_name());
        let spared = spared.map(|name| format!(":!{}", name.to_string_lossy()));
        let paths = [Some("."), spared.as_deref()].into_iter().flatten();
        let add: Vec<&str> = ["add", "-A"].into_iter().chain(paths).collect();
        // A file that a test removes between git's listing and its look at it ends git: the next one lists anew.
        let mut added = git(&root, &add);
        for _ in 1..ADDITIONS {
            added = added.or_else(|_| git(&root, &add));
        }
        added?;
        git(&root, &["commit", "-q", "--allow-empty", "-m", &format!("work {}", self.acts)])?;
        let inside = root.join(".git");
        self.expected.retain(|path, _| !path.starts_with(&inside));
        let now = below(&inside)?;
        self.own.extend(now.keys().cloned());
        self.expected.extend(now);
        // git may write beside its directory for a moment.
        self.moved(&inside)
    }

    fn make_parents(&mut self, path: &Path) -> io::Result<()> {
        let missing: Vec<PathBuf> =
            path.ancestors().skip(1).take_while(|each| !each.exists()).map(Path::to_owned).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(&folder)?;
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o750))?;
            self.is_now(
                &folder,
                Some(Entry { mode: 0o040_750, modified: (0, 0), names: 0, content: Vec::new() }),
            )?;
        }
        Ok(())
    }

    /// Gives a path a time, and expects it to be so from here on.
    fn is_now(&mut self, path: &Path, wanted: Option<Entry>) -> io::Result<()> {
        if let Some(mut entry) = wanted {
            entry.modified = self.timed(path)?;
            self.expected.insert(path.to_owned(), entry);
        } else {
            self.expected.remove(path);
        }
        self.own.push(path.to_owned());
        self.moved(path)
    }

    /// Something was done in the directory that a path lies in.
    fn moved(&mut self, path: &Path) -> io::Result<()> {
        let Some(folder) = path.parent() else { return Ok(()) };
        let modified = self.timed(folder)?;
        if let Some(entry) = self.expected.get_mut(folder) {
            entry.modified = modified;
        }
        Ok(())
    }

    fn timed(&mut self, path: &Path) -> io::Result<(i64, i64)> {
        let (seconds, nanoseconds) =
            (EPOCH + self.acts, 1000 + u32::try_from(self.random(1000)).unwrap_or_default());
        let time = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        File::open(path)?.set_times(FileTimes::new().set_modified(time))?;
        Ok((i64::try_from(seconds).unwrap_or_default(), i64::from(nanoseconds)))
    }
}

/// Runs git as nobody in particular, with nobody's settings.
pub(crate) fn git(root: &Path, arguments: &[&str]) -> io::Result<()> {
    let who = [
        "-c",
        "user.name=Nobody",
        "-c",
        "user.email=nobody@localhost",
        "-c",
        "gc.auto=0",
        "-c",
        "maintenance.auto=false",
    ];
    let status = Command::new("git")
        .args(who)
        .args(arguments)
        .current_dir(root)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .stdout(Stdio::null())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("git {arguments:?} ended with {status}")))
    }
}
