//! The values that module bodies make: immutable ones by value, the others by the identity of an `object`. `text`
//! displays them; `operate` compares and computes.

use std::sync::Arc;

/// A name or a text.
pub(crate) type Name = Arc<str>;

/// A Python value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Value {
    None,
    Ellipsis,
    Bool(bool),
    Int(i64),
    Float(Float),
    Str(Name),
    Bytes(Arc<[u8]>),
    Tuple(Arc<[Value]>),
    /// An object with an identity: a module, a list, a class.
    Object(ObjectId),
    /// A built-in function, type or exception class, by name.
    Builtin(&'static str),
    /// An object of the interpreter that the model knows.
    Known(ProcessObject),
    /// The opaque object that a module of the standard library has under this name.
    Library(Name),
    /// A method of another value.
    Method(Arc<Value>, &'static str),
    /// A function of a class with the object on which it was looked up: the function, the object.
    Bound(Arc<Value>, Arc<Value>),
    /// What `staticmethod`, `classmethod` or `property` made of a function.
    Descriptor(Descriptor, Arc<Value>),
    /// The loader of a spec that code holds; whether it is a `LazyLoader`.
    Loader(ObjectId, bool),
    /// What only a loop, or a call that is one, may take: a range, the items of a dict, numbered or paired elements.
    Elements(Arc<[Value]>),
}

/// How a function of a class is looked up, or called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Descriptor {
    Static,
    Class,
    Property,
    /// `contextlib.contextmanager` of a generator, which a class looks up as it does a function.
    Manager,
}

/// Objects of the interpreter that module bodies read and change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ProcessObject {
    /// `sys.modules`
    Modules,
    /// `sys.path`
    Path,
    /// `os.environ`
    Environment,
}

/// A float by its bits, so that it can be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Float(u64);

impl Float {
    pub(crate) fn new(value: f64) -> Self {
        Self(value.to_bits())
    }

    pub(crate) fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// The identity of an object: where it is made, and how many others made there were alive then. Two runs that
/// lead to equal states give equal identities, however many objects came and went on the way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ObjectId {
    /// A module's name, or a place in a source.
    pub(crate) site: Name,
    /// The lowest number that was free.
    pub(crate) generation: u16,
}

impl Value {
    /// A text.
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Str(Arc::from(text.as_ref()))
    }

    /// The text that it is.
    pub(crate) fn as_text(&self) -> Option<&Name> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The object that it refers to.
    pub(crate) fn as_object(&self) -> Option<&ObjectId> {
        match self {
            Self::Object(id) => Some(id),
            _ => None,
        }
    }

    /// Every object that it refers to directly.
    pub(crate) fn each_object(&self, visit: &mut dyn FnMut(&ObjectId)) {
        match self {
            Self::Object(id) | Self::Loader(id, _) => visit(id),
            Self::Tuple(parts) | Self::Elements(parts) => each(parts.iter(), visit),
            Self::Method(of, _) | Self::Descriptor(_, of) => of.each_object(visit),
            Self::Bound(function, of) => {
                function.each_object(visit);
                of.each_object(visit);
            }
            _ => {}
        }
    }
}

/// Every object to which one of these values refers directly.
pub(super) fn each<'a>(values: impl Iterator<Item = &'a Value>, visit: &mut dyn FnMut(&ObjectId)) {
    for value in values {
        value.each_object(visit);
    }
}
