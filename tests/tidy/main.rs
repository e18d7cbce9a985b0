//! The house rules that a compiler does not know, one file per rule. Each rule is a function from texts to what is wrong with
//! them, and is tried on a small text beside it, so that it is known to find something. Exceptions are lists with reasons, and
//! one that is needed no longer is wrong too.

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
