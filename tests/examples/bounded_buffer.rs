//! The example `bounded_buffer`: each faulty way shows its fault and ends, and the right ones pass every item.

use crate::program::{self, refuses, succeed};

/// The numbers of the row that begins with `name`, in its first table (0) or its second (1). A dash ends them.
fn row(text: &str, name: &str, table: usize) -> Vec<u64> {
    let mut rows = text.lines().filter_map(|line| line.trim_start().strip_prefix(&format!("{name}  ")));
    let row = rows.nth(table).unwrap_or_else(|| panic!("{name}: {text}"));
    row.split_whitespace().map_while(|cell| cell.replace(',', "").parse().ok()).collect()
}

#[test]
fn each_fault_shows_and_ends_and_the_right_ways_have_none() {
    for engine in ["locked", "atomic"] {
        let text = succeed("bounded_buffer", &["--engine", engine]);
        assert!(text.contains(&format!("engine: {engine}")), "{text}");

        let [passed, empty_takes, overfull_puts, stuck] = row(&text, "if, not while", 0)[..4] else { panic!("{text}") };
        assert_eq!((passed, stuck), (60_000, 0), "{text}");
        assert!(empty_takes > 0 && overfull_puts > 0, "{text}");

        for name in ["look, unlock, wait", "one condition"] {
            let [passed, empty_takes, overfull_puts, stuck] = row(&text, name, 0)[..] else { panic!("{text}") };
            assert!(passed < 60_000 && stuck > 0, "{text}");
            assert_eq!((empty_takes, overfull_puts), (0, 0), "{text}");

            // Somebody slept beside what it waited for.
            let [consumers, items, producers, free] = row(&text, name, 1)[..] else { panic!("{text}") };
            assert_eq!((consumers + producers, items + free), (stuck, 2), "{text}");
            let is_lost = consumers > 0 && items > 0;
            assert!(is_lost || (name == "one condition" && producers > 0 && free > 0), "{text}");
        }

        assert_eq!(row(&text, "right", 0)[..4], [60_000, 0, 0, 0], "{text}");
        assert_eq!(row(&text, "nogil::Queue", 0), [60_000], "{text}");
        assert!(!text.contains("No fault this time"), "{text}");
        assert!(text.contains("2 of 2 right ways passed every item"), "{text}");
    }
}

/// With one of each nobody comes along in between, and nobody wrong can be told.
#[test]
fn faults_that_do_not_show_are_said_not_to() {
    let text = succeed("bounded_buffer", &["--producers", "1", "--consumers", "1", "--places", "1", "--items", "500"]);
    for name in ["if, not while", "one condition"] {
        assert_eq!(row(&text, name, 0)[..4], [500, 0, 0, 0], "{text}");
        assert!(text.lines().any(|line| line.starts_with("No fault this time:") && line.contains(name)), "{text}");
    }
}

#[test]
fn bad_flags_are_told() {
    refuses(
        "bounded_buffer",
        &[
            &["--producers", "0"],
            &["--producers", "257"],
            &["--consumers", "0"],
            &["--consumers=-1"],
            &["--places", "0"],
            &["--items", "0"],
            &["--items", "many"],
            &["--engine", "steam"],
            &["--loud"],
        ],
    );
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_cannot_be_started_are_told() {
    program::ends_without_threads("bounded_buffer", &["--producers", "64"]);
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    program::survives_closed_pipes("bounded_buffer", &["--items", "500"]);
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_it() {
    program::ends_at_ctrl_c("bounded_buffer", &["--items", "100000000"], "engine: atomic");
}
