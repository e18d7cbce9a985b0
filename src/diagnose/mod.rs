//! From what was explored to findings. What a test does over some orderings is read by `fate`; single polluters and
//! minimal sets are sought by `search`; what a finding shows is filled in by `detail`. What a finding *is* stands in `finding`.

mod detail;
mod fate;
mod finding;
mod search;

pub use finding::{Alone, Cause, Finding, FindingKind, Probability, Remedy, StepPlace, Trial};

use crate::explore::{Budget, ExploreError, Explorer};

/// What is known before findings are sought.
#[derive(Debug)]
pub struct Explored<'e, 'a> {
    /// The explorer, with all that was performed so far.
    pub explorer: &'e mut Explorer<'a>,
    /// The orderings that were sampled, by the test of each step; none where all orderings were covered.
    pub samples: Option<Vec<Vec<usize>>>,
    /// Interpreters that may work at once.
    pub jobs: usize,
    /// Limits of the search.
    pub budget: Budget,
}

/// What each test does alone, and what was found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Findings {
    /// By test.
    pub alone: Vec<Alone>,
    /// By test, kind and others.
    pub findings: Vec<Finding>,
    /// Orderings that were performed for the search alone.
    pub runs: u64,
}

impl Findings {
    /// Nothing sought, nothing found.
    pub fn none(tests: usize) -> Self {
        Self { alone: vec![Alone::Unknown; tests], findings: Vec::new(), runs: 0 }
    }
}

/// Seeks the findings of every test, with witness, neighbour and steps.
///
/// # Errors
/// Where the interpreter is lost for good.
pub fn findings(explored: Explored<'_, '_>) -> Result<Findings, ExploreError> {
    let mut search = search::Search::new(explored);
    let (alone, suspects) = search.suspects()?;
    let mut findings = Vec::with_capacity(suspects.len());
    for suspect in suspects {
        findings.push(detail::describe(search.explorer(), suspect)?);
    }
    findings.sort_by(|a, b| (a.test, a.kind, &a.others).cmp(&(b.test, b.kind, &b.others)));
    Ok(Findings { alone, findings, runs: search.runs() })
}
