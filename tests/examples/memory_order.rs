//! The example `memory_order`: every round is counted, and none has an outcome that is forbidden.

use crate::program::{self, refuses, succeed};

const BUFFERING: [(&str, &str); 5] = [
    ("Relaxed", "allowed"),
    ("Release/Acquire", "allowed"),
    ("SeqCst", "forbidden"),
    ("two Events", "allowed"),
    ("two Locks", "forbidden"),
];
const PASSING: [(&str, &str); 4] =
    [("Relaxed", "allowed"), ("Release/Acquire", "forbidden"), ("an Event", "forbidden"), ("a Queue", "forbidden")];

/// Each row adds up, and says what its last outcome is. One that is allowed and was not seen is named below the table.
fn check(part: &str, rows: &[(&str, &str)], rounds: u64) {
    let unseen = part.lines().find_map(|line| line.strip_prefix("Allowed, and not seen in this run: ")).unwrap_or("");
    for &(name, last_is) in rows {
        let line = part.lines().find_map(|line| line.trim_start().strip_prefix(&format!("{name}  "))).expect(name);
        let cells: Vec<&str> = line.split_whitespace().collect();
        let seen: Vec<u64> = cells[..3].iter().map(|cell| cell.replace(',', "").parse().unwrap()).collect();
        assert_eq!((seen.iter().sum(), cells[3]), (rounds, last_is), "{part}");
        assert!(last_is == "allowed" || seen[2] == 0, "{part}");
        assert_eq!(unseen.contains(name), last_is == "allowed" && seen[2] == 0, "{name} in {part}");
    }
}

#[test]
fn no_outcome_is_seen_that_is_forbidden() {
    for engine in ["locked", "atomic"] {
        // More than a batch, and no multiple of it.
        let text = succeed("memory_order", &["--rounds", "20500", "--engine", engine]);
        assert!(text.contains(&format!("engine: {engine}")), "{text}");
        let (buffering, passing) = text.split_once("Message passing").expect("both parts");
        check(buffering, &BUFFERING, 20_500);
        check(passing, &PASSING, 20_500);
        assert!(text.contains("Forbidden outcomes seen: 0."), "{text}");
    }
}

#[test]
fn bad_flags_are_told() {
    let bad: [&[&str]; 5] =
        [&["--rounds", "0"], &["--rounds=-1"], &["--rounds", "many"], &["--engine", "steam"], &["--loud"]];
    refuses("memory_order", &bad);
}

/// It starts two, so that `ends_without_threads` would let it go on.
#[test]
#[cfg(target_os = "linux")]
fn threads_that_cannot_be_started_are_told() {
    let mut command = program::prepared("memory_order", "ulimit -v 2097152");
    let answer = program::Running::start(command.env("RUST_MIN_STACK", (800 << 20).to_string())).finish();
    program::assert_fails_by(&answer, "cannot start a thread");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    program::survives_closed_pipes("memory_order", &["--rounds", "100"]);
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_it() {
    program::ends_at_ctrl_c("memory_order", &["--rounds", "1000000000"], "engine: atomic");
}
