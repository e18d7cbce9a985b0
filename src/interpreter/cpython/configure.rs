//! The first exchange with a new agent: what it receives, and whether it is the interpreter that its files promised.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Instant;

use super::agent::{Agent, AgentError, PATIENCE};
use super::encode;
use super::program::Program;
use super::protocol::{self, Answered, Asked, join};
use crate::interpreter::Identity;
use crate::scenario::Requirement;

/// What a configured agent has answered.
pub(super) struct Configured {
    /// The zygote's process.
    pub(super) zygote: i64,
    /// The names and versions of installed distributions, among those that the scenario requires.
    pub(super) installed: Vec<(String, String)>,
}

/// Configures the agent for the steps of `program` below `root`.
pub(super) fn configure(
    agent: &mut Agent,
    program: &Program,
    identity: &Identity,
    root: &Path,
    confined: bool,
) -> Result<Configured, AgentError> {
    let deadline = Instant::now() + PATIENCE;
    let actions = join(program.actions.iter().map(encode::action));
    let bytecode: &[u8] = if program.bytecode { b"1" } else { b"0" };
    let sources = join(program.sources.iter().flat_map(|(path, text)| [path.as_str(), text]));
    let confined: &[u8] = if confined { b"1" } else { b"0" };
    let secret = agent.secret();
    let root = root.as_os_str().as_bytes();
    let real = &program.real;
    let directories = join(real.directories.iter().map(|path| path.as_os_str().as_bytes()));
    let site: &[u8] = if real.site_packages { b"1" } else { b"0" };
    let requires = join(real.requires.iter().map(Requirement::normal_name));
    let settings =
        [secret.as_bytes(), root, bytecode, confined, &actions, &sources, &directories, site, &requires];
    let settings = join(settings);
    agent.send(Asked::Configure, "", &settings, deadline)?;
    let hello = agent.receive(deadline)?;
    let [protocol, version, zygote, installed] = hello.fields()?;
    let expected = identity.version.to_string();
    if hello.kind != Answered::Hello || protocol != protocol::VERSION || version != expected.as_bytes() {
        return Err(hello.unexpected().into());
    }
    let zygote = protocol::decimal(zygote).ok_or_else(|| hello.unexpected())?;
    let fields = protocol::split(installed).ok_or_else(|| hello.unexpected())?;
    let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
    let (pairs, _) = fields.as_chunks();
    let installed = pairs.iter().map(|[name, version]| (text(name), text(version))).collect();
    Ok(Configured { zygote, installed })
}
