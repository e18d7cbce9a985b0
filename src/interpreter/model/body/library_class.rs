//! Classes of Python's own as bases of classes that module bodies define: of which the model knows that such a class is an
//! ordinary one, and what is abstract in it.

use std::collections::{BTreeMap, BTreeSet};

use super::function::Arguments;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Class, Object};
use crate::interpreter::model::stop::{Result, builtin_type, raise, refuse};
use crate::interpreter::model::value::{Name, ObjectId, Value};

/// The base of abstract classes, which adds nothing but its metaclass.
const ABSTRACT: &str = "abc.ABC";

/// Classes of the standard library whose metaclass is `type` and that take no notice of classes derived from them, in all
/// versions. The model makes no instances of those.
const PLAIN: [&str; 27] = [
    "collections.Counter",
    "collections.OrderedDict",
    "collections.defaultdict",
    "collections.deque",
    "contextlib.ContextDecorator",
    "datetime.date",
    "datetime.datetime",
    "datetime.timedelta",
    "datetime.tzinfo",
    "functools.partial",
    "json.JSONDecoder",
    "json.JSONEncoder",
    "logging.FileHandler",
    "logging.Filter",
    "logging.Formatter",
    "logging.Handler",
    "logging.LogRecord",
    "logging.Logger",
    "logging.LoggerAdapter",
    "logging.StreamHandler",
    "string.Formatter",
    "subprocess.Popen",
    "tempfile.TemporaryDirectory",
    "threading.Thread",
    "threading.local",
    "types.ModuleType",
    "types.SimpleNamespace",
];

/// Whether a class of the standard library may be a base.
pub(super) fn is_known_base(name: &str) -> bool {
    name == ABSTRACT || PLAIN.contains(&name)
}

/// Whether a class has nothing that a class derived from it could inherit, but what `object` has.
pub(super) fn adds_nothing(class: &Value) -> bool {
    match class {
        Value::Object(_) | Value::Builtin("object") => true,
        Value::Library(name) => **name == *ABSTRACT,
        _ => false,
    }
}

/// Whether an abstract class has an attribute of this name from its metaclass or base.
pub(super) fn is_of_metaclass(class: &Value, name: &str) -> bool {
    matches!(class, Value::Library(_))
        && (matches!(name, "register" | "_dump_registry") || name.starts_with("_abc_"))
}

/// Whether a class is one of Python's own whose instances hold what the model does not know.
fn is_opaque(class: &Value) -> bool {
    match class {
        Value::Library(name) => **name != *ABSTRACT,
        Value::Builtin(name) => builtin_type(name).is_some(),
        _ => false,
    }
}

