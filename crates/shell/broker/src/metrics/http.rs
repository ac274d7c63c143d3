//! The endpoint: a few lines of HTTP/1.1 for whoever asks for metrics or health.
//!
//! | `GET`, `HEAD`   |                                                                      |
//! |-----------------|----------------------------------------------------------------------|
//! | `/metrics`      | the metrics, in the format that `Accept` asks for                    |
//! | `/health/live`  | 200 as long as the process runs                                      |
//! | `/health/ready` | 200 while the node serves, 503 before and after                      |
//! | `/health`       | as `/health/ready`                                                   |
//!
//! Everything else is 404, other methods are 405. One request a connection, which then ends. Limits: [`MAX_CLIENTS`]
//! connections, a head of [`MAX_HEAD`] bytes, [`HEAD_TIME`] to send it and [`ANSWER_TIME`] to take the answer.
//!
//! Not a web server, and no library for one: two paths without parameters, for which a parser of a request's head
//! that knows nothing else is the smaller risk.

mod request;

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use headwater_runtime::{Listener, Runtime, Stream};

use super::report::text::Format;
use super::report::{self, Observed, Sink};
use request::{Head, Refusal};

/// Connections at a time; more are closed at once.
pub const MAX_CLIENTS: usize = 16;
/// Bytes of a request's head.
pub const MAX_HEAD: usize = 8 * 1024;
/// Time for the head to come.
pub const HEAD_TIME: Duration = Duration::from_secs(5);
/// Time for the answer to leave.
pub const ANSWER_TIME: Duration = Duration::from_secs(30);
/// Time for the peer to close its side.
const CLOSE_TIME: Duration = Duration::from_secs(1);
/// How long accepting rests after it failed.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// Where the node is in its life.
#[derive(Clone)]
pub enum Phase {
    /// It loads its metadata and logs.
    Starting,
    /// It serves.
    Serving(Observed),
    /// It was told to stop.
    Stopping,
}

/// See the module.
pub struct Endpoint {
    phase: Mutex<Phase>,
}

impl Endpoint {
    /// The endpoint of a node that starts.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self { phase: Mutex::new(Phase::Starting) })
    }

    /// The node goes on to another phase.
    pub fn enter(&self, phase: Phase) {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = phase;
    }

    fn phase(&self) -> Phase {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Serves until the task is dropped.
    pub async fn serve(self: Arc<Self>, runtime: Runtime, listener: Listener) {
        let clients = Rc::new(Cell::new(0));
        loop {
            let incoming = match listener.accept().await {
                Ok(incoming) => incoming,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection for metrics");
                    runtime.sleep(ACCEPT_REST).await;
                    continue;
                }
            };
            if clients.get() >= MAX_CLIENTS {
                continue;
            }
            let Ok(stream) = incoming.open(&runtime) else { continue };
            let place = Place::take(&clients);
            let (endpoint, of_task) = (Arc::clone(&self), runtime.clone());
            runtime.spawn_detached("metrics", async move {
                let _place = place;
                if let Err(error) = endpoint.answer(&of_task, &stream).await {
                    tracing::debug!(peer = %stream.peer_addr(), %error, "metrics were not delivered");
                }
            });
        }
    }

    async fn answer(&self, runtime: &Runtime, stream: &Stream) -> io::Result<()> {
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        let head = runtime.timeout(HEAD_TIME, request::read(stream)).await;
        let head = head.unwrap_or(Ok(Err(Refusal::TIMEOUT)))?;
        runtime.timeout(ANSWER_TIME, self.respond(stream, head)).await.map_err(late)??;
        stream.shutdown()?;
        // A close with bytes unread would take the answer away from the peer.
        let _ = runtime.timeout(CLOSE_TIME, request::drain(stream)).await;
        Ok(())
    }

    async fn respond(&self, stream: &Stream, head: Result<Head, Refusal>) -> io::Result<()> {
        let head = match head {
            Ok(head) => head,
            Err(refusal) => return plain(stream, refusal.0, refusal.1, true).await,
        };
        let phase = self.phase();
        let (status, body) = match (head.path.as_str(), &phase) {
            ("/metrics", Phase::Serving(observed)) => return metrics(stream, &head, observed).await,
            ("/health/live", _) => ("200 OK", "live\n"),
            ("/health" | "/health/ready", Phase::Serving(_)) => ("200 OK", "ready\n"),
            ("/metrics" | "/health" | "/health/ready", Phase::Starting) => {
                ("503 Service Unavailable", "starting\n")
            }
            ("/metrics" | "/health" | "/health/ready", Phase::Stopping) => {
                ("503 Service Unavailable", "stopping\n")
            }
            _ => ("404 Not Found", "try /metrics or /health\n"),
        };
        plain(stream, status, body, head.wants_body).await
    }
}

/// A client's place among [`MAX_CLIENTS`].
struct Place(Rc<Cell<usize>>);

impl Place {
    fn take(clients: &Rc<Cell<usize>>) -> Self {
        clients.set(clients.get() + 1);
        Self(Rc::clone(clients))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

async fn plain(stream: &Stream, status: &str, body: &str, wants_body: bool) -> io::Result<()> {
    let allow = if status.starts_with("405") { "Allow: GET, HEAD\r\n" } else { "" };
    let mut text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n{allow}\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n",
        body.len()
    );
    if wants_body {
        text.push_str(body);
    }
    stream.write_all(text.as_bytes()).await
}

async fn metrics(stream: &Stream, head: &Head, observed: &Observed) -> io::Result<()> {
    let format = Format::of_accept(&head.accept);
    // The length is not known before; a client of HTTP/1.0 takes the end of the connection for that of the text.
    let coding = if head.chunks { "Transfer-Encoding: chunked\r\n" } else { "" };
    let start = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {}\r\n{coding}Cache-Control: no-store\r\nConnection: close\r\n\r\n",
        format.content_type()
    );
    stream.write_all(start.as_bytes()).await?;
    if !head.wants_body {
        return Ok(());
    }
    let mut body = Body { stream, chunks: head.chunks };
    report::write(observed, format, &mut body).await?;
    if head.chunks { stream.write_all(b"0\r\n\r\n").await } else { Ok(()) }
}

struct Body<'a> {
    stream: &'a Stream,
    chunks: bool,
}

impl Sink for Body<'_> {
    async fn send(&mut self, mut piece: String) -> io::Result<()> {
        if piece.is_empty() {
            return Ok(());
        }
        if self.chunks {
            self.stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await?;
            piece.push_str("\r\n");
        }
        self.stream.write_all(piece.as_bytes()).await
    }
}
