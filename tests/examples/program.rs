//! An example as a program: built once, started, watched, interrupted, and asked what it answered.

#![cfg_attr(not(unix), allow(dead_code, reason = "there is no Ctrl-C to send"))]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// A command that runs an example. All are built by cargo on first use: `cargo test --test examples` does not build them.
pub(crate) fn program(name: &str) -> Command {
    static BINARIES: OnceLock<HashMap<String, PathBuf>> = OnceLock::new();
    Command::new(BINARIES.get_or_init(build).get(name).unwrap_or_else(|| panic!("there should be an example {name}")))
}

fn build() -> HashMap<String, PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let this_test = std::env::current_exe().expect("the path of this test");
    let profile = match this_test.ancestors().nth(2).and_then(Path::file_name).expect("target/PROFILE/deps/TEST") {
        name if name == "debug" => "dev".as_ref(),
        name => name,
    };
    let build = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--examples", "--message-format", "json"])
        .args(["--profile".as_ref(), profile, "--target-dir".as_ref(), target.as_os_str()])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo should start");
    assert!(build.status.success(), "the examples should build:\n{}", String::from_utf8_lossy(&build.stderr));
    let messages = String::from_utf8(build.stdout).expect("cargo's messages are UTF-8");
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| {
            Some((message["target"]["name"].as_str()?.into(), message["executable"].as_str()?.into()))
        })
        .collect()
}

/// The same from a shell that was prepared for it, by `ulimit` say.
#[cfg(target_os = "linux")]
pub(crate) fn prepared(name: &str, preparation: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{preparation} && exec \"$0\" \"$@\"")]).arg(program(name).get_program());
    shell
}

/// Runs an example with nothing but flags.
pub(crate) fn run(name: &str, flags: &[&str]) -> Answer {
    Running::start(program(name).args(flags)).finish()
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program while it runs. It is killed if the test fails, or if it takes so long that it must be stuck.
pub(crate) struct Running {
    pub(crate) child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    printed: String,
    _alive: mpsc::Sender<()>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program should start");
        let (alive, watch) = mpsc::channel();
        let pid = child.id();
        thread::spawn(move || {
            if watch.recv_timeout(Duration::from_secs(300)) == Err(mpsc::RecvTimeoutError::Timeout) {
                signal(pid, "KILL");
            }
        });
        let stdout = child.stdout.take().map(BufReader::new);
        Self { child, stdout, printed: String::new(), _alive: alive }
    }

    /// Reads what the program prints, until a line has `text`.
    pub(crate) fn until_prints(&mut self, text: &str) {
        let stdout = self.stdout.as_mut().expect("stdout should not be closed yet");
        loop {
            let start = self.printed.len();
            let read = stdout.read_line(&mut self.printed).expect("stdout should be UTF-8");
            assert_ne!(read, 0, "it ended without printing {text:?}:\n{}", self.printed);
            if self.printed[start..].contains(text) {
                return;
            }
        }
    }

    /// Stops reading what the program prints.
    pub(crate) fn close_stdout(&mut self) {
        self.stdout = None;
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    pub(crate) fn finish(mut self) -> Answer {
        let mut errors = self.child.stderr.take().expect("stderr is piped and not taken before");
        let reader = thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).map(|_| text)
        });
        let mut stdout = std::mem::take(&mut self.printed);
        if let Some(mut pipe) = self.stdout.take() {
            pipe.read_to_string(&mut stdout).expect("stdout should be UTF-8");
        }
        let stderr = reader.join().unwrap().expect("stderr should be UTF-8");
        let code = self.child.wait().expect("the program's status").code();
        Answer { code, stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "kill -{name} {pid}");
}

// ---- what every example owes its user

/// Runs an example to its end: without a complaint, and within 80 columns.
pub(crate) fn succeed(name: &str, flags: &[&str]) -> String {
    let answer = run(name, flags);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer:?}");
    let wide: Vec<&str> = answer.stdout.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "wider than 80 columns: {wide:#?}");
    assert!(!answer.stdout.contains('\u{1b}'), "colours, where stdout is no terminal: {answer:?}");
    answer.stdout
}

/// Each list of flags is refused before anything is done, with a complaint that names its first flag.
pub(crate) fn refuses(name: &str, bad: &[&[&str]]) {
    for flags in bad {
        let answer = run(name, flags);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""), "{flags:?}");
        assert!(answer.stderr.contains(flags[0].split('=').next().unwrap()), "{answer:?}");
    }
}

/// Nobody reads what it prints, and then not even its complaints.
pub(crate) fn survives_closed_pipes(name: &str, flags: &[&str]) {
    let mut run = Running::start(program(name).args(flags));
    run.close_stdout();
    let answer = run.finish();
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer:?}");

    let mut run = Running::start(program(name).args(flags));
    run.close_stdout();
    drop(run.child.stderr.take());
    assert_eq!(run.child.wait().unwrap().code(), Some(0));
}

/// Some threads can be started and some cannot: it says so, and does not wait for those that never come.
#[cfg(target_os = "linux")]
pub(crate) fn ends_without_threads(name: &str, flags: &[&str]) {
    // Two gibibytes of addresses, and a stack of 256 MiB for each thread.
    let mut command = prepared(name, "ulimit -v 2097152");
    let answer = Running::start(command.args(flags).env("RUST_MIN_STACK", (256 << 20).to_string())).finish();
    assert_fails_by(&answer, "cannot start a thread");
}

/// It ended by an error of its own, not by a panic, and not as one of printing.
#[cfg(target_os = "linux")]
pub(crate) fn assert_fails_by(answer: &Answer, error: &str) {
    assert_eq!(answer.code, Some(1), "{answer:?}");
    assert!(answer.stderr.contains(error), "{answer:?}");
    assert!(["panic", "cannot print"].iter().all(|wrong| !answer.stderr.contains(wrong)), "{answer:?}");
}

/// Ctrl-C, once a line with `text` is printed, ends a run that would take far longer.
#[cfg(unix)]
pub(crate) fn ends_at_ctrl_c(name: &str, flags: &[&str], text: &str) -> Answer {
    let mut run = Running::start(program(name).args(flags));
    run.until_prints(text);
    run.signal("INT");
    let answer = run.finish();
    assert_eq!(answer.code, Some(130), "{answer:?}");
    assert!(answer.stderr.contains("interrupted") && !answer.stderr.contains("panic"), "{answer:?}");
    answer
}
