//! A client's connection: requests go out at once, answers are awaited in order.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use headwater_protocol::header::{read_response_header, write_request_header};
use headwater_protocol::{ApiKey, Message, Reader, Writer};
use headwater_runtime::{Runtime, Stream};

use crate::history::History;

/// How long a client waits for a connection or an answer before it gives the connection up.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest answer that a client takes.
const MAX_ANSWER: usize = 64 << 20;

/// The connection is of no use any more; what was under way may or may not have happened.
#[derive(Debug)]
pub struct Lost(pub String);

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A client: where it runs, whom it talks to, and where it writes down what it was told.
#[derive(Clone)]
pub struct Client {
    /// Its machine.
    pub runtime: Runtime,
    /// The node.
    pub address: SocketAddr,
    /// What happened.
    pub history: Rc<RefCell<History>>,
}

/// See the module.
pub struct Connection {
    client: Client,
    stream: Stream,
    next_correlation_id: i32,
    under_way: VecDeque<(i32, ApiKey, i16)>,
}

/// Prints a line of the story, with `HEADWATER_STORY=1` in the environment.
pub fn tell(life: usize, micros: u64, what: fmt::Arguments<'_>) {
    if std::env::var_os("HEADWATER_STORY").is_some_and(|value| value == "1") {
        eprintln!("{micros:>12} us life {life}: {what}");
    }
}

fn lost(what: impl fmt::Display) -> Lost {
    Lost(what.to_string())
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// [`Lost`] when nobody answers.
    pub async fn connect(&self) -> Result<Connection, Lost> {
        let connecting = self.runtime.timeout(PATIENCE, self.runtime.connect(self.address)).await;
        let stream = connecting.map_err(|_| Lost("no connection".to_owned()))?.map_err(lost)?;
        Ok(Connection { client: self.clone(), stream, next_correlation_id: 1, under_way: VecDeque::new() })
    }

    /// Connects and asks one thing.
    ///
    /// # Errors
    /// [`Lost`] when there is no answer.
    pub async fn ask<Q: Message, A: Message>(&self, version: i16, request: &Q) -> Result<A, Lost> {
        let mut connection = self.connect().await?;
        connection.ask(version, request).await
    }

    /// Tells what happens, with `HEADWATER_STORY=1` in the environment.
    pub fn tell(&self, what: fmt::Arguments<'_>) {
        tell(self.history.borrow().life(), self.runtime.now().as_millis() * 1000, what);
    }

    /// Sleeps up to so long.
    pub async fn pause(&self, most: Duration) {
        let nanos = self.runtime.random_u64() % (most.as_nanos() as u64).max(1);
        self.runtime.sleep(Duration::from_nanos(nanos)).await;
    }
}

impl Connection {
    /// Requests without an answer yet.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// Sends a request and does not wait for the answer.
    ///
    /// # Errors
    /// [`Lost`] when the connection broke.
    pub async fn send<Q: Message>(&mut self, version: i16, request: &Q) -> Result<(), Lost> {
        let frame = self.frame(version, request);
        self.write(&frame).await
    }

    /// Sends a request that has no answer (Produce with acks=0).
    ///
    /// # Errors
    /// [`Lost`] when the connection broke.
    pub async fn send_silent<Q: Message>(&mut self, version: i16, request: &Q) -> Result<(), Lost> {
        let frame = self.frame(version, request);
        self.under_way.pop_back();
        self.write(&frame).await
    }

    /// The bytes of a request, whose answer is expected from now on.
    pub fn frame<Q: Message>(&mut self, version: i16, request: &Q) -> Vec<u8> {
        let key = ApiKey::from_code(Q::KEY).expect("a request of the protocol");
        let correlation_id = self.next_correlation_id;
        self.next_correlation_id += 1;
        let mut writer = Writer::new();
        let at = writer.begin_frame();
        write_request_header(&mut writer, key, version, correlation_id, Some("sim")).expect("fits");
        request.encode_message(&mut writer, version).expect("the scenario uses fields that the version has");
        writer.end_frame(at);
        self.under_way.push_back((correlation_id, key, version));
        writer.into_bytes()
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// [`Lost`] when the connection broke.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Lost> {
        let written = self.client.runtime.timeout(PATIENCE, self.stream.write_all(bytes)).await;
        written.map_err(|_| Lost("the node does not read".to_owned()))?.map_err(lost)
    }

    /// Writes as much as the node takes until nothing moves for so long; gives how many bytes went out.
    pub async fn write_while_it_goes(&mut self, bytes: &[u8], patience: Duration) -> usize {
        let mut written = 0;
        while written < bytes.len() {
            let step = self.client.runtime.timeout(patience, self.stream.write(&bytes[written..])).await;
            match step {
                Ok(Ok(count)) => written += count,
                _ => break,
            }
        }
        written
    }

    /// Waits for the answer to the oldest request.
    ///
    /// # Errors
    /// [`Lost`] when none comes in time, or one that cannot be read.
    pub async fn receive<A: Message>(&mut self) -> Result<A, Lost> {
        let reading = read_frame(&self.stream);
        let frame = self.client.runtime.timeout(PATIENCE, reading).await;
        let frame = frame.map_err(|_| Lost("no answer in time".to_owned()))??;
        let (expected, key, version) = self.under_way.pop_front().expect("an answer that was asked for");
        let mut reader = Reader::new(&frame);
        let correlation_id = read_response_header(&mut reader, key, version).map_err(lost)?;
        if correlation_id != expected {
            let what =
                format!("{key:?}: the answer to {correlation_id} came where that to {expected} belongs");
            self.client.history.borrow_mut().disorder.push(what);
            return Err(Lost("answers in disorder".to_owned()));
        }
        let answer = A::decode_message(&mut reader, version).map_err(lost);
        if let Err(error) = &answer {
            let what = format!("{key:?} version {version}: the answer cannot be read: {error}");
            self.client.history.borrow_mut().unexplained.push(what);
        }
        answer
    }

    /// Sends a request and waits for its answer. Nothing else may be under way.
    ///
    /// # Errors
    /// [`Lost`] when there is no answer.
    pub async fn ask<Q: Message, A: Message>(&mut self, version: i16, request: &Q) -> Result<A, Lost> {
        self.send(version, request).await?;
        self.receive().await
    }
}

async fn read_frame(stream: &Stream) -> Result<Vec<u8>, Lost> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).await.map_err(lost)?;
    let length = usize::try_from(i32::from_be_bytes(length)).map_err(lost)?;
    if length > MAX_ANSWER {
        return Err(Lost(format!("an answer of {length} bytes")));
    }
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame).await.map_err(lost)?;
    Ok(frame)
}
