//! The power goes after every single change that an operation makes to the disk.

use headwater_base::Offset;
use headwater_log::{Log, LogConfig, MemDisk, OpenContext, SyncKind};

use crate::support::*;

/// Several segments for a few batches.
fn small() -> LogConfig {
    LogConfig { segment_bytes: 500, index_interval_bytes: 150, ..LogConfig::default() }
}

/// Batches that were in the log when it was last synced as a whole, and those after.
struct Case {
    durable: usize,
    batches: Vec<(i64, i32)>,
    recovery_point: Offset,
}

fn prepared(disk: &MemDisk) -> (Log, Case) {
    let mut log = create(disk, small());
    disk_sync_root(disk);
    log.folder_is_durable();
    for index in 0..12 {
        append(&mut log, records(2).of(1, 0, index * 2));
    }
    sync(&mut log, disk, SyncKind::Checkpoint);
    let recovery_point = log.recovery_point();
    for index in 12..16 {
        append(&mut log, records(2).of(1, 0, index * 2));
    }
    sync(&mut log, disk, SyncKind::Data);
    let batches = contents(&log);
    (log, Case { durable: batches.len(), batches, recovery_point })
}

fn disk_sync_root(disk: &MemDisk) {
    headwater_log::Disk::sync_dir(disk, "").unwrap();
}

/// Runs `operation` with the power going after 0, 1, 2, … changes, and checks what is found with several outcomes of
/// the unsynced operations. `kept` is how many of the durable batches must be there whatever happens.
fn enumerate(operation: impl Fn(&mut Log, &MemDisk) -> bool, kept: impl Fn(&Case) -> usize) {
    let mut points = 0;
    for changes in 0.. {
        let mut finished = false;
        for seed in 0..12 {
            let disk = MemDisk::new();
            let (mut log, case) = prepared(&disk);
            disk.fail_after_changes(changes);
            finished = operation(&mut log, &disk);
            let recovery_point = case.recovery_point.min(log.recovery_point());
            let end = log.log_end_offset();
            drop(log);
            disk.power_loss(seed);
            let (mut log, report) = open(&disk, small(), OpenContext::unclean(recovery_point, true, NOW));
            let found = contents(&log);
            let what = format!("{changes} changes, seed {seed}: {report:?}");
            assert!(found.len() >= kept(&case), "{} of {} batches, {what}", found.len(), case.durable);
            let common = found.len().min(case.batches.len());
            assert_eq!(found[..common], case.batches[..common], "{what}");
            assert!(log.log_end_offset() <= end.max(Offset(32)), "{what}");
            check_producer(&mut log, &what);
        }
        points = changes;
        if finished {
            break;
        }
    }
    assert!(points > 3, "{points} crash points");
}

/// The producer goes on where its last record is.
fn check_producer(log: &mut Log, what: &str) {
    let last = log.producers().get(1.into()).map_or(-1, |entry| entry.last_sequence());
    assert_eq!(i64::from(last) + 1, log.log_end_offset().0, "{what}");
    append(log, records(1).of(1, 0, last + 1));
}

#[test]
fn d1_d3_appends_and_rolls() {
    let appends = |log: &mut Log, disk: &MemDisk| {
        for index in 16..30 {
            let mut bytes = records(2).of(1, 0, index * 2).bytes();
            let context = headwater_log::AppendContext::client(headwater_base::LeaderEpoch(0), NOW);
            if log.append_as_leader(&mut bytes, &context).is_err() {
                return false;
            }
            if index % 5 == 0 {
                let Ok(plan) = log.dirty(SyncKind::Data) else { return false };
                if plan.run(disk).is_err() {
                    return false;
                }
                log.mark_durable(&plan);
            }
        }
        true
    };
    enumerate(appends, |case| case.durable);
}

#[test]
fn d16_checkpoint_and_snapshot() {
    let checkpoint = |log: &mut Log, disk: &MemDisk| {
        let Ok(plan) = log.dirty(SyncKind::Checkpoint) else { return false };
        let done = plan.run(disk).is_ok();
        if done {
            log.mark_durable(&plan);
        }
        done
    };
    enumerate(checkpoint, |case| case.durable);
}

#[test]
fn d16_roll_and_close() {
    enumerate(|log, _| log.roll(NOW).is_ok(), |case| case.durable);
    enumerate(|log, _| log.roll(NOW).and_then(|()| log.close()).is_ok(), |case| case.durable);
}

#[test]
fn d16_truncate() {
    // To an end behind the recovery point and one before it: whatever was not to be cut is there.
    for end in [28, 9] {
        enumerate(|log, _| log.truncate_to(Offset(end), NOW).is_ok(), |_| end as usize / 2);
    }
}

