//! What a hunt is to do, and where it keeps its runs.

use std::path::PathBuf;
use std::time::Duration;

use crate::budget::Interruption;
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::HuntClock;
use crate::suite::runner::suite::Suite;

/// What to hunt in, and how long.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HuntSettings {
    /// The interpreter, which has pytest.
    pub python: PathBuf,
    /// Arguments for pytest.
    pub arguments: Vec<String>,
    /// Look only for orders in which these tests change their outcome.
    pub victims: Vec<String>,
    /// Ids of tests, in the order to begin with.
    pub order: Option<Vec<String>>,
    /// The kinds of orders to run.
    pub orders: Vec<OrderKind>,
    /// Rules all randomness.
    pub seed: u64,
    /// The timestamps; `None` is real ones and a frozen pass.
    pub timestamps: Option<HuntClock>,
    /// How long to search.
    pub budget: Duration,
    /// How long one test may take.
    pub test_timeout: Duration,
    /// How many runs may be made at once; `None` is as many as there are cores in a private view, else one.
    pub jobs: Option<usize>,
    /// Which files runs see.
    pub isolation: Isolation,
    /// The executable that hands over to [`keep`](super::keep) when it is started with the one argument `keep`.
    pub keeper: PathBuf,
    /// What a private view covers besides the suite's checkout: the home directory, temporary ones.
    pub directories: Vec<PathBuf>,
    /// A process per order instead of forks.
    pub fresh: bool,
    /// Where finished runs are kept.
    pub journal: PathBuf,
    /// Go on with what the journal holds.
    pub resume: bool,
    /// Where what reproduces findings is written, if anywhere.
    pub emit: Option<PathBuf>,
    /// Set when somebody wants the hunt to end.
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
            orders: vec![OrderKind::Given, OrderKind::Reverse, OrderKind::Pairs, OrderKind::Random],
            seed: 0,
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
            interruption: Interruption::default(),
        }
    }
}

/// Which files runs see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Isolation {
    /// Private where the system allows that, else in place.
    Auto,
    /// Each run a view of its own; the hunt does not begin where that is not allowed.
    Private,
    /// Those that everybody sees.
    InPlace,
}

/// One journal for each suite, interpreter and set of arguments, for each state of the test files, and for the files that are
/// left out.
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
