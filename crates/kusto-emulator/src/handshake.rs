//! From a socket to a stream that is TLS, or a plain answer that says so.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How a record of TLS begins that opens a connection.
const HANDSHAKE: u8 = 22;

/// Speaks TLS; `None` when the client does not, and was told so where it speaks plain HTTP.
pub(crate) async fn accept(
    acceptor: &TlsAcceptor,
    mut stream: TcpStream,
    answer: &str,
) -> Option<TlsStream<TcpStream>> {
    let mut first = [0];
    if stream.peek(&mut first).await.ok()? == 0 {
        return None;
    }
    if first == [HANDSHAKE] {
        return acceptor.accept(stream).await.ok();
    }
    drop(stream.write_all(answer.as_bytes()).await);
    drop(stream.shutdown().await);
    None
}
