//! Running module bodies: the model evaluates a parsed one statement by statement, as far as it knows what each
//! statement does. It refuses anything else and names the line. Expressions are in `expression`, calls in `call`,
//! stores in `store`, names in `scope`.

mod annotation;
mod attribute;
mod builtin;
mod builtin_names;
mod cached;
mod call;
mod class;
mod container;
mod display;
mod elements;
mod exception;
mod expression;
mod format;
mod frame;
mod function;
mod generator;
mod handling;
mod inherited;
mod item;
mod library_call;
mod library_class;
mod logger;
mod loops;
mod managed;
mod method;
mod module_attribute;
mod number;
mod operate;
mod package_path;
mod pkgutil;
mod purge;
mod py_compile;
mod scope;
mod spec;
mod statement;
mod store;
mod text_method;

pub(super) use frame::{BodyFrame, CODE_OF_STEP};
