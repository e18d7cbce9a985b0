//! One page of HTML that needs no network: what was found first, then a drawing of which test does it to which, then a table of all that
//! was judged on several interpreters. The template is `page.html`.

use askama::Template;

use super::drawing::Drawing;
use super::{Account, Case, CaseResult, FilePlace, Picture, SWEEP};
use crate::explain::Topic;
use crate::report::gather::gather;

#[derive(Debug, Template)]
#[template(path = "page.html")]
struct Page {
    command: String,
    verdict: String,
    summary: String,
    findings: Vec<ShownFinding>,
    drawing: Drawing,
    /// What the lines of the drawing lead from and to.
    noun: &'static str,
    pictures: Vec<Picture>,
    matrix: Matrix,
}

/// A finding as the page shows it.
#[derive(Debug)]
struct ShownFinding {
    number: usize,
    message: String,
    /// Each thing that was found: its code, and what that means, or what it is if there are several.
    parts: Vec<(&'static str, String)>,
    /// Places, each with what happens there.
    places: Vec<(String, String)>,
    details: String,
    timelines: Vec<String>,
}

/// What was judged: a row for each file, a column for each case of it.
#[derive(Debug, Default)]
struct Matrix {
    columns: Vec<String>,
    /// The file, and each cell's class and word.
    rows: Vec<(String, Vec<(&'static str, &'static str)>)>,
}

/// The account as a page.
pub(super) fn text(account: &Account) -> String {
    let findings: Vec<ShownFinding> =
        account.failed().enumerate().map(|(at, case)| finding(at + 1, case)).collect();
    let verdict = match account.failed().map(Case::found).sum::<usize>() {
        _ if account.command == SWEEP => "how it depends on time".to_owned(),
        0 => "nothing found".to_owned(),
        found => format!("{found} found"),
    };
    let page = Page {
        command: account.command.clone(),
        verdict,
        summary: account.summary.trim_end().to_owned(),
        findings,
        drawing: Drawing::of(&account.edges),
        noun: account.noun(),
        pictures: account.pictures.clone(),
        matrix: if account.is_of_run() { matrix(account) } else { Matrix::default() },
    };
    page.render().expect("a template writes to memory")
}

fn finding(number: usize, case: &Case) -> ShownFinding {
    let mut places: Vec<(String, String)> = Vec::new();
    for annotation in &case.annotations {
        let own = (place(&annotation.at), String::new());
        let related = annotation.related.iter().filter(|(at, _)| at.line.is_some());
        let related = related.map(|(at, what)| (place(at), what.clone()));
        for shown in [own].into_iter().chain(related) {
            if !places.contains(&shown) {
                places.push(shown);
            }
        }
    }
    let parts = match case.annotations.as_slice() {
        [one] => vec![(one.code(), one.topic.map(Topic::sentence).unwrap_or_default())],
        many => many.iter().map(|part| (part.code(), part.message.clone())).collect(),
    };
    ShownFinding {
        number,
        message: case.claim(),
        parts,
        places,
        details: case.details.trim_end().to_owned(),
        timelines: case.timelines.clone(),
    }
}

fn place(place: &FilePlace) -> String {
    match place.line {
        Some(line) => format!("{}:{line}", place.file),
        None => place.file.clone(),
    }
}

fn matrix(account: &Account) -> Matrix {
    let mut columns: Vec<String> = Vec::new();
    for case in &account.cases {
        if !columns.contains(&case.name) {
            columns.push(case.name.clone());
        }
    }
    let rows = gather(account.cases.iter().map(|case| (case.group.clone(), case)));
    let cell = |cases: &[&Case], column: &String| {
        cases.iter().find(|case| case.name == *column).map_or(("", ""), |case| match &case.result {
            CaseResult::Passed => ("passed", "as declared"),
            CaseResult::Failed => ("failed", "differs"),
            CaseResult::NotJudged => ("failed", "not judged"),
            CaseResult::Skipped(_) => ("other", "not run"),
        })
    };
    let rows = rows
        .into_iter()
        .map(|(file, cases)| {
            let cells = columns.iter().map(|column| cell(&cases, column)).collect();
            (file, cells)
        })
        .collect();
    Matrix { columns, rows }
}
