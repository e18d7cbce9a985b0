//! The house rules that a compiler does not know, one file per rule. Each rule is a function from texts to violations,
//! and is tested on a small text beside it, so that it is known to find something. Exceptions are lists with reasons,
//! and an exception that is no longer needed is a violation too.

mod api;
mod circles;
mod habits;
mod layers;
mod lengths;
mod names;
mod outward;
mod pages;
mod rooms;
mod sources;
