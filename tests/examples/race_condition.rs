//! The example `race_condition`: what is lost without a lock, and that no cure loses any.

use crate::program::{self, refuses, succeed};

const CURES: [&str; 6] = ["Lock", "RLock", "Semaphore(1)", "Counter", "ShardedCounter", "Queue"];

/// Result, expected and lost of the row that begins with `name`.
fn row(text: &str, name: &str) -> [u64; 3] {
    let line = text.lines().find(|line| line.trim_start().starts_with(&format!("{name}  "))).expect(name);
    let rest = line.trim_start().strip_prefix(name).unwrap().split_whitespace();
    let numbers: Vec<u64> = rest.map_while(|cell| cell.replace(',', "").parse().ok()).take(3).collect();
    numbers.try_into().unwrap_or_else(|_| panic!("{line}"))
}

#[test]
fn without_a_lock_updates_are_lost_and_each_cure_counts_them_all() {
    for engine in ["locked", "atomic"] {
        let text = succeed("race_condition", &["--threads", "3", "--increments", "20000", "--engine", engine]);
        assert!(text.contains(&format!("engine: {engine}")), "{text}");

        let [result, expected, lost] = row(&text, "no lock");
        assert_eq!((expected, lost), (60_000, expected - result), "{text}");
        assert!(lost > 0, "{text}");
        for cure in CURES {
            assert_eq!(row(&text, cure), [60_000, 60_000, 0], "{text}");
        }
        assert!(text.contains("6 of 6 cures counted every increment"), "{text}");
    }
}

/// The account must add up: each read finds what was there, one writes one more than it read, and yet one is missing.
#[test]
fn the_timeline_of_a_lost_update_adds_up() {
    let text = succeed("race_condition", &["--increments", "1000"]);
    let steps: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|cells| cells.len() == 4 && ["reads", "writes"].contains(&cells[1]))
        .collect();
    assert!(steps.len() >= 4, "{text}");

    let value = |cells: &[&str]| cells[2].parse::<u64>().unwrap();
    let first = value(&steps[0]);
    let mut number = first;
    for (n, cells) in steps.iter().enumerate() {
        assert_eq!(cells[0], (n + 1).to_string(), "{text}");
        match cells[1] {
            "reads" => assert_eq!(value(cells), number, "{text}"),
            _ => number = value(cells),
        }
        assert_eq!(cells[3], number.to_string(), "{text}");
    }
    let writes = steps.iter().filter(|cells| cells[1] == "writes").count() as u64;
    assert!(number - first < writes, "{text}");
    assert!(
        text.contains(&format!("did {writes} increments here, and the number grew by {}", number - first)),
        "{text}"
    );
}

#[test]
fn one_thread_alone_loses_nothing() {
    let text = succeed("race_condition", &["--threads", "1", "--increments", "1000"]);
    assert_eq!(row(&text, "no lock"), [1000, 1000, 0], "{text}");
}

#[test]
fn bad_flags_are_told() {
    refuses(
        "race_condition",
        &[
            &["--threads", "0"],
            &["--threads", "1025"],
            &["--threads=-1"],
            &["--increments", "0"],
            &["--increments", "many"],
            &["--engine", "steam"],
            &["--loud"],
        ],
    );
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_cannot_be_started_are_told() {
    program::ends_without_threads("race_condition", &["--threads", "64"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_result_that_cannot_be_printed_is_told() {
    let mut command = program::prepared("race_condition", "exec >/dev/full");
    let answer = program::Running::start(command.args(["--increments", "1000"])).finish();
    assert_eq!(answer.code, Some(1), "{answer:?}");
    assert!(answer.stderr.contains("cannot print the result"), "{answer:?}");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    program::survives_closed_pipes("race_condition", &["--increments", "1000"]);
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_it() {
    program::ends_at_ctrl_c("race_condition", &["--increments", "1000000000"], "engine: atomic");
}
