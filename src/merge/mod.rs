//! Joins what shards wrote to what one machine would have found. `lines` reads their files, `copies` chooses one of several copies of a
//! shard and says which shards are not there, `run` puts the parts of runs back into their order,
//! `hunt` reads the reports of hunts, and `package` what surveys of packages have seen.

mod copies;
mod error;
mod hunt;
mod lines;
mod package;
mod run;

pub use error::{MergeError, MissingShard};
pub use hunt::MergedHunt;
pub use package::MergedPackage;
pub use run::{MergedRun, ToldOfRun};

use lines::Segment;

/// Several shards as one.
#[derive(Debug)]
#[non_exhaustive]
pub enum Merged {
    /// Shards of `taster run`.
    Run(MergedRun),
    /// Shards of `taster hunt`.
    Hunt(Box<MergedHunt>),
    /// Shards of `taster package`.
    Package(MergedPackage),
}

/// Joins the shards in these files, each with its name.
///
/// # Errors
/// If a file holds something else, or they do not belong together.
pub fn merge(files: &[(String, String)]) -> Result<Merged, MergeError> {
    let mut segments = Vec::new();
    for (name, text) in files {
        segments.extend(lines::segments(name, text)?);
    }
    let Some(first) = segments.first() else {
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        return Err(MergeError::Empty(names.join(", ")));
    };
    belong_together(&segments)?;
    match first.whole.verb.as_str() {
        "run" => Ok(Merged::Run(run::join(&segments)?)),
        "hunt" => Ok(Merged::Hunt(Box::new(hunt::join(&segments)?))),
        "package" => Ok(Merged::Package(package::join(&segments)?)),
        other => Err(MergeError::OtherVerb(first.file.clone(), other.to_owned())),
    }
}

fn belong_together(segments: &[Segment]) -> Result<(), MergeError> {
    let [first, others @ ..] = segments else { return Ok(()) };
    for other in others {
        let (file, first_file) = (other.file.clone(), first.file.clone());
        if let Err(why) = other.whole.belongs_to(&first.whole) {
            return Err(MergeError::Other { file, first: first_file, why });
        }
        if other.shard.of != first.shard.of {
            let shards = (other.shard, first.shard);
            return Err(MergeError::OtherCount { file, first: first_file, shards });
        }
    }
    Ok(())
}
