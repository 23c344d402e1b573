//! The example `word_count`, run as its users run it: against the real `wc`, against a count made byte by byte, with bad
//! arguments and unreadable files, and interrupted in the middle of a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
#[cfg(target_os = "linux")]
use std::{thread, time::Duration};

use serde_json::Value;

use crate::program::{self, Answer, Running, program};
use crate::tree::Tree;

// ---- the program, and what it answers

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON: {error}\n{self:?}"))
    }
}

/// Runs the program on `paths`.
fn word_count(flags: &[&str], paths: &[impl AsRef<Path>]) -> Answer {
    let paths = paths.iter().map(AsRef::as_ref);
    Running::start(program("word_count").args(flags).args(paths)).finish()
}

// ---- totals, from three sources

#[derive(Clone, Copy, Debug, PartialEq)]
struct Totals {
    files: u64,
    lines: u64,
    words: u64,
    bytes: u64,
}

impl Totals {
    fn of(report: &Value) -> Self {
        let [files, lines, words, bytes] =
            ["files", "lines", "words", "bytes"].map(|name| report[name].as_u64().unwrap());
        Self { files, lines, words, bytes }
    }

    /// As the definition says, one byte after the other.
    fn by_hand<'a>(files: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut totals = Self { files: 0, lines: 0, words: 0, bytes: 0 };
        for file in files {
            totals.files += 1;
            let mut after_space = true;
            for &byte in file {
                let is_space = b" \t\n\x0b\x0c\r".contains(&byte);
                totals.bytes += 1;
                totals.lines += u64::from(byte == b'\n');
                totals.words += u64::from(after_space && !is_space);
                after_space = is_space;
            }
        }
        totals
    }

    /// As the real `wc` says, which ends with a line of totals where it gets more than one file.
    #[cfg(unix)]
    fn by_wc(files: &[PathBuf]) -> Self {
        let wc = Command::new("wc").env("LC_ALL", "C").arg("--").args(files).output().expect("wc should be installed");
        assert!(wc.status.success(), "{wc:?}");
        let text = String::from_utf8(wc.stdout).unwrap();
        let mut numbers = text.lines().last().unwrap().split_whitespace().map_while(|number| number.parse().ok());
        let [lines, words, bytes] = [(); 3].map(|()| numbers.next().unwrap());
        Self { files: files.len() as u64, lines, words, bytes }
    }
}

/// What both engines count.
fn totals(flags: &[&str], paths: &[impl AsRef<Path>]) -> Totals {
    let [locked, atomic] = ["locked", "atomic"].map(|engine| {
        let answer = word_count(&[&["--json", "--engine", engine], flags].concat(), paths);
        assert_eq!(answer.code, Some(0), "{answer:?}");
        Totals::of(&answer.json())
    });
    assert_eq!(locked, atomic);
    locked
}

fn top(report: &Value) -> Vec<(&str, u64)> {
    let words = report["top"].as_array().unwrap().iter();
    words.map(|word| (word["word"].as_str().unwrap(), word["count"].as_u64().unwrap())).collect()
}

// ---- files to count

/// Bytes that look random and are the same in every run: Marsaglia's xorshift.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

const BLOCK: usize = 64 * 1024;

// ---- the totals are right

#[test]
#[cfg(unix)]
fn totals_of_a_tree_are_those_of_wc() {
    let tree = Tree::new("word_count-wc");
    let files = [
        tree.write("plain.txt", "the quick brown fox\njumps over\n\nthe lazy dog\n"),
        tree.write("a/no newline at the end.txt", "one two  three"),
        tree.write("a/b/empty", ""),
        tree.write("a/b/c/blanks.txt", " \t\n\x0b\x0c\r\n  \n"),
        tree.write("a/b/c/all blanks separate.txt", "a b\tc\nd\x0be\x0cf\rg\r\nh"),
        tree.write("a/.hidden", "hidden files count\n"),
        tree.write("latin-1.txt", b"caf\xe9 na\xefve\n"),
        tree.write("binary.bin", [b"ELF\0\x01a\0b c\n".as_slice(), &[0; 100], b"z"].concat()),
        tree.write("one long line.txt", "word ".repeat(100_000)),
    ];
    let expected = Totals::by_wc(&files);
    assert_eq!(totals(&[], &[&tree]), expected, "as one tree");
    assert_eq!(totals(&[], &files), expected, "file by file");
    assert_eq!(totals(&["--workers", "1", "--capacity", "1"], &[&tree]), expected, "through the narrowest queue");
    assert_eq!(totals(&["--workers", "32", "--capacity", "2"], &[&tree]), expected, "with more workers than files");
    for file in &files {
        assert_eq!(totals(&[], &[file]), Totals::by_wc(std::slice::from_ref(file)), "{file:?}");
    }
}

