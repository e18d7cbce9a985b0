//! Verdicts and replays for people and machines, one format per file.
