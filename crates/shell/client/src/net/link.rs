//! One connection: the task that drives its machine, and the handle by which requests are made.
//!
//! The task owns the socket. Requests are encoded where they are made, put into the outbox and written in that order;
//! answers are handed to whoever waits. Who stops waiting leaves his request in flight; its answer is dropped. When a
//! request waits too long the connection is closed, as in the reference: a broker answers in order, so all behind it
//! would wait too.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use headwater_base::config::host_port::HostPort;
use headwater_protocol::Reader;
use headwater_runtime::sync::{Notify, oneshot, watch};
use headwater_runtime::{Runtime, Sleep, Stream, Tick};

use crate::config::ClientConfig;
use crate::error::{Error, ErrorKind, Result};
use crate::machine::connection::{ConnectionMachine, Incoming, Outgoing, Versions};
use crate::machine::frames::Frames;
use crate::request::Request;

/// Bytes that are part of a request and that the producer keeps until they are answered.
pub(crate) type Shared = Rc<Vec<u8>>;

/// An answer as it came.
pub(crate) struct Answer {
    /// The frame, with the four bytes of its length.
    pub frame: Vec<u8>,
    /// Where the body begins.
    pub body: usize,
    /// Version of request and response.
    pub version: i16,
}

impl Answer {
    /// The message.
    pub(crate) fn decode<R: Request>(&self) -> Result<R::Response> {
        let mut reader = Reader::new(&self.frame[self.body..]);
        use headwater_protocol::Message as _;
        R::Response::decode_message(&mut reader, self.version).map_err(|error| {
            Error::new(ErrorKind::Protocol, format!("{} response: {error}", R::API.row().name))
        })
    }
}

#[derive(Clone, Debug)]
pub(crate) enum LinkState {
    Connecting,
    Ready,
    Closed(Error),
}

enum Chunk {
    Owned(Vec<u8>, usize),
    Shared(Shared, usize),
}

impl Chunk {
    fn rest(&self) -> &[u8] {
        match self {
            Chunk::Owned(bytes, from) => &bytes[*from..],
            Chunk::Shared(bytes, from) => &bytes[*from..],
        }
    }

    fn advance(&mut self, count: usize) {
        match self {
            Chunk::Owned(_, from) | Chunk::Shared(_, from) => *from += count,
        }
    }
}

struct Inner {
    machine: RefCell<ConnectionMachine>,
    outbox: RefCell<VecDeque<Chunk>>,
    waiting: RefCell<BTreeMap<u64, oneshot::Sender<Result<Answer>>>>,
    next_token: Cell<u64>,
    wake: Notify,
    state: watch::Sender<LinkState>,
    versions: RefCell<Option<Rc<Versions>>>,
    closing: Cell<bool>,
    name: String,
}

/// A handle to a connection; clones share it. The connection is closed when all are gone and nothing waits.
#[derive(Clone)]
pub(crate) struct Link {
    inner: Rc<Inner>,
    /// Tells the task that the last handle is gone.
    _guard: Rc<Guard>,
}

struct Guard(Rc<Inner>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.closing.set(true);
        self.0.wake.notify_one();
    }
}

impl Link {
    /// Begins to connect.
    pub(crate) fn open(
        runtime: &Runtime,
        config: &Rc<ClientConfig>,
        address: HostPort,
        failures: u32,
    ) -> Link {
        let inner = Rc::new(Inner {
            machine: RefCell::new(ConnectionMachine::new(&config.client_id)),
            outbox: RefCell::default(),
            waiting: RefCell::default(),
            next_token: Cell::new(0),
            wake: Notify::new(),
            state: watch::channel(LinkState::Connecting).0,
            versions: RefCell::default(),
            closing: Cell::new(false),
            name: address.to_string(),
        });
        let task = Task {
            inner: inner.clone(),
            runtime: runtime.clone(),
            config: config.clone(),
            frames: Frames::new(config.max_response_bytes),
            last_used: runtime.now(),
        };
        runtime.spawn_detached("client-connection", task.run(address, failures));
        let guard = Rc::new(Guard(inner.clone()));
        Link { inner, _guard: guard }
    }

    /// Why it is closed, if it is.
    pub(crate) fn closed(&self) -> Option<Error> {
        match self.inner.state.get() {
            LinkState::Closed(error) => Some(error),
            _ => None,
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.inner.state.get(), LinkState::Ready)
    }

    /// What the broker offers, once it is known.
    pub(crate) fn versions(&self) -> Option<Rc<Versions>> {
        self.inner.versions.borrow().clone()
    }

    /// Requests that wait for their answer.
    pub(crate) fn in_flight(&self) -> usize {
        self.inner.machine.borrow().in_flight()
    }

