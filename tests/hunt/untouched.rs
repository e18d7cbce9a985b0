//! A user works in a checkout for the whole length of a hunt, which ends in one of six ways: afterwards the user's work
//! is there, exactly, and nothing of taster. Slow, and needs git, `/proc`, Pythons and the package index: `cargo test
//! --test untouched`.
//!
//! In a private view this holds for everything in the checkout, the home directory and the temporary one. In place it
//! holds for the user's own changes, and for everything outside the suite's own directory that tests leave alone.

mod arena;
mod entries;
mod environments;
mod place;
mod sources;
mod user;

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use libtest_mimic::{Arguments, Failed, Trial};
use rustix::process::{Pid, Signal, kill_process};

use arena::{VANDALS, arena};
use entries::{below, differences, entry};
use environments::environment;
use place::{Place, said, wait_until};
use user::User;

/// What he has done before somebody ends the hunt.
const ACTS: u64 = 40;
const PAUSE: Duration = Duration::from_millis(15);

/// How a hunt ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// By itself.
    Finished,
    /// taster gets this signal.
    Signalled(Signal),
    /// The process that has collected the suite is killed, and the hunt goes on.
    ZygoteLost,
}

const ENDS: [(&str, End); 6] = [
    ("finished", End::Finished),
    ("ctrl_c", End::Signalled(Signal::INT)),
    ("sigterm", End::Signalled(Signal::TERM)),
    ("sighup", End::Signalled(Signal::HUP)),
    ("sigkill", End::Signalled(Signal::KILL)),
    ("zygote_lost", End::ZygoteLost),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suite {
    Six,
    Vandals,
}

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for isolation in ["private", "in-place"] {
        for (name, suite) in [("six", Suite::Six), ("vandals", Suite::Vandals)] {
            for (ending, end) in ENDS {
                let run = move || hunted(isolation, suite, end).map_err(Failed::from);
                trials.push(Trial::test(format!("{isolation}::{name}::{ending}"), run));
            }
        }
    }
    // Each hunt has a machine of its own: what others do must not decide when it ends.
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(1));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn hunted(isolation: &str, suite: Suite, end: End) -> Result<(), String> {
    let seed = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |time| u64::from(time.subsec_nanos()));
    let _closed = writeln!(std::io::stderr(), "{isolation}, {suite:?}, {end:?}: seed {seed}");
    one(isolation, suite, end, seed).map_err(|error| format!("seed {seed}: {error}"))
}

fn one(isolation: &str, suite: Suite, end: End, seed: u64) -> Result<(), String> {
    let source = source(suite)?;
    let python = environment("six-3.8", "3.8", &["pytest"])?;
    let place = arena(source.path()).map_err(said)?;
    // In place, tests and he would do each other's work in.
    let spared = (isolation == "in-place").then(|| place.path("suite").join("data"));
    let mut user = User::new(&place.path("suite"), seed, spared).map_err(said)?;
    let around = [place.path("home"), place.path("tmp")];
    let before = around.iter().map(|folder| below(folder)).collect::<Result<Vec<_>, _>>().map_err(said)?;

    let (status, lines) = hunt_beside(&mut user, &place, &python, isolation, end)?;
    let progress = lines.join("\n");
    if user.acts() < ACTS / 2 {
        return Err(format!("the hunt was over after {} acts ({status}):\n{progress}", user.acts()));
    }
    ended_as_wanted(status, end).map_err(|error| format!("{error}:\n{progress}"))?;

    let left = place.left_running();
    let mut wrong: Vec<String> =
        left.iter().map(|(pid, words)| format!("process {pid} is left: {words}")).collect();
    for (pid, _) in left {
        let _gone_already = Pid::from_raw(pid).map(|pid| kill_process(pid, Signal::KILL));
    }
    if isolation == "private" {
        wrong.extend(differences(&user.expected, &below(&place.path("suite")).map_err(said)?));
    } else {
        wrong.extend(own_work_that_is_not_there(&user));
    }
    // In place, what tests write to the home directory stays: it is theirs.
    let skipped = usize::from(isolation == "in-place" && suite == Suite::Vandals);
    for (folder, before) in around.iter().zip(&before).skip(skipped) {
        wrong.extend(differences(before, &below(folder).map_err(said)?));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("after {} acts:\n{}\n{progress}", user.acts(), wrong.join("\n")))
    }
}

