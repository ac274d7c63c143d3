//! Batches as text, in the format of `conformance/records/RecordChecks.java`.

use std::fmt::Write;

use headwater_records::control::TransactionMarker;
use headwater_records::{BatchHeader, BatchView, Header, Scratch, TimestampType, crc32c};

pub fn bytes(bytes: Option<&[u8]>) -> String {
    match bytes {
        None => "null".to_owned(),
        Some(bytes) => format!("{}:{:x}", bytes.len(), crc32c(bytes)),
    }
}

pub fn headers<'a>(headers: impl Iterator<Item = Header<'a>>) -> String {
    let mut out = "[".to_owned();
    for header in headers {
        write!(out, "{}={} ", bytes(Some(header.key)), bytes(header.value)).unwrap();
    }
    out + "]"
}

pub fn record(offset: i64, timestamp: i64, sequence: i32, key: &str, value: &str, headers: &str) -> String {
    format!(" {offset} ts={timestamp} seq={sequence} {key} {value} {headers}")
}

pub fn header(header: &BatchHeader) -> String {
    let timestamps = match header.timestamp_type() {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    };
    format!(
        "batch {}..{} epoch={} codec={} {timestamps} tx={} control={} producer={}/{}/{} count={} max={}",
        header.base_offset,
        header.last_offset(),
        header.leader_epoch,
        header.attributes.codec_id(),
        header.is_transactional(),
        header.is_control(),
        header.producer_id,
        header.producer_epoch,
        header.base_sequence,
        header.record_count,
        header.max_timestamp
    )
}

/// The batch and its records, read with our reader. Control batches in `theirs.txt` show the marker instead.
pub fn batch(batch: &BatchView<'_>, markers: bool, scratch: &mut Scratch, lines: &mut Vec<String>) {
    batch.verify_crc().unwrap();
    lines.push(header(batch.header()));
    let mut space = Vec::new();
    for r in batch.records(scratch, &mut space, 1 << 30).unwrap() {
        let r = r.unwrap();
        if markers && batch.is_control() {
            let marker = TransactionMarker::parse(r.key.unwrap(), r.value.unwrap()).unwrap();
            lines.push(format!(
                " marker commit={} coordinator={} ts={}",
                marker.commit, marker.coordinator_epoch, r.timestamp
            ));
        } else {
            lines.push(record(
                r.offset.0,
                r.timestamp,
                r.sequence,
                &bytes(r.key),
                &bytes(r.value),
                &headers(r.headers()),
            ));
        }
    }
}
