//! The import system of CPython in memory.
