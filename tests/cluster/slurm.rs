//! An array job of SLURM, one task for each shard. One task is killed and put back into the queue, and nothing is lost.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::{Completion, Failed, Trial};
use tempfile::TempDir;

use crate::{is_there, said};

const SHARDS: usize = 4;
/// The task that is killed.
const KILLED: usize = 2;
/// Longer than any of this takes, to end what hangs.
const PATIENCE: Duration = Duration::from_secs(120);
const RUN: &str = "run scenarios/three-modules.toml scenarios/clean.toml scenarios/bpython-582.toml scenarios/same-name.toml \
                   scenarios/late-portion.toml --python model:3.11,model:3.8";

/// Why nothing of this can run.
pub(crate) fn missing() -> Option<String> {
    let programs = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol", "hostname"];
    let missing: Vec<&str> = programs.into_iter().filter(|program| !is_there(program)).collect();
    if !missing.is_empty() {
        return Some(format!(
            "an array job of SLURM: no {} (Debian's slurm-wlm and munge)",
            missing.join(", no ")
        ));
    }
    let is_root = rustix::process::geteuid().is_root();
    (!is_root).then(|| "an array job of SLURM: it takes root to start a cluster".to_owned())
}

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::ignorable_test("slurm::a_task_that_is_killed_and_requeued_loses_nothing", array_job)]
}

/// A cluster of this machine, which ends when this is dropped.
struct Cluster {
    script: Child,
    /// What it ends by.
    stdin: Option<ChildStdin>,
    directory: TempDir,
}

impl Cluster {
    /// Or what it wrote, if it does not start on this machine.
    fn start() -> Result<Result<Self, String>, Failed> {
        let directory = tempfile::tempdir()?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/start");
        let mut command = Command::new(script);
        let mut script =
            command.arg(directory.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (stdin, stdout) = (script.stdin.take(), script.stdout.take());
        let mut cluster = Self { script, stdin, directory };
        let mut line = String::new();
        BufReader::new(stdout.ok_or("no output")?).read_line(&mut line)?;
        if line != "ready\n" {
            drop(cluster.stdin.take());
            return Ok(Err(format!("the cluster does not start here:\n{}", cluster.logs())));
        }
        Ok(Ok(cluster))
    }

    fn logs(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.directory.path().join(name)).unwrap_or_default();
        ["log", "munged.log", "slurmctld.log", "slurmd.log"].map(read).join("\n")
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Result<String, Failed> {
        let mut command = Command::new(program);
        said(command.args(arguments).env("SLURM_CONF", self.directory.path().join("slurm.conf")))
    }

    /// Waits until something holds.
    fn wait(&self, what: &str, holds: impl Fn() -> Result<bool, Failed>) -> Result<(), Failed> {
        let began = Instant::now();
        while !holds()? {
            if began.elapsed() > PATIENCE {
                let queue = self.command("squeue", &["-a"])?;
                return Err(format!("{what}: not within {PATIENCE:?}\n{queue}\n{}", self.logs()).into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.script.wait();
    }
}

/// The job: each task writes its shard. The first time, the task that is going to be killed says that it has begun, and waits.
fn job(folder: &Path) -> String {
    format!(
        "#!/bin/sh\n\
         cd '{package}'\n\
         if [ \"$SLURM_ARRAY_TASK_ID\" = {KILLED} ] && [ \"${{SLURM_RESTART_COUNT:-0}}\" = 0 ]; then\n\
             '{taster}' {RUN} --format json --shard auto | head -n 3 | head -c -40 > '{folder}/{KILLED}.0.json'\n\
             touch '{folder}/begun'\n\
             exec sleep 1000\n\
         fi\n\
         exec '{taster}' {RUN} --format json --shard auto > \"{folder}/$SLURM_ARRAY_TASK_ID.${{SLURM_RESTART_COUNT:-0}}.json\"\n",
        package = env!("CARGO_MANIFEST_DIR"),
        taster = env!("CARGO_BIN_EXE_taster"),
        folder = folder.display(),
    )
}

fn array_job() -> Result<Completion, Failed> {
    match Cluster::start()? {
        Ok(cluster) => array_job_on(cluster).map(|()| Completion::Completed),
        Err(why) => {
            eprintln!("not run: an array job of SLURM: {why}");
            Ok(Completion::ignored_with(why))
        }
    }
}

fn array_job_on(cluster: Cluster) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("job");
    fs::write(&script, job(folder.path()))?;
    let (array, script) = (format!("--array=1-{SHARDS}"), script.display().to_string());
    let output = format!("--output={}/%a.out", folder.path().display());
    let job = cluster.command("sbatch", &["--parsable", "--requeue", &array, &output, &script])?;
    let task = format!("{}_{KILLED}", job.trim());
    cluster.wait("the task begins", || Ok(folder.path().join("begun").exists()))?;
    // Killed in the middle of a line, and put back into the queue.
    cluster.command("scontrol", &["requeue", &task])?;
    cluster.wait("the job ends", || Ok(cluster.command("squeue", &["-h"])?.trim().is_empty()))?;
    drop(cluster);
    let files = written(folder.path())?;
    if files.len() != SHARDS + 1 || !files.iter().any(|file| file.ends_with("2.1.json")) {
        return Err(
            format!("other files than one of each task, and one more of the killed one: {files:?}").into()
        );
    }
    let taster = || Command::new(env!("CARGO_BIN_EXE_taster"));
    let one = said(taster().args(RUN.split(' ')))?;
    if said(taster().arg("merge").args(&files))? != one {
        return Err("the shards say something else than one machine".into());
    }
    // Without the second try, what it had is missing, which is said.
    let rest: Vec<&PathBuf> = files.iter().filter(|file| !file.ends_with("2.1.json")).collect();
    let merged = taster().arg("merge").args(rest).output()?;
    let told = String::from_utf8_lossy(&merged.stdout).contains("shard 2/4 ended after 1 of ");
    if merged.status.code() != Some(3) || !told {
        return Err(format!("{merged:?}").into());
    }
    Ok(())
}

/// What the tasks wrote.
fn written(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let entries =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    let mut files: Vec<PathBuf> = entries
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    Ok(files)
}
