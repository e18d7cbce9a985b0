//! A directory of scenarios as libtest-mimic trials.
