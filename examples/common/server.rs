//! A real TCP server on loopback.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use super::{complain, spawn};

/// Starts a server that runs `serve` for each client, on a thread of its own, and lasts as long as the program.
///
/// If it runs out of descriptors or threads it says so and closes its door: then whoever waits to be let in gets an error, instead of
/// waiting for ever.
pub(crate) fn start(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    spawn(move || {
        let Err(error) = accept_all(&listener, &serve) else { return };
        // Before the listener is dropped, so that the reason is told before its consequences.
        complain(format_args!("the server gives up: {error}"));
    })?;
    Ok(address)
}

fn accept_all(listener: &TcpListener, serve: &(impl Fn(TcpStream) + Clone + Send + 'static)) -> io::Result<()> {
    for stream in listener.incoming() {
        match stream {
            Ok(stream) => {
                let serve = serve.clone();
                spawn(move || serve(stream))?;
            }
            // The client has left before its turn, which is its own affair.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
