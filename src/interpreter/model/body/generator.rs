//! What is gone through one element at a time: the values of a loop, of a generator expression, and of a function that
//! yields. Such a function runs up to its `yield`, the loop's body runs there, and then the function goes on: as in
//! Python, where nothing else runs between the two. A generator that is kept for later is refused.

use std::ops::ControlFlow;

use ruff_python_ast::{Expr, ExprGenerator, ExprYield};
use ruff_text_size::Ranged;

use super::call::Callee;
use super::function::Arguments;
use super::scope::{Consumer, Scope, Yields};
use crate::interpreter::model::code::Suspends;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Exception, Function, Object};
use crate::interpreter::model::stop::{EvaluationError, Result, refuse};
use crate::interpreter::model::value::{ObjectId, Value};

/// What a loop goes through.
pub(super) enum Iterated<'a, 'e> {
    Elements(Elements),
    /// A generator expression: its scope, and what its first part goes through.
    Expression(Box<Scope<'a>>, Box<Iterated<'a, 'e>>, &'e ExprGenerator),
    /// The call of a function that yields, as yet without any effect.
    Generator(Box<Function>, Arguments),
    /// `enumerate` of something.
    Numbered(Box<Iterated<'a, 'e>>),
    /// A value that nobody has gone through.
    Value(Value),
}

/// The elements of a loop, and the object from which they are read as it was when the loop began.
pub(super) struct Elements {
    values: Vec<Value>,
    source: Option<(ObjectId, Object)>,
}

