//! Orders that avoid a finding: each is performed in a fresh interpreter before anything says that it does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::crew::{Crew, TaskEnd};
use super::finding::{OrderFault, PackageFinding};
use crate::budget::Budget;
use crate::cause::Cause;
use crate::interpreter::{NoOutcome, Outcome};

/// What became of the orders.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CuresPerformed {
    /// Modules after which another was seen to pass, and does not when the two are imported again.
    pub(super) not_confirmed: usize,
    /// Orders for which there was no time, or whose agent was lost.
    pub(super) not_performed: usize,
}

/// An order that could avoid a finding, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TriedOrder {
    order: [String; 2],
    end: OrderEnd,
}

/// What one order came to: whether its last import passes; `None` if it was not performed.
type OrderEnd = Option<bool>;

/// Performs every order that could avoid a finding.
pub(super) fn try_orders(
    crew: &mut Crew<'_>,
    findings: &[PackageFinding],
    budget: &Budget,
) -> Result<Vec<TriedOrder>, NoOutcome> {
    let orders: Vec<[String; 2]> = findings.iter().flat_map(orders).collect();
    let ends = crew.each(&orders, budget, &|_| {}, |agent, [first, second]| {
        Ok(agent.import(&[first, second], &[])?.outcome.is_pass())
    })?;
    let tried = orders.into_iter().zip(ends).map(|(order, end)| {
        let end = match end {
            TaskEnd::Done(passes) => Some(passes),
            TaskEnd::Lost(_) | TaskEnd::NotBegun => None,
        };
        TriedOrder { order, end }
    });
    Ok(tried.collect())
}

/// Keeps of the orders those that avoid their findings, and names causes that such an order confirms. A finding that rests on
/// orders alone goes if none of them avoids it.
pub(super) fn settle_all(findings: &mut Vec<PackageFinding>, tried: &[TriedOrder]) -> CuresPerformed {
    let known: BTreeMap<&[String; 2], bool> =
        tried.iter().filter_map(|tried| Some((&tried.order, tried.end?))).collect();
    let mut performed = CuresPerformed::default();
    findings.retain_mut(|finding| {
        let ends: Vec<OrderEnd> = orders(finding).iter().map(|order| known.get(order).copied()).collect();
        if matches!(finding.fault, OrderFault::CannotComeFirst { .. }) {
            performed.not_confirmed += ends.iter().filter(|end| **end == Some(false)).count();
        }
        performed.not_performed += ends.iter().filter(|end| end.is_none()).count();
        settle(finding, &ends)
    });
    performed
}

/// The orders in which both modules of a pair should pass.
fn orders(finding: &PackageFinding) -> Vec<[String; 2]> {
    match &finding.fault {
        OrderFault::CannotComeFirst { module, .. } => {
            finding.firsts.iter().map(|first| [first.clone(), module.clone()]).collect()
        }
        OrderFault::FailsAfter { .. } => {
            finding.witness.iter().map(|(first, second)| [second.clone(), first.clone()]).collect()
        }
        _ => Vec::new(),
    }
}

/// Writes into a finding what its orders came to; whether it still is one.
fn settle(finding: &mut PackageFinding, ends: &[OrderEnd]) -> bool {
    match &finding.fault {
        OrderFault::CannotComeFirst { module, outcome, circle, .. } => {
            let with = |wanted: OrderEnd| {
                let ended = finding.firsts.iter().zip(ends).filter(move |(_, end)| **end == wanted);
                ended.map(|(first, _)| first.clone()).collect::<Vec<String>>()
            };
            let (confirmed, unknown) = (with(Some(true)), with(None));
            finding.cured = !confirmed.is_empty();
            finding.cause = cause_of_failing_alone(outcome, circle, &confirmed);
            finding.firsts = [confirmed, unknown].concat();
            finding.witness = finding.firsts.first().map(|first| (first.clone(), module.clone()));
            if finding.firsts.is_empty() {
                finding.pairs = 0;
            }
            !finding.firsts.is_empty() || !circle.is_empty()
        }
        OrderFault::FailsAfter { circle, .. } => {
            finding.cured = ends.first() == Some(&Some(true));
            if finding.cured && !circle.is_empty() {
                finding.cause = Cause::CircularImport;
            }
            true
        }
        _ => true,
    }
}

