//! A sweep for people, in tables, and for machines. The picture is `plot`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::code;
use super::words;
use super::{json as lines, layout};
use crate::diagnose::{Finding, Probability};
use crate::remedy::StepPlace;
use crate::scenario::Scenario;
use crate::sweep::{Granularity, Point, Sweep};
use crate::world::Nanos;

/// Columns of one figure.
const FIGURE: usize = 6;
/// Columns before the figures.
const MARGIN: usize = 26;
/// Sleeps of the second table, in nanoseconds.
const SLEEPS: [u64; 8] =
    [0, 1_000_000, 5_000_000, 10_000_000, 100_000_000, 500_000_000, 1_000_000_000, 2_000_000_000];

/// The sweep as two tables: by the place of the sleep, and by the granularity of timestamps.
pub fn swept(scenario: &Scenario, finding: &Finding, sweep: &Sweep) -> String {
    let mut text = format!(
        "{}: {}\non {}, found at timestamps {}\n\n",
        scenario.path.display(),
        words::finding_claim(scenario, finding),
        sweep.interpreter.label,
        sweep.timestamps.written,
    );
    text += &times(scenario, sweep);
    let victim = &scenario.tests[finding.test].name;
    let _ = writeln!(
        text,
        "How often {victim} passes, by the sleep that is put in (timestamps {}):\n",
        sweep.timestamps.written
    );
    text += &by_place(scenario, sweep);
    let best = sweep.places.get(sweep.best_place()).copied();
    if let Some(place) = best {
        let told = told(scenario, place);
        text += &layout::wrapped(
            "",
            &format!("How often {victim} passes, by granularity, with the sleep {told}:"),
        );
        text.push('\n');
        text += &by_granularity(sweep);
    }
    let _ =
        writeln!(text, "Exact fractions: --format json. The ordering was performed {} times.", sweep.runs);
    text
}

/// What was measured of the steps, if anything was.
fn times(scenario: &Scenario, sweep: &Sweep) -> String {
    let told = words::step_times(scenario, &sweep.times);
    if told.is_empty() {
        return told;
    }
    layout::wrapped("", &format!("Steps took here (medians of several runs): {told}.")) + "\n"
}

fn by_place(scenario: &Scenario, sweep: &Sweep) -> String {
    let sleeps = Sweep::sleeps_of_a_tick(sweep.timestamps.tick);
    let mut text = header("the sleep stands", &sleeps);
    for (at, &place) in sweep.places.iter().enumerate() {
        let curve = sweep.own().map_or(&[][..], |own| &own.curves[at]);
        let label = format!("{} ({})", told(scenario, place), code::step_at(scenario, place));
        if label.chars().count() <= MARGIN {
            text += &row(&label, curve, &sleeps);
        } else {
            text += &layout::wrapped("", &label);
            text += &row("", curve, &sleeps);
        }
    }
    text + "\n"
}

fn by_granularity(sweep: &Sweep) -> String {
    let sleeps = SLEEPS.map(Nanos);
    let best = sweep.best_place();
    let mut text = header("granularity", &sleeps);
    for granularity in &sweep.granularities {
        text += &row(&named(granularity), &granularity.curves[best], &sleeps);
    }
    text + "\n"
}

fn header(label: &str, sleeps: &[Nanos]) -> String {
    let figures = figures(sleeps.iter().map(|sleep| length(*sleep)));
    format!("{label:MARGIN$}{figures}\n{}\n", "-".repeat(MARGIN + FIGURE * sleeps.len()))
}

fn row(label: &str, curve: &[Point], sleeps: &[Nanos]) -> String {
    let figure = |sleep: &Nanos| {
        let point = curve.iter().find(|point| point.sleep == *sleep);
        point
            .and_then(|point| point.fails.clone())
            .map_or("?".into(), |fails| percent(&fails.of_the_contrary()))
    };
    let figures = figures(sleeps.iter().map(figure));
    format!("{label:MARGIN$}{figures}\n")
}

