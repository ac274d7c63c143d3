//! Everything that can be said of a batch without looking at its records.

use headwater_base::error_code::ErrorCode;

use super::{Refusal, Rules};
use crate::batch::{BatchError, BatchView};
use crate::header::{Attributes, BatchHeader, Codec, LOG_OVERHEAD, at};

/// The smallest record of the oldest format; less than that cannot be any batch.
const MIN_BATCH_LENGTH: i32 = 14;

fn invalid(message: String) -> Refusal {
    Refusal::new(ErrorCode::InvalidRecord, message)
}

/// Size and magic of the batch at the start of `bytes`. `None` when no whole batch is there, which is no error: the
/// reference drops a torn end.
fn first_batch(bytes: &[u8]) -> Result<Option<(usize, i8)>, Refusal> {
    let corrupt = |message| Err(Refusal::new(ErrorCode::CorruptMessage, message));
    let Some(length) = bytes.get(..LOG_OVERHEAD).and_then(|bytes| bytes[at::BATCH_LENGTH..].first_chunk())
    else {
        return Ok(None);
    };
    let length = i32::from_be_bytes(*length);
    if length < MIN_BATCH_LENGTH {
        return corrupt(format!(
            "Record size {length} is less than the minimum record overhead ({MIN_BATCH_LENGTH})"
        ));
    }
    let Some(&magic) = bytes.get(at::MAGIC) else { return Ok(None) };
    let magic = magic as i8;
    if !(0..=2).contains(&magic) {
        return corrupt(format!("Invalid magic found in record: {magic}"));
    }
    let size = LOG_OVERHEAD + length as usize;
    Ok((size <= bytes.len()).then_some((size, magic)))
}

/// The one batch in `bytes`, of a known codec, with a good checksum and a header that fits.
pub(super) fn check<'a>(bytes: &'a [u8], rules: &Rules<'_>) -> Result<(BatchView<'a>, Codec), Refusal> {
    let bytes = check_request(bytes, rules.produce_version)
        .map_err(|refusal| Refusal { of_request: true, ..refusal })?;
    let batch = check_append(bytes, rules)?;
    let codec = batch.codec().ok_or_else(|| unknown_codec(batch.attributes))?;
    check_header(&batch, rules)?;
    Ok((batch, codec))
}

fn unknown_codec(attributes: Attributes) -> Refusal {
    let message = format!("Unknown compression type id: {}", attributes.codec_id());
    Refusal::new(ErrorCode::UnsupportedCompressionType, message)
}

/// `ProduceRequest.validateRecords`: exactly one batch, of magic 2, of a codec that the version knows.
fn check_request(bytes: &[u8], version: i16) -> Result<&[u8], Refusal> {
    let Some((size, magic)) = first_batch(bytes)? else {
        return Err(invalid(format!(
            "Produce requests with version {version} must have at least one record batch per partition"
        )));
    };
    if magic != 2 {
        return Err(invalid(format!(
            "Produce requests with version {version} are only allowed to contain record batches with magic version 2"
        )));
    }
    let (batch, rest) = bytes.split_at(size);
    if version < 7 {
        let attributes = Attributes(i16::from_be_bytes([batch[at::ATTRIBUTES], batch[at::ATTRIBUTES + 1]]));
        if attributes.codec() == Some(Codec::Zstd) {
            return Err(Refusal::new(
                ErrorCode::UnsupportedCompressionType,
                format!(
                    "Produce requests with version {version} are not allowed to use ZStandard compression"
                ),
            ));
        }
    }
    if first_batch(rest)?.is_some() {
        return Err(invalid(format!(
            "Produce requests with version {version} are only allowed to contain exactly one record batch per partition"
        )));
    }
    Ok(batch)
}

/// `UnifiedLog.analyzeAndValidateRecords`: base offset, size, checksum.
fn check_append<'a>(bytes: &'a [u8], rules: &Rules<'_>) -> Result<BatchView<'a>, Refusal> {
    let partition = rules.topic_partition;
    let base_offset = i64::from_be_bytes(*bytes.first_chunk().expect("a whole batch"));
    if base_offset != 0 {
        return Err(invalid(format!(
            "The baseOffset of the record batch in the append to {partition} should be 0, but it is {base_offset}"
        )));
    }
    if bytes.len() as i64 > i64::from(rules.max_message_bytes) {
        return Err(Refusal::new(
            ErrorCode::MessageTooLarge,
            format!(
                "The record batch size in the append to {partition} is {} bytes which exceeds the maximum configured \
                 value of {}).",
                bytes.len(),
                rules.max_message_bytes
            ),
        ));
    }
    let corrupt = |stored: u32| {
        let message = format!("Record is corrupt (stored crc = {stored}) in topic partition {partition}.");
        Refusal::new(ErrorCode::CorruptMessage, message)
    };
    let stored = bytes[at::CRC..].first_chunk().map_or(0, |crc| u32::from_be_bytes(*crc));
    let batch = BatchView::parse(bytes).map_err(|_| corrupt(stored))?;
    match batch.verify_crc() {
        Err(BatchError::Crc { stored, .. }) => Err(corrupt(stored)),
        _ => Ok(batch),
    }
}

/// `LogValidator.validateBatch` for an append of a client.
fn check_header(header: &BatchHeader, rules: &Rules<'_>) -> Result<(), Refusal> {
    let partition = rules.topic_partition;
    let (base, last) = (header.base_offset, header.last_offset());
    let count = header.record_count;
    if header.last_offset_delta < 0 {
        return Err(invalid(format!(
            "Batch has an invalid offset range: [{base}, {last}] in topic partition {partition}"
        )));
    }
    if count <= 0 {
        return Err(invalid(format!(
            "Invalid reported count for record batch: {count} in topic partition {partition}"
        )));
    }
    if i64::from(header.last_offset_delta) + 1 != i64::from(count) {
        return Err(invalid(format!(
            "Inconsistent batch offset range [{base}, {last}] and count of records {count} in topic partition \
             {partition}"
        )));
    }
    if header.is_control() {
        return Err(invalid(format!(
            "Clients are not allowed to write control records in topic partition {partition}"
        )));
    }
    if header.has_producer_id() && header.base_sequence < 0 {
        return Err(invalid(format!(
            "Invalid sequence number {} in record batch with producerId {} in topic partition {partition}",
            header.base_sequence, header.producer_id
        )));
    }
    if header.is_transactional() && !header.has_producer_id() {
        let message = "Record was not part of an ongoing transaction".to_owned();
        return Err(Refusal::new(ErrorCode::InvalidTxnState, message));
    }
    Ok(())
}
