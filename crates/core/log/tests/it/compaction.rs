//! Compaction on a disk in memory.

use std::collections::BTreeMap;

use headwater_base::{LeaderEpoch, Offset};
use headwater_log::compact::{Cleanable, Compaction, CompactionLimits, Outcome, Step};
use headwater_log::{AppendContext, Disk, Log, LogConfig, LogError, MemDisk, OpenContext, SyncKind};
use headwater_records::{BatchBuilder, BatchOptions, Scratch, batches};

use crate::support::*;

pub const LIMITS: CompactionLimits =
    CompactionLimits { slots: 5_000, load_factor: 0.9, io_bytes: 1_000, hash_key: [3, 4] };

/// Compacts up to the last stable offset, with everything durable.
pub fn compact(
    log: &mut Log,
    disk: &dyn Disk,
    checkpoint: Option<Offset>,
    limits: CompactionLimits,
    now_ms: i64,
) -> Result<Option<(Cleanable, Outcome)>, LogError> {
    let end = log.log_end_offset();
    log.on_high_watermark(end);
    let Some(range) = log.extent(end).cleanable(checkpoint, now_ms)? else { return Ok(None) };
    if range.cleanable_bytes == 0 {
        return Ok(None);
    }
    let mut compaction = Compaction::new(log, range, limits, now_ms)?;
    loop {
        match compaction.step(log) {
            Ok(Step::Moved(_)) => {}
            Ok(Step::Ready(replacement)) => {
                for path in replacement.run(&mut |change| change(log))? {
                    let _ = disk.remove_file(&path);
                }
            }
            Ok(Step::Over(outcome)) => return Ok(Some((range, outcome))),
            Err(error) => {
                compaction.abandon();
                return Err(error);
            }
        }
    }
}

/// A batch of keyed records; an empty value is a tombstone.
pub fn put(log: &mut Log, records: &[(&str, &str)], at: i64) {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for (key, value) in records {
        let value = (!value.is_empty()).then_some(value.as_bytes());
        builder.append(at, Some(key.as_bytes()), value, &[]);
    }
    let context = AppendContext::client(LeaderEpoch(0), NOW);
    log.append_as_leader(&mut builder.build(), &context).unwrap();
}

/// What a consumer sees: offset, key, value.
pub fn seen(log: &Log) -> Vec<(i64, String, Option<String>)> {
    let mut seen = Vec::new();
    for batch in batches(&read_all_sparse(log)) {
        let batch = batch.unwrap();
        batch.verify_crc().unwrap();
        let mut space = Vec::new();
        for record in batch.records(&mut Scratch::new(), &mut space, 1 << 20).unwrap() {
            let record = record.unwrap();
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            seen.push((record.offset.0, record.key.map_or(String::new(), text), record.value.map(text)));
        }
    }
    seen
}

/// As `read_all`, where offsets may be missing, also at the end.
pub fn read_all_sparse(log: &Log) -> Vec<u8> {
    let mut all = Vec::new();
    let mut from = log.log_start_offset();
    while let Some(slice) = log.read(from, 700, true, log.log_end_offset()).unwrap() {
        let mut bytes = vec![0; slice.len as usize];
        assert_eq!(slice.file.read_at(&mut bytes, slice.position).unwrap(), bytes.len());
        let mut next = from;
        for batch in batches(&bytes).map_while(Result::ok) {
            next = batch.next_offset();
            all.extend_from_slice(batch.bytes());
        }
        assert!(next > from, "a slice without a whole batch at {from}");
        from = next;
    }
    all
}

/// The value of each key.
pub fn table(log: &Log) -> BTreeMap<String, String> {
    let mut table = BTreeMap::new();
    for (_, key, value) in seen(log) {
        match value {
            Some(value) => table.insert(key, value),
            None => table.remove(&key),
        };
    }
    table
}

pub fn durable(log: &mut Log, disk: &dyn Disk) {
    let plan = log.dirty(SyncKind::Checkpoint).unwrap();
    plan.run(disk).unwrap();
    log.mark_durable(&plan);
}

fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 600,
        index_interval_bytes: 150,
        delete_retention_ms: 1_000,
        ..LogConfig::default()
    }
}

fn pairs(seen: &[(i64, String, Option<String>)]) -> Vec<String> {
    seen.iter()
        .map(|(offset, key, value)| format!("{offset}:{key}={}", value.as_deref().unwrap_or("-")))
        .collect()
}

