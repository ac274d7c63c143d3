//! One client's connection: frames in, answers out, in the order of the requests.
//!
//! A connection is one task on one core. It reads while there is room, *starts* each request as soon as its frame is
//! whole, and writes the answers in the order in which the requests came; a request that must wait (for a sync, for
//! data, for the controller) does not keep the next frame from being started.
//!
//! ```text
//! socket ─read→ scratch ─frame→ api::dispatch ─Reply→ slots ─front is ready→ output ─write/sendfile→ socket
//! ```
//!
//! Limits: [`MAX_SLOTS`] requests under way, [`MAX_OUTPUT_BYTES`] unwritten, and the request memory pool. Past one of
//! them the connection is not read any more until there is room, so a peer that never reads its answers stops itself.

pub mod census;
pub mod input;
pub mod listener;
mod meter;
mod rate;
pub mod response;

use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use headwater_runtime::sync::Reservation;
use headwater_runtime::{Stream, Tick};

use crate::api::{self, Answer, Close, Reply, RequestContext, Scope};
use crate::broker::Broker;
use crate::metrics::requests::Moments;
use input::Head;
use meter::Meter;
use response::{Front, Output, Response};

/// Requests of one connection that may be under way.
pub const MAX_SLOTS: usize = 128;
/// Bytes of answers that may wait for the socket before the connection is no longer read.
pub const MAX_OUTPUT_BYTES: u64 = 4 * 1024 * 1024;
/// How often a task goes round before it lets the others of its core run.
const MAX_ROUNDS: usize = 32;

/// What is known of a peer.
#[derive(Debug)]
pub struct Peer {
    /// Address and port of the other end.
    pub address: std::net::SocketAddr,
    /// Name of the listener that accepted it.
    pub listener: Arc<str>,
    /// What the peer reaches through that listener.
    pub scope: Scope,
}

/// Why a connection ended.
#[derive(Debug)]
pub enum Ended {
    /// The peer closed it.
    ByPeer,
    /// The socket failed.
    Socket(io::Error),
    /// The peer sent what cannot be served; the text says what.
    Refused(String),
    /// Nothing came for `connections.max.idle.ms`.
    Idle,
    /// It made room for a connection among brokers.
    Displaced,
    /// The node stops.
    Stopping,
}

/// The future of a request's memory.
type Reserving = std::pin::Pin<Box<dyn Future<Output = Reservation>>>;

/// A frame too large for the scratch buffer.
enum Large {
    /// Its memory is not granted yet.
    Reserving { len: usize, reserving: Reserving },
    /// It is being read.
    Reading { frame: Vec<u8>, len: usize, reservation: Reservation },
}

/// An answer's place in the order.
enum Slot {
    Ready(Response, Moments),
    Waiting(Answer, Moments),
}

/// A connection's state.
pub struct Connection {
    stream: Stream,
    broker: Arc<Broker>,
    peer: Rc<Peer>,
    leftover: Vec<u8>,
    large: Option<Large>,
    /// Length of the last frame, if it was one for a buffer of its own: the next is expected to be like it.
    last_large: usize,
    slots: VecDeque<Slot>,
    output: Output,
    active: Arc<AtomicU64>,
    meter: Meter,
    /// When bytes were last read.
    read_at: Tick,
    /// The moment as last looked at: where one request ends the next one begins.
    clock: Tick,
}

impl Connection {
    /// A connection that has not been read from yet. `active` is set to the time whenever bytes move.
    pub fn new(stream: Stream, broker: Arc<Broker>, peer: Peer, active: Arc<AtomicU64>) -> Self {
        let (meter, now) = (Meter::new(&broker, &peer), broker.runtime.now());
        Self {
            stream,
            meter,
            read_at: now,
            clock: now,
            broker,
            peer: Rc::new(peer),
            leftover: Vec::new(),
            large: None,
            last_large: 0,
            slots: VecDeque::new(),
            output: Output::default(),
            active,
        }
    }

