//! The offset index of a segment.

use std::fs;

use super::batches::{Batches, view};
use super::{File, Findings, IndexOptions, unreadable};
use crate::console::{Console, Thrown};

const ENTRY_SIZE: usize = 8;

/// One entry: last offset of a batch, and the batch's position.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub offset: i64,
    pub position: i32,
}

/// The entries of an index, the blank ones of a preallocated file too.
pub(super) fn entries(path: &std::path::Path, base: i64) -> Result<(Vec<Entry>, usize), Thrown> {
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    let word =
        |bytes: &[u8]| bytes.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)).cast_signed();
    let entries = bytes
        .chunks_exact(ENTRY_SIZE)
        .map(|entry| Entry { offset: base + i64::from(word(&entry[..4])), position: word(&entry[4..]) });
    Ok((entries.collect(), bytes.len()))
}

/// Shows or checks an offset index.
pub(super) fn dump(
    file: &File,
    options: &IndexOptions,
    found: &mut Findings,
    console: &mut Console,
) -> Result<(), Thrown> {
    let base = file.base_offset()?;
    let log = file.sibling(".log");
    Batches::open(&log, 0, 0)?;
    let (entries, length) = entries(&file.path, base)?;
    if entries.is_empty() {
        console.line(format!("{} is empty.", file.shown));
        return Ok(());
    }
    if options.sanity_only {
        check(file, base, &entries, length)?;
        console.line(format!("{} passed sanity check.", file.shown));
        return Ok(());
    }
    // Sorted from the end, each index offset once.
    let mut mismatches: Vec<(i64, i64)> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        if entry.offset == base && index > 0 {
            break;
        }
        let position = u64::from(entry.position.unsigned_abs());
        let limit = u64::try_from(options.max_message_size).unwrap_or_default();
        let bytes = Batches::open(&log, position, limit)?.next()?;
        let bytes = bytes
            .ok_or_else(|| Thrown { class: "java.util.NoSuchElementException".to_owned(), message: None })?;
        let last = view(&bytes, &log.display().to_string())?.last_offset().0;
        if last != entry.offset {
            mismatches.push((entry.offset, last));
        }
        if !options.verify_only {
            console.line(format!("offset: {} position: {}", entry.offset, entry.position));
        }
    }
    mismatches.sort_by_key(|(offset, _)| std::cmp::Reverse(*offset));
    for (offset, last) in mismatches {
        let line = format!("  Index offset: {offset}, log offset: {last}");
        Findings::add(&mut found.index_mismatches, file, line);
    }
    Ok(())
}

fn check(file: &File, base: i64, entries: &[Entry], length: usize) -> Result<(), Thrown> {
    let corrupt = |message| Err(Thrown::new(super::CORRUPT_INDEX, message));
    let last = entries.last().map_or(base, |entry| entry.offset);
    let name = file.absolute();
    if last < base {
        return corrupt(format!(
            "Corrupt index found, index file {name} has non-zero size but the last offset is {last} which is less than the \
             base offset {base}"
        ));
    }
    if !length.is_multiple_of(ENTRY_SIZE) {
        return corrupt(format!(
            "Index file {name} is corrupt, found {length} bytes which is neither positive nor a multiple of 8"
        ));
    }
    Ok(())
}
