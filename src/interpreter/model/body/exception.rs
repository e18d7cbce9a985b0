//! Exceptions: built-in ones and those of classes that module bodies define, with their constructors and attributes, and which
//! of them an `except` clause catches.

use super::function::Arguments;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Exception, Object};
use crate::interpreter::model::stop::{Result, builtin_exception, raise, refuse};
use crate::interpreter::model::value::{Name, ObjectId, Value};

/// Built-in exceptions that keep their arguments and nothing else.
const PLAIN: [&str; 22] = [
    "ArithmeticError",
    "AssertionError",
    "BaseException",
    "BufferError",
    "DeprecationWarning",
    "EOFError",
    "Exception",
    "FutureWarning",
    "ImportWarning",
    "IndexError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "NotImplementedError",
    "PendingDeprecationWarning",
    "RuntimeError",
    "RuntimeWarning",
    "TypeError",
    "UserWarning",
    "ValueError",
    "Warning",
    "ZeroDivisionError",
];

/// Attributes that every exception has.
const OF_EXCEPTIONS: [&str; 3] = ["add_note", "args", "with_traceback"];

impl Machine<'_> {
    /// The exception that raising this value raises, or `None` if it is not an exception.
    pub(super) fn instantiate_exception(&mut self, value: &Value) -> Result<Option<Exception>> {
        match value {
            Value::Builtin(name) if builtin_exception(name).is_some() => {
                self.exception_of(name, Vec::new()).map(Some)
            }
            Value::Object(id) => match self.memory.object(id).cloned() {
                Some(Object::Exception(exception)) => Ok(Some(exception)),
                Some(Object::Class(_)) if self.is_exception_class(value)? => {
                    let made = self.construct_own(id, Arguments::default(), &"raised".into())?;
                    self.instantiate_exception(&made)
                }
                _ => Ok(None),
            },
            Value::Library(name) => refuse(format!("raising `{name}`")),
            _ => Ok(None),
        }
    }

    pub(super) fn is_exception_class(&mut self, class: &Value) -> Result<bool> {
        self.is_subclass(class, &Value::Builtin("BaseException"))
    }

    /// `class(*arguments)`, of a class that a module body defined.
    pub(super) fn construct_own(
        &mut self,
        id: &ObjectId,
        arguments: Arguments,
        site: &Name,
    ) -> Result<Value> {
        let class = Value::Object(id.clone());
        let exception = self.own_exception(&class, arguments.positional.clone())?;
        let init = self.class_attribute_if_own(id, "__init__")?;
        let made = self.memory.make(site, Object::Exception(exception));
        if init.is_none() {
            return match arguments.keywords[..] {
                [] => Ok(Value::Object(made)),
                _ => refuse("an exception with keywords"),
            };
        }
        if !PLAIN.contains(&self.built_in_base(&class)?) {
            return refuse("a constructor for a class derived from such an exception");
        }
        self.constructing.push(made.clone());
        let done = self.instantiate(id, Value::Object(made), arguments);
        self.constructing.pop();
        done
    }

    /// An exception of a class defined in a module body, before its constructor has run. It displays as its built-in base does.
    fn own_exception(&mut self, class: &Value, arguments: Vec<Value>) -> Result<Exception> {
        let Value::Object(id) = class else { return refuse("what is no class") };
        if self.lookup_order(class)?.contains(&Value::Builtin("OSError")) {
            return refuse("a class derived from OSError");
        }
        for method in ["__getattribute__", "__new__"] {
            if self.class_attribute_if_own(id, method)?.is_some() {
                return refuse(format!("an exception class with a `{method}` of its own"));
            }
        }
        let base = self.built_in_base(class)?;
        let exception = self.exception_of(base, arguments)?;
        Ok(Exception { class: class.clone(), ..exception })
    }

    /// The nearest built-in class of which an exception is an instance.
    fn built_in_base(&mut self, class: &Value) -> Result<&'static str> {
        let built_in = |class: &Value| match class {
            Value::Builtin(name) => Some(*name),
            _ => None,
        };
        Ok(self.lookup_order(class)?.iter().find_map(built_in).unwrap_or("Exception"))
    }

    /// Whether a value is an exception.
    pub(super) fn is_exception(&mut self, value: &Value) -> bool {
        let object = value.as_object().and_then(|id| self.memory.object(id));
        matches!(object, Some(Object::Exception(_)))
    }

    /// A method of `BaseException`.
    pub(super) fn call_of_exception(
        &mut self,
        of: &Value,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value> {
        if method == "__str__" {
            return self.base_message(of, &arguments);
        }
        self.initialize_exception(of, arguments)
    }

    /// `BaseException.__init__(exception, *arguments)`, from its own constructor.
    fn initialize_exception(&mut self, of: &Value, arguments: Arguments) -> Result<Value> {
        let Some(id) = of.as_object().filter(|id| self.constructing.contains(id)) else {
            return refuse("a second call of an exception's constructor");
        };
        if !arguments.keywords.is_empty() {
            return refuse("an exception with keywords");
        }
        let Some(Object::Exception(exception)) = self.memory.object(id).cloned() else {
            return refuse("an exception that is gone");
        };
        let base = self.built_in_base(&exception.class)?;
        let told = self.exception_of(base, arguments.positional)?;
        let exception = Exception { arguments: told.arguments, message: told.message, ..exception };
        self.replace_object(id, Object::Exception(exception));
        Ok(Value::None)
    }

    /// `BaseException.__str__(exception)`
    fn base_message(&mut self, of: &Value, arguments: &Arguments) -> Result<Value> {
        match of.as_object().and_then(|id| self.memory.object(id)) {
            Some(Object::Exception(exception))
                if arguments.positional.is_empty() && arguments.keywords.is_empty() =>
            {
                Ok(Value::Str(exception.message.clone()))
            }
            _ => refuse("such a call of `__str__`"),
        }
    }

    /// `exception.name = value`, in its own constructor. Later the model has copies of it.
    pub(super) fn set_exception_attribute(&mut self, id: &ObjectId, name: &str, value: Value) -> Result<()> {
        if !self.constructing.contains(id) || OF_EXCEPTIONS.contains(&name) {
            return refuse("an attribute of such a value");
        }
        match self.memory.object_mut(id) {
            Some(Object::Exception(exception)) => {
                exception.attributes.insert(name.into(), value);
                Ok(())
            }
            _ => refuse("an exception that is gone"),
        }
    }

    /// An attribute of an exception.
    pub(super) fn exception_attribute(
        &mut self,
        value: &Value,
        exception: &Exception,
        name: &str,
    ) -> Result<Option<Value>> {
        if let Some(found) = exception.attributes.get(name) {
            return Ok(Some(found.clone()));
        }
        match name {
            "args" => return Ok(Some(Value::Tuple(exception.arguments.clone().into()))),
            "name" if self.is_instance_of(&exception.class, "ImportError")? => {
                return Ok(Some(exception.name.clone().map_or(Value::None, Value::Str)));
            }
            "msg" if self.is_instance_of(&exception.class, "ImportError")? => {
                return Ok(Some(Value::Str(exception.message.clone())));
            }
            "__class__" => return Ok(Some(exception.class.clone())),
            _ => {}
        }
        if let Value::Object(class) = &exception.class
            && let Some(found) = self.class_attribute_if_own(class, name)?
        {
            return self.looked_up(found, Some(value), &exception.class).map(Some);
        }
        refuse(format!("the attribute `{name}` of an exception"))
    }

    /// `class(*arguments)`, of a built-in class.
    pub(super) fn construct_exception(
        &mut self,
        class: &'static str,
        arguments: Vec<Value>,
        keywords: &[(Name, Value)],
    ) -> Result<Exception> {
        let mut exception = self.exception_of(class, arguments)?;
        if class == "OSError" && exception.arguments.len() > 1 {
            return refuse("an OSError with a number, whose class depends on it");
        }
        for (name, value) in keywords {
            match (&**name, value) {
                ("name", Value::Str(value)) if matches!(class, "ImportError" | "ModuleNotFoundError") => {
                    exception.name = Some(value.clone());
                }
                _ => return refuse("an exception with keywords"),
            }
        }
        Ok(exception)
    }

    /// Whether an `except` clause with `wanted` catches an exception of this class.
    pub(super) fn matches(&mut self, class: &Value, wanted: &Value) -> Result<bool> {
        match wanted {
            Value::Tuple(parts) => {
                for part in parts.iter() {
                    if self.matches(class, part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ if self.is_class(wanted) => {
                if !self.is_exception_class(wanted)? {
                    return raise(
                        "TypeError",
                        "catching classes that do not inherit from BaseException is not allowed",
                    );
                }
                self.is_subclass(class, wanted)
            }
            _ => refuse("such an `except` clause"),
        }
    }
}
