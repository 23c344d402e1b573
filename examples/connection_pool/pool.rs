//! A pool of connections: a semaphore says how many may be open, and a stack keeps those that nobody uses.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use nogil::generic::{BoundedSemaphore, LifoQueue, Lock, Permit};
use nogil::{ReleaseError, Wing};

use crate::server::{BUSY, WELCOME};

pub(crate) struct Pool<W: Wing> {
    server: SocketAddr,
    permits: BoundedSemaphore<W>,
    /// The last one put back is the first one used again. Whoever has a permit and finds nothing here dials, so those in use and
    /// those here are never more than there are permits.
    idle: LifoQueue<Line, W>,
    opened: Lock<Opened, W>,
}

/// What the client knows of its connections.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Opened {
    pub(crate) open: usize,
    pub(crate) peak: usize,
    pub(crate) dialled: usize,
}

impl<W: Wing> Pool<W> {
    pub(crate) fn new(wing: W, server: SocketAddr, connections: usize) -> Self {
        Self {
            server,
            permits: BoundedSemaphore::new_in(wing, connections),
            idle: LifoQueue::unbounded_in(wing),
            opened: Lock::new_in(wing, Opened::default()),
        }
    }

    /// A connection, for which it waits at most `timeout`; a zero timeout tries once. `None`: all were in use.
    pub(crate) fn connect(&self, timeout: Duration) -> io::Result<Option<Connection<'_, W>>> {
        let Some(permit) = self.permits.acquire_timeout(timeout) else { return Ok(None) };
        let line = match self.idle.try_get() {
            Ok(line) => line,
            Err(_) => self.dial()?,
        };
        Ok(Some(Connection { pool: self, line: Some(line), _permit: permit }))
    }

    fn dial(&self) -> io::Result<Line> {
        let line = Line::dial(self.server)?.ok_or_else(|| io::Error::other("the server refused"))?;
        let mut opened = self.opened.acquire();
        opened.dialled += 1;
        opened.open += 1;
        opened.peak = opened.peak.max(opened.open);
        Ok(line)
    }

    pub(crate) fn opened(&self) -> Opened {
        *self.opened.acquire()
    }

    pub(crate) fn free(&self) -> usize {
        self.permits.available_permits()
    }

    /// Gives back a permit that nobody took.
    pub(crate) fn release_too_many(&self) -> Result<(), ReleaseError> {
        self.permits.release(1)
    }
}

/// A connection in use. Dropped, it goes back to the pool, unless it broke, and then its permit does.
pub(crate) struct Connection<'a, W: Wing> {
    pool: &'a Pool<W>,
    /// `None` once it broke.
    line: Option<Line>,
    _permit: Permit<'a, W>,
}

impl<W: Wing> Connection<'_, W> {
    /// Sends a line that ends with a newline, and gives the server's.
    pub(crate) fn ask(&mut self, question: &str) -> io::Result<String> {
        let Some(line) = &mut self.line else { return Err(io::ErrorKind::NotConnected.into()) };
        let answer = line.ask(question);
        if answer.is_err() {
            self.line = None;
            self.pool.opened.acquire().open -= 1;
        }
        answer
    }
}

impl<W: Wing> Drop for Connection<'_, W> {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            // Fails only if the queue is full or shut down, and this one is neither.
            let _ = self.pool.idle.put(line);
        }
    }
}

/// A connection as the system has it.
pub(crate) struct Line(BufReader<TcpStream>);

impl Line {
    /// `None`: the server has no seat.
    pub(crate) fn dial(server: SocketAddr) -> io::Result<Option<Self>> {
        let stream = TcpStream::connect(server)
            .map_err(|error| io::Error::new(error.kind(), format!("cannot dial the server: {error}")))?;
        stream.set_nodelay(true)?;
        let mut line = Self(BufReader::new(stream));
        match line.hear()?.as_str() {
            WELCOME => Ok(Some(line)),
            BUSY => Ok(None),
            other => Err(io::Error::other(format!("the server said {other:?}"))),
        }
    }

    /// Hangs up, and returns once the server has noticed.
    pub(crate) fn close(mut self) -> io::Result<()> {
        self.0.get_ref().shutdown(Shutdown::Write)?;
        io::copy(&mut self.0, &mut io::sink()).map(drop)
    }

    fn ask(&mut self, question: &str) -> io::Result<String> {
        self.0.get_mut().write_all(question.as_bytes())?;
        self.hear()
    }

    fn hear(&mut self) -> io::Result<String> {
        let mut answer = String::new();
        match self.0.read_line(&mut answer)? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server hung up")),
            _ => Ok(answer),
        }
    }
}
