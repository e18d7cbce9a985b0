//! Running module bodies: the model evaluates a parsed one statement by statement, as far as it knows what each
//! statement does. It refuses anything else and names the line. Expressions are in `expression`, calls in `call`,
//! stores in `store`.

mod attribute;
mod call;
mod class;
mod container;
mod expression;
mod method;
mod number;
mod operate;
mod statement;
mod store;

use std::collections::BTreeMap;

use ruff_text_size::Ranged;

use super::import::Importer;
use super::machine::Machine;
use super::object::Exception;
use super::parsed::Body;
use super::stop::Result;
use super::value::{Name, ObjectId, Value};

/// A body and the module that it runs in.
#[derive(Debug)]
pub(in crate::interpreter::model) struct BodyFrame<'a> {
    module: &'a ObjectId,
    file: &'a str,
    body: &'a Body,
    importer: Importer,
}

/// Where a body binds names: in the module, or in a class while its body runs.
struct Scope<'a> {
    frame: &'a BodyFrame<'a>,
    /// The namespace of the class whose body runs, and its qualified name.
    class: Option<BTreeMap<Name, Value>>,
    /// The exception that is being handled.
    handled: Option<Exception>,
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
        let mut scope = Scope { frame, class: None, handled: None };
        self.statements(&mut scope, &frame.body.syntax.body)
    }
}
