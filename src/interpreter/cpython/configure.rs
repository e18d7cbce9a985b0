//! The first exchange with a new agent: what it receives, and whether it is the interpreter that its files promised.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Instant;

use super::agent::{Agent, AgentError, PATIENCE};
use super::encode;
use super::program::Program;
use super::protocol::{self, Answered, Asked, join};
use crate::interpreter::Identity;

/// Configures the agent for the steps of `program` below `root`, and returns the zygote's process.
pub(super) fn configure(
    agent: &mut Agent,
    program: &Program,
    identity: &Identity,
    root: &Path,
    confined: bool,
) -> Result<i64, AgentError> {
    let deadline = Instant::now() + PATIENCE;
    let actions = join(program.actions.iter().map(encode::action));
    let bytecode: &[u8] = if program.bytecode { b"1" } else { b"0" };
    let sources = join(program.sources.iter().flat_map(|(path, text)| [path.as_str(), text]));
    let confined: &[u8] = if confined { b"1" } else { b"0" };
    let secret = agent.secret();
    let root = root.as_os_str().as_bytes();
    let settings = join([secret.as_bytes(), root, bytecode, confined, &actions, &sources]);
    agent.send(Asked::Configure, "", &settings, deadline)?;
    let hello = agent.receive(deadline)?;
    let [protocol, version, zygote] = hello.fields()?;
    let expected = identity.version.to_string();
    if hello.kind != Answered::Hello || protocol != protocol::VERSION || version != expected.as_bytes() {
        return Err(hello.unexpected().into());
    }
    protocol::decimal(zygote).ok_or_else(|| hello.unexpected().into())
}
