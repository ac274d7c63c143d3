//! Building batches.

use headwater_base::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

use crate::checksum::crc32c;
use crate::compression::Compression;
use crate::header::{Attributes, BatchHeader, Codec, HEADER_SIZE, LOG_OVERHEAD, TimestampType, at};
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
    /// Until when compaction keeps the batch's tombstones or marker, in milliseconds; it stands where the base timestamp
    /// would (KIP-534).
    pub delete_horizon_ms: Option<i64>,
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
            delete_horizon_ms: None,
        }
    }
}

impl BatchOptions {
    /// What a batch has to be built with that takes the place of `header`'s, with the codec at its default level.
    #[must_use]
    pub fn of(header: &BatchHeader) -> BatchOptions {
        let stamped = header.timestamp_type() == TimestampType::LogAppendTime;
        BatchOptions {
            base_offset: header.base_offset,
            leader_epoch: header.leader_epoch,
            producer_id: header.producer_id,
            producer_epoch: header.producer_epoch,
            base_sequence: header.base_sequence,
            transactional: header.is_transactional(),
            control: header.is_control(),
            compression: Compression::of(header.codec().unwrap_or_default()),
            log_append_time: stamped.then_some(header.max_timestamp),
            delete_horizon_ms: header.delete_horizon_ms(),
        }
    }
}

/// What is left of a batch whose records are gone, and that is kept for its offsets, producer and sequences: a header
/// without records, not compressed, without base timestamp.
#[must_use]
pub fn empty_batch(header: &BatchHeader) -> Vec<u8> {
    let attributes =
        Attributes::new(Codec::None, header.timestamp_type(), header.is_transactional(), header.is_control());
    let options = BatchOptions { delete_horizon_ms: None, ..BatchOptions::of(header) };
    let mut builder = BatchBuilder::new(options);
    builder.last_offset_delta = header.last_offset_delta;
    builder.max_timestamp = header.max_timestamp;
    builder.write_header(attributes);
    builder.out
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
            self.base_timestamp = self.options.delete_horizon_ms.unwrap_or(timestamp);
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

    /// Lets the batch end at `offset_delta` behind the base offset, although no record may have it: sequence numbers
    /// follow from it.
    pub fn end_at(&mut self, offset_delta: i32) {
        assert!(offset_delta >= self.last_offset_delta, "a batch ends behind its records");
        self.last_offset_delta = offset_delta;
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
        let BatchOptions { compression, transactional, control, delete_horizon_ms, .. } = self.options;
        if compression.codec != Codec::None {
            let records = self.out.split_off(HEADER_SIZE);
            compression.compress_into(&records, &mut self.out);
        }
        let attributes = Attributes::new(compression.codec, timestamps, transactional, control);
        self.write_header(attributes.with_delete_horizon(delete_horizon_ms.is_some()));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::BatchView;
    use crate::compression::Scratch;

    fn original(log_append_time: Option<i64>) -> Vec<u8> {
        let mut builder = BatchBuilder::new(BatchOptions {
            base_offset: Offset(50),
            leader_epoch: LeaderEpoch(3),
            producer_id: ProducerId(7),
            producer_epoch: ProducerEpoch(1),
            base_sequence: 10,
            transactional: true,
            compression: Compression::of(Codec::Lz4),
            log_append_time,
            ..BatchOptions::default()
        });
        for index in 0..4 {
            builder.append(1_000 - index, Some(b"key"), None, &[]);
        }
        builder.build()
    }

    #[test]
    fn a_delete_horizon_stands_in_place_of_the_base_timestamp() {
        for log_append_time in [None, Some(5_000)] {
            let original = original(log_append_time);
            let header = *BatchView::parse(&original).unwrap().header();
            let mut options = BatchOptions::of(&header);
            options.delete_horizon_ms = Some(9_999);
            let mut builder = BatchBuilder::new(options);
            builder.append_at(2, log_append_time.unwrap_or(998), Some(b"key"), None, &[]);
            builder.end_at(3);
            let bytes = builder.build();
            let batch = BatchView::parse(&bytes).unwrap();
            batch.verify_crc().unwrap();
            assert_eq!(batch.delete_horizon_ms(), Some(9_999));
            assert_eq!((batch.last_offset(), batch.last_sequence()), (Offset(53), 13));
            assert_eq!((batch.record_count, batch.codec()), (1, Some(Codec::Lz4)));
            let (mut scratch, mut space) = (Scratch::new(), Vec::new());
            let record = batch.records(&mut scratch, &mut space, 1 << 20).unwrap().next().unwrap().unwrap();
            assert_eq!((record.offset, record.timestamp), (Offset(52), log_append_time.unwrap_or(998)));
        }
    }

    #[test]
    fn an_empty_batch_keeps_offsets_producer_and_sequences() {
        let original = original(Some(5_000));
        let header = *BatchView::parse(&original).unwrap().header();
        let bytes = empty_batch(&header);
        assert_eq!(bytes.len(), HEADER_SIZE);
        let batch = BatchView::parse(&bytes).unwrap();
        batch.verify_crc().unwrap();
        let kept = crate::header::BatchHeader {
            batch_length: batch.batch_length,
            crc: batch.crc,
            attributes: header.attributes.with_codec(Codec::None),
            base_timestamp: -1,
            record_count: 0,
            ..header
        };
        assert_eq!(*batch.header(), kept);
        assert_eq!(batch.records(&mut Scratch::new(), &mut Vec::new(), 0).unwrap().count(), 0);
    }
}
