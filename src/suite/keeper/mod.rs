//! The keeper: a small process of taster's own between it and a suite's Python. It gives runs a private view of the file
//! system (`view`), ends whatever they started (`family`), and cleans up when taster itself is gone (`guard` does so for the whole hunt).
//!
//! taster starts its own executable again as the keeper. Descriptors 0 and 1 are the pipes of the Python that it starts,
//! 2 is a socket on which taster and keeper exchange one JSON object per line (`talk`). The keeper lives as long as that
//! socket: when it closes, by whatever end of taster, every process that the suite has left is ended, the mounts go with
//! their namespace, and taster's directory is removed.

mod client;
mod covers;
mod family;
mod guard;
#[cfg(target_os = "linux")]
mod handles;
#[cfg(target_os = "linux")]
mod host;
#[cfg(target_os = "linux")]
mod layer;
#[cfg(target_os = "linux")]
mod mounts;
#[cfg(not(target_os = "linux"))]
mod no_view;
mod serve;
mod talk;
#[cfg(target_os = "linux")]
mod view;

#[cfg(not(target_os = "linux"))]
use no_view as view;

pub(crate) use client::Keeper;
pub(crate) use covers::{covers, top_of};
pub(crate) use guard::{GuardedFolder, NOTES, use_folder};
pub use serve::keep;
pub(crate) use talk::{KeeperOrder, KeeperReply, PrivateView, Setup, WrittenPath};
