//! Everything that the documentation names exists: files, and the modules of a folder that its contents page names.

use std::collections::BTreeSet;

use regex::Regex;

use crate::sources::{Source, files, read, root};

/// Pages for those who change taster. Others name the files of people's projects.
const PAGES: [&str; 2] = ["docs/design.md", "docs/model.md"];

/// Files of CPython and of people's suites that are named, and `x` in place of a verb: no files of the package.
const FOREIGN: [&str; 5] = ["x.rs", "__init__.py", "conftest.py", "_bootstrap.py", "_bootstrap_external.py"];

/// What stands in backticks, outside of blocks of code.
fn quoted(text: &str) -> Vec<String> {
    let blocks = Regex::new(r"(?s)```.*?```").expect("a regular expression");
    let quoted = Regex::new(r"`([^`\n]+)`").expect("a regular expression");
    let text = blocks.replace_all(text, "");
    quoted.captures_iter(&text).map(|found| found[1].to_owned()).collect()
}

/// The comment or docstring at the head of a file.
fn head(path: &str, text: &str) -> String {
    if path.ends_with(".py") {
        return text.split("\"\"\"").nth(1).unwrap_or_default().to_owned();
    }
    let lines = text.lines().take_while(|line| line.starts_with("//!"));
    lines.map(|line| line.trim_start_matches("//!").trim()).collect::<Vec<_>>().join("\n")
}

/// Names of files in `text` that no path of the package ends with.
fn missing_files(text: &str, paths: &BTreeSet<String>) -> Vec<String> {
    let file = Regex::new(r"^[\w.-]+(/[\w.-]+)*\.(rs|py|md|json)$").expect("a regular expression");
    let is_there =
        |name: &str| paths.contains(name) || paths.iter().any(|path| path.ends_with(&format!("/{name}")));
    let is_foreign = |name: &str| FOREIGN.contains(&name.rsplit('/').next().unwrap_or(name));
    let named = quoted(text).into_iter().filter(|name| file.is_match(name));
    named.filter(|name| !is_there(name) && !is_foreign(name)).collect()
}

/// Words in the head of a folder's contents page that are neither a module of the folder or of the house, nor in the folder's
/// code.
fn missing_modules(page: &Source, sources: &[Source]) -> Vec<String> {
    let (path, text) = page;
    let Some((folder, "mod.rs")) = path.rsplit_once('/') else { return Vec::new() };
    let module = Regex::new(r"^[a-z_]+(::[a-z_]+)*$").expect("a regular expression");
    let own: Vec<&Source> =
        sources.iter().filter(|(path, _)| path.starts_with(&format!("{folder}/"))).collect();
    let is_module = |name: &str| {
        let tail = name.trim_start_matches("taster::").replace("::", "/");
        let ends = [format!("/{tail}.rs"), format!("/{tail}/mod.rs"), format!("/{tail}.py")];
        let is_near =
            |path: &str| name.contains("::") || path.starts_with(folder) || path.matches('/').count() < 3;
        sources.iter().any(|(path, _)| is_near(path) && ends.iter().any(|end| path.ends_with(end.as_str())))
    };
    let is_in_code = |name: &str| {
        let name = name.rsplit("::").next().unwrap_or(name);
        let word = Regex::new(&format!(r"\b{name}\b")).expect("a regular expression");
        let speaks = |line: &&str| line.trim_start().starts_with("//");
        own.iter().any(|(_, text)| text.lines().filter(|line| !speaks(line)).any(|line| word.is_match(line)))
    };
    let named = quoted(&head(path, text)).into_iter().filter(|name| module.is_match(name));
    named.filter(|name| !is_module(name) && !is_in_code(name)).map(|name| format!("{path}: {name}")).collect()
}

fn all_paths() -> BTreeSet<String> {
    let folders = ["src", "tests", "benches", "docs"];
    let of = |extension: &'static str| {
        folders
            .into_iter()
            .filter(move |folder| has(folder, extension))
            .flat_map(move |folder| files(folder, extension))
    };
    ["rs", "py", "md", "json"]
        .into_iter()
        .flat_map(of)
        .map(|(path, _)| path)
        .chain(["README.md".to_owned()])
        .collect()
}

/// Whether there are such files: to find none is an error elsewhere.
fn has(folder: &str, extension: &str) -> bool {
    match extension {
        "rs" => folder != "docs",
        "py" => folder == "src" || folder == "tests",
        "md" => folder == "docs" || folder == "src",
        _ => folder == "docs",
    }
}

#[test]
fn files_that_are_named_exist() {
    let paths = all_paths();
    let sources =
        [files("src", "rs"), files("src", "py"), files("tests", "rs"), files("benches", "rs")].concat();
    let mut wrong = Vec::new();
    for (path, text) in sources {
        wrong.extend(
            missing_files(&head(&path, &text), &paths).into_iter().map(|name| format!("{path}: {name}")),
        );
    }
    for page in PAGES {
        wrong.extend(missing_files(&read(page), &paths).into_iter().map(|name| format!("{page}: {name}")));
    }
    assert!(wrong.is_empty(), "no such file:\n{}", wrong.join("\n"));
}

#[test]
fn modules_that_contents_pages_name_exist() {
    let sources = [files("src", "rs"), files("src", "py")].concat();
    let wrong: Vec<_> = sources.iter().flat_map(|page| missing_modules(page, &sources)).collect();
    assert!(wrong.is_empty(), "no such module, and no such name in the folder:\n{}", wrong.join("\n"));
}

#[test]
fn folders_that_pages_name_exist() {
    let folder =
        Regex::new(r"^(src|tests|docs|benches|scenarios)(/[\w-]+)*/?$").expect("a regular expression");
    let named = PAGES.into_iter().flat_map(|page| quoted(&read(page)));
    let gone: Vec<_> = named.filter(|name| folder.is_match(name) && !root().join(name).is_dir()).collect();
    assert!(gone.is_empty(), "no such folder: {gone:?}");
}

#[test]
fn a_file_that_is_gone_is_found() {
    let paths = BTreeSet::from(["src/suite/message.rs".to_owned(), "docs/model.md".to_owned()]);
    let text = "See `message.rs`, `suite/message.rs`, `process.rs`, `docs/other.md`, `conftest.py`, `a = 1`.\n```\n`gone.rs`\n```\n";
    assert_eq!(missing_files(text, &paths), ["process.rs", "docs/other.md"]);
}

#[test]
fn a_module_that_is_gone_is_found() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let page = file(
        "src/diagnose/why/mod.rs",
        "//! Class by class: `modules`, `suspicion`, `cause()`, `found`.\n//! Built on `explore` and `explore::graph`.\nfn found() {}\n",
    );
    let sources = [
        page.clone(),
        file("src/diagnose/why/modules.rs", "// suspicion\n"),
        file("src/explore/mod.rs", "//! `nothing` here is looked at, since only one page is.\n"),
        file("src/explore/graph.rs", ""),
        file("src/suite/judge/suspicion.rs", ""),
    ];
    assert_eq!(missing_modules(&page, &sources), ["src/diagnose/why/mod.rs: suspicion"]);
}
