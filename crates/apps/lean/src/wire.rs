//! The few requests that are needed, as bytes, and a connection that frames them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Kafka's key of Produce; version 7 is used.
pub const PRODUCE: i16 = 0;
/// Kafka's key of Fetch; version 11 is used.
pub const FETCH: i16 = 1;
/// Kafka's key of Metadata; version 1 is used.
pub const METADATA: i16 = 3;
/// Kafka's key of CreateTopics; version 2 is used.
pub const CREATE_TOPICS: i16 = 19;

/// Kafka's key of DeleteTopics; version 1 is used.
pub const DELETE_TOPICS: i16 = 20;
/// Kafka's key of IncrementalAlterConfigs; version 0 is used.
pub const INCREMENTAL_ALTER_CONFIGS: i16 = 44;
/// Kafka's key of ApiVersions; version 0 is used.
pub const API_VERSIONS: i16 = 18;

/// A request's bytes, big-endian, with its header.
pub struct Request(Vec<u8>);

impl Request {
    /// Begins a request with a header of version 1.
    pub fn new(key: i16, version: i16, correlation: i32) -> Self {
        let mut request = Self(vec![0; 4]);
        request.i16(key).i16(version).i32(correlation).string("lean");
        request
    }
    pub fn i8(&mut self, value: i8) -> &mut Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }
    pub fn i16(&mut self, value: i16) -> &mut Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }
    pub fn i32(&mut self, value: i32) -> &mut Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }
    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }
    pub fn string(&mut self, text: &str) -> &mut Self {
        self.i16(i16::try_from(text.len()).expect("short text"));
        self.0.extend_from_slice(text.as_bytes());
        self
    }
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.i32(i32::try_from(bytes.len()).expect("below 2 GiB"));
        self.0.extend_from_slice(bytes);
        self
    }
    /// The finished frame with its length.
    pub fn frame(mut self) -> Vec<u8> {
        let length = i32::try_from(self.0.len() - 4).expect("below 2 GiB");
        self.0[..4].copy_from_slice(&length.to_be_bytes());
        self.0
    }
}

/// Reads an answer; every step fails at the end of the bytes.
pub struct Answer<'a>(pub &'a [u8]);

impl<'a> Answer<'a> {
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or("the answer is too short")?;
        self.0 = rest;
        Ok(taken)
    }
    pub fn i8(&mut self) -> Result<i8, String> {
        Ok(self.take(1)?[0].cast_signed())
    }
    pub fn i16(&mut self) -> Result<i16, String> {
        Ok(i16::from_be_bytes(self.take(2)?.try_into().expect("two bytes")))
    }
    pub fn i32(&mut self) -> Result<i32, String> {
        Ok(i32::from_be_bytes(self.take(4)?.try_into().expect("four bytes")))
    }
    pub fn i64(&mut self) -> Result<i64, String> {
        Ok(i64::from_be_bytes(self.take(8)?.try_into().expect("eight bytes")))
    }
    /// A number of as many bytes as it needs.
    pub fn varint(&mut self) -> Result<i64, String> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        Err("a number of more than ten bytes".to_owned())
    }
    /// A string or null.
    pub fn string(&mut self) -> Result<&'a [u8], String> {
        let length = self.i16()?;
        self.take(usize::try_from(length).unwrap_or(0))
    }
    /// Bytes or null.
    pub fn bytes(&mut self) -> Result<&'a [u8], String> {
        let length = self.i32()?;
        self.take(usize::try_from(length).unwrap_or(0))
    }
}

