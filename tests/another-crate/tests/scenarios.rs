//! This crate's scenarios as trials.

fn main() -> std::process::ExitCode {
    taster::harness("scenarios")
}
