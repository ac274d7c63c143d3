//! The 61 bytes in front of the records of a batch (magic 2), decoded.

use headwater_base::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

use crate::batch::BatchError;

/// Bytes before the part that `batch_length` counts: base offset and the length itself.
pub const LOG_OVERHEAD: usize = 12;
/// Bytes of a batch's header; the records follow.
pub const HEADER_SIZE: usize = 61;

/// Where the fields lie in a batch.
pub(crate) mod at {
    pub const BASE_OFFSET: usize = 0;
    pub const BATCH_LENGTH: usize = 8;
    pub const LEADER_EPOCH: usize = 12;
    pub const MAGIC: usize = 16;
    pub const CRC: usize = 17;
    pub const ATTRIBUTES: usize = 21;
    pub const LAST_OFFSET_DELTA: usize = 23;
    pub const BASE_TIMESTAMP: usize = 27;
    pub const MAX_TIMESTAMP: usize = 35;
    pub const PRODUCER_ID: usize = 43;
    pub const PRODUCER_EPOCH: usize = 51;
    pub const BASE_SEQUENCE: usize = 53;
    pub const RECORD_COUNT: usize = 57;
}

/// The compression codecs of batch attributes, by their numbers on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Codec {
    /// Records as they are.
    #[default]
    None,
    /// RFC 1952.
    Gzip,
    /// Snappy in the framing of xerial's Java library.
    Snappy,
    /// LZ4 frames.
    Lz4,
    /// Zstandard (Produce 7 and later).
    Zstd,
}

impl Codec {
    /// All codecs, by number.
    pub const ALL: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

    /// The number in the attributes.
    #[must_use]
    pub fn id(self) -> u8 {
        self as u8
    }

    /// The codec with this number; 5–7 are nobody's.
    #[must_use]
    pub fn from_id(id: u8) -> Option<Codec> {
        Codec::ALL.get(usize::from(id)).copied()
    }

    /// The name in configurations (`compression.type`).
    #[must_use]
    pub fn name(self) -> &'static str {
        ["none", "gzip", "snappy", "lz4", "zstd"][self as usize]
    }
}

/// What the timestamps of a batch mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimestampType {
    /// Each record carries the time its producer gave.
    #[default]
    CreateTime,
    /// All records have the time of the append, the batch's max timestamp.
    LogAppendTime,
}

/// The attribute bits of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes(pub i16);

impl Attributes {
    const TIMESTAMP_TYPE: i16 = 0x08;
    const TRANSACTIONAL: i16 = 0x10;
    const CONTROL: i16 = 0x20;
    const DELETE_HORIZON: i16 = 0x40;

    /// Bits for a batch with these properties.
    #[must_use]
    pub fn new(codec: Codec, timestamps: TimestampType, transactional: bool, control: bool) -> Attributes {
        Attributes(i16::from(codec.id()))
            .with_timestamp_type(timestamps)
            .with(Self::TRANSACTIONAL, transactional)
            .with(Self::CONTROL, control)
    }

    fn with(self, bit: i16, on: bool) -> Attributes {
        Attributes(if on { self.0 | bit } else { self.0 & !bit })
    }

    /// The number of the codec, 0–7; see [`Attributes::codec`].
    #[must_use]
    pub fn codec_id(self) -> u8 {
        (self.0 & 0x07) as u8
    }

    /// The codec, if its number is one of Kafka's.
    #[must_use]
    pub fn codec(self) -> Option<Codec> {
        Codec::from_id(self.codec_id())
    }

    /// The same bits with another codec.
    #[must_use]
    pub fn with_codec(self, codec: Codec) -> Attributes {
        Attributes(self.0 & !0x07 | i16::from(codec.id()))
    }

