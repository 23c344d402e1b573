use crate::program::{self, refuses, succeed, survives_closed_pipes};

const SMALL: [&str; 10] = ["--connections", "3", "--clients", "7", "--requests", "4", "--hold", "2", "--patience", "1"];

/// The number that stands between two texts.
fn between(printed: &str, before: &str, after: &str) -> usize {
    let (_, rest) = printed.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {printed}"));
    let (number, _) = rest.split_once(after).unwrap_or_else(|| panic!("no {after:?} in {printed}"));
    number.trim().parse().unwrap_or_else(|_| panic!("{number:?} should be a number: {printed}"))
}

/// Of the clients that wait in some way: answered, gave up, refused by the server, dialled.
fn row(printed: &str, name: &str) -> [usize; 4] {
    let cells = printed.lines().find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix("  "));
    let mut cells = cells.unwrap_or_else(|| panic!("no {name:?} in {printed}")).split_whitespace();
    [(); 4].map(|()| cells.next().unwrap().parse().unwrap())
}

#[test]
fn without_a_pool_the_server_refuses_whom_it_has_no_seat_for() {
    let printed = succeed("connection_pool", &SMALL);
    assert_eq!(between(&printed, "The server let ", " in"), 3);
    assert_eq!(between(&printed, "and refused ", ","), 4);
}

#[test]
fn with_a_pool_it_never_sees_more_than_its_seats() {
    for engine in ["locked", "atomic"] {
        let printed = succeed("connection_pool", &[&SMALL[..], &["--engine", engine]].concat());
        assert!(printed.contains(engine), "{printed}");
        // Those who wait as long as it takes are all answered, over three connections at most.
        let [answered, gave_up, refused, dialled] = row(&printed, "for ever");
        assert_eq!((answered, gave_up, refused), (28, 0, 0), "{printed}");
        assert!((1..=3).contains(&dialled), "{printed}");
        for name in ["1.0 ms", "not at all"] {
            let [answered, gave_up, refused, _] = row(&printed, name);
            assert_eq!((answered + gave_up, refused), (28, 0), "{printed}");
        }
        let [by_server, by_client] = [
            between(&printed, "Most connections at a time: ", " seen by the server"),
            between(&printed, "seen by the server, ", " by the client"),
        ];
        assert!((1..=3).contains(&by_server) && (1..=3).contains(&by_client), "{printed}");
    }
}

#[test]
fn it_recovers_from_trouble() {
    let printed = succeed("connection_pool", &SMALL);
    let answer = |to: &str| {
        let line = printed.lines().find(|line| line.trim_start().starts_with(to));
        line.unwrap_or_else(|| panic!("no {to:?} in {printed}")).rsplit_once("  ").unwrap().1
    };
    assert_eq!(answer("all connections are taken"), "0 of 3 free");
    assert_eq!(answer("a client that does not wait"), "refused");
    assert!(answer("a client that waits for 1.0 ms").starts_with("gave up after"), "{printed}");
    assert!(answer("a client that waits, and").starts_with("has it after"), "{printed}");
    assert_eq!(answer("the server hangs up"), "the server hung up");
    assert_eq!(answer("the next client"), "answered, by a new connection");
    assert_eq!(answer("all are given back"), "3 of 3 free");
    assert!(printed.contains("more permits than it began with"), "{printed}");
}

/// One client, who never waits; and more seats than clients, so that nobody is refused.
#[test]
fn small_and_large_pools() {
    let alone = ["--connections", "1", "--clients", "1", "--requests", "2", "--hold", "0", "--patience", "0"];
    let printed = succeed("connection_pool", &alone);
    assert_eq!(row(&printed, "for ever"), [2, 0, 0, 1]);
    let printed = succeed("connection_pool", &["--connections", "9", "--clients", "2", "--requests", "2"]);
    assert_eq!(between(&printed, "and refused ", ","), 0);
}

#[test]
fn bad_flags_are_told() {
    let bad: [&[&str]; 6] = [
        &["--connections", "0"],
        &["--clients", "201"],
        &["--requests=-1"],
        &["--hold", "long"],
        &["--patience", "10001"],
        &["--engine", "steam"],
    ];
    refuses("connection_pool", &bad);
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_cannot_be_started_are_told() {
    program::ends_without_threads("connection_pool", &["--clients", "64"]);
}

/// Each connection takes two descriptors, one at either end, and here the first three take what there are.
#[test]
#[cfg(target_os = "linux")]
fn too_few_descriptors_are_told() {
    let mut command = program::prepared("connection_pool", "ulimit -n 12");
    let answer = program::Running::start(command.args(SMALL)).finish();
    program::assert_fails_by(&answer, "Too many open files");
}

#[test]
fn nobody_has_to_read() {
    survives_closed_pipes("connection_pool", &SMALL);
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_it() {
    program::ends_at_ctrl_c("connection_pool", &["--requests", "100000", "--hold", "50"], "With a pool");
}
