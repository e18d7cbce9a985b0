//! How schedulers and CI systems number the jobs of one kind, each in variables of its own.

use super::{Shard, ShardError};

/// The variable that says which shard a job is, before all others.
const OWN: &str = "TASTER_SHARD";
/// The variable that says how many jobs there are, where a scheduler does not.
const TOTAL: &str = "TASTER_SHARDS";

/// A system that says which of how many.
struct System {
    name: &'static str,
    index: &'static str,
    /// The number of the first job.
    first: usize,
    total: &'static str,
}

const SYSTEMS: [System; 10] = [
    System { name: "GitLab", index: "CI_NODE_INDEX", first: 1, total: "CI_NODE_TOTAL" },
    System { name: "CircleCI", index: "CIRCLE_NODE_INDEX", first: 0, total: "CIRCLE_NODE_TOTAL" },
    System {
        name: "Buildkite",
        index: "BUILDKITE_PARALLEL_JOB",
        first: 0,
        total: "BUILDKITE_PARALLEL_JOB_COUNT",
    },
    System {
        name: "Azure Pipelines",
        index: "SYSTEM_JOBPOSITIONINPHASE",
        first: 1,
        total: "SYSTEM_TOTALJOBSINPHASE",
    },
    System {
        name: "Bitbucket Pipelines",
        index: "BITBUCKET_PARALLEL_STEP",
        first: 0,
        total: "BITBUCKET_PARALLEL_STEP_COUNT",
    },
    System { name: "Semaphore", index: "SEMAPHORE_JOB_INDEX", first: 1, total: "SEMAPHORE_JOB_COUNT" },
    System {
        name: "AWS Batch",
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        first: 0,
        total: "AWS_BATCH_JOB_ARRAY_SIZE",
    },
    System { name: "Cloud Run", index: "CLOUD_RUN_TASK_INDEX", first: 0, total: "CLOUD_RUN_TASK_COUNT" },
    System { name: "Kubernetes", index: "JOB_COMPLETION_INDEX", first: 0, total: TOTAL },
    System { name: "PBS", index: "PBS_ARRAY_INDEX", first: 1, total: TOTAL },
];

/// A scheduler whose jobs have numbers from a first to a last one, in steps.
struct Array {
    name: &'static str,
    index: &'static str,
    first: &'static str,
    last: &'static str,
    step: &'static str,
    /// How many jobs there really are, where the scheduler says so: numbers may be left out.
    count: Option<&'static str>,
}

const ARRAYS: [Array; 2] = [
    Array {
        name: "SLURM",
        index: "SLURM_ARRAY_TASK_ID",
        first: "SLURM_ARRAY_TASK_MIN",
        last: "SLURM_ARRAY_TASK_MAX",
        step: "SLURM_ARRAY_TASK_STEP",
        count: Some("SLURM_ARRAY_TASK_COUNT"),
    },
    Array {
        name: "Grid Engine",
        index: "SGE_TASK_ID",
        first: "SGE_TASK_FIRST",
        last: "SGE_TASK_LAST",
        step: "SGE_TASK_STEPSIZE",
        count: None,
    },
];

/// The shard that this job is, by the variables of the system that started it.
///
/// # Errors
/// If no system says so, or only half of it, with what is missing; or if two systems say different things.
pub fn numbered(variable: impl Fn(&str) -> Option<String>) -> Result<Shard, ShardError> {
    // Grid Engine sets its variables for jobs that are no array, too.
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty() && value != "undefined");
    if let Some(own) = variable(OWN) {
        return own.parse().map_err(|error| ShardError(format!("{OWN}: {error}")));
    }
    let systems = SYSTEMS.iter().filter_map(|system| Some((system.name, system.shard(&variable)?)));
    let arrays = ARRAYS.iter().filter_map(|array| Some((array.name, array.shard(&variable)?)));
    let said: Vec<(&str, Result<Shard, ShardError>)> = systems.chain(arrays).collect();
    let whole: Vec<(&str, Shard)> =
        said.iter().filter_map(|(name, shard)| Some((*name, shard.clone().ok()?))).collect();
    match whole.as_slice() {
        [(_, shard), others @ ..] => match others.iter().find(|(_, other)| other != shard) {
            None => Ok(*shard),
            Some((other, another)) => Err(ShardError(format!(
                "{} says that this is shard {shard}, and {other} that it is shard {another}: write which one, --shard K/N",
                whole[0].0
            ))),
        },
        [] => Err(said.into_iter().find_map(|(_, half)| half.err()).unwrap_or_else(none)),
    }
}

