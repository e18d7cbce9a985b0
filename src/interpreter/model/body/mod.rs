//! Running module bodies: the model evaluates a parsed one statement by statement, as far as it knows what each
//! statement does. It refuses anything else and names the line. Expressions are in `expression`, calls in `call`,
//! stores in `store`, names in `scope`.

mod annotation;
mod attribute;
mod builtin;
mod call;
mod class;
mod container;
mod elements;
mod expression;
mod format;
mod function;
mod handling;
mod item;
mod library_call;
mod loops;
mod method;
mod module_attribute;
mod number;
mod operate;
mod scope;
mod spec;
mod statement;
mod store;
mod text_method;

use ruff_text_size::Ranged;

use super::import::Importer;
use super::machine::Machine;
use super::parsed::Body;
use super::stop::Result;
use super::value::{Name, ObjectId};
use scope::Scope;

/// A body and the module that it runs in.
#[derive(Debug)]
pub(in crate::interpreter::model) struct BodyFrame<'a> {
    module: &'a ObjectId,
    file: &'a str,
    body: &'a Body,
    importer: Importer,
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
    fn place(&self, node: &impl Ranged) -> String {
        format!("{}, line {}", self.file, self.body.line(node))
    }

    /// Distinguishes objects made here from objects made elsewhere.
    fn site(&self, node: &impl Ranged) -> Name {
        format!("{}@{}", self.body.digest, u32::from(node.start())).into()
    }
}

impl Machine<'_> {
    /// Runs a body.
    pub(in crate::interpreter::model) fn run(&mut self, frame: &BodyFrame<'_>) -> Result<()> {
        let mut scope = Scope::of_module(frame);
        self.statements(&mut scope, &frame.body.syntax.body).map(drop)
    }
}
