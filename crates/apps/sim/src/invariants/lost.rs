//! What was acknowledged is there.

use std::collections::{BTreeMap, BTreeSet};

use super::{complete, kept};
use crate::history::{History, RecordId};

pub(super) fn no_acknowledged_record_lost(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in complete(history) {
        for read in &partition.last_reads {
            let there: BTreeSet<RecordId> = read.records.iter().filter_map(|seen| seen.id).collect();
            let lost = partition.sent.iter().filter_map(|(id, sent)| {
                let acknowledged = sent.acknowledged.filter(|it| history.must_survive(it))?;
                (!there.contains(id)).then_some((id, acknowledged))
            });
            let lost: Vec<_> = lost.collect();
            if let Some((id, acknowledged)) = lost.first() {
                violations.push(format!(
                    "{place}: {} records are gone (the log has {}..{}); the first is {id:?}, {acknowledged:?}",
                    lost.len(),
                    read.start,
                    read.end
                ));
            }
        }
    }
    violations
}

pub(super) fn acknowledged_where_told(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in kept(history) {
        let Some(read) = partition.last_reads.last() else { continue };
        let at: BTreeMap<i64, Option<RecordId>> =
            read.records.iter().map(|seen| (seen.offset, seen.id)).collect();
        for (id, sent) in &partition.sent {
            let Some(acknowledged) = sent.acknowledged.filter(|it| history.must_survive(it)) else {
                continue;
            };
            let Some(offset) = acknowledged.offset else { continue };
            match at.get(&offset) {
                Some(Some(found)) if found == id => {}
                Some(found) => {
                    violations.push(format!("{place}: {id:?} was put at {offset}, where {found:?} lies"));
                    break;
                }
                // Another invariant says so.
                None => break,
            }
        }
    }
    violations
}

/// How many acknowledged records are gone that nobody promised to keep.
#[must_use]
pub fn lost_rightly(history: &History) -> u64 {
    let mut lost = 0;
    for (_, partition) in complete(history) {
        let Some(read) = partition.last_reads.last() else { continue };
        let there: BTreeSet<RecordId> = read.records.iter().filter_map(|seen| seen.id).collect();
        let gone =
            partition.sent.iter().filter(|(id, sent)| sent.acknowledged.is_some() && !there.contains(id));
        lost += gone.count() as u64;
    }
    lost
}