    /// Waits until versions are negotiated.
    pub(crate) async fn ready(&self) -> Result<Rc<Versions>> {
        let mut state = self.inner.state.subscribe();
        loop {
            match state.get_and_update() {
                LinkState::Ready => {
                    let versions = self.inner.versions.borrow().clone();
                    return versions.ok_or_else(Error::closed);
                }
                LinkState::Closed(error) => return Err(error),
                LinkState::Connecting => state.changed().await.map_err(|_| Error::closed())?,
            }
        }
    }

    /// Sends a request and gives what waits for its answer. `shared` are the bytes that the request's
    /// [`headwater_protocol::Records::External`] left out, by token.
    pub(crate) fn send<R: Request>(
        &self,
        version: i16,
        request: &R,
        shared: &[Shared],
        deadline: Tick,
    ) -> Result<oneshot::Receiver<Result<Answer>>> {
        let token = self.inner.next_token.get();
        self.inner.next_token.set(token + 1);
        self.enqueue(token, version, request, shared, Some(deadline.as_millis()))?;
        let (sender, receiver) = oneshot::channel();
        self.inner.waiting.borrow_mut().insert(token, sender);
        Ok(receiver)
    }

    /// Sends a request that has no answer.
    pub(crate) fn send_unanswered<R: Request>(
        &self,
        version: i16,
        request: &R,
        shared: &[Shared],
    ) -> Result<()> {
        self.enqueue(0, version, request, shared, None)
    }

    fn enqueue<R: Request>(
        &self,
        token: u64,
        version: i16,
        request: &R,
        shared: &[Shared],
        deadline_ms: Option<u64>,
    ) -> Result<()> {
        if let Some(error) = self.closed() {
            return Err(error.with_written(false));
        }
        let outgoing = self.inner.machine.borrow_mut().request(token, version, request, deadline_ms)?;
        self.inner.put(outgoing, shared);
        self.inner.wake.notify_one();
        Ok(())
    }
}

impl Inner {
    fn put(&self, outgoing: Outgoing, shared: &[Shared]) {
        let mut outbox = self.outbox.borrow_mut();
        let mut bytes = outgoing.bytes;
        let mut taken = 0;
        for gap in &outgoing.gaps {
            let rest = bytes.split_off(gap.at - taken);
            taken = gap.at;
            outbox.push_back(Chunk::Owned(std::mem::replace(&mut bytes, rest), 0));
            // Tokens are indexes into the list that came with the request.
            outbox.push_back(Chunk::Shared(shared[gap.token as usize].clone(), 0));
        }
        outbox.push_back(Chunk::Owned(bytes, 0));
    }

    /// Ends everything that waits.
    fn close(&self, error: &Error) {
        self.outbox.borrow_mut().clear();
        self.state.send(LinkState::Closed(error.clone()));
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        for sender in waiting.into_values() {
            // Whatever was handed to this connection may have left.
            let _ = sender.send(Err(error.clone().with_written(true)));
        }
    }
}

struct Task {
    inner: Rc<Inner>,
    runtime: Runtime,
    config: Rc<ClientConfig>,
    frames: Frames,
    last_used: Tick,
}

/// How many parts are given to the system at once.
const MAX_PARTS: usize = 64;

impl Task {
    async fn run(mut self, address: HostPort, failures: u32) {
        let error = match self.connect(address, failures).await {
            Ok(stream) => match self.drive(&stream).await {
                Ok(()) => {
                    Error::new(ErrorKind::Disconnected, format!("connection to {} closed", self.inner.name))
                }
                Err(error) => error,
            },
            Err(error) => error,
        };
        tracing::debug!("{}: {error}", self.inner.name);
        self.inner.close(&error);
    }