#[test]
fn of_each_key_the_last_record_stays_and_a_tombstone_until_its_horizon() {
    let disk = MemDisk::new();
    let mut log = create(&disk, config());
    put(&mut log, &[("a", "1"), ("b", "1"), ("c", "1")], NOW);
    put(&mut log, &[("a", "2"), ("b", "")], NOW);
    log.roll(NOW).unwrap();
    put(&mut log, &[("a", "3")], NOW);
    durable(&mut log, &disk);
    let (range, outcome) = compact(&mut log, &disk, None, LIMITS, 5_000).unwrap().unwrap();
    assert_eq!((range.first_dirty, range.first_uncleanable), (Offset(0), Offset(5)));
    assert_eq!((outcome.first_dirty, outcome.statistics.records_retained), (Offset(5), 3));
    assert_eq!(pairs(&seen(&log)), ["2:c=1", "3:a=2", "4:b=-", "5:a=3"]);
    let horizons = |log: &Log| -> Vec<Option<i64>> {
        let bytes = read_all_sparse(log);
        batches(&bytes).map(|batch| batch.unwrap().delete_horizon_ms()).collect()
    };
    assert_eq!(horizons(&log), [None, Some(6_000), None]);
    assert!(
        compact(&mut log, &disk, Some(outcome.first_dirty), LIMITS, 9_000).unwrap().is_none(),
        "nothing dirty"
    );
    log.roll(NOW).unwrap();
    put(&mut log, &[("d", "1")], NOW);
    durable(&mut log, &disk);
    let (_, outcome) = compact(&mut log, &disk, Some(outcome.first_dirty), LIMITS, 5_999).unwrap().unwrap();
    assert_eq!(pairs(&seen(&log)), ["2:c=1", "4:b=-", "5:a=3", "6:d=1"], "not before the horizon");
    assert_eq!(log.segment_count(), 2, "two became one");
    log.roll(NOW).unwrap();
    put(&mut log, &[("e", "1")], NOW);
    durable(&mut log, &disk);
    compact(&mut log, &disk, Some(outcome.first_dirty), LIMITS, 6_000).unwrap().unwrap();
    assert_eq!(pairs(&seen(&log)), ["2:c=1", "5:a=3", "6:d=1", "7:e=1"]);
}

#[test]
fn readers_that_began_before_read_to_the_end_or_look_again() {
    let disk = MemDisk::new();
    let mut log = create(&disk, config());
    (0..20).for_each(|round| put(&mut log, &[("a", "long value of a"), ("b", &format!("{round}"))], NOW));
    durable(&mut log, &disk);
    let slice = log.read(Offset(0), 10_000, true, log.log_end_offset()).unwrap().unwrap();
    let plan = log.plan_read(Offset(0), log.log_end_offset()).unwrap().unwrap();
    let mut before = vec![0; slice.len as usize];
    slice.file.read_at(&mut before, slice.position).unwrap();
    assert!(!plan.is_outdated(&slice));
    compact(&mut log, &disk, None, LIMITS, NOW).unwrap().unwrap();
    let mut after = vec![0; slice.len as usize];
    assert_eq!(slice.file.read_at(&mut after, slice.position).unwrap(), after.len());
    assert_eq!(before, after, "the files of a slice stay readable");
    assert!(matches!(plan.resolve(10_000, true), Err(LogError::Replaced(_))));
    assert!(plan.is_outdated(&slice));
    let again = log.read(Offset(0), 10_000, true, log.log_end_offset()).unwrap().unwrap();
    assert!(again.base_offset > slice.base_offset);
}