fn source(suite: Suite) -> Result<tempfile::TempDir, String> {
    if suite == Suite::Six {
        return sources::source("six", "1.16.0");
    }
    let write = |folder: &Path| -> std::io::Result<()> {
        fs::create_dir_all(folder.join("data/folder"))?;
        fs::write(folder.join("data/folder/inner"), "1")?;
        fs::write(folder.join("data/plain"), "fine")?;
        fs::write(folder.join("data/other"), "fine")?;
        fs::write(folder.join("setup.cfg"), "[metadata]\n")?;
        fs::write(folder.join("test_vandals.py"), VANDALS)
    };
    let folder = tempfile::tempdir().map_err(said)?;
    write(folder.path()).map_err(said)?;
    Ok(folder)
}

/// Hunts while somebody works, and ends the hunt as is wanted; what taster said of its progress.
fn hunt_beside(
    user: &mut User,
    place: &Place,
    python: &Path,
    isolation: &str,
    end: End,
) -> Result<(ExitStatus, Vec<String>), String> {
    let mut child = started(place, python, isolation, end)?;
    let mut lines =
        BufReader::new(child.stderr.take().ok_or("stderr is piped")?).lines().map_while(Result::ok);
    let mut progress: Vec<String> = Vec::new();
    let collected = lines.by_ref().any(|line| {
        let found = line.contains(", collected in ");
        progress.push(line);
        found
    });
    let over = Arc::new(AtomicBool::new(!collected));
    let reader = {
        let over = Arc::clone(&over);
        std::thread::spawn(move || {
            let rest: Vec<String> = lines.collect();
            over.store(true, Ordering::SeqCst);
            rest
        })
    };
    let mut asked = false;
    while !over.load(Ordering::SeqCst) && child.try_wait().is_ok_and(|ended| ended.is_none()) {
        user.act().map_err(|error| format!("act {}: {error}", user.acts()))?;
        if user.acts() >= ACTS && !asked {
            asked = true;
            bring_about(end, &child, place)?;
        }
        std::thread::sleep(PAUSE);
    }
    let status = child.wait().map_err(said)?;
    progress.extend(reader.join().map_err(|_| "the progress could not be read")?);
    Ok((status, progress))
}

fn started(place: &Place, python: &Path, isolation: &str, end: End) -> Result<Child, String> {
    let orders = if end == End::Finished { "given,reverse" } else { "given,reverse,pairs,random" };
    let output = File::create(place.path("journal/report")).map_err(said)?;
    let mut command = place.taster(python, &["--orders", orders, "--budget", "20s", "--test-timeout", "10s"]);
    command.args(["--isolation", isolation]).stdout(output).stderr(Stdio::piped()).spawn().map_err(said)
}

fn bring_about(end: End, child: &Child, place: &Place) -> Result<(), String> {
    let victim = match end {
        End::Finished => return Ok(()),
        End::Signalled(signal) => {
            return kill_process(Pid::from_child(child), signal).map_err(said);
        }
        End::ZygoteLost => {
            let of_plugin = |words: &str| words.contains("plugin.py");
            // The one that others are forked from has the lowest number.
            let zygote =
                || place.processes().iter().filter(|(_, words)| of_plugin(words)).map(|(pid, _)| *pid).min();
            // Its successor may be about to begin.
            wait_until("a process has collected something", || zygote().is_some())?;
            zygote().ok_or("it has ended")?
        }
    };
    let victim = Pid::from_raw(victim).ok_or("a process has a number")?;
    kill_process(victim, Signal::KILL).map_err(said)
}

fn ended_as_wanted(status: ExitStatus, end: End) -> Result<(), String> {
    let killed = end == End::Signalled(Signal::KILL);
    // Findings, none, or none so far; never that it could not hunt.
    let is_right = if killed { status.code().is_none() } else { matches!(status.code(), Some(0 | 1 | 3)) };
    if is_right { Ok(()) } else { Err(format!("the hunt ended with {status}")) }
}

/// Of all that he has touched: what is not as he has left it.
fn own_work_that_is_not_there(user: &User) -> Vec<String> {
    let is_directory =
        |path: &PathBuf| user.expected.get(path).is_some_and(|entry| entry.mode & 0o170_000 == 0o040_000);
    let mut wanted = entries::Entries::new();
    let mut found = entries::Entries::new();
    for path in user.own.iter().filter(|path| !is_directory(path)) {
        wanted.extend(user.expected.get(path).map(|entry| (path.clone(), entry.clone())));
        found.extend(entry(path).ok().map(|entry| (path.clone(), entry)));
    }
    differences(&wanted, &found)
}