    /// Whether the records have the producer's or the broker's time.
    #[must_use]
    pub fn timestamp_type(self) -> TimestampType {
        if self.0 & Self::TIMESTAMP_TYPE == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    /// The same bits with another timestamp type.
    #[must_use]
    pub fn with_timestamp_type(self, timestamps: TimestampType) -> Attributes {
        self.with(Self::TIMESTAMP_TYPE, timestamps == TimestampType::LogAppendTime)
    }

    /// Part of a transaction.
    #[must_use]
    pub fn is_transactional(self) -> bool {
        self.0 & Self::TRANSACTIONAL != 0
    }

    /// Holds a control record, which no consumer sees.
    #[must_use]
    pub fn is_control(self) -> bool {
        self.0 & Self::CONTROL != 0
    }

    /// Compaction has put a delete horizon where the base timestamp was.
    #[must_use]
    pub fn has_delete_horizon(self) -> bool {
        self.0 & Self::DELETE_HORIZON != 0
    }

    /// The same bits with or without a delete horizon.
    #[must_use]
    pub fn with_delete_horizon(self, on: bool) -> Attributes {
        self.with(Self::DELETE_HORIZON, on)
    }
}

/// A decoded batch header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record (of the first that the batch was written with, after compaction).
    pub base_offset: Offset,
    /// Bytes after this field; at least 49. Use [`BatchHeader::size`].
    pub batch_length: i32,
    /// Epoch of the leader that appended it.
    pub leader_epoch: LeaderEpoch,
    /// Format version, always 2 here.
    pub magic: i8,
    /// Checksum over everything from the attributes on.
    pub crc: u32,
    /// Codec, timestamp type and flags.
    pub attributes: Attributes,
    /// Offset of the last record minus the base offset; not checked to be positive.
    pub last_offset_delta: i32,
    /// Milliseconds from which the records' timestamp deltas count, or the delete horizon when the attributes say so.
    pub base_timestamp: i64,
    /// Largest timestamp in milliseconds, or the time of the append with `LogAppendTime`; −1 when there is none.
    pub max_timestamp: i64,
    /// −1 without idempotence.
    pub producer_id: ProducerId,
    /// −1 without idempotence.
    pub producer_epoch: ProducerEpoch,
    /// Sequence number of the first record, −1 without idempotence and in control batches.
    pub base_sequence: i32,
    /// Number of records, as the header claims.
    pub record_count: i32,
}

