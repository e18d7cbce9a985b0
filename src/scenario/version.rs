//! Python versions and PEP 440 specifiers over them.

use std::fmt;
use std::str::FromStr;

use pep440_rs::VersionSpecifiers;
use serde::{Deserialize, Serialize};

/// A CPython version. Pre-release marks are left out: `3.14.0rc1` counts as `3.14.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// `3` of `3.11.7`.
    pub major: u32,
    /// `11` of `3.11.7`.
    pub minor: u32,
    /// `7` of `3.11.7`.
    pub micro: u32,
}

impl Version {
    /// The version `major.minor.micro`.
    pub const fn new(major: u32, minor: u32, micro: u32) -> Self {
        Self { major, minor, micro }
    }

    /// Whether taster is tested with interpreters of this version.
    pub fn is_tested(&self) -> bool {
        self.feature() == (2, 7) || ((3, 6)..=(3, 13)).contains(&self.feature())
    }

    /// `3.11` of `3.11.7`.
    pub fn short(&self) -> String {
        format!("{}.{}", self.major, self.minor)
    }

    /// Major and minor version, for comparisons such as `version.feature() >= (3, 7)`.
    pub const fn feature(&self) -> (u32, u32) {
        (self.major, self.minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.micro)
    }
}

/// A PEP 440 version specifier such as `>=3.3,<3.13`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Specifier(VersionSpecifiers);

impl Specifier {
    /// Whether it admits this version.
    pub fn contains(&self, version: &Version) -> bool {
        let release = [version.major, version.minor, version.micro].map(u64::from);
        self.0.contains(&pep440_rs::Version::new(release))
    }
}

impl FromStr for Specifier {
    type Err = pep440_rs::VersionSpecifiersParseError;

    fn from_str(written: &str) -> Result<Self, Self::Err> {
        VersionSpecifiers::from_str(written).map(Self)
    }
}

impl fmt::Display for Specifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
