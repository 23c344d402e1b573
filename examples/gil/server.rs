//! The world outside: a server on loopback that takes its time to answer. Its threads run no bytecode, so it knows no GIL.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use crate::common;

/// Starts a server that answers each byte by the byte one, after a `delay`. Its threads end with their connections.
pub(crate) fn start(delay: Duration) -> io::Result<SocketAddr> {
    common::server::start(move |stream| {
        // The other side hangs up, which ends the reading by an error.
        let _ = answer(stream, delay);
    })
}

fn answer(mut stream: TcpStream, delay: Duration) -> io::Result<()> {
    let mut question = [0];
    loop {
        stream.read_exact(&mut question)?;
        thread::sleep(delay);
        stream.write_all(&[1])?;
    }
}

/// The side of the server that a bytecode program sees.
pub(crate) struct Connection(TcpStream);

impl Connection {
    pub(crate) fn open(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// Sends a byte, and waits for the answer.
    pub(crate) fn ask(&self) -> io::Result<i64> {
        let mut answer = [0];
        (&self.0).write_all(&answer)?;
        (&self.0).read_exact(&mut answer)?;
        Ok(i64::from(answer[0]))
    }
}
