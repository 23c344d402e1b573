//! A server with a fixed number of seats, which counts who is in.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use nogil::Wing;
use nogil::generic::Lock;

use crate::common;

/// What the server says to a client that has a seat, and to one that has none.
pub(crate) const WELCOME: &str = "welcome\n";
pub(crate) const BUSY: &str = "busy\n";
/// The line at which the server hangs up, instead of sending it back.
pub(crate) const HANG_UP: &str = "hang up\n";

/// What the server has seen since it was last asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Clients that have a seat now.
    pub(crate) open: usize,
    /// The most that had one at a time.
    pub(crate) peak: usize,
    pub(crate) accepted: usize,
    pub(crate) refused: usize,
    pub(crate) echoed: usize,
}

pub(crate) struct Server<W: Wing> {
    address: SocketAddr,
    seen: Arc<Lock<Seen, W>>,
}

impl<W: Wing> Server<W> {
    /// Starts a server that lasts as long as the program. It refuses whom it has no seat for.
    pub(crate) fn start(wing: W, seats: usize) -> io::Result<Self> {
        let seen = Arc::new(Lock::new_in(wing, Seen::default()));
        let server_seen = Arc::clone(&seen);
        let address = common::server::start(move |stream| {
            // A client that hangs up in the midst of a line, or does not listen, is its own affair.
            let _ = serve(&stream, seats, &server_seen);
        })?;
        Ok(Self { address, seen })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the server saw, and begins anew.
    pub(crate) fn take_seen(&self) -> Seen {
        let mut seen = self.seen.acquire();
        let open = seen.open;
        std::mem::replace(&mut *seen, Seen { open, peak: open, ..Seen::default() })
    }
}

/// Sends every line back, until the client hangs up.
fn serve<W: Wing>(mut stream: &TcpStream, seats: usize, seen: &Lock<Seen, W>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let Some(seat) = Seat::take(seen, seats) else {
        return stream.write_all(BUSY.as_bytes());
    };
    let result = echo(stream, seen);
    // Before the client can see the end of the connection, so that it does not bring the next while this one still counts.
    drop(seat);
    result
}

fn echo<W: Wing>(mut stream: &TcpStream, seen: &Lock<Seen, W>) -> io::Result<()> {
    stream.write_all(WELCOME.as_bytes())?;
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 && line != HANG_UP {
        // Counted first: whoever has heard it may ask for the count.
        seen.acquire().echoed += 1;
        stream.write_all(line.as_bytes())?;
        line.clear();
    }
    Ok(())
}

/// A place at the server, free again when it is dropped.
struct Seat<'a, W: Wing>(&'a Lock<Seen, W>);

impl<'a, W: Wing> Seat<'a, W> {
    fn take(seen: &'a Lock<Seen, W>, seats: usize) -> Option<Self> {
        let mut now = seen.acquire();
        if now.open == seats {
            now.refused += 1;
            return None;
        }
        now.accepted += 1;
        now.open += 1;
        now.peak = now.peak.max(now.open);
        Some(Self(seen))
    }
}

impl<W: Wing> Drop for Seat<'_, W> {
    fn drop(&mut self) {
        self.0.acquire().open -= 1;
    }
}
