//! Whether a batch that a client sent may be appended: the rules of the reference's `ProduceRequest.validateRecords`,
//! `UnifiedLog.analyzeAndValidateRecords` and `LogValidator`, in that order, with its error codes and messages.
//!
//! The batch stays where it is. Uncompressed records are walked without a copy; compressed ones come through a window
//! of a scratch buffer. Only `compression.type` other than `producer` makes a new batch.
//!
//! Stricter than the reference, because it would store what its own consumers cannot read, or answer
//! UNKNOWN_SERVER_ERROR:
//! - offset deltas that are not 0, 1, 2, … and records whose size is not that of their fields: INVALID_RECORD;
//! - timestamps below −1 where the producer's time counts: INVALID_TIMESTAMP;
//! - damaged compressed data: CORRUPT_MESSAGE; more of it than the limit: MESSAGE_TOO_LARGE; codecs 5–7:
//!   UNSUPPORTED_COMPRESSION_TYPE;
//! - the transactional flag without a producer id: INVALID_TXN_STATE.
//!
//! What it does not know: producers' sequences and transactions, offsets, segments. Those are the log's.

mod frame;
mod refusal;
mod walk;

use headwater_base::TopicPartition;
use headwater_base::error_code::ErrorCode;

pub use refusal::{MAX_RECORD_ERRORS, RecordError, Refusal};

use crate::batch::BatchView;
use crate::builder::put_record;
use crate::compression::{Compression, Scratch, decompress_into};
use crate::header::{Attributes, BatchHeader, Codec, HEADER_SIZE, TimestampType, at};
use crate::patch;
use crate::record::Records;
use walk::Walk;

/// What a partition demands of what is appended to it.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// For messages.
    pub topic_partition: &'a TopicPartition,
    /// Version of the Produce request, at least 3.
    pub produce_version: i16,
    /// `max.message.bytes`: largest batch as it is stored.
    pub max_message_bytes: i32,
    /// Most bytes a batch may decompress to; see [`decompressed_limit`].
    pub max_decompressed_bytes: usize,
    /// Whether the topic is compacted, so that records need keys.
    pub compacted: bool,
    /// `message.timestamp.type`.
    pub timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`: how far records may lie in the past.
    pub timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`: how far records may lie in the future.
    pub timestamp_after_max_ms: i64,
    /// `compression.type` with its level; `None` is `producer`.
    pub compression: Option<Compression>,
    /// The wall clock.
    pub now_ms: i64,
}

/// The limit for decompressed batches of a topic with this `max.message.bytes`: 64 times as much, but at least 32 MiB.
/// The reference has none.
#[must_use]
pub fn decompressed_limit(max_message_bytes: i32) -> usize {
    usize::try_from(max_message_bytes).unwrap_or(0).saturating_mul(64).max(32 << 20)
}

/// A batch that may be appended.
#[derive(Clone, Debug)]
pub struct Validated {
    /// The header as it is to be stored, but for base offset and leader epoch, which the log sets. Its max timestamp is
    /// the right one.
    pub header: BatchHeader,
    /// Bytes of the batch; what followed it in the request is to be left out.
    pub size: usize,
    /// The offset of the largest timestamp as the time index has it, minus the base offset: that of the last record; −1
    /// when no record has a timestamp.
    pub max_timestamp_offset_delta: i32,
    /// The codec the client used.
    pub source_codec: Codec,
    /// The batch to store in place of the client's, when it had to be compressed anew.
    pub replacement: Option<Vec<u8>>,
}

impl Validated {
    /// The bytes to append: the replacement, or the front of the `request` bytes that were validated.
    pub fn bytes_mut<'b>(&'b mut self, request: &'b mut [u8]) -> &'b mut [u8] {
        match &mut self.replacement {
            Some(batch) => batch,
            None => &mut request[..self.size],
        }
    }
}