impl Machine<'_> {
    /// Refuses a class with bases of Python's own that Python may not be able to lay out, or that the model would order otherwise.
    pub(super) fn may_mix_bases(&mut self, class: &Value) -> Result<()> {
        let order = self.lookup_order(class)?;
        let opaque = order.iter().filter(|class| is_opaque(class)).count();
        let abstract_one =
            order.iter().any(|class| matches!(class, Value::Library(name) if **name == *ABSTRACT));
        if opaque > 1 || ((opaque > 0 || abstract_one) && self.is_exception_class(class)?) {
            return refuse("a class with such bases");
        }
        Ok(())
    }

    /// Whether the metaclass of classes with these bases is `abc.ABCMeta`.
    pub(super) fn are_abstract(&mut self, bases: &[Value]) -> Result<bool> {
        for base in bases {
            for class in self.lookup_order(base)? {
                let of_metaclass = match &class {
                    Value::Library(name) => **name == *ABSTRACT,
                    Value::Object(id) => {
                        matches!(
                            self.memory.object(id),
                            Some(Object::Class(Class { abstract_names: Some(_), .. }))
                        )
                    }
                    _ => false,
                };
                if of_metaclass {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// `ABCMeta.__new__`: the abstract methods of a class with this body.
    pub(super) fn abstract_methods(
        &mut self,
        class: &Value,
        namespace: &BTreeMap<Name, Value>,
    ) -> Result<BTreeSet<Name>> {
        let mut names = BTreeSet::new();
        for (name, value) in namespace {
            if self.is_abstract(value)? {
                names.insert(name.clone());
            }
        }
        let order = self.lookup_order(class)?;
        for base in &order[1..] {
            let Value::Object(id) = base else { continue };
            let Some(Object::Class(Class { abstract_names: Some(inherited), .. })) =
                self.memory.object(id).cloned()
            else {
                continue;
            };
            for name in inherited {
                let found = match class {
                    Value::Object(id) => self.class_attribute_if_own(id, &name)?,
                    _ => None,
                };
                if let Some(found) = found
                    && self.is_abstract(&found)?
                {
                    names.insert(name);
                }
            }
        }
        Ok(names)
    }

    /// `getattr(value, "__isabstractmethod__", False)`
    fn is_abstract(&mut self, value: &Value) -> Result<bool> {
        match value {
            Value::Descriptor(_, function) => self.is_abstract(function),
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::Function(function)) => Ok(function.is_abstract),
                Some(Object::Module(_)) => refuse("a module as an attribute of an abstract class"),
                _ => Ok(false),
            },
            _ => Ok(false),
        }
    }

    /// `abc.abstractmethod(function)`
    pub(super) fn abstract_method(&mut self, function: &Value) -> Result<Value> {
        match function.as_object().and_then(|id| self.memory.object_mut(id)) {
            Some(Object::Function(known)) => {
                known.is_abstract = true;
                Ok(function.clone())
            }
            _ => refuse("`abstractmethod` of what is no function"),
        }
    }

    /// Refuses an instance of a class derived from one whose instances the model does not know, and raises what Python raises for
    /// one of an abstract class.
    pub(super) fn may_have_instances(&mut self, id: &ObjectId, arguments: &Arguments) -> Result<()> {
        for class in self.lookup_order(&Value::Object(id.clone()))? {
            if is_opaque(&class) {
                return refuse(format!("an instance of a class derived from `{}`", self.class_name(&class)?));
            }
        }
        let Some(Object::Class(class)) = self.memory.object(id).cloned() else {
            return refuse("a class that is gone");
        };
        let names: Vec<String> =
            class.abstract_names.unwrap_or_default().iter().map(ToString::to_string).collect();
        let is_told_otherwise = (!arguments.positional.is_empty() || !arguments.keywords.is_empty())
            && self.class_attribute_if_own(id, "__init__")?.is_none();
        if names.is_empty() || is_told_otherwise {
            return Ok(());
        }
        let methods = if names.len() == 1 && self.version >= (3, 9) { "method" } else { "methods" };
        let beginning = format!("Can't instantiate abstract class {}", class.name);
        raise(
            "TypeError",
            if self.version >= (3, 12) {
                let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
                format!("{beginning} without an implementation for abstract {methods} {}", quoted.join(", "))
            } else {
                format!("{beginning} with abstract {methods} {}", names.join(", "))
            },
        )
    }

    /// `isinstance(value, class)`, of one class or several.
    pub(super) fn instance_check(&mut self, value: &Value, class: &Value) -> Result<bool> {
        if let Value::Tuple(classes) = class {
            for class in classes.iter() {
                if self.instance_check(value, class)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if !self.is_class(class) {
            return refuse("`isinstance` with such a class");
        }
        let module = Value::Library("types.ModuleType".into());
        let of = match value {
            Value::None => return Ok(*class == Value::Builtin("object")),
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::Module(_)) => module,
                Some(Object::Function(_) | Object::CachedFunction(_) | Object::Class(_)) => match class {
                    Value::Builtin(name) => return Ok(*name == "object"),
                    _ => return refuse("`isinstance` of such a value"),
                },
                _ => self.class_of(value)?,
            },
            _ => self.class_of(value)?,
        };
        self.is_subclass(&of, class)
    }
}
