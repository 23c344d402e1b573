//! Numbers, tables and bars as plain text, for a terminal of 80 columns.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use comfy_table::{CellAlignment, TableComponent, presets};
use indicatif::HumanCount;

pub(crate) const COLUMNS: usize = 80;

/// A number with a comma after every thousand: `1,234,567`.
pub(crate) fn count(n: impl TryInto<u64>) -> String {
    HumanCount(n.try_into().unwrap_or(u64::MAX)).to_string()
}

/// A count and its noun: `1 thread`, `2 threads`.
pub(crate) fn plural(n: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(n as u64), if n == 1 { "" } else { "s" })
}

/// A time in the unit that suits it: `850 us`, `12.3 ms`, `4.56 s`.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        s if s < 1e-3 => format!("{:.0} us", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

/// What one of `n` took, on average, in nanoseconds: `12.3`. A dash for one of none.
pub(crate) fn nanos(time: Duration, n: u64) -> String {
    if n == 0 { "-".into() } else { format!("{:.1}", time.as_nanos() as f64 / n as f64) }
}

/// A title over a rule.
pub(crate) fn heading(title: &str) -> String {
    format!("{title}\n{}\n", "-".repeat(title.chars().count()))
}

/// A table whose first column stands to the left and the others, numbers mostly, to the right. What is too wide is wrapped.
#[derive(Debug)]
pub(crate) struct Table(comfy_table::Table);

impl Table {
    pub(crate) fn new<const N: usize>(header: [&str; N]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_preset(presets::NOTHING).set_width(COLUMNS as u16);
        table.set_style(TableComponent::HeaderLines, '-').set_style(TableComponent::MiddleHeaderIntersections, '-');
        table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic).set_header(header);
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        Self(table)
    }

    /// Sets a column, counted from zero, to the left: words, not numbers.
    pub(crate) fn words(mut self, column: usize) -> Self {
        if let Some(column) = self.0.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Left);
        }
        self
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.add_row(cells);
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.0.trim_fmt())
    }
}

/// A bar for each label, as long as its value is large, and the value as a text behind it.
pub(crate) fn bars(rows: &[(String, f64, String)]) -> String {
    let widest = |text: fn(&(String, f64, String)) -> &String| rows.iter().map(|row| text(row).chars().count()).max();
    let (labels, values) = (widest(|row| &row.0).unwrap_or(0), widest(|row| &row.2).unwrap_or(0));
    let room = COLUMNS.saturating_sub(labels + values + 4).max(1);
    let longest = rows.iter().map(|row| row.1).fold(f64::MIN_POSITIVE, f64::max);
    let bar = |(label, value, text): &(String, f64, String)| {
        // A value that is not nothing has a bar that can be seen.
        let length = (value.max(0.0) / longest * room as f64).round().max(f64::from(*value > 0.0)) as usize;
        format!(" {label:<labels$}  {} {text}\n", "#".repeat(length))
    };
    rows.iter().map(bar).collect()
}
