//! The example `two_phase_locking`: every transfer is accounted for, and every audit finds the same total, unless there are no phases.

use crate::program::{self, refuses, succeed};

const QUICK: [&str; 4] = ["--transfers", "2000", "--waiting-transfers", "50"];

/// Done, refused, retries, audits and wrong ones of each row whose label is `name`.
fn rows(text: &str, name: &str) -> Vec<[u64; 5]> {
    let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix(name));
    let numbers =
        lines.map(|rest| rest.split_whitespace().map_while(|cell| cell.replace(',', "").parse().ok()).take(5));
    numbers.filter_map(|numbers| numbers.collect::<Vec<u64>>().try_into().ok()).collect()
}

fn trade(flags: &[&str], threads: u64, total: &str) -> String {
    let text = succeed("two_phase_locking", &[&QUICK, flags].concat());
    let mut all_audits = 0;
    for way in ["one lock", "2PL ordered", "2PL timeout", "no phases"] {
        let rows = rows(&text, way);
        assert_eq!(rows.len(), 2, "{text}");
        for ([done, refused, retries, audits, wrong], each) in rows.into_iter().zip([2000, 50]) {
            assert_eq!(done + refused, threads * each, "{way} in {text}");
            assert!(audits > 0 && done > 0, "{way} in {text}");
            assert!(way == "2PL timeout" || retries == 0, "{way} in {text}");
            if way == "no phases" {
                assert!(wrong < audits, "the last one comes after all transfers: {text}");
            } else {
                assert_eq!(wrong, 0, "{way} in {text}");
                all_audits += audits;
            }
        }
    }
    // The last line has all audits of the ways that are right, twice: those that found nothing wrong are all of them.
    let numbers: Vec<u64> =
        text.lines().last().unwrap().split_whitespace().filter_map(|word| word.replace(',', "").parse().ok()).collect();
    assert_eq!(numbers[..2], [all_audits; 2], "{text}");
    assert!(text.contains(&format!("found {total} in the bank, and no account below 0.")), "{text}");
    text
}

#[test]
fn money_is_neither_made_nor_lost() {
    for engine in ["locked", "atomic"] {
        let text = trade(&["--engine", engine], 4, "32,000");
        assert!(text.contains(&format!("engine: {engine}")), "{text}");
    }
    trade(&["--threads", "1", "--accounts", "7"], 1, "7,000");
}

/// With two accounts every transfer is in the way of every other, and half of them name the two in the opposite order: where
/// each waits with one lock held, deadlocks have to be broken.
#[test]
fn deadlocks_are_broken_by_retries() {
    let text = trade(&["--accounts", "2", "--wait", "2000"], 4, "2,000");
    assert!(rows(&text, "2PL timeout")[1][2] > 0, "{text}");
}

/// Where there is money in no account for two milliseconds of each transfer, audits miss it.
#[test]
fn without_phases_audits_find_a_wrong_total() {
    let text = trade(&["--wait", "2000"], 4, "32,000");
    assert!(rows(&text, "no phases")[1][4] > 0, "{text}");
}

#[test]
fn bad_flags_are_told() {
    refuses(
        "two_phase_locking",
        &[
            &["--threads", "0"],
            &["--threads", "257"],
            &["--accounts", "1"],
            &["--transfers", "0"],
            &["--waiting-transfers=-1"],
            &["--wait", "0"],
            &["--wait", "long"],
            &["--engine", "steam"],
            &["--loud"],
        ],
    );
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_cannot_be_started_are_told() {
    program::ends_without_threads("two_phase_locking", &["--threads", "64"]);
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    program::survives_closed_pipes("two_phase_locking", &QUICK);
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_it() {
    program::ends_at_ctrl_c("two_phase_locking", &["--transfers", "100000000"], "only compute");
    let waiting = ["--transfers", "1", "--waiting-transfers", "100000000"];
    program::ends_at_ctrl_c("two_phase_locking", &waiting, "before they commit");
}
