//! What lies in the log: each record once, in order, without holes, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::kept;
use crate::history::{History, RecordId};

pub(super) fn no_duplicate(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in kept(history) {
        let Some(read) = partition.last_reads.last() else { continue };
        let mut first: BTreeMap<RecordId, i64> = BTreeMap::new();
        for seen in &read.records {
            let Some(id) = seen.id.filter(|id| !partition.repeated.contains(id)) else { continue };
            if let Some(offset) = first.insert(id, seen.offset) {
                violations.push(format!("{place}: {id:?} lies at {offset} and at {}", seen.offset));
                break;
            }
        }
    }
    violations
}

pub(super) fn order_per_producer(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in kept(history) {
        let Some(read) = partition.last_reads.last() else { continue };
        let mut newest: BTreeMap<u32, u64> = BTreeMap::new();
        for seen in &read.records {
            let Some(id) = seen.id.filter(|id| !partition.repeated.contains(id)) else { continue };
            match newest.insert(id.producer, id.number) {
                Some(before) if before > id.number => {
                    violations.push(format!("{place}: at {} {id:?} lies behind {before}", seen.offset));
                    break;
                }
                _ => {}
            }
        }
    }
    violations
}

pub(super) fn offsets_dense(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in kept(history) {
        for read in &partition.last_reads {
            let mut expected = read.start;
            let compacted = history.is_compacted(*place);
            for seen in &read.records {
                if compacted && seen.offset > expected {
                    expected = seen.offset;
                }
                if seen.offset != expected {
                    violations
                        .push(format!("{place}: offset {} comes where {expected} belongs", seen.offset));
                    break;
                }
                expected += 1;
            }
            if expected < read.end && !compacted {
                violations
                    .push(format!("{place}: nothing comes from {expected} on, the end is {}", read.end));
            }
        }
    }
    violations
}

pub(super) fn nothing_invented(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in &history.partitions {
        let mut told = BTreeSet::new();
        for seen in &partition.seen {
            let what = match seen.id.map(|id| (id, partition.sent.get(&id))) {
                Some((_, Some(sent))) if sent.checksum == seen.checksum => continue,
                Some((id, Some(_))) => format!("{place}: {id:?} at {} has other bytes", seen.offset),
                Some((id, None)) => format!("{place}: {id:?} at {} was never sent", seen.offset),
                None => format!("{place}: the record at {} belongs to another partition", seen.offset),
            };
            if told.insert(seen.offset) && told.len() <= 3 {
                violations.push(what);
            }
        }
    }
    violations
}
