//! Context managers that `contextlib.contextmanager` makes of a function that yields: the body of the `with` statement runs at the
//! `yield`, where the function gets what the body raises.

use std::ops::ControlFlow;

use super::function::Arguments;
use super::scope::Yields;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Function;
use crate::interpreter::model::stop::{EvaluationError, Result, raise, refuse};
use crate::interpreter::model::value::{Descriptor, Value};

impl Machine<'_> {
    /// The generator behind what `contextlib.contextmanager` made of its function; `None` if a value is something else.
    pub(super) fn managing(
        &mut self,
        function: &Value,
        arguments: &Arguments,
    ) -> Result<Option<(Box<Function>, Arguments)>> {
        let (manager, of) = match function {
            Value::Bound(function, of) => (&**function, Some(&**of)),
            function => (function, None),
        };
        let Value::Descriptor(Descriptor::Manager, inner) = manager else { return Ok(None) };
        let mut arguments = arguments.clone();
        arguments.positional.splice(0..0, of.cloned());
        match self.generator(inner, arguments)? {
            Ok(generator) => Ok(Some(generator)),
            Err(_) => refuse("a context manager of what does not yield"),
        }
    }

    /// A `with` statement whose manager is a generator: the body runs at its `yield`, where it may raise.
    pub(super) fn with_generator(
        &mut self,
        (function, arguments): (Box<Function>, Arguments),
        body: &mut dyn FnMut(&mut Machine<'_>, Value) -> Result<()>,
    ) -> Result<bool> {
        let (mut entered, mut swallowed) = (false, false);
        let mut given = |machine: &mut Machine<'_>, value: Value| {
            if std::mem::replace(&mut entered, true) {
                return refuse("a context manager that yields twice");
            }
            let done = body(machine, value);
            swallowed = done.is_err();
            done.map(ControlFlow::Continue)
        };
        let yields = Yields { consumer: &mut given, handled: self.handled.clone() };
        match self.run_with(&function, arguments, Some(yields)) {
            Err(EvaluationError::Raise(raised)) => self.raised_in_generator(raised),
            Err(refusal) => Err(refusal),
            Ok(_) if !entered => raise("RuntimeError", "generator didn't yield"),
            Ok(_) => Ok(swallowed),
        }
    }
}