fn i16_at(bytes: &[u8; HEADER_SIZE], at: usize) -> i16 {
    i16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn i32_at(bytes: &[u8; HEADER_SIZE], at: usize) -> i32 {
    i32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn i64_at(bytes: &[u8; HEADER_SIZE], at: usize) -> i64 {
    (i64::from(i32_at(bytes, at)) << 32) | i64::from(i32_at(bytes, at + 4) as u32)
}

impl BatchHeader {
    /// Decodes a header at the start of `bytes`, which need not hold the records (so that a file can be walked header
    /// by header). Checks the magic and that the length is at least a header's; nothing else.
    pub fn parse(bytes: &[u8]) -> Result<BatchHeader, BatchError> {
        // The magic lies at the same place in all formats, so an old one is named before anything else is said.
        if let Some(&magic) = bytes.get(at::MAGIC)
            && magic != 2
        {
            return Err(BatchError::UnsupportedMagic(magic as i8));
        }
        let Some(bytes) = bytes.first_chunk::<HEADER_SIZE>() else {
            return Err(BatchError::Truncated { needed: HEADER_SIZE, available: bytes.len() });
        };
        let header = BatchHeader {
            base_offset: Offset(i64_at(bytes, at::BASE_OFFSET)),
            batch_length: i32_at(bytes, at::BATCH_LENGTH),
            leader_epoch: LeaderEpoch(i32_at(bytes, at::LEADER_EPOCH)),
            magic: bytes[at::MAGIC] as i8,
            crc: i32_at(bytes, at::CRC) as u32,
            attributes: Attributes(i16_at(bytes, at::ATTRIBUTES)),
            last_offset_delta: i32_at(bytes, at::LAST_OFFSET_DELTA),
            base_timestamp: i64_at(bytes, at::BASE_TIMESTAMP),
            max_timestamp: i64_at(bytes, at::MAX_TIMESTAMP),
            producer_id: ProducerId(i64_at(bytes, at::PRODUCER_ID)),
            producer_epoch: ProducerEpoch(i16_at(bytes, at::PRODUCER_EPOCH)),
            base_sequence: i32_at(bytes, at::BASE_SEQUENCE),
            record_count: i32_at(bytes, at::RECORD_COUNT),
        };
        if header.batch_length < (HEADER_SIZE - LOG_OVERHEAD) as i32 {
            return Err(BatchError::Length(header.batch_length));
        }
        Ok(header)
    }

    /// Bytes of the whole batch, header included.
    #[must_use]
    pub fn size(&self) -> usize {
        LOG_OVERHEAD + self.batch_length as usize
    }

    /// Offset of the last record.
    #[must_use]
    pub fn last_offset(&self) -> Offset {
        Offset(self.base_offset.0.wrapping_add(i64::from(self.last_offset_delta)))
    }

    /// Offset after the last record.
    #[must_use]
    pub fn next_offset(&self) -> Offset {
        Offset(self.last_offset().0.wrapping_add(1))
    }

    /// Whether an idempotent producer sent it.
    #[must_use]
    pub fn has_producer_id(&self) -> bool {
        self.producer_id.0 > ProducerId::NONE.0
    }

    /// Sequence number of the last record; wraps from 2³¹−1 to 0. −1 without one.
    #[must_use]
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence == -1 {
            return -1;
        }
        increment_sequence(self.base_sequence, self.last_offset_delta)
    }

    /// The codec, if its number is one of Kafka's.
    #[must_use]
    pub fn codec(&self) -> Option<Codec> {
        self.attributes.codec()
    }

    /// Whether the records have the producer's or the broker's time.
    #[must_use]
    pub fn timestamp_type(&self) -> TimestampType {
        self.attributes.timestamp_type()
    }

    /// Part of a transaction.
    #[must_use]
    pub fn is_transactional(&self) -> bool {
        self.attributes.is_transactional()
    }

    /// Holds a control record.
    #[must_use]
    pub fn is_control(&self) -> bool {
        self.attributes.is_control()
    }

    /// Time in milliseconds after which compaction may drop the batch's tombstones, if it has been set.
    #[must_use]
    pub fn delete_horizon_ms(&self) -> Option<i64> {
        self.attributes.has_delete_horizon().then_some(self.base_timestamp)
    }
}

/// `sequence` advanced by `by` (both not negative), continuing at 0 after 2³¹−1.
#[must_use]
pub fn increment_sequence(sequence: i32, by: i32) -> i32 {
    if sequence > i32::MAX.wrapping_sub(by) {
        by.wrapping_sub(i32::MAX.wrapping_sub(sequence)).wrapping_sub(1)
    } else {
        sequence.wrapping_add(by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_wrap_to_zero() {
        assert_eq!(increment_sequence(0, 4), 4);
        assert_eq!(increment_sequence(i32::MAX, 1), 0);
        assert_eq!(increment_sequence(i32::MAX - 1, 1), i32::MAX);
        assert_eq!(increment_sequence(i32::MAX - 1, 5), 3);
    }

    #[test]
    fn attribute_bits() {
        let bits = Attributes::new(Codec::Zstd, TimestampType::LogAppendTime, true, true);
        assert_eq!(bits.0, 0x3c);
        assert_eq!(bits.codec(), Some(Codec::Zstd));
        assert_eq!(bits.with_timestamp_type(TimestampType::CreateTime).0, 0x34);
        assert!(bits.is_transactional() && bits.is_control() && !bits.has_delete_horizon());
        assert!((5..8).all(|id| Attributes(id).codec().is_none()));
    }
}
