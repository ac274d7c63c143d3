//! Snapshots of producers and indexes of aborted transactions.

use std::fs;

use headwater_log::producer::snapshot::{SnapshotError, decode};

use super::{File, unreadable};
use crate::console::{Console, Thrown};

const TRANSACTION_ENTRY_SIZE: usize = 34;

/// Shows the producers of a log.
pub(super) fn producers(file: &File, console: &mut Console) -> Result<(), Thrown> {
    let bytes = fs::read(&file.path).map_err(|error| unreadable(&file.path, &error))?;
    let producers = match decode(&bytes) {
        Ok(producers) => producers,
        Err(error) => {
            console.error_line(refusal(&error, &bytes));
            return Ok(());
        }
    };
    for (id, entry) in producers {
        let first = match entry.transaction_first_offset {
            Some(offset) => format!("OptionalLong[{}]", offset.0),
            None => "OptionalLong.empty".to_owned(),
        };
        console.text(format!(
            "producerId: {} producerEpoch: {} coordinatorEpoch: {} currentTxnFirstOffset: {first} lastTimestamp: {}",
            id.0, entry.epoch.0, entry.coordinator_epoch, entry.last_timestamp
        ));
        if let Some(batch) = entry.last_batch() {
            console.text(format!(
                " firstSequence: {} lastSequence: {} lastOffset: {} offsetDelta: {} timestamp: {}",
                batch.first_sequence(),
                batch.last_sequence,
                batch.last_offset.0,
                batch.offset_delta,
                batch.timestamp
            ));
        }
        console.line("");
    }
    Ok(())
}

fn refusal(error: &SnapshotError, bytes: &[u8]) -> String {
    // The reference looks at the version before it looks at anything else.
    let version = bytes.first_chunk::<2>().map(|version| i16::from_be_bytes(*version));
    match error {
        SnapshotError::Length(_) if version.is_some_and(|version| version != 1) => {
            refusal(&SnapshotError::Version(version.unwrap_or_default()), &[])
        }
        SnapshotError::Version(version) => {
            format!("Snapshot failed schema validation: Snapshot contained an unknown file version {version}")
        }
        SnapshotError::Crc { stored, computed } => {
            format!(
                "Snapshot is corrupt (CRC is no longer valid). Stored crc: {stored}. Computed crc: {computed}"
            )
        }
        SnapshotError::Length(_) if bytes.len() < 2 => "Snapshot failed schema validation: null".to_owned(),
        SnapshotError::Length(_) => format!("Snapshot failed schema validation: {error}"),
    }
}

/// Shows the aborted transactions of a segment.
pub(super) fn transactions(file: &File, console: &mut Console) -> Result<(), Thrown> {
    let bytes = match fs::read(&file.path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(&file.path, &error)),
    };
    let name = &file.shown;
    for (at, entry) in bytes.chunks(TRANSACTION_ENTRY_SIZE).enumerate() {
        if entry.len() < TRANSACTION_ENTRY_SIZE {
            let position = at * TRANSACTION_ENTRY_SIZE;
            return Err(Thrown::new(
                "org.apache.kafka.common.KafkaException",
                format!(
                    "Failed to read from the transaction index {name}: {} bytes at {position}",
                    entry.len()
                ),
            ));
        }
        let version = i16::from_be_bytes([entry[0], entry[1]]);
        let number =
            |at: usize| entry[at..at + 8].iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        let number = |at: usize| number(at).cast_signed();
        console.line(format!(
            "version: {version} producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}",
            number(2),
            number(10),
            number(18),
            number(26)
        ));
    }
    Ok(())
}
