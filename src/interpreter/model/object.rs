//! The objects to which values refer by identity.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::module::{Module, Spec};
use super::value::{Name, ObjectId, Value, each};

/// An object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Object {
    Module(Box<Module>),
    List(Vec<Value>),
    Set(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    Function(Box<Function>),
    /// The names of a call, which functions and classes defined in it can reach.
    Locals(Locals),
    Class(Class),
    /// What `functools.lru_cache` made of a function.
    CachedFunction(CachedFunction),
    Instance {
        class: ObjectId,
        attributes: BTreeMap<Name, Value>,
    },
    /// An exception that was caught.
    Exception(Exception),
    /// What `importlib.util.find_spec` gives.
    Spec(Box<SpecObject>),
}

/// A function that a module body defined.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Function {
    pub(crate) name: Name,
    /// The module whose names are its globals.
    pub(crate) module: ObjectId,
    pub(crate) file: Name,
    /// The source in which it stands, and where it begins there.
    pub(crate) source: Arc<[u8]>,
    pub(crate) at: u32,
    /// The defaults of its parameters, by name.
    pub(crate) defaults: BTreeMap<Name, Value>,
    /// The names of the call in which it was defined.
    pub(crate) outer: Option<ObjectId>,
    /// Whether it is `abc.abstractmethod`'s.
    pub(crate) is_abstract: bool,
}

/// A spec that code holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SpecObject {
    pub(crate) spec: Spec,
    /// Whether its loader is a `LazyLoader`.
    pub(crate) lazy: bool,
    /// Whether it is that of a loaded module, and so one object with that module's `__spec__`.
    pub(crate) loaded: bool,
}

/// The names of a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Locals {
    /// The names that are its own, bound or not.
    pub(crate) own: BTreeSet<Name>,
    pub(crate) values: BTreeMap<Name, Value>,
    /// The names of the call around it.
    pub(crate) outer: Option<ObjectId>,
}

/// A function that keeps its results.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CachedFunction {
    pub(crate) function: Value,
    /// The most results that it keeps.
    pub(crate) most: Option<i64>,
    /// What it keeps: the arguments, as one value, and the result.
    pub(crate) results: Vec<(Value, Value)>,
}

/// A class that a module body defined.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Class {
    pub(crate) name: Name,
    pub(crate) module: Name,
    /// Its bases: built-in classes, classes of the standard library and of module bodies.
    pub(crate) bases: Vec<Value>,
    pub(crate) namespace: BTreeMap<Name, Value>,
    /// The names of its abstract methods, if its metaclass is `abc.ABCMeta`.
    pub(crate) abstract_names: Option<BTreeSet<Name>>,
}

/// An exception: its class, its arguments, and its `str`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Exception {
    /// A built-in class or a class of a module body.
    pub(crate) class: Value,
    pub(crate) arguments: Vec<Value>,
    pub(crate) message: Name,
    /// What its own constructor set.
    pub(crate) attributes: BTreeMap<Name, Value>,
    /// `name`, of import errors.
    pub(crate) name: Option<Name>,
    pub(crate) raised_on: StepLine,
}

/// The innermost line of the step's own code on which an exception was raised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum StepLine {
    /// None so far.
    #[default]
    Nowhere,
    /// This line, from 1.
    Line(usize),
    /// One of several that a statement has, or of a statement that handles exceptions: versions tell different ones.
    Unknown,
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
            Self::Spec(_) => {}
            Self::Function(function) => {
                visit(&function.module);
                function.outer.iter().for_each(&mut *visit);
                each(function.defaults.values(), visit);
            }
            Self::Locals(locals) => {
                locals.outer.iter().for_each(&mut *visit);
                each(locals.values.values(), visit);
            }
            Self::CachedFunction(cached) => {
                cached.function.each_object(visit);
                for (arguments, result) in &cached.results {
                    arguments.each_object(visit);
                    result.each_object(visit);
                }
            }
            Self::Class(class) => each(class.bases.iter().chain(class.namespace.values()), visit),
            Self::Instance { class, attributes } => {
                visit(class);
                each(attributes.values(), visit);
            }
            Self::Exception(exception) => {
                exception.class.each_object(visit);
                each(exception.arguments.iter().chain(exception.attributes.values()), visit);
            }
        }
    }
}
