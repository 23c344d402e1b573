//! Clients that share at most five connections to a server: a semaphore says who may have one, and who waits.
//!
//! The server is real, on loopback, and has no more seats than the pool has permits. Without the pool, whoever comes too late is
//! turned away. With it, a [`nogil::BoundedSemaphore`] lets five in and the others wait, for as long as they want; a
//! [`nogil::LifoQueue`] keeps the connections that nobody uses. A permit comes back when its guard is dropped, also where the
//! server hung up in the midst of a request, so the pool recovers by itself.
//!
//! The Python program that it answers:
//!
//! ```text
//! pool = threading.BoundedSemaphore(5)
//!
//! def client(requests):
//!     for request in requests:
//!         if not pool.acquire(timeout=5):
//!             gave_up.append(request)
//!             continue
//!         try:
//!             with socket.create_connection(server) as connection:
//!                 connection.sendall(request)
//!                 connection.recv(1024)
//!         finally:
//!             pool.release()
//! ```
//!
//! Run it with `cargo run --release --example connection_pool`, and with `-- --help` to see the options.
//!
//! Exit status: 0; 1 if something went otherwise than it should; 2 for bad arguments; 130 after Ctrl-C.

#[path = "../common/mod.rs"]
mod common;
mod pool;
mod server;

use std::io::{self, Write};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use nogil::generic::Barrier;
use nogil::{Atomic, Locked, Wing};

use common::text::{Table, count, heading, plural, seconds};
use common::{Engine, INTERRUPTED, between, spawn_scoped, together};
use pool::{Line, Pool};
use server::{HANG_UP, Server};

/// Share a few connections to a server among many clients, by a semaphore
#[derive(Debug, Parser)]
#[command(name = "connection_pool")]
struct Args {
    /// Connections that may be open at a time, and seats at the server
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = between(1, 100))]
    connections: usize,

    /// Clients, each on a thread of its own
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = between(1, 200))]
    clients: usize,

    /// Requests that each client makes
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = between(1, 100_000))]
    requests: usize,

    /// Milliseconds that a client keeps a connection
    #[arg(long, value_name = "MS", default_value_t = 5, value_parser = between(0, 10_000))]
    hold: usize,

    /// Milliseconds that an impatient client waits for a connection
    #[arg(long, value_name = "MS", default_value_t = 10, value_parser = between(0, 10_000))]
    patience: usize,

    /// What the semaphore is built from
    #[arg(long, value_enum, default_value_t = Engine::Atomic)]
    engine: Engine,
}

fn main() -> ExitCode {
    let args = Args::parse();
    common::run(|out| match args.engine {
        Engine::Locked => show(Locked, &args, out),
        Engine::Atomic => show(Atomic, &args, out),
    })
}

fn show<W: Wing>(wing: W, args: &Args, out: &mut dyn Write) -> io::Result<()> {
    let [hold, patience] = [args.hold, args.patience].map(|ms| Duration::from_millis(ms as u64));
    let server = Server::start(wing, args.connections)?;
    let pool = Pool::new(wing, server.address(), args.connections);
    let (clients, seats) = (plural(args.clients, "client"), plural(args.connections, "seat"));
    writeln!(out, "{clients} and a server with {seats} at {} (engine: {})\n", server.address(), W::NAME)?;

    write!(out, "{}", heading("Without a pool: all dial at once"))?;
    let refused = all_at_once(wing, args, &server)?;
    writeln!(out, "The server let {} in and refused {}, as the clients say too.\n", args.clients - refused, refused)?;

    write!(out, "{}", heading(&format!("With a pool of {}", plural(args.connections, "connection"))))?;
    let mut table = Table::new(["wait at most", "answered", "gave up", "refused", "dialled", "longest wait", "time"]);
    let waits = [("for ever", Duration::MAX), ("", patience), ("not at all", Duration::ZERO)];
    let mut peak = 0;
    for (name, timeout) in waits {
        let name = if name.is_empty() { seconds(timeout) } else { name.into() };
        let before = pool.opened().dialled;
        let crowd = Crowd::run(wing, args, &pool, timeout, hold)?;
        let seen = server.take_seen();
        if INTERRUPTED.is_set() {
            return Ok(());
        }
        check(crowd.answered + crowd.gave_up == args.clients * args.requests, "each request is answered or given up")?;
        check(seen.echoed == crowd.answered, "the server echoed what the clients heard")?;
        peak = peak.max(seen.peak);
        let numbers =
            [crowd.answered, crowd.gave_up, seen.refused, pool.opened().dialled - before].map(|n| count(n as u64));
        let [answered, gave_up, refused, dialled] = numbers;
        table.row([name, answered, gave_up, refused, dialled, seconds(crowd.longest_wait), seconds(crowd.time)]);
    }
    write!(out, "{table}")?;
    let known = pool.opened().peak;
    check(peak.max(known) <= args.connections, "never more connections than permits")?;
    writeln!(out, "Most connections at a time: {peak} seen by the server, {known} by the client.\n")?;

    write!(out, "{}", heading("Refused, too late, broken, and well again"))?;
    troubles(args, &pool, patience, out)
}

/// An error, where something went otherwise than it should.
fn check(holds: bool, what: &str) -> io::Result<()> {
    if holds { Ok(()) } else { Err(io::Error::other(format!("this does not hold: {what}"))) }
}

