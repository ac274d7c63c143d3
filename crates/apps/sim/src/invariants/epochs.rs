//! Leader epochs.

use super::kept;
use crate::history::History;

pub(super) fn new_leader_epoch_each_start(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in kept(history) {
        let mut latest: Option<(usize, i32)> = None;
        for &(life, epoch) in &partition.leader_epochs {
            match latest {
                Some((before, old)) if life > before && epoch <= old => {
                    violations.push(format!("{place}: epoch {old} in life {before}, {epoch} in life {life}"));
                }
                Some((before, old)) if life == before && epoch < old => {
                    violations.push(format!("{place}: epoch {old}, then {epoch}, in life {life}"));
                }
                _ => {}
            }
            latest = Some((life, epoch));
        }
    }
    violations
}

pub(super) fn epochs_grow_in_log(history: &History) -> Vec<String> {
    let mut violations = Vec::new();
    for (place, partition) in kept(history) {
        for read in &partition.last_reads {
            let back = read.records.windows(2).find(|pair| pair[1].leader_epoch < pair[0].leader_epoch);
            if let Some(pair) = back {
                violations.push(format!("{place}: {:?} before {:?}", pair[0], pair[1]));
            }
        }
    }
    violations
}