fn none() -> ShardError {
    let names: Vec<&str> =
        SYSTEMS.iter().map(|system| system.index).chain(ARRAYS.iter().map(|array| array.index)).collect();
    ShardError(format!(
        "nothing says which shard this is: none of {OWN}, {} is set; write it, --shard K/N",
        names.join(", ")
    ))
}

fn missing(name: &str, index: &str, variable: &str) -> ShardError {
    let help = if variable == TOTAL { "; set it to the number of jobs" } else { "" };
    ShardError(format!("{name} sets {index}, but {variable} is not set{help}"))
}

fn number(variable: &str, value: &str) -> Result<usize, ShardError> {
    value.parse().map_err(|_no_number| ShardError(format!("{variable} is no number: {value}")))
}

impl System {
    /// `None` if the system says nothing.
    fn shard(&self, variable: &impl Fn(&str) -> Option<String>) -> Option<Result<Shard, ShardError>> {
        let (index, total) = (variable(self.index), variable(self.total));
        match (index, total) {
            (Some(index), Some(total)) => Some(self.of(&index, &total)),
            (Some(_), None) => Some(Err(missing(self.name, self.index, self.total))),
            (None, Some(_)) if self.total != TOTAL => Some(Err(missing(self.name, self.total, self.index))),
            (None, _) => None,
        }
    }

    fn of(&self, index: &str, total: &str) -> Result<Shard, ShardError> {
        let (place, of) = (number(self.index, index)?, number(self.total, total)?);
        let from_one = (place + 1).checked_sub(self.first).filter(|from_one| (1..=of).contains(from_one));
        let wrong = || {
            let last = of + self.first - usize::from(of > 0);
            ShardError(format!(
                "{} is {place}, where jobs have numbers from {} to {last}",
                self.index, self.first
            ))
        };
        Shard::new(from_one.ok_or_else(wrong)?, of)
    }
}

impl Array {
    /// `None` if the scheduler says nothing.
    fn shard(&self, variable: &impl Fn(&str) -> Option<String>) -> Option<Result<Shard, ShardError>> {
        let index = variable(self.index)?;
        Some(self.of(&index, variable))
    }

