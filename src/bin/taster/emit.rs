//! `taster emit`: a finding as a Python script that needs no taster.

use taster::interpreter::Kind;
use taster::run::Diagnosis;

use crate::finding_option::SourceOptions;
use crate::format::print;
use crate::status::{CommandError, Status, complain};

/// Options of `taster emit`.
#[derive(Debug, clap::Args)]
pub(crate) struct EmitOptions {
    #[command(flatten)]
    source: SourceOptions,
    /// The finding's number in the report of `taster run` with the same options
    #[arg(long, value_name = "N", default_value = "1")]
    finding: usize,
}

/// Prints the script, once it was seen to reproduce the finding.
pub(crate) fn emit(options: &EmitOptions) -> Result<Status, CommandError> {
    let judged = options.source.judge(Diagnosis::Full)?;
    let (verdict, finding) = judged.numbered(options.finding)?;
    let mut installation = judged.installation(verdict)?;
    if installation.identity.kind == Kind::Model {
        let mut others = judged.installations().iter();
        installation = others.find(|other| other.identity.kind != Kind::Model).unwrap_or(installation);
    }
    let emitted = taster::emit::emit(&judged.scenario, installation, &verdict.timestamps, finding)
        .map_err(CommandError::because)?;
    complain(format!("on {} it {}", installation.identity.label, emitted.said.trim()));
    print(&emitted.script)?;
    Ok(Status::AsDeclared)
}
