//! Bugs that are planted must be found, or the checker checks nothing.

use std::collections::BTreeSet;

use headwater_sim::{Planted, run};

/// Plays seeds until the bug is found; gives which invariants told of it, and in how many of the seeds.
fn hunt(planted: Planted, seeds: u64) -> (BTreeSet<&'static str>, u64) {
    let mut names = BTreeSet::new();
    let mut found = 0;
    for seed in 0..seeds {
        let report = run(seed, planted);
        found += u64::from(!report.violations.is_empty());
        names.extend(report.violations.iter().map(|violation| violation.invariant));
    }
    (names, found)
}

#[test]
fn sync_taken_out_loses() {
    let (names, found) = hunt(Planted::SyncsLie, 12);
    assert!(found >= 6, "{found} of 12 seeds found it: {names:?}");
    assert!(names.contains("no_acknowledged_record_lost"), "{names:?}");
}

#[test]
fn memory_taken_for_disk_loses() {
    let (names, found) = hunt(Planted::MemoryTakenForDisk, 20);
    assert!(found >= 3, "{found} of 20 seeds found it: {names:?}");
    assert!(names.contains("no_acknowledged_record_lost"), "{names:?}");
}

#[test]
fn sequences_taken_out_duplicate() {
    let (names, found) = hunt(Planted::NoSequences, 12);
    assert!(found >= 3, "{found} of 12 seeds found it: {names:?}");
    assert!(names.contains("no_duplicate"), "{names:?}");
}

#[test]
fn sync_of_offsets_taken_out_loses_commits() {
    let (names, found) = hunt(Planted::OffsetsSyncsLie, 12);
    assert!(found >= 3, "{found} of 12 seeds found it: {names:?}");
    assert!(names.contains("commits_stay"), "{names:?}");
}

#[test]
fn a_partition_dealt_twice_is_seen() {
    let (names, found) = hunt(Planted::AssignsTwice, 6);
    assert!(found >= 2, "{found} of 6 seeds found it: {names:?}");
    assert!(names.contains("one_owner_in_a_generation"), "{names:?}");
}
