//! Segments and snapshots: batches and their records.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use headwater_records::control::{ControlType, TransactionMarker};
use headwater_records::{BatchView, HEADER_SIZE, Record, Scratch, TimestampType};

use super::{File, Findings, LogOptions, unreadable};
use crate::console::{Console, Thrown};
use crate::records::{Input, data, decode};

/// Bytes of a batch before those that its length counts.
const LOG_OVERHEAD: u64 = 12;
/// The bytes that tell a batch's size and magic.
const PREFIX: u64 = 17;
const MIN_RECORD_SIZE: i32 = 14;
/// Decompressed records of one batch: what a batch of the largest size can hold.
const RECORDS_LIMIT: usize = 1 << 31;

/// A file of batches, from a position to an end.
pub struct Batches {
    file: fs::File,
    name: String,
    position: u64,
    end: u64,
}

impl Batches {
    /// The batches of `path` between `position` and `limit` bytes behind it.
    pub fn open(path: &Path, position: u64, limit: u64) -> Result<Self, Thrown> {
        let open = || {
            let file = fs::File::open(path)?;
            let size = file.metadata()?.len();
            Ok((file, size))
        };
        let (file, size) = open().map_err(|error| unreadable(path, &error))?;
        let end = position.saturating_add(limit).min(size);
        Ok(Self { file, name: path.display().to_string(), position, end })
    }

    /// Where the next batch begins.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Where the last one has to end.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The bytes of the next whole batch.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, Thrown> {
        if self.position + PREFIX >= self.end {
            return Ok(None);
        }
        let prefix = self.read(PREFIX as usize)?;
        let size = prefix[8..12].iter().fold(0_u32, |size, byte| size << 8 | u32::from(*byte)).cast_signed();
        if size < MIN_RECORD_SIZE {
            return Err(Thrown::new(
                "org.apache.kafka.common.errors.CorruptRecordException",
                format!(
                    "Found record size {size} smaller than minimum record overhead ({MIN_RECORD_SIZE}) in file {}.",
                    self.name
                ),
            ));
        }
        let whole = LOG_OVERHEAD + u64::from(size.unsigned_abs());
        if self.position + whole > self.end {
            return Ok(None);
        }
        let bytes = self.read(whole as usize)?;
        self.position += whole;
        Ok(Some(bytes))
    }

    fn read(&mut self, size: usize) -> Result<Vec<u8>, Thrown> {
        let mut bytes = vec![0; size];
        let position = self.position;
        self.file
            .seek(SeekFrom::Start(position))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|error| unreadable(Path::new(&self.name), &error))?;
        Ok(bytes)
    }
}

/// The batch in `bytes`, which hold exactly one. Kafka 4 writes no other format than magic 2.
pub fn view<'a>(bytes: &'a [u8], file: &str) -> Result<BatchView<'a>, Thrown> {
    BatchView::parse(bytes).map_err(|error| {
        Thrown::new(
            "org.apache.kafka.common.errors.CorruptRecordException",
            format!("{error} in file {file}"),
        )
    })
}

/// Calls `each` with the records of a batch.
pub fn for_each_record(
    batch: &BatchView<'_>,
    mut each: impl FnMut(&Record<'_>) -> Result<(), Thrown>,
) -> Result<(), Thrown> {
    let wrong = |error: headwater_records::RecordsError| {
        Thrown::new("org.apache.kafka.common.InvalidRecordException", error.to_string())
    };
    let mut space = Vec::new();
    let mut scratch = Scratch::default();
    for record in batch.records(&mut scratch, &mut space, RECORDS_LIMIT).map_err(wrong)? {
        each(&record.map_err(wrong)?)?;
    }
    Ok(())
}

/// Shows a segment or a snapshot.
pub(super) fn dump(
    file: &File,
    options: &LogOptions,
    found: &mut Findings,
    console: &mut Console,
) -> Result<(), Thrown> {
    headline(file, console)?;
    let mut batches = Batches::open(&file.path, 0, u64::try_from(options.max_bytes).unwrap_or_default())?;
    let mut last_offset = -1;
    let mut at = 0;
    while let Some(bytes) = batches.next()? {
        let batch = view(&bytes, &file.shown)?;
        console.line(batch_line(&batch, at));
        at = batches.position();
        if options.deep {
            dump_records(&batch, &mut last_offset, file, options, found, console)?;
        }
    }
    let trailing = batches.end() - at;
    if trailing > 0 && options.max_bytes == i32::MAX {
        let name = file.shown.rsplit('/').next().unwrap_or_default();
        console.line(format!("Found {trailing} invalid bytes at the end of {name}"));
    }
    Ok(())
}

fn headline(file: &File, console: &mut Console) -> Result<(), Thrown> {
    let name = file.shown.rsplit('/').next().unwrap_or_default();
    if name.ends_with(".log") {
        console.line(format!("Log starting offset: {}", file.base_offset()?));
    } else if name == "bootstrap.checkpoint" {
        console.line("KRaft bootstrap snapshot");
    } else {
        let number = |range: std::ops::Range<usize>| {
            let text = name.get(range.clone()).ok_or_else(|| {
                let message = format!("begin {}, end {}, length {}", range.start, range.end, name.len());
                Thrown::new("java.lang.StringIndexOutOfBoundsException", message)
            })?;
            text.parse::<i64>().map_err(|_| {
                Thrown::new("java.lang.NumberFormatException", format!("For input string: \"{text}\""))
            })
        };
        console.line(format!("Snapshot end offset: {}, epoch: {}", number(0..20)?, number(21..31)?));
    }
    Ok(())
}

fn timestamp_type(of: TimestampType) -> &'static str {
    match of {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    }
}

