//! All of this once more on a single processor, where whoever spins keeps the one it waits for from running.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Generous: it takes some seconds. A spinning primitive that holds up its own progress takes for ever.
const LIMIT: Duration = Duration::from_secs(120);

#[test]
fn everything_on_one_processor() {
    if !Command::new("taskset").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        // Not `println!`, whose text the test runner would keep to itself.
        return writeln!(std::io::stderr(), "skipped: one processor needs taskset, of util-linux").unwrap();
    }
    let status = fs::read_to_string("/proc/self/status").expect("a Linux that has taskset");
    let allowed =
        status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).expect("a list of processors");
    let first: String = allowed.trim().chars().take_while(char::is_ascii_digit).collect();

    // A file, since a pipe that nobody reads would hold the tests up once it is full.
    let path = std::env::temp_dir().join(format!("nogil-one-cpu-{}", std::process::id()));
    let mut output = fs::File::options().create(true).truncate(true).read(true).write(true).open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let mut tests = Command::new("taskset")
        .args(["-c", &first])
        .arg(std::env::current_exe().unwrap())
        .args(["--skip", "everything_on_one_processor", "--test-threads", "2"])
        .env("NOGIL_STRESS_MS", "50")
        .stdout(output.try_clone().unwrap())
        .stderr(output.try_clone().unwrap())
        .spawn()
        .expect("taskset runs this binary");
    let end = Instant::now() + LIMIT;
    let status = loop {
        if let Some(status) = tests.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() > end {
            tests.kill().unwrap();
            tests.wait().unwrap();
            break None;
        }
        thread::sleep(Duration::from_millis(20));
    };
    let mut said = String::new();
    output.seek(SeekFrom::Start(0)).unwrap();
    output.read_to_string(&mut said).unwrap();
    assert!(status.is_some_and(|status| status.success()), "on processor {first}: {status:?} within {LIMIT:?}\n{said}");
}
