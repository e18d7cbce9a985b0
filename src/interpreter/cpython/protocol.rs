//! Commands, frames and fields of the agent's protocol. A frame from the agent is a letter, ten digits, a
//! colon, the session's secret, and as many bytes as the digits say. A command has no secret; its arguments
//! come before those bytes, padded to a fixed length, so that the usual command needs one read. A field is its
//! length in decimal, a colon, and its bytes. `agent` and `agent.py` decide what to send.
//!
//! The secret keeps code that writes to every open descriptor from forging answers. Code that searches the
//! agent's memory for the secret can find it.

/// The version that both sides must speak.
pub(super) const VERSION: &[u8] = b"5";
/// The length of a frame's head without the secret, and of a command's head.
const HEAD: usize = 12;
/// The length of the secret.
const SECRET: usize = 16;
/// The longest payload of a frame; the agent sends none that is longer.
const LONGEST: usize = 64 << 20;
/// The length of a command without what follows its arguments.
const COMMAND: usize = 80;

/// The commands to the agent; in protocol.py, the letters of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Sets the ordering's directory, and what else is the same for all sessions.
    Configure,
    /// Makes a copy of the zygote that knows the steps to perform. The copy then becomes the current process.
    Begin,
    /// Asks the zygote for a sign of life.
    Rest,
    /// Performs a step in the current process.
    Step,
    /// Performs a step in a copy of the current process. The copy then becomes the current one.
    StepInACopy,
    /// Makes a copy of the current process. The copy then becomes the current one.
    Copy,
    /// Shows the import system's state.
    Inspect,
    /// Ends the current process, so that the process that it was copied from becomes current again.
    Ascend,
    /// A question to an agent that performs no steps.
    Question,
}

impl Asked {
    const fn letter(self) -> char {
        match self {
            Self::Configure => 'C',
            Self::Begin => 'B',
            Self::Rest => 'R',
            Self::Step => 'S',
            Self::StepInACopy => 'F',
            Self::Copy => 'N',
            Self::Inspect => 'I',
            Self::Ascend => 'A',
            Self::Question => 'Q',
        }
    }
}

/// The agent's answers; in protocol.py, the letters of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    /// The agent is ready: its protocol's version, Python's version, the zygote's process, and the names and versions
    /// of those distributions that were asked for and are installed.
    Hello,
    /// A step was performed: the process, and the outcome.
    Result,
    /// A step was performed, and digesting the state takes longer.
    Looking,
    /// A process ended in a step: its parent, which reports it, and the wait status.
    Ended,
    /// A copy was made: its process.
    Copied,
    /// The import system's state.
    Inspection,
    /// The answer to a question.
    Answer,
    /// The zygote is the current process.
    Rested,
}

impl Answered {
    const fn of_letter(letter: u8) -> Option<Self> {
        match letter {
            b'H' => Some(Self::Hello),
            b'R' => Some(Self::Result),
            b'L' => Some(Self::Looking),
            b'E' => Some(Self::Ended),
            b'P' => Some(Self::Copied),
            b'I' => Some(Self::Inspection),
            b'Q' => Some(Self::Answer),
            b'Z' => Some(Self::Rested),
            _ => None,
        }
    }
}

/// The flags of a command to perform a step: ask for a fingerprint; warn of code that may change anything.
pub(super) const fn flags(fingerprint: bool, acts: bool) -> &'static str {
    match (fingerprint, acts) {
        (true, true) => "fa",
        (true, false) => "f",
        (false, true) => "a",
        (false, false) => "-",
    }
}

/// The letters of outcomes.
pub(super) mod outcome {
    /// It passed.
    pub(in super::super) const PASSED: &[u8] = b"p";
    /// It raised an exception.
    pub(in super::super) const FAILED: &[u8] = b"f";
    /// Its expectation did not hold.
    pub(in super::super) const MISMATCHED: &[u8] = b"m";
}

/// One frame of the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: Answered,
    pub(super) payload: Vec<u8>,
}

/// The secret that a session's frames carry, unknown to module code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Secret([u8; SECRET]);

impl Secret {
    /// A new secret.
    pub(super) fn random() -> Self {
        let digits: [u8; SECRET] = rand::random();
        Self(digits.map(|byte| b"0123456789abcdef"[usize::from(byte & 15)]))
    }

    /// The bytes that are passed to the agent.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The agent broke the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("protocol error: {0}")]
pub(super) struct ProtocolError(pub(super) String);

impl Frame {
    /// The first frame of `bytes`, and how many bytes it takes, or `None` if more bytes are needed.
    pub(super) fn first(bytes: &[u8], secret: Secret) -> Result<Option<(Self, usize)>, ProtocolError> {
        let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let nonsense = || ProtocolError(format!("a frame that begins {:?}", String::from_utf8_lossy(head)));
        let digits = std::str::from_utf8(&head[1..HEAD - 1]).map_err(|_| nonsense())?;
        let kind = Answered::of_letter(head[0]).filter(|_| head[HEAD - 1] == b':').ok_or_else(nonsense)?;
        let length: usize = digits.parse().map_err(|_| nonsense())?;
        if length > LONGEST {
            return Err(nonsense());
        }
        let Some((own, rest)) = rest.split_first_chunk::<SECRET>() else {
            return Ok(None);
        };
        if own != &secret.0 {
            return Err(nonsense());
        }
        let frame = rest.get(..length).map(|payload| Self { kind, payload: payload.to_vec() });
        Ok(frame.map(|frame| (frame, HEAD + SECRET + length)))
    }

    /// The payload as exactly `N` fields.
    pub(super) fn fields<const N: usize>(&self) -> Result<[&[u8]; N], ProtocolError> {
        let fields = split(&self.payload).ok_or_else(|| self.unexpected())?;
        fields.try_into().map_err(|_| self.unexpected())
    }

    /// The error for this frame.
    pub(super) fn unexpected(&self) -> ProtocolError {
        let shown = &self.payload[..self.payload.len().min(80)];
        let kind = self.kind;
        ProtocolError(format!("frame {kind:?}: {:?}", String::from_utf8_lossy(shown)))
    }
}

/// A command as bytes. Its arguments are a few numbers.
pub(super) fn command(kind: Asked, arguments: &str, more: &[u8]) -> Vec<u8> {
    debug_assert!(arguments.len() <= COMMAND - HEAD, "arguments are short");
    let kind = kind.letter();
    let mut bytes =
        format!("{kind}{:010}:{arguments:<width$}", more.len(), width = COMMAND - HEAD).into_bytes();
    bytes.extend_from_slice(more);
    bytes
}

/// Fields as one payload.
pub(super) fn join<F: AsRef<[u8]>>(fields: impl IntoIterator<Item = F>) -> Vec<u8> {
    let mut payload = Vec::new();
    for field in fields {
        let field = field.as_ref();
        payload.extend_from_slice(field.len().to_string().as_bytes());
        payload.push(b':');
        payload.extend_from_slice(field);
    }
    payload
}

/// The fields of a payload, or `None` if it is malformed.
pub(super) fn split(mut payload: &[u8]) -> Option<Vec<&[u8]>> {
    let mut fields = Vec::new();
    while !payload.is_empty() {
        let colon = payload.iter().position(|&byte| byte == b':')?;
        let length = usize::try_from(decimal(&payload[..colon])?).ok()?;
        let rest = &payload[colon + 1..];
        fields.push(rest.get(..length)?);
        payload = &rest[length..];
    }
    Some(fields)
}

/// A decimal number.
pub(super) fn decimal(field: &[u8]) -> Option<i64> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