/// On files that are ASCII: GNU `wc` passes over words without any printable byte of ASCII.
#[test]
#[cfg(unix)]
fn totals_of_this_crate_are_those_of_wc() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::read(&path).unwrap().is_ascii() {
                sources.push(path);
            }
        }
    }
    assert!(sources.len() > 10, "{sources:?}");
    assert_eq!(totals(&[], &sources), Totals::by_wc(&sources));
}

#[test]
fn the_help_says_where_the_words_are_not_those_of_wc() {
    let help = program::run("word_count", &["--help"]).stdout;
    assert!(help.contains("Words that GNU wc passes over"), "{help}");
}

#[test]
fn totals_of_any_bytes_are_right() {
    let mut contents: Vec<Vec<u8>> = vec![
        b"".into(),
        b"no newline".into(),
        b"\n".into(),
        b"\0".into(),
        b"\x01 \x7f \x80 \xff".into(),
        "a \u{2192} b \u{a0} \u{85} \u{3000}".into(),
        b"\xf0\x28\x8c\x28 broken UTF-8 \xc3".into(),
        noise(300_000),
        vec![b'x'; 5_000_000],
        b" ".repeat(2 * BLOCK),
        b"word ".repeat(3 * BLOCK / 5),
    ];
    // A word that ends before, at and after the end of a block, and one that begins there.
    for len in BLOCK - 2..=BLOCK + 2 {
        contents.push(vec![b'x'; len]);
        contents.push([vec![b'x'; len], b" y".into()].concat());
        contents.push([vec![b' '; len], b"y\n".into()].concat());
    }
    let tree = Tree::new("word_count-bytes");
    for (i, content) in contents.iter().enumerate() {
        let file = tree.write(&i.to_string(), content);
        assert_eq!(totals(&[], &[file]), Totals::by_hand([content.as_slice()]), "file {i}");
    }
    assert_eq!(totals(&[], &[&tree]), Totals::by_hand(contents.iter().map(Vec::as_slice)));
}

// ---- the most frequent words

#[test]
fn the_most_frequent_words_come_first_and_equals_by_their_bytes() {
    let tree = Tree::new("word_count-top");
    tree.write("1", "the fox and the dog and the hen\n");
    tree.write("2", "The END\n");
    let report = word_count(&["--json", "--top", "5"], &[&tree]).json();
    assert_eq!(top(&report), [("the", 3), ("and", 2), ("END", 1), ("The", 1), ("dog", 1)]);
    let report = word_count(&["--json"], &[&tree]).json();
    assert_eq!(top(&report).len(), 7, "all there are: {report}");
}

#[test]
fn a_word_across_the_end_of_a_block_is_one_word() {
    let tree = Tree::new("word_count-across");
    for before in BLOCK - 7..=BLOCK + 1 {
        tree.write(&before.to_string(), [vec![b' '; before], b"across".into()].concat());
    }
    let report = word_count(&["--json"], &[&tree]).json();
    assert_eq!(top(&report), [("across", 9)]);
}

