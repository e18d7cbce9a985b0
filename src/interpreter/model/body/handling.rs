//! Exceptions in bodies: `raise`, `assert`, and what handles them: `try` and `with`.

use ruff_python_ast::{ExceptHandler, Expr, StmtRaise, StmtTry, StmtWith, WithItem};
use ruff_text_size::Ranged;

use super::call::Callee;
use super::function::Arguments;
use super::scope::Scope;
use super::statement::Flow;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Exception, Function, Object};
use crate::interpreter::model::stop::{EvaluationError, Result, raise, refuse};
use crate::interpreter::model::value::Value;

/// A context manager that has been entered.
enum Manager {
    /// `contextlib.suppress` of these classes.
    Suppress(Vec<Value>),
    /// An object with an `__exit__` of its own.
    Own(Value),
}

/// What a `with` statement enters.
enum Entered {
    /// A manager, and the value of its `__enter__`.
    Manager(Manager, Value),
    /// A generator, which has not begun.
    Generator(Box<Function>, Arguments),
}

impl Machine<'_> {
    pub(super) fn assertion(
        &mut self,
        scope: &mut Scope<'_>,
        test: &Expr,
        message: Option<&Expr>,
    ) -> Result<()> {
        if test.is_tuple_expr() {
            return refuse("an assertion of a tuple, of which the compiler warns");
        }
        if self.condition(scope, test)? {
            return Ok(());
        }
        let arguments = match message {
            Some(message) => vec![self.evaluate(scope, message)?],
            None => Vec::new(),
        };
        let exception = self.exception_of("AssertionError", arguments)?;
        Err(EvaluationError::Raise(Box::new(exception)))
    }

    pub(super) fn try_statement(&mut self, scope: &mut Scope<'_>, node: &StmtTry) -> Result<Flow> {
        if node.is_star {
            return refuse("`except*`");
        }
        let mut done = self.statements(scope, &node.body);
        match done {
            Ok(Flow::Next) => done = self.statements(scope, &node.orelse),
            Ok(_) => {}
            Err(stop @ EvaluationError::Raise(_)) => {
                done = self.handle(scope, &node.handlers, stop.handled());
            }
            Err(EvaluationError::Refuse(_)) => return done,
        }
        if matches!(done, Err(EvaluationError::Refuse(_))) {
            return done;
        }
        match self.statements(scope, &node.finalbody)? {
            Flow::Next => done.map_err(EvaluationError::handled),
            left => Ok(left),
        }
    }

    fn handle(
        &mut self,
        scope: &mut Scope<'_>,
        handlers: &[ExceptHandler],
        stop: EvaluationError,
    ) -> Result<Flow> {
        let EvaluationError::Raise(raised) = stop else { return Err(stop) };
        let raised = *raised;
        for ExceptHandler::ExceptHandler(handler) in handlers {
            if let Some(wanted) = &handler.type_ {
                let wanted = self.evaluate(scope, wanted)?;
                if !self.matches(&raised.class, &wanted)? {
                    continue;
                }
            }
            if let Some(name) = &handler.name {
                let site = scope.frame.site(handler);
                let id = self.memory.make(&site, Object::Exception(raised.clone()));
                self.bind(scope, name, Value::Object(id))?;
            }
            let outer = self.handled.replace(raised);
            let done = self.statements(scope, &handler.body);
            self.handled = outer;
            if let Some(name) = &handler.name
                && !matches!(done, Err(EvaluationError::Refuse(_)))
            {
                self.unbind(scope, name)?;
            }
            return done;
        }
        Err(EvaluationError::Raise(Box::new(raised)))
    }

    pub(super) fn raise_statement(&mut self, scope: &mut Scope<'_>, node: &StmtRaise) -> Result<()> {
        let Some(raised) = &node.exc else {
            return match self.handled.clone() {
                Some(raised) => Err(EvaluationError::Raise(Box::new(raised))),
                None => raise("RuntimeError", "No active exception to reraise"),
            };
        };
        let value = self.evaluate(scope, raised)?;
        if let Some(cause) = &node.cause {
            let cause = self.evaluate(scope, cause)?;
            if cause != Value::None && self.instantiate_exception(&cause)?.is_none() {
                return raise("TypeError", "exception causes must derive from BaseException");
            }
        }
        match self.instantiate_exception(&value)? {
            Some(exception) => Err(EvaluationError::Raise(Box::new(exception))),
            None => raise("TypeError", "exceptions must derive from BaseException"),
        }
    }

    pub(super) fn with_statement(&mut self, scope: &mut Scope<'_>, node: &StmtWith) -> Result<Flow> {
        if node.is_async {
            return refuse("an `async with`");
        }
        self.with_items(scope, &node.items, node)
    }

    fn with_items(&mut self, scope: &mut Scope<'_>, items: &[WithItem], node: &StmtWith) -> Result<Flow> {
        let [item, rest @ ..] = items else { return self.statements(scope, &node.body) };
        let (manager, entered) = match self.enter(scope, &item.context_expr)? {
            Entered::Manager(manager, entered) => (manager, entered),
            Entered::Generator(function, arguments) => {
                let mut flow = Flow::Next;
                let swallowed = self.with_generator((function, arguments), &mut |machine, entered| {
                    if let Some(target) = &item.optional_vars {
                        machine.store(scope, target, entered)?;
                    }
                    flow = machine.with_items(scope, rest, node)?;
                    Ok(())
                });
                return swallowed.map(|_| flow).map_err(EvaluationError::handled);
            }
        };
        let stored = match &item.optional_vars {
            Some(target) => self.store(scope, target, entered),
            None => Ok(()),
        };
        let done = stored.and_then(|()| self.with_items(scope, rest, node));
        match done {
            Ok(flow) => {
                if let Manager::Own(object) = &manager {
                    self.leave(object, None)?;
                }
                Ok(flow)
            }
            Err(EvaluationError::Raise(raised)) => {
                if self.is_swallowed(&manager, &raised)? {
                    Ok(Flow::Next)
                } else {
                    Err(EvaluationError::Raise(raised).handled())
                }
            }
            refusal @ Err(EvaluationError::Refuse(_)) => refusal,
        }
    }

    /// The manager that an expression makes, and the value of its `__enter__`.
    fn enter(&mut self, scope: &mut Scope<'_>, expression: &Expr) -> Result<Entered> {
        let object = match expression {
            Expr::Call(call) => {
                let Callee::Function(function, arguments) = self.callee(scope, call)? else {
                    return refuse("a `with` statement of such a manager");
                };
                if function == Value::Library("contextlib.suppress".into()) {
                    for class in &arguments.positional {
                        self.matches(&Value::Builtin("Exception"), class)?;
                    }
                    return Ok(Entered::Manager(Manager::Suppress(arguments.positional), Value::None));
                }
                if let Some((function, arguments)) = self.managing(&function, &arguments)? {
                    return Ok(Entered::Generator(function, arguments));
                }
                self.call_value((scope, call.range()), &function, arguments)?
            }
            _ => self.evaluate(scope, expression)?,
        };
        let Value::Object(id) = &object else { return refuse("a `with` statement of such a manager") };
        if !matches!(self.memory.object(id), Some(Object::Instance { .. })) {
            return refuse("a `with` statement of such a manager");
        }
        let (Some(enter), Some(_)) =
            (self.attribute(&object, "__enter__")?, self.attribute(&object, "__exit__")?)
        else {
            return refuse("a `with` statement of what is no context manager");
        };
        let entered = self.call_function(&enter, Arguments::default())?;
        Ok(Entered::Manager(Manager::Own(object), entered))
    }

    /// Calls `__exit__`; returns whether an exception is swallowed.
    fn leave(&mut self, object: &Value, raised: Option<&Exception>) -> Result<bool> {
        let Some(exit) = self.attribute(object, "__exit__")? else {
            return refuse("`__exit__` that is gone");
        };
        let nothing = || vec![Value::None, Value::None, Value::None];
        let arguments = match raised {
            None => nothing(),
            Some(raised) => {
                let id = self.memory.make(&"raised".into(), Object::Exception(raised.clone()));
                // A traceback is an object of which the model knows nothing.
                vec![raised.class.clone(), Value::Object(id), Value::Library("traceback".into())]
            }
        };
        let result = self.call_function(&exit, Arguments::positional(arguments))?;
        self.truth(&result)
    }

    fn is_swallowed(&mut self, manager: &Manager, raised: &Exception) -> Result<bool> {
        match manager {
            Manager::Suppress(classes) => self.matches(&raised.class, &Value::Tuple(classes.clone().into())),
            Manager::Own(object) => {
                let outer = self.handled.replace(raised.clone());
                let swallowed = self.leave(object, Some(raised));
                self.handled = outer;
                swallowed
            }
        }
    }
}
