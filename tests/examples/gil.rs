use crate::program::{self, refuses, succeed, survives_closed_pipes};

const SMALL: [&str; 10] = ["--primes", "2000", "--asks", "3", "--delay", "2", "--threads", "1,3", "--runs", "2"];

/// The rows of a table: the way, the threads, the result, the time, the speed-up, the switches, and how often they came.
fn rows(printed: &str) -> Vec<(String, Vec<String>)> {
    let rows = printed.lines().filter_map(|line| {
        let (way, cells) = line.strip_prefix(' ')?.split_at_checked(11)?;
        let cells: Vec<String> = cells
            .replace(" ms", "ms")
            .replace(" us", "us")
            .replace(" s", "s")
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        (cells.len() == 6 && cells[0].parse::<usize>().is_ok()).then(|| (way.trim().to_owned(), cells))
    });
    rows.collect()
}

#[test]
fn every_way_gives_the_same_result() {
    for engine in ["locked", "atomic"] {
        let printed = succeed("gil", &[&SMALL[..], &["--engine", engine]].concat());
        assert!(printed.contains(engine), "{printed}");
        let rows = rows(&printed);
        let ways: Vec<_> =
            rows.iter().map(|(way, cells)| (way.as_str(), cells[0].as_str(), cells[1].as_str())).collect();
        let expected = [("303", ["no GIL", "GIL", "processes"]), ("3", ["no GIL", "GIL", "GIL, kept"])];
        let expected: Vec<_> = expected
            .into_iter()
            .flat_map(|(result, ways)| ways.into_iter().flat_map(move |way| [(way, "1", result), (way, "3", result)]))
            .collect();
        assert_eq!(ways, expected, "{printed}");
    }
}

#[test]
fn switches_are_counted_where_there_is_a_gil() {
    let printed = succeed("gil", &SMALL);
    let rows = rows(&printed);
    let waiting = rows.len() / 2;
    for (row, (way, cells)) in rows.iter().enumerate() {
        match (way.as_str(), cells[0].as_str(), cells[4].parse::<usize>()) {
            ("no GIL" | "processes", _, switches) => assert!(switches.is_err(), "{printed}"),
            (_, "1", switches) => assert_eq!(switches, Ok(0), "{printed}"),
            // Each of the three threads had it, and each question may change hands twice at most: as it is asked and after.
            (way, _, switches) => {
                let switches = switches.unwrap();
                assert!(switches >= 2, "{printed}");
                assert!(row < waiting || way != "GIL" || switches <= 3 * 4, "{printed}");
            }
        }
    }
}

#[test]
fn each_number_of_threads_is_run_once() {
    let flags = ["--primes", "10", "--asks", "1", "--delay", "0", "--runs", "1", "--threads", "2,1,2,2"];
    let printed = succeed("gil", &flags);
    let threads: Vec<_> = rows(&printed).into_iter().map(|(_, mut cells)| cells.swap_remove(0)).collect();
    assert_eq!(threads, ["2", "1"].repeat(6), "{printed}");
    assert!(printed.contains("each asks 1 time,"), "{printed}");
}

/// Three threads that ask three times each, and keep the lock while the answer takes 2 ms, wait for nine answers in a row.
#[test]
fn a_gil_kept_while_waiting_puts_all_in_a_row() {
    let printed = succeed("gil", &SMALL);
    let rows = rows(&printed);
    let (way, cells) = rows.last().unwrap();
    assert_eq!(way, "GIL, kept");
    let time: f64 = cells[2].strip_suffix("ms").expect("milliseconds").parse().unwrap();
    assert!(time >= 18.0, "{printed}");
}

/// Each answer takes a millisecond at least, and a thread that computes keeps none of them away.
#[test]
fn a_thread_that_waits_is_answered_beside_one_that_computes() {
    let printed = succeed("gil", &SMALL);
    let (_, section) = printed
        .split_once("beside one that computes: it asks 3 times, 1.0 ms each\n")
        .unwrap_or_else(|| panic!("{printed}"));
    for way in ["no GIL", "GIL"] {
        let row = section.lines().find_map(|line| line.trim_start().strip_prefix(way)?.strip_prefix("  "));
        let cells: Vec<&str> = row.unwrap_or_else(|| panic!("no {way}: {printed}")).split_whitespace().collect();
        assert_eq!((cells[0], cells[4]), ("3", "ms"), "{printed}");
        assert!(cells[3].parse::<f64>().unwrap() >= 1.0, "{printed}");
    }
}

#[test]
fn bad_flags_are_told() {
    let bad: [&[&str]; 7] = [
        &["--threads", "0"],
        &["--threads", "1,many"],
        &["--threads", "65"],
        &["--primes=-1"],
        &["--interval", "0"],
        &["--runs", "0"],
        &["--engine", "steam"],
    ];
    refuses("gil", &bad);
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_cannot_be_started_are_told() {
    program::ends_without_threads("gil", &["--threads", "64"]);
}

#[test]
#[cfg(target_os = "linux")]
fn too_few_descriptors_are_told() {
    let mut command = program::prepared("gil", "ulimit -n 12");
    let answer = program::Running::start(command.args(SMALL).args(["--threads", "8"])).finish();
    program::assert_fails_by(&answer, "Too many open files");
}

#[test]
fn nobody_has_to_read() {
    survives_closed_pipes("gil", &SMALL);
}

/// In the midst of the bytecode, the one time that of threads and the other that of processes.
#[test]
#[cfg(unix)]
fn ctrl_c_ends_it() {
    program::ends_at_ctrl_c("gil", &["--primes", "10000000"], "-----");
    program::ends_at_ctrl_c("gil", &["--primes", "2", "--asks", "100000"], "each asks");
}