fn batch_line(batch: &BatchView<'_>, at: u64) -> String {
    let horizon = match batch.delete_horizon_ms() {
        Some(horizon) => format!("OptionalLong[{horizon}]"),
        None => "OptionalLong.empty".to_owned(),
    };
    let valid = batch.bytes().len() >= HEADER_SIZE && batch.verify_crc().is_ok();
    format!(
        "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} producerId: {} producerEpoch: {} \
         partitionLeaderEpoch: {} isTransactional: {} isControl: {} deleteHorizonMs: {horizon} position: {at} {}: {} size: {} \
         magic: {} compresscodec: {} crc: {} isvalid: {valid}",
        batch.base_offset.0,
        batch.last_offset().0,
        batch.record_count,
        batch.base_sequence,
        batch.last_sequence(),
        batch.producer_id.0,
        batch.producer_epoch.0,
        batch.leader_epoch.0,
        batch.is_transactional(),
        batch.is_control(),
        timestamp_type(batch.timestamp_type()),
        batch.max_timestamp,
        batch.bytes().len(),
        batch.magic,
        batch.codec().map_or("unknown", |codec| codec.name()),
        batch.crc,
    )
}

fn dump_records(
    batch: &BatchView<'_>,
    last_offset: &mut i64,
    file: &File,
    options: &LogOptions,
    found: &mut Findings,
    console: &mut Console,
) -> Result<(), Thrown> {
    for_each_record(batch, |record| {
        let offset = record.offset.0;
        if offset != *last_offset + 1 {
            let line = format!("  {last_offset} is followed by {offset}");
            Findings::add(&mut found.not_consecutive, file, line);
        }
        *last_offset = offset;
        if !options.skip_metadata {
            console.text(metadata(batch, record)?);
        }
        if options.print && !batch.is_control() {
            let mut prefix = if options.skip_metadata { "| " } else { " " };
            let (key, value) = options.decoder.decode(record)?;
            if let Some(key) = key {
                console.text(format!("{prefix}key: "));
                console.bytes(&key);
                prefix = " ";
            }
            if let Some(value) = value {
                console.text(format!("{prefix}payload: "));
                console.bytes(&value);
            }
        }
        console.line("");
        Ok(())
    })
}

fn metadata(batch: &BatchView<'_>, record: &Record<'_>) -> Result<String, Thrown> {
    let size = |bytes: Option<&[u8]>| bytes.map_or(-1, |bytes| bytes.len() as i64);
    let headers: Vec<String> =
        record.headers().map(|header| String::from_utf8_lossy(header.key).into_owned()).collect();
    let mut text = format!(
        "| offset: {} {}: {} keySize: {} valueSize: {} sequence: {} headerKeys: [{}]",
        record.offset.0,
        timestamp_type(batch.timestamp_type()),
        record.timestamp,
        size(record.key),
        size(record.value),
        record.sequence,
        headers.join(",")
    );
    if batch.is_control() {
        text.push_str(&control(record)?);
    }
    Ok(text)
}

fn control(record: &Record<'_>) -> Result<String, Thrown> {
    let (key, value) = (record.key.unwrap_or_default(), record.value.unwrap_or_default());
    let id = key.get(2..4).map_or(-1, |id| i16::from_be_bytes([id[0], id[1]]));
    let Some(kind) = ControlType::from_key(key) else {
        return Ok(format!(" controlType: UNKNOWN({id})"));
    };
    let (title, message) = match kind {
        ControlType::Abort | ControlType::Commit => {
            let name = if kind == ControlType::Abort { "ABORT" } else { "COMMIT" };
            let epoch = TransactionMarker::parse(key, value).map_or(-1, |marker| marker.coordinator_epoch);
            return Ok(format!(" endTxnMarker: {name} coordinatorEpoch: {epoch}"));
        }
        ControlType::LeaderChange => ("LeaderChange:", "LeaderChangeMessage"),
        ControlType::SnapshotHeader => ("SnapshotHeader", "SnapshotHeaderRecord"),
        ControlType::SnapshotFooter => ("SnapshotFooter", "SnapshotFooterRecord"),
        ControlType::KRaftVersion => ("KRaftVersion", "KRaftVersionRecord"),
        ControlType::KRaftVoters => ("KRaftVoters", "VotersRecord"),
    };
    // The record's own first field is the version it is written in.
    let message = data(message).expect("a record of the specification");
    let version = Input(value).int16().unwrap_or_default();
    let json = decode(&message, version, &mut Input(value))
        .map_err(|error| Thrown::new("java.lang.RuntimeException", error.0))?;
    Ok(format!(" {title} {json}"))
}
