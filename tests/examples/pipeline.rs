use crate::program::{self, refuses, run, succeed, survives_closed_pipes};
use crate::tree::Tree;

fn path(tree: &Tree) -> &str {
    tree.0.to_str().expect("the target directory's name is UTF-8")
}

/// A tree that takes long: ten thousand files of a mebibyte.
#[cfg(unix)]
fn large(name: &str) -> Tree {
    let tree = Tree::new(name);
    for n in 0..10_000 {
        let file = std::fs::File::create(tree.0.join(n.to_string())).unwrap();
        file.set_len(1 << 20).unwrap();
    }
    tree
}

/// Sixty files, of which forty have the same content as another and twenty are urgent.
fn sixty(name: &str) -> Tree {
    let tree = Tree::new(name);
    for n in 0..20 {
        for copy in ["a.txt", "b.txt", "c.md"] {
            tree.write(&format!("{n}-{copy}"), n.to_string().repeat(100));
        }
    }
    tree
}

/// Files, bytes, different contents, compressed bytes, skipped files.
fn totals(printed: &str, name: &str) -> [u64; 5] {
    let cells = printed.lines().find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix("  "));
    let mut cells = cells.unwrap_or_else(|| panic!("no {name:?} in {printed}")).split_whitespace();
    [(); 5].map(|()| cells.next().unwrap().replace(',', "").parse().unwrap())
}

#[test]
fn the_totals_are_those_of_one_thread() {
    let tree = sixty("pipeline-totals");
    // Ten of the twenty contents are a hundred digits long, and the others two hundred.
    let bytes = 3 * (10 * 100 + 10 * 200);
    for flags in
        [&["--engine", "locked"][..], &["--engine", "atomic"], &["--capacity", "1", "--readers", "5", "--workers", "3"]]
    {
        let printed = succeed("pipeline", &[flags, &[path(&tree)]].concat());
        let [files, all, different, packed, skipped] = totals(&printed, "pipeline");
        assert_eq!([files, all, different, skipped], [60, bytes, 20, 0], "{printed}");
        assert!((1..bytes / 3).contains(&packed), "{printed}");
        assert_eq!(totals(&printed, "one thread"), totals(&printed, "pipeline"));
        assert!(printed.contains("Checked: the totals are the same."), "{printed}");
    }
}

#[test]
fn every_file_waits_to_be_read_once_in_each_phase() {
    let tree = sixty("pipeline-urgent");
    let printed = succeed("pipeline", &["--urgent", "txt", "--level", "0", path(&tree)]);
    let waited = |kind: &str| -> u64 {
        let line = printed.lines().find(|line| line.contains(kind)).unwrap_or_else(|| panic!("no {kind}: {printed}"));
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    // Of the three with the same content the second phase takes the first by name, "a.txt".
    assert_eq!((waited("reads of urgent files"), waited("reads of other files")), (40 + 20, 20), "{printed}");
}

#[test]
fn large_files_are_skipped_and_an_empty_tree_is_none() {
    let tree = Tree::new("pipeline-large");
    let [files, _, _, _, skipped] = totals(&succeed("pipeline", &[path(&tree)]), "pipeline");
    assert_eq!((files, skipped), (0, 0));
    tree.write("large", vec![0; (1 << 20) + 1]);
    tree.write("small", "content");
    let answer = run("pipeline", &["--largest", "1", path(&tree)]);
    let [files, bytes, _, _, skipped] = totals(&answer.stdout, "pipeline");
    assert_eq!((files, bytes, skipped), (1, 7, 1), "{answer:?}");
    // It was asked to, so that is no failure; but it is told.
    assert_eq!((answer.code, answer.stderr.lines().count()), (Some(0), 1), "{answer:?}");
    assert!(answer.stderr.contains("/large\""), "{answer:?}");
}

#[test]
#[cfg(unix)]
fn a_file_that_is_named_is_the_only_one() {
    let tree = sixty("pipeline-named");
    let link = tree.0.join("link");
    std::os::unix::fs::symlink(tree.0.join("7-a.txt"), &link).unwrap();
    for name in [tree.0.join("7-a.txt"), link] {
        let [files, bytes, _, _, skipped] = totals(&succeed("pipeline", &[name.to_str().unwrap()]), "pipeline");
        assert_eq!((files, bytes, skipped), (1, 100, 0));
    }
}

/// What is named and cannot be read: a pipe, and the unmapped start of a process's memory, which not even root can.
#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_read_is_told_once() {
    let tree = Tree::new("pipeline-unreadable");
    let pipe = tree.0.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for name in [pipe.to_str().unwrap(), "/proc/self/mem"] {
        let answer = run("pipeline", &[name]);
        assert_eq!(totals(&answer.stdout, "pipeline"), [0, 0, 0, 0, 1], "{answer:?}");
        program::assert_fails_by(&answer, "1 path could not be read");
        assert_eq!(answer.stderr.matches(name).count(), 1, "{answer:?}");
    }
}

