//! Decodes the agent's answers: outcomes, fingerprints and inspections.

use std::collections::BTreeMap;

use super::protocol::{self, Answered, Frame, ProtocolError, outcome};
use crate::interpreter::{
    ArchiveView, Crash, FinderView, Fingerprint, HalfRead, Inspection, ModuleView, Outcome, PieceView,
};
use crate::world::EntryPath;

/// The answer to a step.
#[derive(Debug)]
pub(super) struct StepReport {
    pub(super) outcome: Outcome,
    pub(super) fingerprint: Option<Fingerprint>,
}

impl StepReport {
    /// An outcome that leaves no state.
    pub(super) fn of(outcome: Outcome) -> Self {
        Self { outcome, fingerprint: None }
    }
}

/// Decodes the answer to a step.
pub(super) fn report(frame: &Frame) -> Result<StepReport, ProtocolError> {
    let fields = protocol::split(&frame.payload).ok_or_else(|| frame.unexpected())?;
    let Some(([_, kind, first, second, line], digest)) = fields.split_first_chunk() else {
        return Err(frame.unexpected());
    };
    let outcome = match *kind {
        outcome::PASSED => Outcome::Passed,
        outcome::FAILED => Outcome::Failed {
            exception: text(first),
            message: text(second),
            line: protocol::decimal(line).and_then(|line| usize::try_from(line).ok()),
        },
        outcome::MISMATCHED => Outcome::Mismatched { message: text(first) },
        _ => return Err(frame.unexpected()),
    };
    let fingerprint = match digest {
        [b"1", state, finders @ ..] => fingerprint(state, finders),
        [] | [b"0", ..] => None,
        _ => return Err(frame.unexpected()),
    };
    Ok(StepReport { outcome, fingerprint })
}

/// The process that answered a step.
pub(super) fn process(frame: &Frame) -> Result<i64, ProtocolError> {
    let fields = protocol::split(&frame.payload).unwrap_or_default();
    fields.first().and_then(|field| protocol::decimal(field)).ok_or_else(|| frame.unexpected())
}

/// Returns `None` if a finder's path is not plain: then its time cannot be compared with that of its directory.
fn fingerprint(state: &[u8], finders: &[&[u8]]) -> Option<Fingerprint> {
    let digest = *blake3::hash(state).as_bytes();
    let mut times = BTreeMap::new();
    for pair in finders.chunks(2) {
        let [path, listed] = pair else { return None };
        let written = std::str::from_utf8(path).ok()?;
        let path = EntryPath::new(written).filter(|path| path.as_str() == written)?;
        times.insert(path, float(listed)?);
    }
    Some(Fingerprint { digest, finders: times, exact_times: false })
}

/// Decodes an inspection.
pub(super) fn inspection(frame: &Frame) -> Result<Inspection, ProtocolError> {
    let fields = protocol::split(&frame.payload).filter(|_| frame.kind == Answered::Inspection);
    let fields = fields.ok_or_else(|| frame.unexpected())?;
    let mut row = FieldReader { fields: fields.into_iter() };
    row.inspection().map_err(|Short| frame.unexpected())
}

/// Fields are missing, or have the wrong form.
struct Short;

/// Consecutive fields, in the order in which `view.py` writes them.
struct FieldReader<'a> {
    fields: std::vec::IntoIter<&'a [u8]>,
}

impl FieldReader<'_> {
    fn inspection(&mut self) -> Result<Inspection, Short> {
        Ok(Inspection {
            path: self.texts()?,
            modules: self.map(Self::module)?,
            finders: self.map(Self::finder)?,
            environment: self.map(Self::maybe)?,
            directory: self.text()?,
            half_read: self.half_read()?,
            pieces: self.map(Self::piece)?,
        })
    }

    fn module(&mut self) -> Result<ModuleView, Short> {
        let present = self.flag()?;
        let file = self.maybe()?;
        let is_package = self.flag()?;
        let path = self.texts()?;
        Ok(ModuleView {
            present,
            file,
            package_path: is_package.then_some(path),
            initializing: self.flag()?,
            bound: self.flag()?,
            same_as: self.maybe()?,
            attributes: self.map(Self::text)?,
        })
    }

    fn finder(&mut self) -> Result<Option<FinderView>, Short> {
        if !self.flag()? {
            return Ok(None);
        }
        let kind = self.text()?;
        let listed_at = self.maybe()?.map(|listed| listed.parse().map_err(|_| Short)).transpose()?;
        let names = self.texts()?.into_iter().collect();
        let directory = self.maybe()?;
        let is_known = self.flag()?;
        let known = self.texts()?;
        let archive = ArchiveView { known: is_known.then_some(known), now: self.texts()? };
        let archive = Some(archive).filter(|_| kind == "zipimporter");
        Ok(Some(FinderView { kind, listed_at, names, directory, archive }))
    }

    fn half_read(&mut self) -> Result<Vec<HalfRead>, Short> {
        let pair = |texts: Vec<String>| <[String; 2]>::try_from(texts).map_err(|_| Short);
        let read = |[module, reader]: [String; 2]| HalfRead { module, reader };
        (0..self.number()?).map(|_| self.texts().and_then(pair).map(read)).collect()
    }

    fn piece(&mut self) -> Result<PieceView, Short> {
        let shown = self.text()?;
        let literal = self.literal()?;
        let when_loaded = self.text()?;
        Ok(PieceView { shown, literal, when_loaded, literal_when_loaded: self.literal()? })
    }

    fn literal(&mut self) -> Result<Option<String>, Short> {
        Ok(Some(self.text()?).filter(|literal| !literal.is_empty()))
    }

    fn text(&mut self) -> Result<String, Short> {
        self.fields.next().map(text).ok_or(Short)
    }

    fn number(&mut self) -> Result<usize, Short> {
        self.text()?.parse().map_err(|_| Short)
    }

    fn flag(&mut self) -> Result<bool, Short> {
        Ok(self.number()? != 0)
    }

    fn texts(&mut self) -> Result<Vec<String>, Short> {
        (0..self.number()?).map(|_| self.text()).collect()
    }

    fn maybe(&mut self) -> Result<Option<String>, Short> {
        Ok(self.texts()?.into_iter().next())
    }

    fn map<T>(
        &mut self,
        mut value: impl FnMut(&mut Self) -> Result<T, Short>,
    ) -> Result<BTreeMap<String, T>, Short> {
        (0..self.number()?).map(|_| Ok((self.text()?, value(self)?))).collect()
    }
}

fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(field).into_owned()
}

fn float(field: &[u8]) -> Option<f64> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// The exit status of a process whose descriptors are gone.
pub(super) const LOST_STATUS: i32 = 117;

/// The crash that a wait status describes.
pub(super) fn crash_of(status: i32) -> Crash {
    match (status & 0x7F, status >> 8 & 0xFF) {
        (0, LOST_STATUS) => Crash::Lost,
        (0, code) => Crash::Exit(code),
        (signal, _) => Crash::Signal(signal),
    }
}
