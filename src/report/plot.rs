//! A sweep as a picture: SVG, drawn by `plotters`.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::sweep::{named, told};
use super::words;
use crate::diagnose::{Finding, Probability};
use crate::scenario::Scenario;
use crate::sweep::{Point, Sweep};
use crate::world::Nanos;

/// Width and height of the picture.
const SIZE: (u32, u32) = (860, 860);

/// Colours that colour-blind readers can tell apart (Okabe and Ito).
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
    RGBColor(0, 0, 0),
];

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[error("cannot draw the plot: {0}")]
pub struct PlotError(String);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// One line of a chart.
struct Curve {
    label: String,
    points: Vec<(f64, f64)>,
}

/// The sweep as an SVG picture of two charts: by the place of the sleep, and by granularity.
///
/// # Errors
/// Where the drawing library gives up.
pub fn plot(scenario: &Scenario, finding: &Finding, sweep: &Sweep) -> Result<String, PlotError> {
    let mut picture = String::new();
    {
        let root = SVGBackend::with_string(&mut picture, SIZE).into_drawing_area();
        root.fill(&WHITE).map_err(not_drawn)?;
        let title = format!("{}: {}", scenario.path.display(), words::finding_claim(scenario, finding));
        let root = root.titled(&title, ("sans-serif", 20)).map_err(not_drawn)?;
        let (upper, lower) = root.split_vertically(SIZE.1 / 2 - 20);
        places(&upper, scenario, sweep)?;
        granularities(&lower, scenario, sweep)?;
        root.present().map_err(not_drawn)?;
    }
    Ok(picture)
}

fn not_drawn(error: impl std::fmt::Display) -> PlotError {
    PlotError(error.to_string())
}

fn places(area: &Area<'_>, scenario: &Scenario, sweep: &Sweep) -> Result<(), PlotError> {
    let tick = sweep.timestamps.tick;
    let (unit, nanos) = unit_of(tick);
    let longest = Nanos(tick.0.saturating_add(tick.0 / 10).max(2));
    let curves: Vec<Curve> = (0..sweep.places.len())
        .map(|at| Curve {
            label: format!("sleep {}", told(scenario, sweep.places[at])),
            points: passing(sweep.own().map_or(&[], |own| &own.curves[at]), longest, nanos),
        })
        .collect();
    let caption = format!("{}, timestamps {}", sweep.interpreter.label, sweep.timestamps.written);
    let mut builder = ChartBuilder::on(area);
    let mut chart = builder
        .margin(12)
        .caption(caption, ("sans-serif", 16))
        .x_label_area_size(42)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..seconds(longest) * 1e9 / nanos, 0.0..104.0_f64)
        .map_err(not_drawn)?;
    draw(&mut chart, &curves, (&format!("length of the sleep, {unit}"), SeriesLabelPosition::UpperLeft))
}

fn granularities(area: &Area<'_>, scenario: &Scenario, sweep: &Sweep) -> Result<(), PlotError> {
    let sleeps = Sweep::common_sleeps();
    let (Some(shortest), Some(longest)) = (sleeps.get(1), sleeps.last()) else { return Ok(()) };
    let best = sweep.best_place();
    let Some(place) = sweep.places.get(best) else { return Ok(()) };
    let curves: Vec<Curve> = sweep
        .granularities
        .iter()
        .map(|granularity| Curve {
            label: named(granularity),
            points: passing(&granularity.curves[best], *longest, 1e9)
                .into_iter()
                .filter(|(sleep, _)| *sleep >= seconds(*shortest))
                .collect(),
        })
        .collect();
    let mut builder = ChartBuilder::on(area);
    let mut chart = builder
        .margin(12)
        .caption(
            format!("sleep {}, by granularity of timestamps", told(scenario, *place)),
            ("sans-serif", 16),
        )
        .x_label_area_size(42)
        .y_label_area_size(56)
        .build_cartesian_2d((seconds(*shortest)..seconds(*longest)).log_scale(), 0.0..104.0_f64)
        .map_err(not_drawn)?;
    let axis = "length of the sleep, seconds (logarithmic)";
    draw(&mut chart, &curves, (axis, SeriesLabelPosition::MiddleMiddle))
}

/// Axes, curves and their legend.
fn draw<X>(
    chart: &mut Chart<'_, X>,
    curves: &[Curve],
    (axis, legend): (&str, SeriesLabelPosition),
) -> Result<(), PlotError>
where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc(axis)
        .y_desc("passes, %")
        .x_label_formatter(&|value| ((value * 1e5).round() / 1e5).to_string())
        .y_label_formatter(&|value| format!("{value:.0}"))
        .label_style(("sans-serif", 14))
        .draw()
        .map_err(not_drawn)?;
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        let line = LineSeries::new(curve.points.iter().copied(), colour.stroke_width(2)).point_size(3);
        chart
            .draw_series(line)
            .map_err(not_drawn)?
            .label(&curve.label)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(legend)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.3))
        .label_font(("sans-serif", 13))
        .draw()
        .map_err(not_drawn)
}

type Chart<'a, X> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, RangedCoordf64>>;

/// The points up to a length, as they are drawn: the sleep in units of so many nanoseconds, and how often it passes in per cent.
fn passing(points: &[Point], longest: Nanos, nanos: f64) -> Vec<(f64, f64)> {
    let drawn = points.iter().filter(|point| point.sleep <= longest);
    let known = drawn.filter_map(|point| Some((point.sleep, point.fails.as_ref()?)));
    known
        .map(|(sleep, fails)| (seconds(sleep) * 1e9 / nanos, 100.0 * (1.0 - Probability::value(fails))))
        .collect()
}

/// The unit of a tick, and its nanoseconds.
fn unit_of(tick: Nanos) -> (&'static str, f64) {
    match tick.0 {
        1_000_000_000.. => ("seconds", 1e9),
        1_000_000.. => ("milliseconds", 1e6),
        1_000.. => ("microseconds", 1e3),
        _ => ("nanoseconds", 1.0),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a picture has no more digits")]
fn seconds(length: Nanos) -> f64 {
    length.0 as f64 / 1e9
}
