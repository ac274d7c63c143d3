//! Reading: slices, limits, timestamps, aborted transactions.

use headwater_base::{LeaderEpoch, Offset};
use headwater_log::{Log, LogConfig, MemDisk, OpenContext, ReadError};
use headwater_records::batches;

use crate::support::*;

fn filled(count: usize) -> (MemDisk, Log) {
    let disk = MemDisk::new();
    let mut log = create(&disk, small());
    for index in 0..count {
        append(&mut log, records(2).at(1000 + 10 * index as i64));
    }
    (disk, log)
}

#[test]
fn every_offset_is_found_with_and_without_handles_and_after_a_restart() {
    let (disk, mut log) = filled(60);
    for round in 0..3 {
        for offset in 0..120 {
            let slice = log.read(Offset(offset), 1, true, Offset(120)).unwrap().unwrap();
            assert_eq!(slice.base_offset.0, offset / 2 * 2);
            assert_eq!(slice.len, slice.first_batch_len);
            let mut bytes = vec![0; slice.len as usize];
            slice.file.read_at(&mut bytes, slice.position).unwrap();
            assert_eq!(batches(&bytes).next().unwrap().unwrap().base_offset.0, offset / 2 * 2);
        }
        if round == 0 {
            log.close_idle().unwrap();
        } else {
            log.close().unwrap();
            log = open(&disk, small(), OpenContext::clean(NOW)).0;
        }
    }
}

#[test]
fn limits_by_bytes_and_upper_offset() {
    let (_disk, log) = filled(60);
    let size = records(2).bytes().len() as u64;
    let read = |from, max, min_one, upper| log.read(Offset(from), max, min_one, Offset(upper)).unwrap();
    for upper in 1..=8 {
        let slice = read(0, 10_000, true, upper);
        let whole = upper as u64 / 2;
        assert_eq!(slice.map_or(0, |slice| slice.len), whole * size, "batches that end before {upper}");
    }
    assert_eq!(read(0, 10, false, 120).unwrap().len, 10, "cut inside the first batch, as it was asked for");
    let slice = read(0, size * 3 + 5, false, 120).unwrap();
    assert!(slice.len <= size * 3 + 5 && slice.len % size == 0, "cut between batches: {}", slice.len);
    assert!(read(120, 10, true, 120).is_none());
    let first = read(0, u64::MAX, true, 120).unwrap();
    assert!(first.len <= 1500 && first.end_offset_bound.0 < 120, "one segment");
    for offset in [-1, 121] {
        let error = log.read(Offset(offset), 10, true, Offset(120)).map(|_| ()).unwrap_err();
        assert!(matches!(error, ReadError::OffsetOutOfRange { .. }));
    }
}

#[test]
fn reading_at_the_end_looks_nothing_up() {
    let (disk, log) = filled(60);
    let before = disk.stats();
    log.read(Offset(118), 1000, true, Offset(120)).unwrap().unwrap();
    log.read(Offset(116), 1000, true, Offset(118)).unwrap().unwrap();
    assert_eq!(disk.stats(), before);
}

#[test]
fn a_plan_outlives_the_lock() {
    let (_disk, mut log) = filled(20);
    let plan = log.plan_read(Offset(30), Offset(40)).unwrap().unwrap();
    for _ in 0..50 {
        append(&mut log, records(2));
    }
    let slice = plan.resolve(10_000, true).unwrap().unwrap();
    assert_eq!(slice.base_offset, Offset(30));
    assert_eq!(slice.len, 5 * records(2).bytes().len() as u64, "what came later is not read");
}

#[test]
fn offsets_by_timestamp() {
    let disk = MemDisk::new();
    let mut log = create(&disk, small());
    // Two records a batch, one millisecond apart; the tenth batch is older than those before.
    let times: Vec<i64> = (0..60).map(|index| if index == 10 { 500 } else { 1000 + 10 * index }).collect();
    for at in &times {
        append(&mut log, records(2).at(*at));
    }
    let all: Vec<(i64, i64)> =
        (0..).zip(&times).flat_map(|(index, at)| [(*at, 2 * index), (at + 1, 2 * index + 1)]).collect();
    let expected = |wanted: i64| all.iter().find(|(at, _)| *at >= wanted).copied();
    for _ in 0..2 {
        for wanted in (490..1700).step_by(3) {
            let found = log.offset_for_timestamp(wanted).unwrap();
            let found = found.map(|(found, epoch)| {
                assert_eq!(epoch, LeaderEpoch(0));
                (found.timestamp, found.offset.0)
            });
            assert_eq!(found, expected(wanted), "{wanted}");
        }
        let max = log.max_timestamp().unwrap().unwrap().0;
        assert_eq!((max.timestamp, max.offset.0), (1591, 119));
        log.close().unwrap();
        log = open(&disk, small(), OpenContext::clean(NOW)).0;
    }
    log.increase_log_start_offset(Offset(31)).unwrap();
    assert_eq!(log.offset_for_timestamp(0).unwrap().unwrap().0.offset, Offset(31));
    assert!(create(&MemDisk::new(), small()).max_timestamp().unwrap().is_none());
}

#[test]
fn aborted_transactions_come_in_offset_order() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig { segment_bytes: 500, ..small() });
    for round in 0..10 {
        for id in [1, 2] {
            append(&mut log, records(1).of(id, 0, round).transactional());
        }
        append(&mut log, records(2));
        // The one that began later ends first.
        append_marker(&mut log, 2, 0, false);
        append_marker(&mut log, 1, 0, round % 2 == 0);
    }
    let end = log.log_end_offset();
    let all = log.aborted_transactions(Offset(0), end).unwrap();
    assert_eq!(all.len(), 15);
    assert!(all.windows(2).all(|pair| pair[0].first_offset < pair[1].first_offset));
    let some = log.aborted_transactions(Offset(6), Offset(9)).unwrap();
    let firsts: Vec<i64> = some.iter().map(|entry| entry.first_offset.0).collect();
    assert_eq!(firsts, [6, 7]);
    log.close().unwrap();
    let (log, _) = open(&disk, small(), OpenContext::clean(NOW));
    assert_eq!(log.aborted_transactions(Offset(0), end).unwrap(), all);
}
