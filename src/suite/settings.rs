//! The settings of a hunt, and where it keeps its runs.

use std::path::PathBuf;
use std::time::Duration;

use crate::budget::Interruption;
use crate::shard::Shard;
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::HuntClock;
use crate::suite::runner::suite::Suite;

/// The settings of a hunt.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct HuntSettings {
    /// The interpreter, which must have pytest.
    pub python: PathBuf,
    /// Arguments for pytest.
    pub arguments: Vec<String>,
    /// If not empty: search only for orders in which these tests change their outcome.
    pub victims: Vec<String>,
    /// The ids of tests, in the order to begin with.
    pub order: Option<Vec<String>>,
    /// The kinds of orders to run.
    pub orders: Vec<OrderKind>,
    /// The seed of all randomness.
    pub seed: u64,
    /// What of the search is this machine's; `None` means all.
    pub shard: Option<Shard>,
    /// The timestamps; `None` means real ones and a frozen pass.
    pub timestamps: Option<HuntClock>,
    /// How long to search.
    pub budget: Duration,
    /// How long one test may take.
    pub test_timeout: Duration,
    /// The number of simultaneous runs; `None` means one per core in a private view, else one.
    pub jobs: Option<usize>,
    /// The files that runs see.
    pub isolation: Isolation,
    /// The executable that calls [`keep`](super::keep) when it is started with the one argument `keep`.
    pub keeper: PathBuf,
    /// Directories that a private view covers besides the suite's checkout: the home directory, temporary directories.
    pub directories: Vec<PathBuf>,
    /// Whether to start a process per order instead of forking.
    pub fresh: bool,
    /// The directory for finished runs.
    pub journal: PathBuf,
    /// Whether to continue with the runs in the journal.
    pub resume: bool,
    /// Where to write reproductions of findings, if anywhere.
    pub emit: Option<PathBuf>,
    /// Whether to run the commands that a person can paste.
    pub commands: bool,
    /// Where to write patches that cure findings, if anywhere.
    pub fix: Option<PathBuf>,
    /// Whether to change the checkout by the patches.
    pub apply: bool,
    /// Set to end the hunt.
    pub interruption: Interruption,
}

impl HuntSettings {
    /// The defaults, for an interpreter, arguments for pytest, the journal's directory and the keeper's executable.
    pub fn new(python: PathBuf, arguments: Vec<String>, journal: PathBuf, keeper: PathBuf) -> Self {
        Self {
            python,
            arguments,
            victims: Vec::new(),
            order: None,
            orders: vec![
                OrderKind::Given,
                OrderKind::State,
                OrderKind::Reverse,
                OrderKind::Pairs,
                OrderKind::Random,
            ],
            seed: 0,
            shard: None,
            timestamps: None,
            budget: Duration::from_mins(10),
            test_timeout: Duration::from_mins(1),
            jobs: None,
            isolation: Isolation::Auto,
            keeper,
            directories: Vec::new(),
            fresh: false,
            journal,
            resume: false,
            emit: None,
            commands: true,
            fix: None,
            apply: false,
            interruption: Interruption::default(),
        }
    }
}

/// The files that runs see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Isolation {
    /// Private if the system allows that, else in place.
    Auto,
    /// A private view for each run; the hunt does not begin if that is not allowed.
    Private,
    /// The real files.
    InPlace,
}

/// The path of the journal: one for each suite, interpreter and set of arguments, each state of the test files,
/// each set of files left out, and each shard.
pub(super) fn journal_path(settings: &HuntSettings, suite: &Suite, without: &[PathBuf]) -> PathBuf {
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        hasher.update(text.as_bytes());
        hasher.update(&[0]);
    };
    add(&settings.python.to_string_lossy());
    add(&std::env::current_dir().unwrap_or_default().to_string_lossy());
    settings.arguments.iter().for_each(|argument| add(argument));
    without.iter().for_each(|path| add(&path.to_string_lossy()));
    if let Some(shard) = settings.shard {
        add(&shard.to_string());
    }
    let mut last = "";
    for item in &suite.items {
        add(&item.id);
        if item.file != last {
            last = &item.file;
            let stamp = std::fs::metadata(&item.file).and_then(|data| data.modified());
            add(&format!("{stamp:?}"));
        }
    }
    settings.journal.join(format!("{}.jsonl", &hasher.finalize().to_hex()[..16]))
}
