//! Building batches.

use headwater_base::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

use crate::checksum::crc32c;
use crate::compression::Compression;
use crate::header::{Attributes, Codec, HEADER_SIZE, LOG_OVERHEAD, TimestampType, at};
use crate::record::Header;
use crate::varint::{put_i32, put_i64, size_i32, size_i64};

/// What a batch's header says beyond what its records give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchOptions {
    /// Offset of the first record.
    pub base_offset: Offset,
    /// Epoch of the leader; −1 in what clients send.
    pub leader_epoch: LeaderEpoch,
    /// −1 without idempotence.
    pub producer_id: ProducerId,
    /// −1 without idempotence.
    pub producer_epoch: ProducerEpoch,
    /// −1 without idempotence.
    pub base_sequence: i32,
    /// Part of a transaction.
    pub transactional: bool,
    /// Holds control records.
    pub control: bool,
    /// How the records are compressed.
    pub compression: Compression,
    /// The append time in milliseconds when the batch has that instead of the producer's times.
    pub log_append_time: Option<i64>,
}

impl Default for BatchOptions {
    fn default() -> Self {
        BatchOptions {
            base_offset: Offset::ZERO,
            leader_epoch: LeaderEpoch::NONE,
            producer_id: ProducerId::NONE,
            producer_epoch: ProducerEpoch::NONE,
            base_sequence: -1,
            transactional: false,
            control: false,
            compression: Compression::default(),
            log_append_time: None,
        }
    }
}

/// Collects records and writes them as one batch.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    options: BatchOptions,
    out: Vec<u8>,
    base_timestamp: i64,
    max_timestamp: i64,
    last_offset_delta: i32,
    count: i32,
}

impl BatchBuilder {
    /// An empty builder.
    #[must_use]
    pub fn new(options: BatchOptions) -> BatchBuilder {
        BatchBuilder {
            options,
            out: vec![0; HEADER_SIZE],
            base_timestamp: -1,
            max_timestamp: -1,
            last_offset_delta: -1,
            count: 0,
        }
    }

    /// Appends a record with the next offset. `timestamp` in milliseconds, −1 for none.
    pub fn append(
        &mut self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) {
        self.append_at(self.last_offset_delta + 1, timestamp, key, value, headers);
    }

    /// Appends a record at `offset_delta` behind the base offset, which must grow from record to record. Compaction
    /// leaves gaps; producers do not.
    pub fn append_at(
        &mut self,
        offset_delta: i32,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) {
        assert!(offset_delta > self.last_offset_delta, "offsets grow inside a batch");
        if self.count == 0 {
            self.base_timestamp = timestamp;
        }
        self.max_timestamp = self.max_timestamp.max(timestamp);
        self.last_offset_delta = offset_delta;
        self.count += 1;
        put_record(
            &mut self.out,
            timestamp.wrapping_sub(self.base_timestamp),
            offset_delta,
            key,
            value,
            headers,
        );
    }

    /// Records so far.
    #[must_use]
    pub fn record_count(&self) -> i32 {
        self.count
    }

    /// Bytes of the batch so far, uncompressed.
    #[must_use]
    pub fn size(&self) -> usize {
        self.out.len()
    }

    /// The batch. Without records it is empty: no bytes.
    #[must_use]
    pub fn build(mut self) -> Vec<u8> {
        if self.count == 0 {
            return Vec::new();
        }
        let timestamps = match self.options.log_append_time {
            Some(time) => {
                self.max_timestamp = time;
                TimestampType::LogAppendTime
            }
            None => TimestampType::CreateTime,
        };
        let BatchOptions { compression, transactional, control, .. } = self.options;
        if compression.codec != Codec::None {
            let records = self.out.split_off(HEADER_SIZE);
            compression.compress_into(&records, &mut self.out);
        }
        self.write_header(Attributes::new(compression.codec, timestamps, transactional, control));
        self.out
    }

    fn write_header(&mut self, attributes: Attributes) {
        let options = &self.options;
        let length = (self.out.len() - LOG_OVERHEAD) as i32;
        let out = &mut self.out;
        let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
        put(at::BASE_OFFSET, &options.base_offset.0.to_be_bytes());
        put(at::BATCH_LENGTH, &length.to_be_bytes());
        put(at::LEADER_EPOCH, &options.leader_epoch.0.to_be_bytes());
        put(at::MAGIC, &[2]);
        put(at::ATTRIBUTES, &attributes.0.to_be_bytes());
        put(at::LAST_OFFSET_DELTA, &self.last_offset_delta.to_be_bytes());
        put(at::BASE_TIMESTAMP, &self.base_timestamp.to_be_bytes());
        put(at::MAX_TIMESTAMP, &self.max_timestamp.to_be_bytes());
        put(at::PRODUCER_ID, &options.producer_id.0.to_be_bytes());
        put(at::PRODUCER_EPOCH, &options.producer_epoch.0.to_be_bytes());
        put(at::BASE_SEQUENCE, &options.base_sequence.to_be_bytes());
        put(at::RECORD_COUNT, &self.count.to_be_bytes());
        let crc = crc32c(&self.out[at::ATTRIBUTES..]);
        self.out[at::CRC..at::CRC + 4].copy_from_slice(&crc.to_be_bytes());
    }
}

fn size_bytes(bytes: Option<&[u8]>) -> usize {
    bytes.map_or(1, |bytes| size_i32(bytes.len() as i32) + bytes.len())
}

fn put_bytes(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        None => put_i32(out, -1),
        Some(bytes) => {
            put_i32(out, bytes.len() as i32);
            out.extend_from_slice(bytes);
        }
    }
}

/// Writes one record in the format of magic 2: length, attributes (none), deltas, key, value, headers.
pub(crate) fn put_record(
    out: &mut Vec<u8>,
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Header<'_>],
) {
    let headers_size: usize =
        headers.iter().map(|header| size_bytes(Some(header.key)) + size_bytes(header.value)).sum();
    let size = 1
        + size_i64(timestamp_delta)
        + size_i32(offset_delta)
        + size_bytes(key)
        + size_bytes(value)
        + size_i32(headers.len() as i32)
        + headers_size;
    put_i32(out, size as i32);
    out.push(0);
    put_i64(out, timestamp_delta);
    put_i32(out, offset_delta);
    put_bytes(out, key);
    put_bytes(out, value);
    put_i32(out, headers.len() as i32);
    for header in headers {
        put_bytes(out, Some(header.key));
        put_bytes(out, header.value);
    }
}