/// The cause is confirmed by the import that makes the module pass: the other end of the circle, or the submodule whose name
/// was missing.
fn cause_of_failing_alone(outcome: &Outcome, circle: &[String], firsts: &[String]) -> Cause {
    match outcome {
        _ if !circle.is_empty() && !firsts.is_empty() => Cause::CircularImport,
        Outcome::Failed { exception, message, .. } if exception == "AttributeError" => {
            let wanted = wanted_submodule(message);
            if wanted.is_some_and(|wanted| firsts.contains(&wanted)) {
                Cause::MissingSubmodule
            } else {
                Cause::Unknown
            }
        }
        _ => Cause::Unknown,
    }
}

/// `p.x` of `module 'p' has no attribute 'x'`.
fn wanted_submodule(message: &str) -> Option<String> {
    let (module, rest) = message.strip_prefix("module '")?.split_once("' has no attribute '")?;
    Some(format!("{module}.{}", rest.split('\'').next()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::settings::PackagePass;

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// `p.a`, which fails alone and was seen to pass after these.
    fn cannot_come_first(firsts: &[&str], circle: &[&str]) -> PackageFinding {
        let outcome = Outcome::failed("AttributeError", "module 'p' has no attribute 'x'");
        let fault = OrderFault::CannotComeFirst {
            module: "p.a".into(),
            outcome,
            chain: Vec::new(),
            circle: texts(circle),
        };
        PackageFinding {
            fault,
            cause: Cause::Unknown,
            firsts: texts(firsts),
            witness: None,
            pairs: firsts.len(),
            cured: false,
            passes: vec![PackagePass::AsItIs],
        }
    }

    #[test]
    fn a_setter_that_sets_nothing_when_it_is_tried_is_not_named() {
        let mut finding = cannot_come_first(&["p.b", "p.x", "p.c"], &[]);
        assert!(settle(&mut finding, &[Some(false), Some(true), None]));
        assert_eq!((&finding.firsts, finding.cured), (&texts(&["p.x", "p.c"]), true));
        assert_eq!(finding.witness, Some(("p.x".into(), "p.a".into())));
        assert_eq!(finding.cause, Cause::MissingSubmodule, "the submodule was imported, and that helped");
    }

    #[test]
    fn nothing_is_a_cure_before_it_was_performed() {
        let mut finding = cannot_come_first(&["p.x"], &["p.a", "p.x", "p.a"]);
        assert!(settle(&mut finding, &[None]));
        assert_eq!((finding.firsts.len(), finding.cured, finding.cause), (1, false, Cause::Unknown));
    }

    #[test]
    fn a_module_that_nothing_makes_pass_is_a_finding_only_in_a_circle() {
        let ends = [Some(false)];
        assert!(!settle(&mut cannot_come_first(&["p.x"], &[]), &ends));
        let mut circle = cannot_come_first(&["p.x"], &["p.a", "p.x", "p.a"]);
        assert!(settle(&mut circle, &ends));
        assert_eq!((circle.cured, circle.cause, circle.witness), (false, Cause::Unknown, None));
    }

    #[test]
    fn the_other_order_of_a_pair_is_a_cure_only_if_it_passes() {
        for (end, cause) in [(Some(true), Cause::CircularImport), (Some(false), Cause::Unknown)] {
            let mut finding = cannot_come_first(&["p.b"], &[]);
            let circle = texts(&["p.a", "p.b", "p.a"]);
            finding.fault = OrderFault::FailsAfter {
                module: "p.a".into(),
                outcome: Outcome::TimedOut,
                chain: Vec::new(),
                circle,
            };
            finding.witness = Some(("p.b".into(), "p.a".into()));
            assert_eq!(orders(&finding), [["p.a".to_owned(), "p.b".to_owned()]]);
            assert!(settle(&mut finding, &[end]));
            assert_eq!((finding.cured, finding.cause), (end == Some(true), cause));
        }
    }

    #[test]
    fn the_submodule_that_an_attribute_names_is_read() {
        assert_eq!(wanted_submodule("module 'p.q' has no attribute 'x'").as_deref(), Some("p.q.x"));
        assert_eq!(wanted_submodule("'NoneType' object has no attribute 'x'"), None);
    }
}
