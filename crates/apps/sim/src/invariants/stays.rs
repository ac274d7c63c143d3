//! What was once visible stays as it was.

use std::collections::BTreeMap;

use super::kept;
use crate::history::{History, Place, Seen};

/// Whether what was visible in `life` may look different in the later life `then`.
fn may_forget(history: &History, place: Place, life: usize, then: usize) -> bool {
    use crate::history::End;
    let lives = history.lives.get(life..then).unwrap_or_default();
    !history.is_on_disk(place) && lives.contains(&End::PowerLoss)
}

pub(super) fn seen_stays(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in kept(history) {
        let mut known: BTreeMap<i64, Seen> = BTreeMap::new();
        for seen in &partition.seen {
            let Some(before) = known.insert(seen.offset, *seen) else { continue };
            let same = before.id == seen.id && before.checksum == seen.checksum;
            if !same && !may_forget(history, *place, before.life, seen.life) {
                violations.push(format!("{place}: {before:?} became {seen:?}"));
                break;
            }
        }
        let Some(read) = partition.last_reads.last() else { continue };
        let life = history.life();
        let gone = known
            .values()
            .find(|seen| seen.offset >= read.end && !may_forget(history, *place, seen.life, life));
        if let Some(seen) = gone {
            violations.push(format!("{place}: {seen:?} was seen, and the log ends at {}", read.end));
        }
    }
    violations
}

pub(super) fn high_watermark_monotonic(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in kept(history) {
        let mut highest = (0, 0);
        for &(life, high_watermark) in &partition.high_watermarks {
            let (before, known) = highest;
            // Two consumers' answers may overtake each other within a life.
            if high_watermark < known && before == life {
                continue;
            }
            if high_watermark < known && !may_forget(history, *place, before, life) {
                violations
                    .push(format!("{place}: {known} in life {before}, {high_watermark} in life {life}"));
                break;
            }
            highest = (life, high_watermark);
        }
    }
    violations
}

pub(super) fn position_stays_valid(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in kept(history) {
        for &(life, position) in &partition.out_of_range {
            if !may_forget(history, *place, 0, life) {
                violations.push(format!("{place}: position {position} in life {life}"));
            }
        }
    }
    violations
}

pub(super) fn clean_stop_changes_nothing(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in kept(history) {
        let [before, after] = partition.last_reads.as_slice() else { continue };
        let contents = |records: &[Seen]| -> Vec<(i64, u32)> {
            records.iter().map(|seen| (seen.offset, seen.checksum)).collect()
        };
        let (was, is) = (contents(&before.records), contents(&after.records));
        let same = (before.start, before.end) == (after.start, after.end)
            && match history.is_compacted(*place) {
                // It goes on between the two.
                true => is.iter().all(|record| was.contains(record)),
                false => was == is,
            };
        if !same {
            violations.push(format!(
                "{place}: {}..{} with {} records before, {}..{} with {} after",
                before.start,
                before.end,
                before.records.len(),
                after.start,
                after.end,
                after.records.len()
            ));
        }
    }
    violations
}
