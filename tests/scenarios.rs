//! The shipped scenarios as trials, on the interpreters that `TASTER_PYTHON` names.

fn main() -> std::process::ExitCode {
    taster::harness("scenarios")
}