#[test]
fn d16_truncate_fully() {
    for changes in 0.. {
        let mut finished = false;
        for seed in 0..12 {
            let disk = MemDisk::new();
            let (mut log, case) = prepared(&disk);
            disk.fail_after_changes(changes);
            finished = log.truncate_fully_and_start_at(Offset(100), NOW).is_ok();
            drop(log);
            disk.power_loss(seed);
            let (log, _) = open(&disk, small(), OpenContext::unclean(Offset(0), true, NOW));
            let found = contents(&log);
            assert_eq!(found[..], case.batches[..found.len()], "a prefix or nothing: {changes} {seed}");
            if finished {
                assert!(found.is_empty());
            }
        }
        if finished {
            break;
        }
    }
}

#[test]
fn d16_retention() {
    let delete = |log: &mut Log, disk: &MemDisk| match log.delete_segments(2, NOW) {
        Ok(removal) => removal.run(disk).is_ok(),
        Err(_) => false,
    };
    for changes in 0.. {
        let mut finished = false;
        for seed in 0..12 {
            let disk = MemDisk::new();
            let (mut log, case) = prepared(&disk);
            let start = log.segment_bases().nth(2).unwrap_or(log.log_end_offset());
            disk.fail_after_changes(changes);
            finished = delete(&mut log, &disk);
            drop(log);
            disk.power_loss(seed);
            let context = OpenContext::unclean(case.recovery_point, true, NOW);
            let (mut log, report) = open(&disk, small(), context);
            // Names that are not synced may come back, but never with a hole between them.
            let found = contents(&log);
            let tail = &case.batches[case.batches.len() - found.len()..];
            assert_eq!(found, tail, "{changes} {seed}: {report:?}");
            assert!(found[0].0 <= start.0, "nothing more is gone than was to go");
            check_producer(&mut log, "retention");
        }
        if finished {
            break;
        }
    }
}

#[test]
fn d3_a_new_partition_whose_names_are_not_synced() {
    for seed in 0..200 {
        let disk = MemDisk::new();
        let mut log = create(&disk, LogConfig::default());
        append(&mut log, records(2));
        sync(&mut log, &disk, SyncKind::Data);
        append(&mut log, records(2));
        disk.power_loss(seed);
        let (log, _) = open(&disk, LogConfig::default(), OpenContext::unclean(Offset(0), true, NOW));
        assert!(!contents(&log).is_empty(), "seed {seed}");
    }
}

#[test]
fn d3_a_name_that_a_killed_process_did_not_sync_is_synced_by_the_next() {
    for seed in 0..50 {
        let disk = MemDisk::new();
        let (mut log, _) = prepared(&disk);
        sync(&mut log, &disk, SyncKind::Checkpoint);
        let end = log.log_end_offset();
        log.roll(NOW).unwrap();
        drop(log);
        disk.process_crash();
        let (mut log, _) = open(&disk, small(), OpenContext::unclean(end, false, NOW));
        append(&mut log, records(2));
        sync(&mut log, &disk, SyncKind::Data);
        let expected = contents(&log);
        drop(log);
        disk.power_loss(seed);
        let (log, _) = open(&disk, small(), OpenContext::unclean(end, true, NOW));
        assert_eq!(contents(&log), expected, "seed {seed}");
    }
}

#[test]
fn d3_a_folder_that_no_process_has_synced_is_synced_with_its_first_records() {
    for seed in 0..50 {
        for clean in [true, false] {
            for early in [true, false] {
                let disk = MemDisk::new();
                let mut log = create(&disk, small());
                if early && !clean {
                    append(&mut log, records(2));
                }
                if clean {
                    log.close().unwrap();
                }
                drop(log);
                disk.process_crash();
                let context =
                    if clean { OpenContext::clean(NOW) } else { OpenContext::unclean(Offset(0), false, NOW) };
                let (mut log, _) = open(&disk, small(), context);
                append(&mut log, records(2));
                sync(&mut log, &disk, SyncKind::Data);
                let expected = contents(&log);
                drop(log);
                disk.power_loss(seed);
                let (log, _) = open(&disk, small(), OpenContext::unclean(Offset(0), true, NOW));
                assert_eq!(contents(&log), expected, "seed {seed}");
            }
        }
    }
}

#[test]
fn without_the_sync_the_same_test_finds_losses() {
    let lost = (0..50).filter(|seed| {
        let disk = MemDisk::new();
        let mut log = create(&disk, LogConfig::default());
        disk_sync_root(&disk);
        append(&mut log, records(2));
        disk.power_loss(*seed);
        let (log, _) = open(&disk, LogConfig::default(), OpenContext::unclean(Offset(0), true, NOW));
        contents(&log).is_empty()
    });
    assert!(lost.count() > 10);
}