#[test]
fn long_words_and_those_of_binary_files_are_in_the_totals_only() {
    let tree = Tree::new("word_count-listed");
    let longest = "x".repeat(64);
    tree.write("long", format!("{longest} {longest}x {}", "y".repeat(2 * BLOCK)));
    tree.write("binary", "binary binary \0");
    let report = word_count(&["--json"], &[&tree]).json();
    assert_eq!(top(&report), [(longest.as_str(), 1)]);
    assert_eq!(report["words"], 6);
}

#[test]
fn words_that_are_no_utf8_or_no_text_can_be_shown() {
    let tree = Tree::new("word_count-lossy");
    tree.write("latin-1", b"caf\xe9 caf\xe9 \x1b[31mred");
    let report = word_count(&["--json"], &[&tree]).json();
    assert_eq!(top(&report), [("caf\u{fffd}", 2), ("\u{1b}[31mred", 1)]);
    let table = word_count(&[], &[&tree]).stdout;
    assert!(table.contains("\u{fffd}[31mred") && !table.contains('\u{1b}'), "{table}");
}

// ---- what is printed

#[test]
fn the_table_tells_what_the_json_tells() {
    let tree = Tree::new("word_count-table");
    tree.write("text", "b a b\nb a c\n");
    let answer = word_count(&["--top", "2"], &[&tree]);
    let rows: Vec<Vec<&str>> = answer.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    let expected: [&[&str]; 6] = [
        &["files", "lines", "words", "bytes"],
        &["1", "2", "6", "12"],
        &[],
        &["count", "word"],
        &["3", "b"],
        &["2", "a"],
    ];
    assert_eq!(rows, expected);
    assert!(answer.stdout.lines().all(|line| line.len() <= 80), "{answer:?}");

    let report = word_count(&["--top", "2", "--json"], &[&tree]).json();
    assert_eq!(Totals::of(&report), Totals { files: 1, lines: 2, words: 6, bytes: 12 });
    assert_eq!(top(&report), [("b", 3), ("a", 2)]);
    assert_eq!((&report["skipped"], &report["left"], &report["interrupted"]), (&0.into(), &0.into(), &false.into()));
    assert_eq!((&report["engine"], &report["capacity"]), (&"atomic".into(), &1024.into()));
}

#[test]
fn stderr_has_one_line_of_resources_and_none_when_quiet() {
    let tree = Tree::new("word_count-stderr");
    tree.write("text", "a b c\n");
    let answer = word_count(&["--workers", "3", "--capacity", "7"], &[&tree]);
    assert_eq!(answer.stderr.lines().count(), 1, "{answer:?}");
    for part in ["workers: 3", "engine: atomic", "longest queue: 1 of 7"] {
        assert!(answer.stderr.contains(part), "{part} in {answer:?}");
    }
    assert!(!answer.stderr.contains('\u{1b}'), "no progress where stderr is no terminal: {answer:?}");

    let quiet = word_count(&["--quiet"], &[&tree]);
    assert_eq!((quiet.stderr.as_str(), quiet.stdout), ("", answer.stdout));
}

/// The result is larger than what a pipe holds, so writing it must fail when nobody reads.
#[test]
fn a_reader_that_leaves_is_no_error() {
    let tree = Tree::new("word_count-head");
    let words: String = (0..100_000).map(|n| format!("{n}\n")).collect();
    tree.write("words", words);
    for flags in [&["--top", "100000"][..], &["--top", "100000", "--json"]] {
        let mut run = Running::start(program("word_count").args(flags).arg(&tree.0));
        run.close_stdout();
        let answer = run.finish();
        assert_eq!(answer.code, Some(0), "{answer:?}");
        assert!(!answer.stderr.contains("panic"), "{answer:?}");
    }
    // Nor is it one that stderr is gone as well.
    let mut run = Running::start(program("word_count").args(["--top", "100000"]).arg(&tree.0));
    run.close_stdout();
    drop(run.child.stderr.take());
    assert_eq!(run.child.wait().unwrap().code(), Some(0));
}

// ---- which files are counted