    async fn connect(&mut self, address: HostPort, failures: u32) -> Result<Stream> {
        let refused = |error: io::Error| Error::new(ErrorKind::Disconnected, error.to_string());
        let addresses = self.runtime.resolve(&address.host, address.port).await.map_err(refused)?;
        let allowed = self.config.setup_timeout.after(failures.max(1), self.runtime.random_u64());
        let mut last = Error::new(ErrorKind::Disconnected, format!("{address}: no address"));
        for address in addresses {
            let connect = self.runtime.connect(address);
            match self.runtime.timeout(Duration::from_millis(allowed), connect).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = refused(error),
                Err(_) => {
                    let message = format!("connect to {address}: not done within {allowed} ms");
                    last = Error::new(ErrorKind::Disconnected, message);
                }
            }
            if self.inner.closing.get() {
                break;
            }
        }
        Err(last)
    }

    /// Moves bytes until the connection ends; `Ok` when this side ends it.
    async fn drive(&mut self, stream: &Stream) -> Result<()> {
        let first = self.runtime.now() + Duration::from_millis(self.config.request_timeout_ms);
        let outgoing = self.inner.machine.borrow_mut().start(first.as_millis())?;
        self.inner.put(outgoing, &[]);
        let mut timer: Option<(Tick, Pin<Box<Sleep>>)> = None;
        loop {
            let blocked = self.flush(stream)?;
            self.fill(stream)?;
            if !blocked && !self.inner.outbox.borrow().is_empty() {
                continue;
            }
            let now = self.runtime.now();
            if self.is_over(now)? {
                return Ok(());
            }
            let due = self.next_due(now);
            if timer.as_ref().is_none_or(|(armed, _)| *armed <= now || due < *armed) {
                timer = Some((due, Box::pin(self.runtime.sleep_until(due))));
            }
            let mut notified = pin!(self.inner.wake.notified());
            poll_fn(|context| {
                let readable = stream.poll_readable(context).is_ready();
                let writable = blocked && stream.poll_writable(context).is_ready();
                let woken = notified.as_mut().poll(context).is_ready();
                let timeout =
                    timer.as_mut().is_some_and(|(_, sleep)| sleep.as_mut().poll(context).is_ready());
                if readable || writable || woken || timeout { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
    }

    fn is_over(&self, now: Tick) -> Result<bool> {
        let machine = self.inner.machine.borrow();
        if let Some(name) = machine.expired(now.as_millis()) {
            let message = format!("{}: {name} was not answered in time", self.inner.name);
            return Err(Error::new(ErrorKind::Timeout, message));
        }
        let rests = machine.in_flight() == 0 && self.inner.outbox.borrow().is_empty();
        let idle_ms = now.since(self.last_used).as_millis() as u64;
        Ok(rests && (self.inner.closing.get() || self.config.max_idle_ms.is_some_and(|most| idle_ms >= most)))
    }

    fn next_due(&self, now: Tick) -> Tick {
        let at = |ms: u64| Tick(ms.saturating_mul(1_000_000)).max(now + Duration::from_millis(1));
        let answer = self.inner.machine.borrow().next_deadline_ms().map(at);
        let idle = self.config.max_idle_ms.map(|most| at(self.last_used.as_millis().saturating_add(most)));
        answer.into_iter().chain(idle).min().unwrap_or(Tick::NEVER)
    }

    /// Writes what waits; true when the socket takes no more.
    fn flush(&mut self, stream: &Stream) -> Result<bool> {
        let mut outbox = self.inner.outbox.borrow_mut();
        while !outbox.is_empty() {
            let parts: Vec<IoSlice<'_>> =
                outbox.iter().take(MAX_PARTS).map(|chunk| IoSlice::new(chunk.rest())).collect();
            let mut written = match stream.try_write_vectored(&parts, false) {
                Ok(written) => written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(self.broken(&error)),
            };
            self.last_used = self.runtime.now();
            while let Some(first) = outbox.front_mut() {
                let left = first.rest().len();
                if written < left {
                    first.advance(written);
                    break;
                }
                written -= left;
                outbox.pop_front();
            }
        }
        Ok(false)
    }

    fn broken(&self, error: &io::Error) -> Error {
        Error::new(ErrorKind::Disconnected, format!("{}: {error}", self.inner.name))
    }

    /// Reads what is there and hands answers out.
    fn fill(&mut self, stream: &Stream) -> Result<()> {
        loop {
            let (buffer, limit) = self.frames.buffer();
            match stream.try_read_vec(buffer, limit) {
                Ok(0) => {
                    let message = format!("{} closed the connection", self.inner.name);
                    return Err(Error::new(ErrorKind::Disconnected, message));
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(self.broken(&error)),
            }
            self.last_used = self.runtime.now();
            while let Some(frame) = self.frames.next_frame()? {
                self.take(frame)?;
            }
        }
    }

    fn take(&mut self, frame: Vec<u8>) -> Result<()> {
        let incoming = self.inner.machine.borrow_mut().received(&frame)?;
        match incoming {
            Incoming::Ready => {
                let versions = self.inner.machine.borrow().versions().cloned();
                *self.inner.versions.borrow_mut() = versions.map(Rc::new);
                self.inner.state.send(LinkState::Ready);
            }
            Incoming::Ask(outgoing) => self.inner.put(outgoing, &[]),
            Incoming::Answer { token, version, body } => {
                let waiting = self.inner.waiting.borrow_mut().remove(&token);
                if let Some(sender) = waiting {
                    let _ = sender.send(Ok(Answer { frame, body, version }));
                }
            }
        }
        Ok(())
    }
}