/// Decides whether the records of one partition in a Produce request may be appended, and patches timestamp type, max
/// timestamp and checksum where `rules` ask for it. On a refusal nothing has been changed.
pub fn validate_in_place(
    bytes: &mut [u8],
    rules: &Rules<'_>,
    scratch: &mut Scratch,
) -> Result<Validated, Refusal> {
    let (batch, source_codec) = frame::check(bytes, rules)?;
    let header = *batch.header();
    let target = rules.compression.filter(|target| target.codec != source_codec);
    let mut plain = Vec::new();
    let walk = match (source_codec, target) {
        (Codec::None, _) => Walk::slice(batch.payload(), &header, rules)?,
        (_, None) => Walk::compressed(source_codec, batch.payload(), &header, rules, scratch)?,
        (_, Some(_)) => {
            let limit = rules.max_decompressed_bytes;
            decompress_into(source_codec, batch.payload(), limit, scratch, &mut plain)
                .map_err(Refusal::decompress)?;
            Walk::slice(&plain, &header, rules)?
        }
    };
    let mut validated = Validated {
        header,
        size: header.size(),
        max_timestamp_offset_delta: header.last_offset_delta,
        source_codec,
        replacement: None,
    };
    let in_place = target.is_none();
    if in_place && source_codec == Codec::None && walk.max_timestamp == -1 {
        validated.max_timestamp_offset_delta = -1;
    }
    let max_timestamp = match rules.timestamp_type {
        TimestampType::CreateTime => walk.max_timestamp,
        TimestampType::LogAppendTime => {
            validated.max_timestamp_offset_delta = header.last_offset_delta;
            rules.now_ms
        }
    };
    if let Some(target) = target {
        let records = if source_codec == Codec::None { batch.payload() } else { &plain };
        let mut batch = recompress(batch.bytes(), records, target, rules)?;
        patch::set_max_timestamp_and_type(&mut batch, rules.timestamp_type, max_timestamp);
        validated.size = batch.len();
        validated.header = BatchHeader::parse(&batch).expect("was written here");
        validated.replacement = Some(batch);
    } else if header.timestamp_type() != rules.timestamp_type || header.max_timestamp != max_timestamp {
        let batch = &mut bytes[..validated.size];
        patch::set_max_timestamp_and_type(batch, rules.timestamp_type, max_timestamp);
        validated.header = BatchHeader::parse(batch).expect("was parsed before");
    }
    Ok(validated)
}

/// A batch with the header of `batch` and `records`, compressed as `target` says. Its checksum is yet to be set.
fn recompress(
    batch: &[u8],
    records: &[u8],
    target: Compression,
    rules: &Rules<'_>,
) -> Result<Vec<u8>, Refusal> {
    let mut out = batch[..HEADER_SIZE].to_vec();
    let header = BatchHeader::parse(batch).expect("was parsed before");
    let stamped = header.timestamp_type() == TimestampType::LogAppendTime;
    if stamped && rules.timestamp_type == TimestampType::CreateTime {
        target.compress_into(&restamp(&header, records), &mut out);
    } else {
        target.compress_into(records, &mut out);
    }
    let attributes = Attributes(i16::from_be_bytes([out[at::ATTRIBUTES], out[at::ATTRIBUTES + 1]]));
    let attributes = attributes.with_codec(target.codec);
    out[at::ATTRIBUTES..][..2].copy_from_slice(&attributes.0.to_be_bytes());
    let size = out.len();
    if i64::try_from(size).unwrap_or(i64::MAX) > i64::from(rules.max_message_bytes) {
        return Err(Refusal::new(
            ErrorCode::MessageTooLarge,
            format!(
                "Message batch size is {size} bytes in append topartition {} which exceeds the maximum configured \
                 size of {}.",
                rules.topic_partition, rules.max_message_bytes
            ),
        ));
    }
    let length = (size - crate::header::LOG_OVERHEAD) as i32;
    out[at::BATCH_LENGTH..][..4].copy_from_slice(&length.to_be_bytes());
    Ok(out)
}

/// The same records with their batch's max timestamp written into each. A batch that a client gave the time of the
/// append is taken when that time is in bounds, and becomes one of the producer's time; the reference does this only
/// where it builds the batch anew.
fn restamp(header: &BatchHeader, records: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(records.len());
    let delta = header.max_timestamp.wrapping_sub(header.base_timestamp);
    for record in Records::new(header, records).into_iter().flatten().flatten() {
        let headers: Vec<_> = record.headers().collect();
        let offset_delta = (record.offset - header.base_offset) as i32;
        put_record(&mut out, delta, offset_delta, record.key, record.value, &headers);
    }
    out
}

/// The batch's view again, for callers that want its records after validation.
impl Validated {
    /// The validated batch; `request` is what was validated.
    #[must_use]
    pub fn view<'b>(&'b self, request: &'b [u8]) -> BatchView<'b> {
        BatchView::parse(self.replacement.as_deref().unwrap_or(request)).expect("was validated")
    }
}
