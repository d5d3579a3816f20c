//! Numbers for Prometheus, over HTTP: one small answer to whoever asks.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt as _};
use kusto_ingest::clock::Clock;
use kusto_ingest_watch::WatchMetrics;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::report::{self, CommandError};

/// How many are answered at a time.
const TOGETHER: usize = 16;

/// The longest request.
const LONGEST: usize = 8 * 1024;

/// How long a request and its answer may take.
const LIMIT: Duration = Duration::from_secs(5);

/// How long to pause where nobody can be let in.
const PAUSE: Duration = Duration::from_millis(100);

/// Listens at an address, and answers for as long as the returned future is driven; where there is none, it waits for ever.
///
/// # Errors
/// The address cannot be listened to.
pub(super) async fn serve(
    address: Option<SocketAddr>,
    metrics: WatchMetrics,
    clock: Arc<dyn Clock>,
) -> Result<impl Future<Output = ()>, CommandError> {
    let listener = match address {
        None => None,
        Some(address) => {
            let listener = TcpListener::bind(address).await.map_err(|error| {
                CommandError::usage(format!("--metrics {address} cannot be listened to: {error}"))
            })?;
            if let Ok(address) = listener.local_addr() {
                report::note(&format!("numbers are at http://{address}/metrics"));
            }
            Some(listener)
        }
    };
    Ok(async move {
        let Some(listener) = listener else {
            return std::future::pending().await;
        };
        answer_all(&metrics, &*clock, async || Ok(listener.accept().await?.0)).await;
    })
}

/// Answers whoever comes, without end.
async fn answer_all(
    metrics: &WatchMetrics,
    clock: &dyn Clock,
    accept: impl AsyncFn() -> std::io::Result<TcpStream>,
) {
    let next = async || match accept().await {
        Ok(stream) => Some(stream),
        // One that is gone already wants no answer; where there are no more handles, there are none at once, either.
        Err(_) => {
            clock.sleep(PAUSE).await;
            None
        }
    };
    let mut answers = FuturesUnordered::new();
    loop {
        tokio::select! {
            accepted = next(), if answers.len() < TOGETHER => {
                let answered = accepted.map(|stream| tokio::time::timeout(LIMIT, answer(stream, metrics.clone())));
                answers.extend(answered);
            }
            Some(_) = answers.next() => {}
        }
    }
}

/// Answers the one request of a connection.
async fn answer(mut stream: TcpStream, metrics: WatchMetrics) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if request.len() > LONGEST || stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let (status, text) = match request.starts_with(b"GET /metrics ") || request.starts_with(b"GET / ") {
        true => ("200 OK", metrics.to_prometheus()),
        false => ("404 Not Found", "the numbers are at /metrics\n".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        text.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::FutureExt as _;
    use kusto_ingest::clock::Timestamp;
    use kusto_ingest::testing::ManualClock;

    use super::*;

    #[tokio::test]
    async fn where_nobody_can_be_let_in_it_is_tried_ten_times_a_second() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let (metrics, tries) = (WatchMetrics::default(), Cell::new(0));
        let accept = async || {
            tries.set(tries.get() + 1);
            // One that loops hangs no test.
            assert!(tries.get() < 100, "it tries without a pause");
            Err(std::io::Error::other("there are no more handles"))
        };
        let mut answering = Box::pin(answer_all(&metrics, &clock, accept));
        for expected in 1..4 {
            assert!(answering.as_mut().now_or_never().is_none());
            assert_eq!(tries.get(), expected);
            clock.advance(PAUSE);
        }
    }
}
