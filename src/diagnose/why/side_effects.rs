//! Suspicions about what importing somebody else changed: attributes of modules, environment variables, the working
//! directory.

use std::collections::BTreeMap;

use super::scene::{Contrast, Scene, SceneView, below_root};
use super::suspicion::{SuspectedCause, repair};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::scenario::{Repair, Step};

/// Attributes that differ, between the ordering that fails and the one that passes, on a module loaded from the same source in
/// both: each alone, then all of them.
pub(super) fn changed_attributes(contrast: &Contrast) -> Vec<SuspectedCause> {
    let Some(passing) = &contrast.passing else { return Vec::new() };
    let scene = &contrast.failing;
    let mut changes: Vec<AttributeChange> = Vec::new();
    for (name, module) in &scene.before.inspection.modules {
        if !module.present || scene.loaded.get(name) != passing.loaded.get(name) {
            continue;
        }
        for view in [&passing.before, &passing.after] {
            let Some(clean) =
                view.inspection.modules.get(name).filter(|clean| clean.present && clean.file == module.file)
            else {
                continue;
            };
            changes.extend(differences(name, &module.attributes, &clean.attributes));
        }
    }
    changes.sort();
    changes.dedup();
    let mut suspicions: Vec<SuspectedCause> =
        changes.iter().map(|change| restoring(std::slice::from_ref(change))).collect();
    if changes.len() > 1 {
        suspicions.push(restoring(&changes));
    }
    suspicions
}

/// An attribute with its value in the ordering that passes and in the one that fails.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct AttributeChange {
    module: String,
    attribute: String,
    clean: Option<String>,
    polluted: Option<String>,
}

fn differences(
    module: &str,
    polluted: &BTreeMap<String, String>,
    clean: &BTreeMap<String, String>,
) -> Vec<AttributeChange> {
    let names = polluted.keys().chain(clean.keys());
    let differing = names.filter(|name| polluted.get(*name) != clean.get(*name));
    let change = |attribute: &String| AttributeChange {
        module: module.to_owned(),
        attribute: attribute.clone(),
        clean: clean.get(attribute).cloned(),
        polluted: polluted.get(attribute).cloned(),
    };
    differing.map(change).filter(|change| change.clean.as_deref().is_none_or(is_literal)).collect()
}

fn restoring(changes: &[AttributeChange]) -> SuspectedCause {
    let repairs = changes.iter().map(|change| {
        repair(Repair::RestoreAttribute {
            module: change.module.clone(),
            attribute: change.attribute.clone(),
            literal: change.clean.clone(),
        })
    });
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "absent".to_owned());
    let said = changes.iter().map(|change| {
        format!(
            "{}.{}: {} -> {}",
            change.module,
            change.attribute,
            shown(&change.clean),
            shown(&change.polluted)
        )
    });
    let said: Vec<String> = said.collect();
    SuspectedCause::new(
        Cause::ImportSideEffect,
        repairs.collect(),
        [(EvidenceKind::Changed, said.join("; "))],
    )
}

/// Whether a `repr` is a literal that gives an equal value back.
fn is_literal(repr: &str) -> bool {
    ruff_python_parser::parse_expression(repr).is_ok_and(|parsed| is_literal_expression(parsed.expr()))
}

fn is_literal_expression(expression: &ruff_python_ast::Expr) -> bool {
    use ruff_python_ast::Expr;
    match expression {
        Expr::List(list) => list.elts.iter().all(is_literal_expression),
        Expr::Tuple(tuple) => tuple.elts.iter().all(is_literal_expression),
        Expr::Set(set) => set.elts.iter().all(is_literal_expression),
        Expr::Dict(dict) => dict.items.iter().all(|item| {
            item.key.as_ref().is_some_and(is_literal_expression) && is_literal_expression(&item.value)
        }),
        Expr::UnaryOp(unary) => is_literal_expression(&unary.operand),
        other => other.is_literal_expr(),
    }
}

/// Environment variables and the working directory, where they differ between the two orderings: each alone, then all.
pub(super) fn environment(contrast: &Contrast) -> Vec<SuspectedCause> {
    let Some(passing) = &contrast.passing else { return Vec::new() };
    let mut suspicions = variables(&contrast.failing, &passing.before);
    suspicions.extend(directory(&contrast.failing, &passing.before));
    suspicions
}

fn variables(scene: &Scene, clean: &SceneView) -> Vec<SuspectedCause> {
    let (polluted, clean) = (&scene.before.inspection.environment, &clean.inspection.environment);
    let names = polluted.keys().chain(clean.keys().filter(|name| !polluted.contains_key(*name)));
    let differing = names.filter(|name| polluted.get(*name) != clean.get(*name));
    let changes: Vec<(String, Step)> = differing
        .map(|variable| {
            let value = clean.get(variable).cloned().flatten();
            let shown = |value: Option<&Option<String>>| {
                value
                    .and_then(Option::as_ref)
                    .map_or_else(|| "as at the start".to_owned(), |value| format!("'{value}'"))
            };
            let said = format!(
                "os.environ['{variable}']: {} -> {}",
                shown(clean.get(variable)),
                shown(polluted.get(variable))
            );
            (said, repair(Repair::RestoreVariable { variable: variable.clone(), value }))
        })
        .collect();
    let together = |changes: &[(String, Step)]| {
        let (said, repairs): (Vec<String>, Vec<Step>) = changes.iter().cloned().unzip();
        SuspectedCause::new(Cause::ImportSideEffect, repairs, [(EvidenceKind::Changed, said.join("; "))])
    };
    let mut suspicions: Vec<SuspectedCause> =
        changes.iter().map(|change| together(std::slice::from_ref(change))).collect();
    if changes.len() > 1 {
        suspicions.push(together(&changes));
    }
    suspicions
}

fn directory(scene: &Scene, clean: &SceneView) -> Option<SuspectedCause> {
    let (polluted, clean) = (&scene.before.inspection.directory, &clean.inspection.directory);
    let path = below_root(clean).filter(|_| polluted != clean)?;
    Some(SuspectedCause::new(
        Cause::ImportSideEffect,
        vec![repair(Repair::RestoreDirectory(path))],
        [(EvidenceKind::Changed, format!("the working directory: {clean} -> {polluted}"))],
    ))
}