#[test]
fn git_decides_what_is_counted_unless_told_otherwise() {
    let tree = Tree::new("word_count-git");
    tree.write(".git/config", "of git\n");
    tree.write(".gitignore", "*.log\n/built\n");
    tree.write("src/code", "counted\n");
    tree.write("src/debug.log", "ignored\n");
    tree.write("built/binary", "ignored\n");
    tree.write("src/.hidden", "counted\n");
    assert_eq!(totals(&[], &[&tree]).files, 3);
    assert_eq!(totals(&["--no-ignore"], &[&tree]).files, 6);
    assert_eq!(totals(&[], &[tree.0.join("src/debug.log")]).files, 1, "a file that is named is counted");
}

#[test]
fn without_paths_it_counts_the_current_directory() {
    let tree = Tree::new("word_count-default");
    tree.write("a", "a\n");
    tree.write("b/c", "b\n");
    let answer = Running::start(program("word_count").arg("--json").current_dir(&tree)).finish();
    assert_eq!(Totals::of(&answer.json()), Totals { files: 2, lines: 2, words: 2, bytes: 4 });
}

#[test]
#[cfg(unix)]
fn a_symbolic_link_is_followed_only_if_it_is_named() {
    let tree = Tree::new("word_count-links");
    let file = tree.write("elsewhere/file", "a\n");
    tree.write("here/other", "b\n");
    let [link, folder, broken] = ["here/link", "here/folder", "here/broken"].map(|name| tree.0.join(name));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    std::os::unix::fs::symlink(file.parent().unwrap(), &folder).unwrap();
    std::os::unix::fs::symlink("nowhere", &broken).unwrap();
    assert_eq!(totals(&[], &[tree.0.join("here")]).files, 1);
    assert_eq!(totals(&[], &[link]).files, 1);
    assert_eq!(totals(&[], &[folder]).files, 1);
}

// ---- what can go wrong

#[test]
fn a_path_that_does_not_exist_is_told_before_any_work() {
    let tree = Tree::new("word_count-missing");
    let file = tree.write("file", "a b c\n");
    for missing in [tree.0.join("nowhere"), file.join("below a file")] {
        for flags in [&[][..], &["--json"], &["--quiet"]] {
            let answer = word_count(flags, &[&file, &missing]);
            assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""), "{answer:?}");
            assert_eq!(answer.stderr.lines().count(), 1, "{answer:?}");
            assert!(answer.stderr.contains(&format!("{missing:?}")), "{answer:?}");
        }
    }
}

#[test]
fn bad_flags_are_told() {
    let bad: [&[&str]; 8] = [
        &["--engine", "steam"],
        &["--workers", "0"],
        &["--capacity", "0"],
        &["--workers", "many"],
        &["--capacity=-1"],
        &["--top=-1"],
        &["--engine", "steam"],
        &["--loud"],
    ];
    program::refuses("word_count", &bad);
}

/// Permissions do not keep root from reading, but nobody can read the unmapped start of a process's memory.
#[test]
#[cfg(target_os = "linux")]
fn files_that_cannot_be_read_are_named_and_the_rest_is_counted() {
    use std::os::unix::fs::PermissionsExt;

    let tree = Tree::new("word_count-unreadable");
    tree.write("before", "a b\n");
    tree.write("after", "c\n");
    let locked = tree.write("locked", "d\n");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let is_root = fs::read(&locked).is_ok();
    let pipe = tree.0.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());

    let expected =
        Totals::by_hand([b"a b\n", b"c\n".as_slice()].into_iter().chain(is_root.then_some(b"d\n".as_slice())));
    let unread = [PathBuf::from("/proc/self/mem"), pipe];
    let named: Vec<&PathBuf> = unread.iter().chain((!is_root).then_some(&locked)).collect();

    let paths = [&unread[0], &tree.0, &unread[1]];
    let answer = word_count(&["--json", "--quiet"], &paths);
    assert_eq!(answer.code, Some(1), "{answer:?}");
    assert_eq!(Totals::of(&answer.json()), expected);
    assert_eq!(answer.json()["skipped"], named.len());
    assert_eq!(answer.stderr.lines().count(), named.len(), "{answer:?}");
    for path in named {
        assert!(answer.stderr.contains(&format!("{path:?}")), "{path:?} in {answer:?}");
    }
    assert!(word_count(&[], &paths).stdout.contains("skipped"));
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_cannot_be_started_are_told() {
    program::ends_without_threads("word_count", &["--workers", "64", "src"]);
}

