//! The example `deadlock`: stuck where it says so, done where it is cured, nothing lost, everybody fed.

use crate::program::{self, refuses, succeed};

const CURES: [&str; 4] = ["acquire_all", "timeout, back-off", "a waiter, n-1 seats", "never nested"];
const QUICK: [&str; 6] = ["--rounds", "500", "--dinner", "60", "--patience", "50"];

/// The numbers of each row whose label is `name`: first those of the two threads, then those of the philosophers.
fn rows(text: &str, name: &str) -> Vec<Vec<f64>> {
    let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix(name));
    let rows =
        lines.map(|rest| rest.split_whitespace().filter_map(|cell| cell.replace(',', "").parse().ok()).collect());
    rows.filter(|row: &Vec<f64>| !row.is_empty()).collect()
}

fn dine(flags: &[&str]) -> String {
    succeed("deadlock", &[&QUICK, flags].concat())
}

#[test]
fn two_threads_one_thread_and_all_philosophers_are_stuck_at_first() {
    for engine in ["locked", "atomic"] {
        let text = dine(&["--engine", engine]);
        assert!(text.contains(&format!("engine: {engine}")), "{text}");
        assert!(text.contains("thread 1  holds A, waits for B: gave up after"), "{text}");
        assert!(text.contains("thread 2  holds B, waits for A: gave up after"), "{text}");
        assert!(text.contains("2 of 2 threads were stuck"), "{text}");
        assert!(text.contains("Lock   held, and waited for by its holder: gave up after"), "{text}");
        assert!(text.contains("RLock  held, and taken by its holder: got it, 2 deep"), "{text}");
        assert!(text.contains("5 of 5 held the left fork"), "{text}");
        assert!(text.contains("Meals: 0."), "{text}");
    }
}

#[test]
fn each_cure_ends_and_moves_every_coin() {
    for engine in ["locked", "atomic"] {
        let text = dine(&["--engine", engine]);
        for cure in ["acquire_all", "timeout, back-off", "never nested"] {
            let row = &rows(&text, cure)[0];
            assert_eq!((row[0], row.last()), (1000.0, Some(&200.0)), "{cure} in {text}");
        }
    }
}

#[test]
fn every_meal_is_counted_by_who_ate_it() {
    for n in [2, 5, 9] {
        let text = dine(&["--philosophers", &n.to_string()]);
        let meals: Vec<Vec<f64>> = (1..=n).map(|i| rows(&text, &format!("philosopher {i} "))[0].clone()).collect();
        for (i, cure) in CURES.iter().enumerate() {
            let row = rows(&text, cure).pop().unwrap();
            let by_one: Vec<f64> = meals.iter().map(|meals| meals[i]).collect();
            let sum = by_one.iter().sum::<f64>();
            let fewest = by_one.iter().copied().fold(f64::MAX, f64::min);
            let most = by_one.iter().copied().fold(0.0, f64::max);
            assert_eq!(row[..3], [sum, fewest, most], "{cure} in {text}");
            assert!(sum > 0.0, "{text}");

            let jain = sum * sum / (f64::from(n) * by_one.iter().map(|meals| meals * meals).sum::<f64>());
            assert!((row[3] - jain).abs() < 0.001, "{cure} in {text}");
        }
    }
}

#[test]
fn a_large_company_dines_too() {
    let text = dine(&["--philosophers", "64"]);
    assert!(text.contains("64 of 64 held the left fork"), "{text}");
    assert!(!text.contains("philosopher 64"), "so many do not fit into a table: {text}");
}

#[test]
fn bad_flags_are_told() {
    refuses(
        "deadlock",
        &[
            &["--philosophers", "0"],
            &["--philosophers", "1"],
            &["--philosophers", "257"],
            &["--rounds", "0"],
            &["--dinner", "0"],
            &["--dinner=-1"],
            &["--patience", "0"],
            &["--patience", "long"],
            &["--engine", "steam"],
            &["--loud"],
        ],
    );
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_cannot_be_started_are_told() {
    program::ends_without_threads("deadlock", &["--philosophers", "64", "--rounds", "1", "--patience", "1"]);
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    program::survives_closed_pipes("deadlock", &QUICK);
}

/// While it is stuck, while it works, and at dinner.
#[test]
#[cfg(unix)]
fn ctrl_c_ends_it_wherever_it_is() {
    program::ends_at_ctrl_c("deadlock", &["--patience", "3600000"], "opposite order");
    program::ends_at_ctrl_c("deadlock", &["--patience", "1", "--rounds", "100000000"], "same two threads");
    let dinner = ["--patience", "1", "--rounds", "1", "--dinner", "3600000"];
    program::ends_at_ctrl_c("deadlock", &dinner, "philosophers, cured");
}
