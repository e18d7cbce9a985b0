//! The first exchange with a new agent: what it receives, and whether it is the interpreter that its files promised. And what
//! each session receives.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Instant;

use super::agent::{Agent, AgentError, PATIENCE};
use super::encode;
use super::program::Program;
use super::protocol::{self, Answered, Asked, Secret, join};
use crate::interpreter::Identity;
use crate::scenario::{RealCode, Requirement};

/// What is settled when an interpreter starts, and is therefore the same for all sessions of a room.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RoomKind {
    pub(super) confined: bool,
    pub(super) bytecode: bool,
    pub(super) real: RealCode,
}

/// What a configured agent has answered.
pub(super) struct Configured {
    /// The zygote's process.
    pub(super) zygote: i64,
    /// The names and versions of installed distributions, among those that are required.
    pub(super) installed: Vec<(String, String)>,
}

/// Configures the agent for all sessions of this kind below `root`.
pub(super) fn configure(
    agent: &mut Agent,
    kind: &RoomKind,
    identity: &Identity,
    root: &Path,
) -> Result<Configured, AgentError> {
    let deadline = Instant::now() + PATIENCE;
    let flag = |flag: bool| -> &[u8] { if flag { b"1" } else { b"0" } };
    let (secret, real) = (agent.secret(), &kind.real);
    let root = root.as_os_str().as_bytes();
    let directories = join(real.directories.iter().map(|path| path.as_os_str().as_bytes()));
    let requires = join(real.requires.iter().map(Requirement::normal_name));
    let (bytecode, confined, site) = (flag(kind.bytecode), flag(kind.confined), flag(real.site_packages));
    let settings = [secret.as_bytes(), root, bytecode, confined, &directories, site, &requires];
    agent.send(Asked::Configure, "", &join(settings), deadline)?;
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

/// What a session of this program receives, as the payload of a command.
pub(super) fn session(program: &Program, secret: Secret) -> Vec<u8> {
    let actions = join(program.actions.iter().map(encode::action));
    let sources = join(program.sources.iter().flat_map(|(path, text)| [path.as_str(), text]));
    join([secret.as_bytes(), &actions, &sources])
}