/// Figures in their columns.
fn figures(figures: impl Iterator<Item = String>) -> String {
    figures.fold(String::new(), |row, figure| format!("{row}{figure:>FIGURE$}"))
}

/// `before step 1 of second`.
pub(super) fn told(scenario: &Scenario, place: StepPlace) -> String {
    format!("before step {} of {}", place.step, scenario.tests[place.test].name)
}

/// `1s (hfs+, ext3)`.
pub(super) fn named(granularity: &Granularity) -> String {
    if granularity.presets.is_empty() {
        return granularity.tick.to_string();
    }
    format!("{} ({})", granularity.tick, granularity.presets.join(", "))
}

/// A length as short as it can be written: `2s`, `1.1s`, `250ms`.
pub(super) fn length(length: Nanos) -> String {
    let (units, more) = (length.0 / 100_000_000, length.0 % 100_000_000);
    if length.0 > 1_000_000_000 && more == 0 && !units.is_multiple_of(10) {
        return format!("{}.{}s", units / 10, units % 10);
    }
    if length.0 == 0 { "0".into() } else { length.to_string() }
}

/// A probability in whole per cent, or tenths where it must not be taken for certain.
fn percent(probability: &Probability) -> String {
    let value = 100.0 * probability.value();
    if probability.numerator == probability.denominator {
        "100 %".into()
    } else if value >= 99.95 {
        ">99.9%".into()
    } else if value < 0.05 && !probability.is_decided() {
        "<0.1%".into()
    } else if (value - value.round()).abs() < 0.05 {
        format!("{value:.0} %")
    } else {
        format!("{value:.1}%")
    }
}

/// The sweep as one JSON object in a line.
pub fn swept_json(scenario: &Scenario, finding: &Finding, sweep: &Sweep) -> String {
    let name = |test: usize| scenario.tests[test].name.as_str();
    let place = |place: &StepPlace| json!({"before": {"test": name(place.test), "step": place.step}});
    let object = json!({
        "schema": 1,
        "kind": "sweep",
        "scenario": scenario.path.display().to_string(),
        "interpreter": lines::interpreter(&sweep.interpreter),
        "timestamps": sweep.timestamps.written,
        "polluters": finding.others.iter().map(|&test| name(test)).collect::<Vec<_>>(),
        "victim": name(finding.test),
        "witness": finding.witness.iter().map(|&test| name(test)).collect::<Vec<_>>(),
        "places": sweep.places.iter().map(place).collect::<Vec<_>>(),
        "granularities": sweep.granularities.iter().map(granularity).collect::<Vec<_>>(),
        "step_times": lines::step_times(scenario, &sweep.times),
        "runs": sweep.runs,
    });
    format!("{object}\n")
}

fn granularity(granularity: &Granularity) -> Value {
    let point = |point: &Point| {
        json!({
            "sleep_ns": point.sleep.0.to_string(),
            "fails": point.fails.as_ref().map(lines::probability),
        })
    };
    let curve = |curve: &Vec<Point>| curve.iter().map(point).collect::<Vec<_>>();
    json!({
        "tick_ns": granularity.tick.0.to_string(),
        "presets": granularity.presets,
        "curves": granularity.curves.iter().map(curve).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_never_pass_for_certain() {
        let told = |numerator, denominator| percent(&Probability::of(numerator, denominator));
        assert_eq!(told(1, 1), "100 %");
        assert_eq!(told(999_999, 1_000_000), ">99.9%");
        assert_eq!(told(100_002, 1_000_000), "10 %");
        assert_eq!(told(1, 3), "33.3%");
        assert_eq!(told(2, 1_000_000), "<0.1%");
        assert_eq!(told(0, 1_000_000), "0 %");
    }

    #[test]
    fn lengths_are_short() {
        assert_eq!(
            [0, 1_100_000_000, 2_000_000_000, 250_000_000].map(|nanos| length(Nanos(nanos))),
            ["0", "1.1s", "2s", "250ms"]
        );
    }
}