impl Machine<'_> {
    /// What an expression gives that a loop goes through.
    pub(super) fn iterated<'a, 'e>(
        &mut self,
        scope: &mut Scope<'a>,
        expression: &'e Expr,
    ) -> Result<Iterated<'a, 'e>> {
        match expression {
            Expr::Generator(node) => {
                let (inner, of) = self.begin_rounds(scope, &node.generators)?;
                Ok(Iterated::Expression(Box::new(inner), Box::new(of), node))
            }
            Expr::Call(node) => {
                if let [of] = &*node.arguments.args
                    && node.arguments.keywords.is_empty()
                    && matches!(&*node.func, Expr::Name(name) if name.id.as_str() == "enumerate")
                    && self.evaluate(scope, &node.func)? == Value::Builtin("enumerate")
                {
                    return Ok(Iterated::Numbered(Box::new(self.iterated(scope, of)?)));
                }
                let (function, arguments) = match self.callee(scope, node)? {
                    Callee::Known(value) => return Ok(Iterated::Value(value)),
                    Callee::Function(function, arguments) => (function, arguments),
                };
                match self.generator(&function, arguments)? {
                    Ok((function, arguments)) => Ok(Iterated::Generator(function, arguments)),
                    Err(arguments) => {
                        self.call_value((scope, node.range()), &function, arguments).map(Iterated::Value)
                    }
                }
            }
            _ => self.evaluate_elements(scope, expression).map(Iterated::Value),
        }
    }

    /// The function that yields behind a value, and its arguments; or the arguments again, if it is none.
    pub(super) fn generator(
        &mut self,
        function: &Value,
        arguments: Arguments,
    ) -> Result<std::result::Result<(Box<Function>, Arguments), Arguments>> {
        let (inner, of) = match function {
            Value::Bound(function, of) => (&**function, Some(&**of)),
            function => (function, None),
        };
        let known = inner.as_object().and_then(|id| self.memory.object(id)).cloned();
        let Some(Object::Function(known)) = known else { return Ok(Err(arguments)) };
        if self.code_of(&known)?.suspends != Suspends::AtYields {
            return Ok(Err(arguments));
        }
        let mut arguments = arguments;
        arguments.positional.splice(0..0, of.cloned());
        Ok(Ok((known, arguments)))
    }

    /// A value, or all elements at once for what does nothing between two of them.
    pub(super) fn used_up(&mut self, iterated: Iterated<'_, '_>) -> Result<Value> {
        if let Iterated::Value(value) = iterated {
            return Ok(value);
        }
        let mut values = Vec::new();
        self.go_through(iterated, &mut |_, value| {
            values.push(value);
            Ok(ControlFlow::Continue(()))
        })
        .map(drop)?;
        Ok(Value::Elements(values.into()))
    }

    /// An argument whose elements the function uses up.
    pub(super) fn used_up_by(
        &mut self,
        function: &Value,
        scope: &mut Scope<'_>,
        argument: &Expr,
    ) -> Result<Value> {
        let iterated = self.iterated(scope, argument)?;
        if matches!((function, &iterated), (Value::Builtin("zip"), Iterated::Generator(..))) {
            return refuse("`zip` of a generator");
        }
        match (self.used_up(iterated), function) {
            (Err(EvaluationError::Raise(_)), Value::Method(_, "extend" | "update")) => {
                refuse("an exception between the elements that a method adds")
            }
            (elements, _) => elements,
        }
    }

    /// Hands each element to the consumer, until it wants no more.
    pub(super) fn go_through(
        &mut self,
        iterated: Iterated<'_, '_>,
        consumer: &mut Consumer<'_>,
    ) -> Result<ControlFlow<()>> {
        match iterated {
            Iterated::Value(value) => {
                let elements = self.elements_of_loop(&value)?;
                self.go_through(Iterated::Elements(elements), consumer)
            }
            Iterated::Elements(elements) => {
                for value in &elements.values {
                    self.count_round()?;
                    if consumer(self, value.clone())?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                    self.is_unchanged(&elements)?;
                }
                Ok(ControlFlow::Continue(()))
            }
            Iterated::Expression(mut inner, of, node) => {
                self.nested_rounds(&mut inner, &node.generators, Some(*of), &mut |machine, inner| {
                    let value = machine.evaluate(inner, &node.elt)?;
                    consumer(machine, value)
                })
            }
            Iterated::Generator(function, arguments) => self.go_through_calls(&function, arguments, consumer),
            Iterated::Numbered(of) => {
                let mut numbers = 0..;
                self.go_through(*of, &mut |machine, value| {
                    let number = Value::Int(numbers.next().unwrap_or_default());
                    consumer(machine, Value::Tuple([number, value].into()))
                })
            }
        }
    }

    fn elements_of_loop(&mut self, of: &Value) -> Result<Elements> {
        let values = self.elements(of)?;
        let source = match of {
            Value::Object(id) => self.memory.object(id).cloned().map(|object| (id.clone(), object)),
            _ => None,
        };
        Ok(Elements { values, source })
    }

    /// Refuses a loop that changes what it goes over.
    fn is_unchanged(&mut self, elements: &Elements) -> Result<()> {
        match &elements.source {
            Some((id, before)) if self.memory.object(id) != Some(before) => {
                refuse("a loop that changes what it goes over")
            }
            _ => Ok(()),
        }
    }

    /// Runs a function that yields. Who leaves its loop early ends it at its `yield`.
    fn go_through_calls(
        &mut self,
        function: &Function,
        arguments: Arguments,
        consumer: &mut Consumer<'_>,
    ) -> Result<ControlFlow<()>> {
        let mut left: Option<Result<()>> = None;
        let mut given = |machine: &mut Machine<'_>, value: Value| {
            if left.is_some() {
                return refuse("a generator that goes on after its end");
            }
            machine.count_round()?;
            match consumer(machine, value) {
                Ok(ControlFlow::Break(())) => left = Some(Ok(())),
                Err(raised @ EvaluationError::Raise(_)) => left = Some(Err(raised)),
                other => return other,
            }
            Ok(ControlFlow::Break(()))
        };
        let yields = Yields { consumer: &mut given, handled: self.handled.clone() };
        let done = self.run_with(function, arguments, Some(yields));
        match (left, done) {
            (_, Err(refusal @ EvaluationError::Refuse(_))) => Err(refusal),
            (None, Ok(_)) => Ok(ControlFlow::Continue(())),
            (None, Err(EvaluationError::Raise(raised))) => self.raised_in_generator(raised),
            (Some(left), Ok(_)) => left.map(ControlFlow::Break),
            (Some(left), Err(EvaluationError::Raise(raised))) => {
                if !self.is_instance_of(&raised.class, "GeneratorExit")? {
                    return refuse("an exception at the end of a generator that was left early");
                }
                left.map(ControlFlow::Break)
            }
        }
    }

    pub(super) fn raised_in_generator<T>(&mut self, raised: Box<Exception>) -> Result<T> {
        if self.is_instance_of(&raised.class, "StopIteration")? {
            return refuse("`StopIteration` in a generator");
        }
        Err(EvaluationError::Raise(raised))
    }

    /// The statement `yield from of`.
    pub(super) fn yield_from(&mut self, scope: &mut Scope<'_>, of: &Expr) -> Result<()> {
        let of = self.iterated(scope, of)?;
        let passes_on = matches!(of, Iterated::Generator(..) | Iterated::Expression(..));
        let mut end = None;
        self.go_through(of, &mut |machine, value| match machine.yield_value(scope, value) {
            Err(stop @ EvaluationError::Raise(_)) => {
                end = Some(stop);
                Ok(ControlFlow::Break(()))
            }
            done => done.map(|_| ControlFlow::Continue(())),
        })
        .map(drop)?;
        match end {
            None => Ok(()),
            Some(EvaluationError::Raise(raised))
                if passes_on && !self.is_instance_of(&raised.class, "GeneratorExit")? =>
            {
                refuse("an exception that the inner generator gets")
            }
            Some(stop) => Err(stop),
        }
    }

    pub(super) fn yield_expression(&mut self, scope: &mut Scope<'_>, node: &ExprYield) -> Result<Value> {
        let value = match &node.value {
            Some(value) => self.evaluate(scope, value)?,
            None => Value::None,
        };
        self.yield_value(scope, value)
    }

    fn yield_value(&mut self, scope: &mut Scope<'_>, value: Value) -> Result<Value> {
        let Some(yields) = &mut scope.yields else { return refuse("a `yield` outside a generator") };
        let own = std::mem::replace(&mut self.handled, yields.handled.clone());
        let wanted = (yields.consumer)(self, value);
        self.handled = own;
        match wanted? {
            ControlFlow::Continue(()) => Ok(Value::None),
            ControlFlow::Break(()) => {
                let exit = self.exception_of("GeneratorExit", Vec::new())?;
                Err(EvaluationError::Raise(exit.into()))
            }
        }
    }
}