/// Every client dials and, if it has a seat, keeps it until all have dialled. Answers how many were refused.
fn all_at_once<W: Wing>(wing: W, args: &Args, server: &Server<W>) -> io::Result<usize> {
    let dialled = Barrier::new_in(wing, args.clients);
    let (lines, _) = together(wing, args.clients, |_| {
        let line = Line::dial(server.address());
        let _ = dialled.wait(); // nobody breaks it
        line
    })?;
    let lines = lines.into_iter().collect::<io::Result<Vec<_>>>()?;
    let refused = lines.iter().filter(|line| line.is_none()).count();
    for line in lines.into_iter().flatten() {
        line.close()?;
    }
    let seen = server.take_seen();
    check(seen.refused == refused, "the server refused as many as the clients say")?;
    Ok(refused)
}

/// What became of many clients together.
struct Crowd {
    answered: usize,
    gave_up: usize,
    longest_wait: Duration,
    time: Duration,
}

impl Crowd {
    fn run<W: Wing>(wing: W, args: &Args, pool: &Pool<W>, timeout: Duration, hold: Duration) -> io::Result<Self> {
        let client = |number| Self::client(number, args, pool, timeout, hold);
        let (clients, time) = together(wing, args.clients, client)?;
        let mut crowd = Self { answered: 0, gave_up: 0, longest_wait: Duration::ZERO, time };
        for one in clients {
            let one = one?;
            crowd.answered += one.answered;
            crowd.gave_up += one.gave_up;
            crowd.longest_wait = crowd.longest_wait.max(one.longest_wait);
        }
        Ok(crowd)
    }

    /// One of them. Ctrl-C ends it before its next request.
    fn client<W: Wing>(
        number: usize,
        args: &Args,
        pool: &Pool<W>,
        timeout: Duration,
        hold: Duration,
    ) -> io::Result<Self> {
        let mut one = Self { answered: 0, gave_up: 0, longest_wait: Duration::ZERO, time: Duration::ZERO };
        for request in 0..args.requests {
            if INTERRUPTED.is_set() {
                break;
            }
            let start = Instant::now();
            let connection = pool.connect(timeout)?;
            one.longest_wait = one.longest_wait.max(start.elapsed());
            let Some(mut connection) = connection else {
                one.gave_up += 1;
                // It has something else to do meanwhile.
                INTERRUPTED.wait_timeout(hold);
                continue;
            };
            let question = format!("request {request} of client {number}\n");
            check(connection.ask(&question)? == question, "the server sends back what it was sent")?;
            INTERRUPTED.wait_timeout(hold);
            one.answered += 1;
        }
        Ok(one)
    }
}

/// For a wait that is to end long before: if the pool is at fault, its check fails, instead of waiting for ever.
const GENEROUS: Duration = Duration::from_secs(60);

/// What can go wrong with a pool, one thing after the other, and each found to be as it should.
fn troubles<W: Wing>(args: &Args, pool: &Pool<W>, patience: Duration, out: &mut dyn Write) -> io::Result<()> {
    let mut say = |what: &str, answer: &str| writeln!(out, " {what:<50}{answer}");
    let mut taken = Vec::new();
    while let Some(connection) = pool.connect(Duration::ZERO)? {
        taken.push(connection);
    }
    check(taken.len() == args.connections && pool.free() == 0, "the pool gives as many connections as it has")?;
    say("all connections are taken:", &format!("{} of {} free", pool.free(), args.connections))?;

    check(pool.connect(Duration::ZERO)?.is_none(), "one more is refused")?;
    say("a client that does not wait:", "refused")?;

    let start = Instant::now();
    check(pool.connect(patience)?.is_none(), "one more is too late")?;
    let waited = start.elapsed();
    check(waited >= patience, "nobody gives up before its time")?;
    say(&format!("a client that waits for {}:", seconds(patience)), &format!("gave up after {}", seconds(waited)))?;

    let one = taken.pop();
    let waited = thread::scope(|scope| {
        let waiter = spawn_scoped(scope, || {
            let start = Instant::now();
            pool.connect(GENEROUS).map(|connection| connection.map(|_| start.elapsed()))
        })?;
        thread::sleep(patience);
        drop(one);
        waiter.join().expect("no client panics")
    })?;
    check(waited.is_some(), "a client that waits gets what comes back")?;
    say("a client that waits, and one comes back:", &format!("has it after {}", seconds(waited.unwrap_or_default())))?;

    let dialled = pool.opened().dialled;
    let one = pool.connect(GENEROUS)?;
    check(one.is_some(), "what the client had comes back")?;
    if let Some(mut connection) = one {
        let broken = connection.ask(HANG_UP).err();
        check(broken.is_some(), "a connection that broke says so")?;
        say("the server hangs up on a client:", &broken.map(|error| error.to_string()).unwrap_or_default())?;
    }
    check(pool.free() == 1, "a permit comes back though the connection broke")?;
    if let Some(mut connection) = pool.connect(Duration::ZERO)? {
        check(connection.ask("again\n")? == "again\n", "the pool recovers")?;
    }
    check(pool.opened().dialled == dialled + 1, "what broke is dialled anew")?;
    say("the next client:", "answered, by a new connection")?;

    drop(taken);
    check(pool.free() == args.connections, "all permits come back")?;
    say("all are given back:", &format!("{} of {} free", pool.free(), args.connections))?;
    let error = pool.release_too_many().err();
    check(error.is_some(), "a bounded semaphore refuses a permit too many")?;
    say("and one more by mistake:", "an error:")?;
    writeln!(out, " {}", error.map(|error| error.to_string()).unwrap_or_default())
}
