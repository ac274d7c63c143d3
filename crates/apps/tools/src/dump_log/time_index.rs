//! The time index of a segment.

use std::fs;

use super::batches::{Batches, for_each_record, view};
use super::index;
use super::{File, Findings, IndexOptions, unreadable};
use crate::console::{Console, Thrown};

const ENTRY_SIZE: usize = 12;

struct Entry {
    timestamp: i64,
    offset: i64,
}

/// Shows or checks a time index.
pub(super) fn dump(
    file: &File,
    options: &IndexOptions,
    found: &mut Findings,
    console: &mut Console,
) -> Result<(), Thrown> {
    let base = file.base_offset()?;
    let log = file.sibling(".log");
    Batches::open(&log, 0, 0)?;
    let (positions, _) = index::entries(&file.sibling(".index"), base)?;
    let bytes = fs::read(&file.path).map_err(|error| unreadable(&file.path, &error))?;
    let entries: Vec<Entry> = bytes
        .chunks_exact(ENTRY_SIZE)
        .map(|entry| {
            let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
            let relative = (number(&entry[8..]) as u32).cast_signed();
            Entry { timestamp: number(&entry[..8]).cast_signed(), offset: base + i64::from(relative) }
        })
        .collect();
    if options.sanity_only {
        check(file, base, &entries, bytes.len())?;
        console.line(format!("{} passed sanity check.", file.shown));
        return Ok(());
    }
    let mut previous = -1;
    for (at, entry) in entries.iter().enumerate() {
        if entry.offset == base && at > 0 {
            break;
        }
        let after = positions.partition_point(|position| position.offset <= entry.offset);
        let position = after.checked_sub(1).map_or(0, |at| positions[at].position);
        compare(file, &log, u64::from(position.unsigned_abs()), entry, previous, found)?;
        if !options.verify_only {
            console.line(format!("timestamp: {} offset: {}", entry.timestamp, entry.offset));
        }
        previous = entry.timestamp;
    }
    Ok(())
}

/// Looks for an entry's batch from `position` on.
fn compare(
    file: &File,
    log: &std::path::Path,
    position: u64,
    entry: &Entry,
    previous: i64,
    found: &mut Findings,
) -> Result<(), Thrown> {
    let mut batches = Batches::open(log, position, u64::MAX)?;
    let mut last = -1;
    let mut maximum = -1;
    while let Some(bytes) = batches.next()? {
        let batch = view(&bytes, &log.display().to_string())?;
        if batch.last_offset().0 < entry.offset {
            continue;
        }
        last = batch.last_offset().0;
        if last == entry.offset {
            for_each_record(&batch, |record| {
                maximum = maximum.max(record.timestamp);
                Ok(())
            })?;
        }
        break;
    }
    if last != entry.offset {
        let line = format!("Indexed offset: {}, found log offset: {last}", entry.offset);
        Findings::add(&mut found.not_found, file, line);
        return Ok(());
    }
    if maximum != entry.timestamp {
        let line = format!("  Index timestamp: {}, log timestamp: {maximum}", entry.timestamp);
        Findings::add(&mut found.time_mismatches, file, line);
    }
    if previous >= entry.timestamp {
        let line =
            format!("  Index timestamp: {}, Previously indexed timestamp: {previous}", entry.timestamp);
        Findings::add(&mut found.time_out_of_order, file, line);
    }
    Ok(())
}

fn check(file: &File, base: i64, entries: &[Entry], length: usize) -> Result<(), Thrown> {
    let corrupt = |message| Err(Thrown::new(super::CORRUPT_INDEX, message));
    let name = file.absolute();
    if let (Some(first), Some(last)) = (entries.first(), entries.last()) {
        if last.timestamp < first.timestamp {
            return corrupt(format!(
                "Corrupt time index found, time index file ({name}) has non-zero size but the last timestamp is {} which is \
                 less than the first timestamp {}",
                last.timestamp, first.timestamp
            ));
        }
        if last.offset < base {
            return corrupt(format!(
                "Corrupt time index found, time index file ({name}) has non-zero size but the last offset is {} which is less \
                 than the first offset {base}",
                last.offset
            ));
        }
    }
    if !length.is_multiple_of(ENTRY_SIZE) {
        return corrupt(format!(
            "Time index file {name} is corrupt, found {length} bytes which is neither positive nor a multiple of 12"
        ));
    }
    Ok(())
}
