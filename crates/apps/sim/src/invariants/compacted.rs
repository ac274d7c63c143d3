//! Of each key the last record stays.

use std::collections::BTreeMap;

use super::kept;
use crate::history::{History, LastRead, PartitionHistory};

/// The last record of a key that must have survived.
#[derive(Clone, Copy)]
struct Newest {
    offset: i64,
    tombstone: bool,
    /// A tombstone may lie behind it, of which nobody knows where it is or whether it survived.
    may_be_deleted: bool,
}

pub(super) fn compacted_keeps_last(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in kept(history).filter(|(place, _)| history.is_compacted(**place)) {
        let newest = newest(history, partition);
        for read in &partition.last_reads {
            violations.extend(wrong(&newest, read).map(|what| format!("{place}: {what}")));
        }
    }
    violations
}

fn newest(history: &History, partition: &PartitionHistory) -> BTreeMap<u32, Newest> {
    let mut newest: BTreeMap<u32, Newest> = BTreeMap::new();
    for sent in partition.sent.values() {
        let acknowledged = sent.acknowledged.filter(|it| history.must_survive(it));
        let Some((key, offset)) = sent.key.zip(acknowledged.and_then(|it| it.offset)) else { continue };
        let entry = Newest { offset, tombstone: sent.tombstone, may_be_deleted: false };
        let known = newest.entry(key).or_insert(entry);
        if known.offset < offset {
            *known = entry;
        }
    }
    for (id, sent) in partition.sent.iter().filter(|(_, sent)| sent.tombstone) {
        let Some(newest) = sent.key.and_then(|key| newest.get_mut(&key)) else { continue };
        let offset = sent.acknowledged.and_then(|it| it.offset);
        newest.may_be_deleted |=
            partition.repeated.contains(id) || offset.is_none_or(|offset| offset > newest.offset);
    }
    newest
}

/// The first key that is not as it must be.
fn wrong(newest: &BTreeMap<u32, Newest>, read: &LastRead) -> Option<String> {
    newest.iter().find_map(|(key, newest)| {
        let of_key = || read.records.iter().filter(|seen| seen.key == Some(*key));
        let last = of_key().map(|seen| seen.offset).max();
        match last {
            Some(last) if last >= newest.offset => None,
            None if newest.tombstone || newest.may_be_deleted => None,
            Some(last) if newest.tombstone => Some(format!(
                "the key of the record at {last} was deleted at {}: the log has {}..{}",
                newest.offset, read.start, read.end
            )),
            last => Some(format!(
                "the last record of a key lay at {} and is gone; {last:?} is the last now: the log has {}..{}",
                newest.offset, read.start, read.end
            )),
        }
    })
}
