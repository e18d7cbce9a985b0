//! The formats of accounts, by their names.

use super::{Account, github, html, junit, markdown, sarif};

/// A format that other tools read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountFormat {
    /// `JUnit`'s XML, which most CI systems show as test results.
    Junit,
    /// The Static Analysis Results Interchange Format, version 2.1.0: findings at lines of files.
    Sarif,
    /// Workflow commands of GitHub Actions, which annotate lines.
    Github,
    /// Markdown, as for a comment on a pull request.
    Markdown,
    /// A page of HTML that needs no network.
    Html,
}

/// There is no format of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no format `{name}`; there are {}", AccountFormat::names().join(", "))]
pub struct UnknownFormat {
    name: String,
}

impl AccountFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Junit, Self::Sarif, Self::Github, Self::Markdown, Self::Html];

    /// The word on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    fn names() -> Vec<&'static str> {
        Self::ALL.map(Self::as_str).to_vec()
    }

    /// The format of this name.
    ///
    /// # Errors
    /// Where there is none, with the names that there are.
    pub fn named(name: &str) -> Result<Self, UnknownFormat> {
        let unknown = || UnknownFormat { name: name.to_owned() };
        Self::ALL.into_iter().find(|format| format.as_str() == name).ok_or_else(unknown)
    }

    /// The account in this format.
    pub fn text(self, account: &Account) -> String {
        match self {
            Self::Junit => junit::text(account),
            Self::Sarif => sarif::text(account),
            Self::Github => github::text(account),
            Self::Markdown => markdown::text(account),
            Self::Html => html::text(account),
        }
    }
}
