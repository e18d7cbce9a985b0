//! The objects to which values refer by identity.

use std::collections::BTreeMap;

use super::module::Module;
use super::value::{Name, ObjectId, Value, each};

/// An object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Object {
    Module(Box<Module>),
    List(Vec<Value>),
    Set(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    /// A function: the model knows only which one it is, not what it would do.
    Function(Name),
    Class(Class),
    Instance {
        class: ObjectId,
        attributes: BTreeMap<Name, Value>,
    },
    /// An exception that was caught.
    Exception(Exception),
}

/// A class that a module body defined.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Class {
    pub(crate) name: Name,
    pub(crate) module: Name,
    /// Its bases: built-in classes and classes of module bodies.
    pub(crate) bases: Vec<Value>,
    pub(crate) namespace: BTreeMap<Name, Value>,
}

/// An exception: its class, its arguments, and its `str`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Exception {
    /// A built-in class or a class of a module body.
    pub(crate) class: Value,
    pub(crate) arguments: Vec<Value>,
    pub(crate) message: Name,
    /// `name`, of import errors.
    pub(crate) name: Option<Name>,
}

impl Object {
    /// Every object that it refers to directly.
    pub(crate) fn each_object(&self, visit: &mut dyn FnMut(&ObjectId)) {
        match self {
            Self::Module(module) => each(module.namespace.values(), visit),
            Self::List(values) | Self::Set(values) => each(values.iter(), visit),
            Self::Dict(items) => {
                for (key, value) in items {
                    key.each_object(visit);
                    value.each_object(visit);
                }
            }
            Self::Function(_) => {}
            Self::Class(class) => each(class.bases.iter().chain(class.namespace.values()), visit),
            Self::Instance { class, attributes } => {
                visit(class);
                each(attributes.values(), visit);
            }
            Self::Exception(exception) => {
                exception.class.each_object(visit);
                each(exception.arguments.iter(), visit);
            }
        }
    }
}