#[test]
fn nothing_is_replaced_that_has_changed_or_is_not_durable() {
    let disk = MemDisk::new();
    let mut log = create(&disk, config());
    (0..20).for_each(|_| put(&mut log, &[("a", "long value of a")], NOW));
    let found = compact(&mut log, &disk, None, LIMITS, NOW);
    assert!(matches!(found, Err(LogError::Replaced(_))), "not before the recovery point");
    durable(&mut log, &disk);
    let before = pairs(&seen(&log));
    let end = log.log_end_offset();
    let range = log.extent(end).cleanable(None, NOW).unwrap().unwrap();
    let mut compaction = Compaction::new(&log, range, LIMITS, NOW).unwrap();
    let replacement = loop {
        match compaction.step(&log).unwrap() {
            Step::Ready(replacement) => break replacement,
            Step::Moved(_) => {}
            Step::Over(_) => unreachable!(),
        }
    };
    let _ = log.delete_segments(1, NOW).unwrap();
    assert!(matches!(replacement.run(&mut |change| change(&mut log)), Err(LogError::Replaced(_))));
    assert!(before.ends_with(&pairs(&seen(&log))) && before.len() > seen(&log).len());
    assert!(!files(&disk).iter().any(|name| name.contains(".cleaned") || name.contains(".swap")));
}

/// A log in which every kind of record is dropped by a compaction at 10_000, and the checkpoint of the one before.
fn prepared(disk: &MemDisk) -> (Log, Offset) {
    let mut log = create(disk, config());
    disk.sync_dir("").unwrap();
    log.folder_is_durable();
    for round in 0..6 {
        put(&mut log, &[("a", &format!("a{round}")), ("gone", "old"), ("b", "b")], NOW);
        put(&mut log, &[(&format!("once{round}"), "x")], NOW);
    }
    put(&mut log, &[("gone", "")], NOW);
    log.roll(NOW).unwrap();
    put(&mut log, &[("gone2", "older")], NOW);
    durable(&mut log, disk);
    let (_, outcome) = compact(&mut log, disk, None, LIMITS, 5_000).unwrap().unwrap();
    for round in 6..16 {
        put(&mut log, &[("a", &format!("a{round}")), ("b", "b2")], NOW);
        put(&mut log, &[(&format!("once{}", round % 8), "y"), ("gone2", "")], NOW);
    }
    log.roll(NOW).unwrap();
    put(&mut log, &[("last", "z")], NOW);
    durable(&mut log, disk);
    (log, outcome.first_dirty)
}

#[test]
fn d16_every_crash_point_of_a_compaction_leaves_the_same_table() {
    let mut points = 0;
    for changes in 0.. {
        let mut finished = false;
        for seed in 0..24 {
            let disk = MemDisk::new();
            let (mut log, checkpoint) = prepared(&disk);
            let expected = table(&log);
            let before = pairs(&seen(&log));
            let (recovery_point, end) = (log.recovery_point(), log.log_end_offset());
            disk.fail_after_changes(changes);
            let result = compact(&mut log, &disk, Some(checkpoint), LIMITS, 10_000);
            finished = result.is_ok();
            drop(log);
            // Half of them lose the power, half only the process.
            let power_lost = seed % 2 == 0;
            if power_lost {
                disk.power_loss(seed)
            } else {
                disk.process_crash()
            }
            // Every third one finds no recovery point either: its checkpoint was damaged.
            let recovery_point = if seed % 3 == 0 { Offset(0) } else { recovery_point };
            let context = OpenContext::unclean(recovery_point, power_lost, NOW);
            let (mut log, report) = open(&disk, config(), context);
            let what = format!("{changes} changes, seed {seed}, {result:?}, {report:?}, {:?}", files(&disk));
            assert!(report.cuts.is_empty() && report.dropped_segments.is_empty(), "{what}");
            assert_eq!(report.missing_before, None, "{what}");
            assert_eq!(log.log_end_offset(), end, "{what}");
            assert_eq!(table(&log), expected, "{what}");
            let left = pairs(&seen(&log));
            assert!(left.iter().all(|record| before.contains(record)), "{what}");
            assert!(left.len() < before.len() || !finished, "{what}");
            // It goes on, and another compaction brings it to the same end.
            put(&mut log, &[("after", "1")], NOW);
            durable(&mut log, &disk);
            compact(&mut log, &disk, Some(checkpoint), LIMITS, 10_000).unwrap();
            let done = pairs(&seen(&log));
            assert!(!done.iter().any(|record| record.ends_with(":gone=-")), "{what}: {done:?}");
            assert_eq!(table(&log).len(), expected.len() + 1, "{what}");
            let stages = [".cleaned", ".swap", ".deleted"];
            assert!(
                !files(&disk).iter().any(|name| stages.iter().any(|stage| name.ends_with(stage))),
                "{what}"
            );
        }
        points = changes;
        if finished {
            break;
        }
    }
    assert!(points > 30, "{points} crash points");
}
