//! Tests without a process of their own: modules of the library, and the interpreters, model and documents that they
//! rest on. `cargo test --test library cpython::` runs one of these files. The slow ones are beside it, in `slow.rs`.

// What others share.
mod agreement;
mod modules;
mod not_run;
mod pythons;

mod arbitrary;
mod choose;
mod confinement;
mod constructs;
mod corpus;
mod cpython;
mod cures;
mod edit;
mod effects;
mod events;
mod faults;
mod format_page;
mod fuzz;
mod in_place;
mod layers;
mod looking;
mod model;
mod problems;
mod schema;
mod sets;
mod starting;
mod syntax;
mod verbs;
mod world;
