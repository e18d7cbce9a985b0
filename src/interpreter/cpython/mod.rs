//! A real CPython: an agent in a child process, forked as snapshot.
