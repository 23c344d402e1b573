//! The world outside: a server on loopback that takes its time to answer. Its threads run no bytecode, so it knows no GIL.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Starts a server that answers each byte by the byte one, after a `delay`. Its threads end with their connections, and the
/// one that accepts them with the program.
pub(crate) fn start(delay: Duration) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream, delay));
        }
    });
    Ok(address)
}

/// Answers until the other side hangs up, which ends the reading by an error.
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
