//! A body that runs, and the module in which it runs.

use ruff_text_size::Ranged;

use crate::interpreter::model::import::Importer;
use crate::interpreter::model::object::StepLine;
use crate::interpreter::model::parsed::Body;
use crate::interpreter::model::value::{Name, ObjectId};

/// What the model calls the code of an `exec` step.
pub(in crate::interpreter::model) const CODE_OF_STEP: &str = "the step's code";

/// A body and the module that it runs in.
#[derive(Debug)]
pub(in crate::interpreter::model) struct BodyFrame<'a> {
    pub(super) module: &'a ObjectId,
    pub(super) file: &'a str,
    pub(super) body: &'a Body,
    pub(super) importer: Importer,
}

impl<'a> BodyFrame<'a> {
    /// The frame of a module's body.
    pub(in crate::interpreter::model) fn of_module(
        module: &'a ObjectId,
        file: &'a str,
        body: &'a Body,
        importer: Importer,
    ) -> Self {
        Self { module, file, body, importer }
    }

    /// The place of a node, in words.
    pub(super) fn place(&self, node: &impl Ranged) -> String {
        format!("{}, line {}", self.file, self.body.line(node))
    }

    /// The line of a statement in the step's own code; one of several lines is unknown, since versions tell different ones.
    pub(super) fn line_in_step(&self, statement: &impl Ranged) -> StepLine {
        if self.file != CODE_OF_STEP {
            return StepLine::Nowhere;
        }
        let (first, last) = self.body.lines_of(statement);
        if first == last { StepLine::Line(first) } else { StepLine::Unknown }
    }

    /// Distinguishes objects made here from objects made elsewhere.
    pub(super) fn site(&self, node: &impl Ranged) -> Name {
        format!("{}@{}", self.body.digest, u32::from(node.start())).into()
    }
}