    /// Serves the peer until one side ends it.
    pub async fn run(mut self) -> Ended {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    /// True while a request is under way or an answer unwritten.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.slots.is_empty() || !self.output.is_empty()
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        for _ in 0..MAX_ROUNDS {
            let answered = self.take_answers(cx);
            let wrote = match self.write(cx) {
                Ok(wrote) => wrote,
                Err(error) => return Poll::Ready(Ended::Socket(error)),
            };
            let read = match self.read(cx) {
                Ok(read) => read,
                Err(ended) => return Poll::Ready(ended),
            };
            if !(answered || wrote || read) {
                return Poll::Pending;
            }
            self.active.store(self.broker.runtime.now().as_millis(), Ordering::Relaxed);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Moves answers that are ready, from the front, to the output.
    fn take_answers(&mut self, cx: &mut Context<'_>) -> bool {
        let mut now = None;
        while let Some(front) = self.slots.front_mut() {
            if let Slot::Waiting(answer, moments) = front {
                match answer.as_mut().poll(cx) {
                    Poll::Ready(response) => {
                        let ready = *now.get_or_insert_with(|| self.broker.runtime.now());
                        *front = Slot::Ready(response, Moments { ready, ..*moments });
                    }
                    Poll::Pending => break,
                }
            }
            if let Some(Slot::Ready(response, moments)) = self.slots.pop_front() {
                let queued = *now.get_or_insert_with(|| self.broker.runtime.now());
                self.send(response, Moments { queued, ..moments });
            }
        }
        now.is_some()
    }

    fn write(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        let mut wrote = false;
        while let Some((front, more)) = self.output.front() {
            let result = match front {
                Front::Bytes(bytes) => self.stream.try_write(bytes, more),
                Front::File(file, position, len) => self.stream.try_send_file(&**file, position, len),
            };
            match result {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => {
                    self.output.advance(n as u64);
                    self.meter.wrote(n);
                    wrote = true;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match self.stream.poll_writable(cx) {
                        Poll::Ready(ready) => ready?,
                        Poll::Pending => break,
                    }
                }
                Err(error) => {
                    if self.output.is_at_file() && !is_of_socket(&error) {
                        // The answer is begun and cannot be taken back. The client asks again, and then it is an answer.
                        tracing::error!(%error, "cannot send a range of a segment; the connection is closed");
                    }
                    return Err(error);
                }
            }
        }
        if wrote {
            self.meter.sent(self.output.queued() - self.output.pending(), self.broker.runtime.now());
        }
        Ok(wrote)
    }

    /// Puts an answer behind the others.
    fn send(&mut self, response: Response, moments: Moments) {
        self.meter.answered(&response, self.output.queued(), moments);
        self.output.push(response);
    }

    fn may_read(&self) -> bool {
        self.slots.len() < MAX_SLOTS && self.output.pending() < MAX_OUTPUT_BYTES
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Result<bool, Ended> {
        if !self.may_read() {
            return Ok(false);
        }
        if self.large.is_some() {
            return self.read_large(cx);
        }
        // Frames that were cut off by a limit above may still lie here whole.
        let whole = input::head(&self.leftover, self.broker.limits.request_max_bytes);
        let held = matches!(whole, Ok(Head::Whole(_)));
        input::with_scratch(|scratch| {
            // Behind a large frame only the beginning of the next is read here: the rest goes where it stays.
            let start = self.leftover.len();
            let only_beginning = self.last_large > 0 && start == 0;
            let room = if only_beginning { input::BEGINNING_BYTES } else { scratch.len() };
            let scratch = &mut scratch[..room];
            scratch[..start].copy_from_slice(&self.leftover);
            let mut end = start;
            if !held {
                match self.stream.try_read(&mut scratch[start..]) {
                    Ok(0) => return Err(Ended::ByPeer),
                    Ok(n) => {
                        end += n;
                        self.meter.received(n);
                        self.read_at = self.broker.runtime.now();
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        return match self.stream.poll_readable(cx) {
                            Poll::Ready(Ok(())) => Ok(true),
                            Poll::Ready(Err(error)) => Err(Ended::Socket(error)),
                            Poll::Pending => Ok(false),
                        };
                    }
                    Err(error) => return Err(Ended::Socket(error)),
                }
            }
            self.clock = if held { self.broker.runtime.now() } else { self.read_at };
            self.cut(&mut scratch[..end])?;
            Ok(true)
        })
    }

    /// Starts every request that lies whole in `bytes`, and keeps the rest.
    fn cut(&mut self, bytes: &mut [u8]) -> Result<(), Ended> {
        let allowed = self.broker.limits.request_max_bytes;
        let mut at = 0;
        while self.may_read() {
            match input::head(&bytes[at..], allowed) {
                Ok(Head::Whole(len)) => {
                    self.last_large = 0;
                    self.start(&mut bytes[at + 4..at + 4 + len])?;
                    at += 4 + len;
                }
                Ok(Head::Partial(len)) if input::is_real(len, bytes.len() - at, self.last_large) => {
                    self.leftover.clear();
                    self.leftover.extend_from_slice(&bytes[at + 4..]);
                    let pool = self.broker.memory_for(&self.leftover).clone();
                    let reserving = Box::pin(async move { pool.reserve(len as u64).await });
                    self.large = Some(Large::Reserving { len, reserving });
                    return Ok(());
                }
                Ok(Head::Partial(_) | Head::Nothing) => break,
                Err(bad) => {
                    return Err(Ended::Refused(format!(
                        "a frame of {} bytes is announced; from 1 to {} are served here",
                        bad.announced, bad.allowed
                    )));
                }
            }
        }
        self.leftover.clear();
        self.leftover.extend_from_slice(&bytes[at..]);
        if self.leftover.is_empty() && self.leftover.capacity() > 4096 {
            self.leftover = Vec::new();
        }
        Ok(())
    }

    fn read_large(&mut self, cx: &mut Context<'_>) -> Result<bool, Ended> {
        match self.large.take() {
            Some(Large::Reserving { len, mut reserving }) => match reserving.as_mut().poll(cx) {
                Poll::Ready(reservation) => {
                    let mut frame = input::frame_buffer(len);
                    frame.extend_from_slice(&std::mem::take(&mut self.leftover));
                    self.large = Some(Large::Reading { frame, len, reservation });
                    Ok(true)
                }
                Poll::Pending => {
                    self.large = Some(Large::Reserving { len, reserving });
                    Ok(false)
                }
            },
            Some(Large::Reading { mut frame, len, reservation }) => {
                let missing = len - frame.len();
                let read = self.stream.try_read_vec(&mut frame, missing);
                self.meter.received(*read.as_ref().unwrap_or(&0));
                match read {
                    Ok(0) => return Err(Ended::ByPeer),
                    Ok(_) if frame.len() == len => {
                        self.last_large = len;
                        self.read_at = self.broker.runtime.now();
                        self.clock = self.read_at;
                        let started = self.start(&mut frame);
                        input::recycle(frame);
                        drop(reservation);
                        return started.map(|()| true);
                    }
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        let ready = self.stream.poll_readable(cx);
                        self.large = Some(Large::Reading { frame, len, reservation });
                        return match ready {
                            Poll::Ready(Ok(())) => Ok(true),
                            Poll::Ready(Err(error)) => Err(Ended::Socket(error)),
                            Poll::Pending => Ok(false),
                        };
                    }
                    Err(error) => return Err(Ended::Socket(error)),
                }
                self.large = Some(Large::Reading { frame, len, reservation });
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Starts one request.
    fn start(&mut self, frame: &mut [u8]) -> Result<(), Ended> {
        let context = RequestContext { broker: &self.broker, peer: &self.peer };
        let started = self.clock;
        let reply = api::dispatch(&context, frame).map_err(|Close(why)| Ended::Refused(why))?;
        self.clock = self.broker.runtime.now();
        let moments = self.meter.started(frame, self.read_at, started, self.clock);
        match reply {
            Reply::Now(response) if self.slots.is_empty() => self.send(response, moments),
            Reply::Now(response) => self.slots.push_back(Slot::Ready(response, moments)),
            Reply::Later(answer) => self.slots.push_back(Slot::Waiting(answer, moments)),
            Reply::Silent => self.meter.finished(&moments, self.clock),
        }
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        for slot in &self.slots {
            let (Slot::Ready(_, moments) | Slot::Waiting(_, moments)) = slot;
            self.meter.abandoned(moments.key);
        }
    }
}

/// Whether an error is one of a peer that has gone.
fn is_of_socket(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, TimedOut, WriteZero};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | TimedOut | WriteZero
    )
}
