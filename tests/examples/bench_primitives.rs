//! The example `bench_primitives`: a row for every cell that was asked for, figures that fit together, and what it refuses. How
//! fast anything is, is none of its business.

use crate::program::{self, refuses, succeed};

const ALL: [&str; 12] = [
    "queue",
    "lifo",
    "priority",
    "simple_queue",
    "lock",
    "rlock",
    "semaphore",
    "event",
    "condition",
    "barrier",
    "counter",
    "sharded_counter",
];

/// A row of a table: engine, threads, and the figures.
#[derive(Debug)]
struct Row<'a> {
    engine: &'a str,
    threads: &'a str,
    nanos: f64,
    each_second: f64,
    fastest: f64,
    slowest: f64,
    rounds: usize,
}

impl<'a> Row<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [engine, threads, nanos, each_second, fastest, slowest, rounds] = cells[..] else { return None };
        Some(Self {
            engine,
            threads,
            nanos: nanos.parse().ok()?,
            each_second: each_second.replace(',', "").parse().ok()?,
            fastest: fastest.parse().ok()?,
            slowest: slowest.parse().ok()?,
            rounds: rounds.parse().ok()?,
        })
    }

    /// The two ways to say how fast it is say the same, as far as they were rounded, and the median is one of those it is taken from.
    fn fits_together(&self) -> bool {
        let rounded = 0.051;
        let slowest_meant = 1e9 / (self.each_second + 1.0) - rounded;
        let fastest_meant = 1e9 / self.each_second.max(0.1) + rounded;
        (slowest_meant..=fastest_meant).contains(&self.nanos)
            && self.fastest <= self.nanos
            && self.nanos <= self.slowest
    }
}

/// Each primitive that was timed, and the lines below its heading.
fn sections(printed: &str) -> Vec<(&str, Vec<&str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in printed.lines() {
        match line.split_once(": ") {
            Some((name, _)) if ALL.contains(&name) => sections.push((name, Vec::new())),
            _ => sections.last_mut().into_iter().for_each(|section| section.1.push(line)),
        }
    }
    sections
}

fn rows<'a>(lines: &[&'a str]) -> Vec<Row<'a>> {
    lines.iter().filter_map(|line| Row::parse(line)).collect()
}

#[test]
fn every_primitive_is_timed_on_every_engine_by_every_number_of_threads() {
    let printed = succeed("bench_primitives", &["--threads", "1,3", "--time", "0.001"]);
    let sections = sections(&printed);
    assert_eq!(sections.iter().map(|section| section.0).collect::<Vec<_>>(), ALL, "{printed}");
    for (name, lines) in &sections {
        let rows = rows(lines);
        let cells: Vec<_> = rows.iter().map(|row| (row.engine, row.threads)).collect();
        let wanted: &[_] = match *name {
            "priority" => &[("locked", "1"), ("locked", "3")],
            "sharded_counter" => &[("atomic", "1"), ("atomic", "3")],
            _ => &[("atomic", "1"), ("locked", "1"), ("atomic", "3"), ("locked", "3")],
        };
        assert_eq!(cells, wanted, "{name}: {printed}");
        assert!(rows.iter().all(|row| row.fits_together() && row.rounds == 5), "{name}: {rows:#?}");

        // A bar for each row, and the longest for what takes longest.
        let bars: Vec<_> = lines.iter().filter(|line| line.contains('#')).collect();
        assert_eq!(bars.len(), rows.len(), "{name}: {printed}");
        let length = |line: &str| line.matches('#').count();
        let longest = bars.iter().map(|bar| length(bar)).max();
        let slowest = rows.iter().zip(&bars).max_by(|(one, _), (other, _)| one.nanos.total_cmp(&other.nanos)).unwrap();
        assert_eq!(Some(length(slowest.1)), longest, "{name}: {printed}");
    }
    assert!(printed.contains("cargo measure"), "{printed}");
}

#[test]
fn only_what_was_asked_for_is_timed_and_once_each() {
    let flags =
        ["--primitive", "rlock,priority,rlock", "--engine", "locked,locked", "--threads", "2,1,2", "--time", "0.002"];
    let printed = succeed("bench_primitives", &flags);
    let sections = sections(&printed);
    assert_eq!(sections.iter().map(|section| section.0).collect::<Vec<_>>(), ["rlock", "priority"], "{printed}");
    for (name, lines) in sections {
        let cells: Vec<_> = rows(&lines).iter().map(|row| (row.engine, row.threads)).collect();
        assert_eq!(cells, [("locked", "2"), ("locked", "1")], "{name}: {printed}");
    }
}

#[test]
fn more_time_is_more_rounds() {
    let printed = succeed("bench_primitives", &["--primitive", "counter", "--threads", "1", "--time", "0.2"]);
    let sections = sections(&printed);
    assert!(rows(&sections[0].1).iter().all(|row| row.rounds == 10), "{printed}");
}

/// One place in the queue, for three threads, and none too few.
#[test]
fn queues_of_any_capacity_are_timed() {
    for capacity in ["1", "unbounded"] {
        let flags = ["--primitive", "queue,lifo,priority", "--threads", "1,2,3", "--time", "0.001"];
        let printed = succeed("bench_primitives", &[&flags[..], &["--capacity", capacity]].concat());
        let rows: usize = sections(&printed).iter().map(|section| rows(&section.1).len()).sum();
        assert_eq!(rows, 15, "{printed}");
    }
}

#[test]
fn what_has_no_such_engine_is_told() {
    let flags = ["--primitive", "sharded_counter,counter", "--engine", "locked", "--threads", "1", "--time", "0.001"];
    let printed = succeed("bench_primitives", &flags);
    let sections = sections(&printed);
    assert!(rows(&sections[0].1).is_empty(), "{printed}");
    assert!(sections[0].1.contains(&"There is no locked engine for it."), "{printed}");
    assert_eq!(rows(&sections[1].1).len(), 1, "{printed}");
}

#[test]
fn bad_flags_are_told() {
    let bad: [&[&str]; 14] = [
        &["--primitive", "mutex"],
        &["--primitive", "lock,,rlock"],
        &["--primitive", "priority", "--engine", "atomic"],
        &["--engine", "steam"],
        &["--threads", "0"],
        &["--threads", "1,0"],
        &["--threads", "257"],
        &["--threads", "many"],
        &["--time", "0"],
        &["--time=-1"],
        &["--time", "soon"],
        &["--time", "nan"],
        &["--capacity", "0"],
        &["--capacity", "endless"],
    ];
    refuses("bench_primitives", &bad);
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_cannot_be_started_are_told() {
    program::ends_without_threads("bench_primitives", &["--primitive", "lock", "--threads", "64", "--time", "0.001"]);
}

#[test]
fn nobody_has_to_read() {
    program::survives_closed_pipes("bench_primitives", &["--primitive", "counter", "--time", "0.001"]);
}

/// In the midst of the second primitive: the first is shown.
#[test]
#[cfg(unix)]
fn ctrl_c_ends_it_with_what_was_measured() {
    let flags = ["--engine", "locked", "--threads", "2", "--time", "1"];
    let answer = program::ends_at_ctrl_c("bench_primitives", &flags, "lifo: ");
    let sections = sections(&answer.stdout);
    assert_eq!(sections.iter().map(|section| section.0).collect::<Vec<_>>(), ["queue", "lifo"], "{answer:?}");
    assert_eq!(rows(&sections[0].1).len(), 1, "{answer:?}");
}