/// One connection; the buffer of answers is used again and again.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects without delay for small packets.
    pub fn open(address: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address).map_err(|error| format!("{address}: {error}"))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(|error| error.to_string())?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// A second handle, so that one thread can send and another receive.
    pub fn split(&self) -> Result<Self, String> {
        let stream = self.stream.try_clone().map_err(|error| error.to_string())?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// Sends a frame as it is.
    pub fn send(&mut self, frame: &[u8]) -> Result<(), String> {
        self.stream.write_all(frame).map_err(|error| format!("send: {error}"))
    }

    /// Receives an answer; what is returned begins after the correlation id.
    pub fn receive(&mut self) -> Result<&[u8], String> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).map_err(|error| format!("receive: {error}"))?;
        let length = u32::from_be_bytes(length) as usize;
        if !(4..=256 << 20).contains(&length) {
            return Err(format!("an answer of {length} bytes"));
        }
        if self.buffer.len() < length {
            self.buffer.resize(length, 0);
        }
        self.stream.read_exact(&mut self.buffer[..length]).map_err(|error| format!("receive: {error}"))?;
        Ok(&self.buffer[4..length])
    }

    /// Sends a request and waits for its answer.
    pub fn ask(&mut self, request: Request) -> Result<&[u8], String> {
        self.send(&request.frame())?;
        self.receive()
    }
}

/// A Produce request of one batch for one partition.
pub fn produce_request(topic: &str, partition: usize, acks: i16, batch: &[u8]) -> Vec<u8> {
    let mut request = Request::new(PRODUCE, 7, 0);
    request.i16(-1).i16(acks).i32(30_000).i32(1).string(topic).i32(1);
    request.i32(i32::try_from(partition).expect("few partitions")).bytes(batch);
    request.frame()
}

/// The base offset that a Produce answer tells, or its error.
pub fn produced(answer: &[u8]) -> Result<i64, String> {
    let mut answer = Answer(answer);
    answer.i32()?;
    answer.string()?;
    answer.i32()?;
    answer.i32()?;
    match answer.i16()? {
        0 => answer.i64(),
        error => Err(format!("Produce: error {error}")),
    }
}

/// What is asked of one partition: its index and the offset to begin at.
pub type From = (usize, i64);

/// A Fetch request without a session.
pub fn fetch_request(
    topic: &str,
    from: &[From],
    max_bytes: i32,
    min_bytes: i32,
    max_wait_ms: i32,
) -> Vec<u8> {
    let mut request = Request::new(FETCH, 11, 0);
    request.i32(-1).i32(max_wait_ms).i32(min_bytes).i32(max_bytes).i8(0).i32(0).i32(-1).i32(1).string(topic);
    request.i32(i32::try_from(from.len()).expect("few partitions"));
    for (partition, offset) in from {
        request
            .i32(i32::try_from(*partition).expect("few partitions"))
            .i32(-1)
            .i64(*offset)
            .i64(-1)
            .i32(max_bytes);
    }
    request.i32(0).string("");
    request.frame()
}

/// One partition of a Fetch answer.
pub struct Fetched<'a> {
    pub partition: usize,
    pub high_watermark: i64,
    pub records: &'a [u8],
}

/// Reads a Fetch answer, calling `each` for every partition.
pub fn fetched<'a>(answer: &'a [u8], mut each: impl FnMut(Fetched<'a>)) -> Result<(), String> {
    let mut answer = Answer(answer);
    answer.i32()?;
    let error = answer.i16()?;
    if error != 0 {
        return Err(format!("Fetch: error {error}"));
    }
    answer.i32()?;
    for _ in 0..answer.i32()? {
        answer.string()?;
        for _ in 0..answer.i32()? {
            let partition = usize::try_from(answer.i32()?).map_err(|_| "a negative partition")?;
            let error = answer.i16()?;
            if error != 0 {
                return Err(format!("Fetch: partition {partition}: error {error}"));
            }
            let high_watermark = answer.i64()?;
            answer.i64()?;
            answer.i64()?;
            for _ in 0..answer.i32()?.max(0) {
                answer.i64()?;
                answer.i64()?;
            }
            answer.i32()?;
            let records = answer.bytes()?;
            each(Fetched { partition, high_watermark, records });
        }
    }
    Ok(())
}
