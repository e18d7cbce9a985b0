//! The real code that a scenario reaches: directories of its author, installed distributions, and which of these it
//! requires.

use std::path::PathBuf;
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};

/// The real code that a scenario reaches outside the standard library. Orderings only read it.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct RealCode {
    /// Directories on `sys.path` behind the standard library, absolute.
    pub directories: Vec<PathBuf>,
    /// Whether the interpreter's own site-packages are behind those.
    pub site_packages: bool,
    /// Distributions without which the scenario is not run.
    pub requires: Vec<Requirement>,
}

impl RealCode {
    /// Whether steps can import any of it.
    pub fn is_reached(&self) -> bool {
        self.site_packages || !self.directories.is_empty() || !self.requires.is_empty()
    }

    /// The first requirement that these distributions, by normal name and version, do not meet, in words.
    pub(crate) fn lacking(&self, installed: &[(String, String)]) -> Option<String> {
        let hint = if self.site_packages { "" } else { " (`site-packages` is off)" };
        self.requires.iter().find_map(|required| {
            let found = installed.iter().find(|(name, _)| *name == required.normal_name());
            match found {
                None => Some(format!("{} is not installed there{hint}", required.written)),
                Some((_, version)) if required.admits(version) => None,
                Some((name, version)) => {
                    Some(format!("{} is required, and {name} {version} is installed there", required.written))
                }
            }
        })
    }
}

/// A distribution and the versions of it that will do: a name and version specifiers of PEP 508.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// As the scenario writes it.
    written: String,
    name: String,
    specifiers: VersionSpecifiers,
}

impl Requirement {
    /// Its name as PEP 503 compares it.
    pub(crate) fn normal_name(&self) -> String {
        let parts = self.name.split(['-', '_', '.']).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("-").to_lowercase()
    }

    /// Whether this version will do. One that is no version of PEP 440 does where any would.
    fn admits(&self, version: &str) -> bool {
        match Version::from_str(version) {
            Ok(version) => self.specifiers.contains(&version),
            Err(_) => self.specifiers.is_empty(),
        }
    }
}

impl FromStr for Requirement {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        let text = written.trim();
        let (name, rest) = text.split_at(text.find(|letter| !is_of_name(letter)).unwrap_or(text.len()));
        let is_bounded = |name: &str| {
            let ends = [name.chars().next(), name.chars().last()];
            ends.iter().flatten().all(char::is_ascii_alphanumeric)
        };
        if name.is_empty() || !is_bounded(name) {
            return Err(format!("`{written}` does not begin with the name of a distribution"));
        }
        let mut rest = rest.trim_start();
        if let Some(extras) = rest.strip_prefix('[') {
            let Some((_, after)) = extras.split_once(']') else {
                return Err(format!("`{written}` lacks a closing bracket"));
            };
            rest = after.trim_start();
        }
        if rest.contains([';', '@']) {
            return Err(format!("`{written}` has a marker or an address, which no scenario can require"));
        }
        let bare =
            rest.strip_prefix('(').and_then(|inner| inner.trim_end().strip_suffix(')')).unwrap_or(rest);
        let specifiers = VersionSpecifiers::from_str(bare)
            .map_err(|_| format!("`{rest}` in `{written}` is no version specifier of PEP 440"))?;
        Ok(Self { written: text.to_owned(), name: name.to_owned(), specifiers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(requirement: &str, version: &str) -> bool {
        requirement.parse::<Requirement>().unwrap().admits(version)
    }

    #[test]
    fn names_and_versions_of_pep_508_are_read() {
        assert!(admits("jinja2>=3", "3.1.2") && !admits("jinja2>=3", "2.11"));
        assert!(admits("jinja2 >=3, <4", "3.1.2") && admits("jinja2 (>=3)", "3.0"));
        assert!(admits("Jinja2[i18n]", "0.1.dev3+local"));
        let name = |written: &str| written.parse::<Requirement>().unwrap().normal_name();
        assert_eq!(name("Zope.Interface_x--y>1"), "zope-interface-x-y");
        for wrong in ["", ">=3", "-x", "jinja2 3", "x ; python_version > '3'", "x @ https://e", "x[y"] {
            assert!(wrong.parse::<Requirement>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_lacking_is_said() {
        let mut real = RealCode { requires: vec!["Jinja2>=3".parse().unwrap()], ..RealCode::default() };
        let found = |version: &str| vec![("jinja2".to_owned(), version.to_owned())];
        assert_eq!(real.lacking(&found("3.1")), None);
        assert_eq!(
            real.lacking(&found("2.11")).as_deref(),
            Some("Jinja2>=3 is required, and jinja2 2.11 is installed there")
        );
        let off = "Jinja2>=3 is not installed there (`site-packages` is off)";
        assert_eq!(real.lacking(&[]).as_deref(), Some(off));
        real.site_packages = true;
        assert_eq!(real.lacking(&[]).as_deref(), Some("Jinja2>=3 is not installed there"));
    }
}