/// In a tree: a file and a directory without permissions, which do not keep root from reading.
#[test]
#[cfg(target_os = "linux")]
fn what_may_not_be_read_is_told_once() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    let tree = Tree::new("pipeline-forbidden");
    tree.write("open", "1\n");
    let file = tree.write("forbidden-file", "2\n");
    let folder = tree.write("forbidden-folder/file", "3\n").parent().unwrap().to_owned();
    for path in [&file, &folder] {
        fs::set_permissions(path, Permissions::from_mode(0o000)).unwrap();
    }
    let is_root = fs::read(&file).is_ok();
    let answer = run("pipeline", &[path(&tree)]);
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap(); // to be removed

    let [files, .., skipped] = totals(&answer.stdout, "pipeline");
    let (expected, code, told) = if is_root { ([3, 0], 0, 0) } else { ([1, 2], 1, 1) };
    assert_eq!(([files, skipped], answer.code), (expected, Some(code)), "{answer:?}");
    for name in ["forbidden-file", "forbidden-folder"] {
        assert_eq!(answer.stderr.lines().filter(|line| line.contains(name)).count(), told, "{answer:?}");
    }
}

#[test]
fn bad_flags_are_told() {
    let bad: [&[&str]; 7] = [
        &["--readers", "0"],
        &["--workers", "257"],
        &["--capacity", "0"],
        &["--level", "10"],
        &["--report", "0"],
        &["--largest=-1"],
        &["--engine", "steam"],
    ];
    refuses("pipeline", &bad);
    let answer = run("pipeline", &["/no/such/tree"]);
    assert_eq!(answer.code, Some(2), "{answer:?}");
    assert!(answer.stderr.contains("/no/such/tree"), "{answer:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_cannot_be_started_are_told() {
    program::ends_without_threads("pipeline", &["--workers", "64", "src"]);
}

#[test]
fn nobody_has_to_read() {
    let tree = sixty("pipeline-closed");
    survives_closed_pipes("pipeline", &[path(&tree)]);
}

/// Gracefully, the files on the queues are still done; else they are left.
#[test]
#[cfg(unix)]
fn ctrl_c_ends_it_gracefully_or_at_once() {
    let tree = large("pipeline-ctrl-c");
    let flags = ["--capacity", "4", "--workers", "1", "--report", "1", path(&tree)];
    for (how, flag) in [("gracefully", None), ("at once", Some("--immediate"))] {
        let flags: Vec<&str> = flag.into_iter().chain(flags).collect();
        let answer = program::ends_at_ctrl_c("pipeline", &flags, "readers");
        let line = answer.stdout.lines().last().unwrap();
        assert!(line.starts_with(&format!("Ended {how}: ")), "{answer:?}");
        let left: usize = line.split_once("done, ").unwrap().1.split_whitespace().next().unwrap().parse().unwrap();
        // Four on each of three queues, and one in the hands of each of the four threads before the collector.
        let most = if how == "at once" { 16 } else { 0 };
        assert!(left <= most, "{answer:?}");
    }
}

/// The timer's reports go to stderr.
#[test]
#[cfg(unix)]
fn reports_come_while_it_runs() {
    use std::io::{BufRead, BufReader};

    let tree = large("pipeline-report");
    let mut run =
        program::Running::start(program::program("pipeline").args(["--report", "1", "--immediate", path(&tree)]));
    let mut stderr = BufReader::new(run.child.stderr.take().unwrap());
    for _ in 0..3 {
        let mut report = String::new();
        stderr.read_line(&mut report).unwrap();
        assert!(report.contains(" hashed, ") && report.ends_with(" compressed\n"), "{report}");
    }
    run.signal("INT");
    run.child.stderr = Some(stderr.into_inner());
    assert_eq!(run.finish().code, Some(130));
}