// ---- many files

#[test]
fn memory_stays_bounded_whatever_the_number_of_files() {
    let tree = Tree::new("word_count-many");
    for folder in 0..100 {
        fs::create_dir(tree.0.join(folder.to_string())).unwrap();
        for file in 0..200 {
            fs::write(tree.0.join(format!("{folder}/{file}")), "one small file\n").unwrap();
        }
    }
    let report = word_count(&["--json", "--capacity", "16"], &[&tree]).json();
    assert_eq!(Totals::of(&report), Totals { files: 20_000, lines: 20_000, words: 60_000, bytes: 300_000 });
    let longest = report["longest_queue"].as_u64().unwrap();
    assert!((1..=16).contains(&longest), "{report}");
    if cfg!(target_os = "linux") {
        let peak = report["peak_memory"].as_u64().unwrap();
        assert!(peak < 64 << 20, "{report}");
    }
}

// ---- Ctrl-C

/// The one worker is in the middle of a file that would take it hours, when Ctrl-C comes: what it has read so far counts, and the file is
/// among those that are left.
#[test]
#[cfg(target_os = "linux")]
fn ctrl_c_ends_it_in_the_midst_of_a_file() {
    for flags in [&["--json", "--engine", "locked"][..], &["--json", "--quiet", "--engine", "atomic"], &[]] {
        let tree = Tree::new("word_count-ctrl-c");
        let before = tree.write("before", "one two\n");
        let huge = tree.write("huge", "");
        let huge_file = fs::OpenOptions::new().write(true).open(&huge).unwrap();
        huge_file.set_len(1 << 40).expect("a file with a hole of a tebibyte");
        for n in 0..100 {
            tree.write(&format!("after/{n}"), "never counted\n");
        }

        let mut command = program("word_count");
        command.args(["--workers", "1", "--capacity", "2"]).args(flags).args([
            before,
            huge.clone(),
            tree.0.join("after"),
        ]);
        let run = Running::start(&mut command);
        // In its second block, so the first is counted.
        until(|| position_in(run.child.id(), &huge).is_some_and(|position| position > BLOCK as u64));
        run.signal("INT");
        let answer = run.finish();
        assert_eq!(answer.code, Some(130), "{answer:?}");
        assert!(answer.stderr.contains("interrupted") && answer.stderr.contains("second Ctrl-C"), "{answer:?}");
        if flags.contains(&"--json") {
            let report = answer.json();
            let Totals { files, lines, bytes, .. } = Totals::of(&report);
            assert_eq!((files, lines), (1, 1), "{report}");
            assert!((8 + BLOCK as u64..1 << 40).contains(&bytes), "{report}");
            assert_eq!((&report["interrupted"], &report["skipped"]), (&true.into(), &0.into()));
            // With the huge one, two may have been on the queue, and one in the hands of the producer.
            assert!((1..=4).contains(&report["left"].as_u64().unwrap()), "{report}");
        } else {
            assert!(answer.stdout.contains("interrupted"), "{answer:?}");
        }
    }
}

#[cfg(target_os = "linux")]
fn until(condition: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(120), "waited in vain");
        thread::sleep(Duration::from_millis(2));
    }
}

/// How far the process has read a file, if it has it open.
#[cfg(target_os = "linux")]
fn position_in(pid: u32, file: &Path) -> Option<u64> {
    let descriptor = fs::read_dir(format!("/proc/{pid}/fd"))
        .ok()?
        .flatten()
        .find(|descriptor| fs::read_link(descriptor.path()).is_ok_and(|target| target == file))?;
    let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{}", descriptor.file_name().to_str()?)).ok()?;
    info.lines().find_map(|line| line.strip_prefix("pos:"))?.trim().parse().ok()
}