    fn of(&self, index: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<Shard, ShardError> {
        let known = |name: &str| {
            let value = variable(name).ok_or_else(|| missing(self.name, self.index, name))?;
            number(name, &value)
        };
        let (index, first, last, step) =
            (number(self.index, index)?, known(self.first)?, known(self.last)?, known(self.step)?.max(1));
        let of = last.saturating_sub(first) / step + 1;
        let place = index.checked_sub(first).filter(|place| index <= last && place % step == 0);
        let count = self.count.map(known).transpose()?.unwrap_or(of);
        match place {
            Some(place) if count == of => Shard::new(place / step + 1, of),
            _ => Err(ShardError(format!(
                "{}: numbers are left out in this array ({} is {index}, from {first} to {last} in steps of {step}, {count} \
                 jobs); number jobs without a gap",
                self.name, self.index
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(variables: &[(&str, &str)]) -> Result<String, String> {
        let variable = |wanted: &str| {
            variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
        };
        numbered(variable).map(|shard| shard.to_string()).map_err(|error| error.to_string())
    }

    fn slurm<'a>(id: &'a str, [min, max, step, count]: [&'a str; 4]) -> [(&'a str, &'a str); 5] {
        [
            ("SLURM_ARRAY_TASK_ID", id),
            ("SLURM_ARRAY_TASK_MIN", min),
            ("SLURM_ARRAY_TASK_MAX", max),
            ("SLURM_ARRAY_TASK_STEP", step),
            ("SLURM_ARRAY_TASK_COUNT", count),
        ]
    }

    #[test]
    fn the_variables_of_each_system_are_understood() {
        let said = |variables: &[(&str, &str)]| shard(variables).unwrap();
        assert_eq!(said(&[("CI_NODE_INDEX", "3"), ("CI_NODE_TOTAL", "4")]), "3/4");
        assert_eq!(said(&[("CIRCLE_NODE_INDEX", "0"), ("CIRCLE_NODE_TOTAL", "4")]), "1/4");
        assert_eq!(said(&[("BUILDKITE_PARALLEL_JOB", "3"), ("BUILDKITE_PARALLEL_JOB_COUNT", "4")]), "4/4");
        assert_eq!(said(&[("SYSTEM_JOBPOSITIONINPHASE", "1"), ("SYSTEM_TOTALJOBSINPHASE", "2")]), "1/2");
        assert_eq!(said(&[("BITBUCKET_PARALLEL_STEP", "0"), ("BITBUCKET_PARALLEL_STEP_COUNT", "3")]), "1/3");
        assert_eq!(said(&[("SEMAPHORE_JOB_INDEX", "3"), ("SEMAPHORE_JOB_COUNT", "3")]), "3/3");
        assert_eq!(said(&[("AWS_BATCH_JOB_ARRAY_INDEX", "9"), ("AWS_BATCH_JOB_ARRAY_SIZE", "10")]), "10/10");
        assert_eq!(said(&[("CLOUD_RUN_TASK_INDEX", "1"), ("CLOUD_RUN_TASK_COUNT", "2")]), "2/2");
        assert_eq!(said(&[("JOB_COMPLETION_INDEX", "0"), ("TASTER_SHARDS", "8")]), "1/8");
        assert_eq!(said(&[("PBS_ARRAY_INDEX", "8"), ("TASTER_SHARDS", "8")]), "8/8");
        assert_eq!(said(&slurm("5", ["5", "8", "1", "4"])), "1/4");
        assert_eq!(said(&slurm("6", ["0", "6", "2", "4"])), "4/4");
        // The last number of a range need not be a job's.
        assert_eq!(said(&slurm("4", ["0", "5", "2", "3"])), "3/3");
        let sge = [
            ("SGE_TASK_ID", "3"),
            ("SGE_TASK_FIRST", "1"),
            ("SGE_TASK_LAST", "5"),
            ("SGE_TASK_STEPSIZE", "2"),
        ];
        assert_eq!(said(&sge), "2/3");
        assert_eq!(said(&[("TASTER_SHARD", "2/3"), ("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "4")]), "2/3");
    }

    #[test]
    fn what_is_missing_is_named() {
        let wrong = |variables: &[(&str, &str)]| shard(variables).unwrap_err();
        assert!(
            wrong(&[]).starts_with("nothing says which shard this is: none of TASTER_SHARD, CI_NODE_INDEX")
        );
        assert_eq!(
            wrong(&[("CI_NODE_INDEX", "3")]),
            "GitLab sets CI_NODE_INDEX, but CI_NODE_TOTAL is not set"
        );
        assert_eq!(
            wrong(&[("CI_NODE_TOTAL", "3")]),
            "GitLab sets CI_NODE_TOTAL, but CI_NODE_INDEX is not set"
        );
        assert_eq!(
            wrong(&[("JOB_COMPLETION_INDEX", "0")]),
            "Kubernetes sets JOB_COMPLETION_INDEX, but TASTER_SHARDS is not set; set it to the number of jobs"
        );
        assert_eq!(
            wrong(&slurm("1", ["0", "3", "1", "4"])[..4]),
            "SLURM sets SLURM_ARRAY_TASK_ID, but SLURM_ARRAY_TASK_COUNT is not set"
        );
        assert_eq!(
            wrong(&[("PBS_ARRAY_INDEX", "0"), ("TASTER_SHARDS", "8")]),
            "PBS_ARRAY_INDEX is 0, where jobs have numbers from 1 to 8"
        );
        assert_eq!(
            wrong(&[("CIRCLE_NODE_INDEX", "4"), ("CIRCLE_NODE_TOTAL", "4")]),
            "CIRCLE_NODE_INDEX is 4, where jobs have numbers from 0 to 3"
        );
        assert!(
            wrong(&slurm("7", ["1", "7", "1", "3"])).starts_with("SLURM: numbers are left out in this array")
        );
        assert!(wrong(&[("CI_NODE_INDEX", "x"), ("CI_NODE_TOTAL", "4")]).contains("is no number: x"));
        // Grid Engine says `undefined` where there is no array.
        assert!(wrong(&[("SGE_TASK_ID", "undefined")]).starts_with("nothing says"));
    }

    #[test]
    fn two_systems_that_disagree_are_both_named() {
        let both =
            [slurm("0", ["0", "3", "1", "4"]).to_vec(), vec![("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "2")]];
        let wrong = shard(&both.concat()).unwrap_err();
        assert!(
            wrong.starts_with("GitLab says that this is shard 1/2, and SLURM that it is shard 1/4"),
            "{wrong}"
        );
        let alike =
            [slurm("0", ["0", "3", "1", "4"]).to_vec(), vec![("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "4")]];
        assert_eq!(shard(&alike.concat()).unwrap(), "1/4");
        // GitLab's total without `parallel` is no reason not to listen to SLURM.
        let half = [slurm("0", ["0", "3", "1", "4"]).to_vec(), vec![("CI_NODE_TOTAL", "1")]];
        assert_eq!(shard(&half.concat()).unwrap(), "1/4");
    }
}
