//! What clients were told.

use super::{complete, kept};
use crate::history::History;

pub(super) fn latest_covers_acknowledged(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in kept(history) {
        for &(life, floor, end) in &partition.latest {
            let may_forget = !history.is_on_disk(*place) && history.forgot_since(0);
            if end < floor && !may_forget {
                violations.push(format!("{place}: {end} in life {life}, with {floor} acknowledged before"));
            }
        }
    }
    violations
}

pub(super) fn time_finds_first(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    // What is compacted may change between the reading and the question.
    for (place, partition) in complete(history) {
        for read in &partition.last_reads {
            for &(timestamp, found) in &read.by_time {
                let first = read.records.iter().find(|record| record.timestamp >= timestamp);
                let expected = first.map_or(-1, |record| record.offset);
                if found != expected {
                    violations.push(format!("{place}: {found} for {timestamp}, and {expected} is the first"));
                }
            }
        }
    }
    violations
}

pub(super) fn producer_state_survives(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    // Of a producer's batches in a compacted segment only the last is sure to stay, here as in the reference: whoever sends
    // an older one again after a restart may hear that it is out of order.
    for (place, partition) in complete(history) {
        let may_forget = !history.is_on_disk(*place) && history.forgot_since(0);
        if let Some((life, id)) = partition.sequences_lost.first().filter(|_| !may_forget) {
            violations.push(format!("{place}: {id:?} in life {life}"));
        }
    }
    violations
}

pub(super) fn metadata_survives(history: &History) -> Vec<String> {
    history
        .metadata_faults
        .iter()
        .take(5)
        .map(|fault| format!("life {}: {}", fault.life, fault.what))
        .collect()
}

pub(super) fn answers_in_request_order(history: &History) -> Vec<String> {
    history.disorder.clone()
}

pub(super) fn answers_explained(history: &History) -> Vec<String> {
    history.unexplained.iter().take(5).cloned().collect()
}

pub(super) fn comes_to_rest(history: &History) -> Vec<String> {
    history.stuck.clone()
}
