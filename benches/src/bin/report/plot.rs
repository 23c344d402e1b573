//! The plots, as SVG: text stays text, so no font is needed here.

use std::path::Path;

use plotters::prelude::*;

use crate::results::{Cell, Lines};

fn colour(contender: &str) -> RGBColor {
    match contender {
        "atomic" => RGBColor(0xd6, 0x27, 0x28),
        "locked" => RGBColor(0x1f, 0x77, 0xb4),
        _ if contender.starts_with("floor-") => RGBColor(0xff, 0x7f, 0x0e),
        "peer-textbook" => RGBColor(0x99, 0x99, 0x99),
        _ => RGBColor(0x2c, 0xa0, 0x2c),
    }
}

/// One row per cell, one dot per contender, on a logarithmic axis.
pub fn primitive(path: &Path, primitive: &str, cells: &[Cell]) {
    let cells: Vec<_> = cells.iter().filter(|cell| cell.primitive() == primitive).collect();
    let times = || cells.iter().flat_map(|cell| cell.times.values()).map(|time| time.wall);
    let (low, high) = (times().fold(f64::MAX, f64::min) * 0.8, times().fold(0.0, f64::max) * 1.25);
    let drawing = SVGBackend::new(path, (940, 90 + 22 * cells.len() as u32)).into_drawing_area();
    drawing.fill(&WHITE).unwrap();
    let rows = cells.len();
    let mut chart = ChartBuilder::on(&drawing)
        .caption(
            format!(
                "{primitive}: ns per operation (red atomic, blue locked, grey textbook, green peers, orange floor)"
            ),
            ("sans-serif", 14),
        )
        .margin(10)
        .x_label_area_size(30)
        .y_label_area_size(230)
        .build_cartesian_2d((low..high).log_scale(), -0.5..rows as f64 - 0.5)
        .unwrap();
    let label = |y: &f64| match (y.round() - y).abs() < 0.01 {
        true => cells.get((rows as f64 - 1.0 - y).round() as usize).map_or(String::new(), |cell| cell.name.clone()),
        false => String::new(),
    };
    chart.configure_mesh().y_labels(2 * rows + 1).y_label_formatter(&label).disable_y_mesh().draw().unwrap();
    for (row, cell) in cells.iter().enumerate() {
        let y = (rows - 1 - row) as f64;
        chart.draw_series([PathElement::new([(low, y), (high, y)], RGBColor(0xee, 0xee, 0xee))]).unwrap();
        // Ours last, on top.
        let mut times: Vec<_> = cell.times.iter().collect();
        times.sort_by_key(|(name, _)| !name.starts_with("peer-"));
        for (name, time) in times {
            let size = if name.starts_with("peer-") { 3 } else { 5 };
            chart.draw_series([Circle::new((time.wall, y), size, colour(name).filled())]).unwrap();
        }
    }
    drawing.present().unwrap();
}

/// Named lines on two logarithmic axes.
pub fn lines(path: &Path, title: &str, lines: &Lines) {
    let points = || lines.values().flatten();
    if lines.is_empty() {
        return;
    }
    let range = |pick: fn(&(f64, f64)) -> f64| {
        let values = || points().map(pick);
        (values().fold(f64::MAX, f64::min) * 0.8..values().fold(0.0, f64::max) * 1.25).log_scale()
    };
    let drawing = SVGBackend::new(path, (1000, 300 + 18 * lines.len() as u32)).into_drawing_area();
    drawing.fill(&WHITE).unwrap();
    let mut chart = ChartBuilder::on(&drawing)
        .caption(title, ("sans-serif", 16))
        .margin(10)
        .margin_right(320)
        .x_label_area_size(30)
        .y_label_area_size(70)
        .build_cartesian_2d(range(|point| point.0), range(|point| point.1))
        .unwrap();
    chart.configure_mesh().draw().unwrap();
    for (n, (name, points)) in lines.iter().enumerate() {
        let colour = Palette99::pick(n).to_rgba();
        chart.draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2))).unwrap();
        let y = 40 + 18 * n as i32;
        drawing.draw(&PathElement::new([(700, y + 6), (720, y + 6)], colour.stroke_width(3))).unwrap();
        drawing.draw(&Text::new(name.as_str(), (726, y), ("sans-serif", 13))).unwrap();
    }
    drawing.present().unwrap();
}
