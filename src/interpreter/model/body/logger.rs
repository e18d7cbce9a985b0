//! Loggers of `logging`, and those calls of them that show nothing: `logging` starts without a handler and shows warnings and what is
//! worse. The model refuses what would change that.

use ruff_python_ast::{Expr, ExprCall};

use super::function::Arguments;
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::{Name, Value};

/// What stands before the name of a logger.
const LOGGER: &str = "logger ";

/// The logger that `logging` itself names.
const ROOT: &str = "logging.root";

/// Calls that show nothing, as nobody has set another level.
const SILENT: [&str; 2] = ["debug", "info"];

/// Whether a value is a logger.
pub(super) fn is_logger(value: &Value) -> bool {
    matches!(value, Value::Library(name) if name.starts_with(LOGGER) || **name == *ROOT)
}

/// `logging.getLogger(name)`: one logger for each name.
pub(super) fn get_logger(arguments: &[Value]) -> Result<Value> {
    match arguments {
        [] | [Value::None] => Ok(Value::Library(ROOT.into())),
        [Value::Str(name)] if name.is_empty() => Ok(Value::Library(ROOT.into())),
        // Since 3.9 that is the logger without a name.
        [Value::Str(name)] if **name == *"root" => refuse("the logger `root`"),
        [Value::Str(name)] => Ok(Value::Library(format!("{LOGGER}{name}").into())),
        _ => refuse("such a call of `getLogger`"),
    }
}

/// An attribute of a logger.
pub(super) fn logger_attribute(logger: &Value, name: &str) -> Result<Value> {
    let Value::Library(full) = logger else { return refuse("what is no logger") };
    if let Some(method) = SILENT.iter().find(|method| **method == name) {
        return Ok(Value::Method(logger.clone().into(), method));
    }
    match full.strip_prefix(LOGGER) {
        Some(own) if name == "name" => Ok(Value::text(own)),
        _ => refuse(format!("the attribute `{name}` of a logger")),
    }
}

impl Machine<'_> {
    /// `logger.debug(...)` and `logger.info(...)`.
    pub(super) fn call_logger(method: &'static str, arguments: &Arguments) -> Result<Value> {
        let fits = arguments.keywords.is_empty() && !arguments.positional.is_empty();
        if fits && SILENT.contains(&method) { Ok(Value::None) } else { refuse("such a call of a logger") }
    }

    /// `logger.addHandler(logging.NullHandler())`, which nothing that the model evaluates tells from none; `None` if the call is
    /// something else.
    pub(super) fn added_null_handler(
        &mut self,
        scope: &mut Scope<'_>,
        node: &ExprCall,
    ) -> Result<Option<Value>> {
        let (Expr::Attribute(method), [Expr::Call(made)]) = (&*node.func, &*node.arguments.args) else {
            return Ok(None);
        };
        let named = match &*made.func {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(of) => of.attr.as_str(),
            _ => return Ok(None),
        };
        if method.attr.as_str() != "addHandler" || named != "NullHandler" {
            return Ok(None);
        }
        let no_arguments = made.arguments.is_empty() && node.arguments.keywords.is_empty();
        let logger = self.evaluate(scope, &method.value)?;
        let class = self.evaluate(scope, &made.func)?;
        let null_handler: Name = "logging.NullHandler".into();
        if no_arguments && is_logger(&logger) && class == Value::Library(null_handler) {
            return Ok(Some(Value::None));
        }
        refuse("such a handler")
    }
}
