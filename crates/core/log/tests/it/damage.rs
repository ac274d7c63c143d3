//! Torn tails and damage in the middle.

use std::sync::Arc;

use headwater_base::Offset;
use headwater_log::disk::{Fault, FaultKind};
use headwater_log::{Disk, Log, LogConfig, LogError, MemDisk, OpenContext, OpenMode, SyncKind};

use crate::support::*;

const FIRST: &str = "t-0/00000000000000000000.log";

fn ten(disk: &MemDisk) -> (Log, u64) {
    let mut log = create(disk, LogConfig::default());
    for _ in 0..10 {
        append(&mut log, records(2).long(300));
    }
    (log, records(2).long(300).bytes().len() as u64)
}

#[test]
fn d1_a_torn_tail_is_cut_and_told() {
    let disk = MemDisk::new();
    let (_, size) = ten(&disk);
    for cut in [1, 11, 12, 20, 60, 61, 62, size - 1] {
        let copy = disk.fork();
        copy.open(FIRST, OpenMode::Existing).unwrap().truncate(9 * size + cut).unwrap();
        let (log, report) = open(&copy, LogConfig::default(), OpenContext::unclean(Offset(0), false, NOW));
        assert_eq!(contents(&log).len(), 9, "{cut}");
        let told = &report.cuts[0];
        assert_eq!((told.position, told.bytes, told.end_offset), (9 * size, cut, Offset(18)));
        assert!(report.lines()[0].contains("cut"), "{report:?}");
        assert_eq!(copy.open(FIRST, OpenMode::Existing).unwrap().len().unwrap(), 9 * size);
    }
}

#[test]
fn d1_a_flip_in_the_last_batch_is_a_torn_tail() {
    let disk = MemDisk::new();
    let (_, size) = ten(&disk);
    flip(&disk, FIRST, 9 * size + 100);
    let (log, report) = open(&disk, LogConfig::default(), OpenContext::unclean(Offset(0), false, NOW));
    assert_eq!((contents(&log).len(), report.cuts.len()), (9, 1));
}

#[test]
fn d9_a_flip_in_the_middle_is_not_cut() {
    for count in [1, 2] {
        let disk = MemDisk::new();
        let mut log = create(&disk, LogConfig::default());
        for _ in 0..10 {
            append(&mut log, records(count).long(300));
        }
        let size = records(count).long(300).bytes().len() as u64;
        for at in [0, 5, 8, 9, 10, 11, 16, 17, 30, 60, 61, 200, size - 1] {
            for power_lost in [false, true] {
                let copy = disk.fork();
                flip(&copy, FIRST, 4 * size + at);
                let context = OpenContext::unclean(Offset(0), power_lost, NOW);
                match Log::open(Arc::new(copy.clone()), DIR, LogConfig::default(), &context) {
                    Err(LogError::Corrupt { file, position, offset, .. }) => {
                        let expected = (FIRST, 4 * size, Offset(4 * count as i64));
                        assert_eq!((file.as_str(), position, offset), expected, "{at}");
                    }
                    Err(error) => panic!("{at}: {error}"),
                    Ok((_, report)) => panic!("{at}: {report:?}"),
                }
                let len = copy.open(FIRST, OpenMode::Existing).unwrap().len().unwrap();
                assert_eq!(len, 10 * size, "untouched");
            }
        }
    }
}

#[test]
fn d9_an_offset_that_overlaps_the_next_segment_is_damage() {
    let disk = MemDisk::new();
    let mut log = create(&disk, small());
    while log.segment_count() < 2 {
        append(&mut log, records(2));
    }
    let end = disk.open(FIRST, OpenMode::Existing).unwrap().len().unwrap();
    let last = end - records(2).bytes().len() as u64;
    flip(&disk, FIRST, last + 6);
    let context = OpenContext::unclean(Offset(0), false, NOW);
    let error = Log::open(Arc::new(disk.clone()), DIR, small(), &context).map(|_| ()).unwrap_err();
    assert!(matches!(error, LogError::Corrupt { position, .. } if position == last), "{error}");
}

#[test]
fn d9_damage_before_a_later_segment_is_not_cut() {
    let disk = MemDisk::new();
    let mut log = create(&disk, small());
    for _ in 0..30 {
        append(&mut log, records(2));
    }
    let size = disk.open(FIRST, OpenMode::Existing).unwrap().len().unwrap();
    flip(&disk, FIRST, size - 1);
    let context = OpenContext::unclean(Offset(0), false, NOW);
    let error = Log::open(Arc::new(disk.clone()), DIR, small(), &context).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("a later segment"), "{error}");
}

#[test]
fn d9_a_sector_that_a_power_loss_left_out_is_a_torn_tail() {
    let disk = MemDisk::new();
    let (_, size) = ten(&disk);
    let zeros = disk.open(FIRST, OpenMode::Existing).unwrap();
    let start = (4 * size).next_multiple_of(512);
    zeros.write_at(&[0; 512], start).unwrap();
    let copy = disk.fork();
    let (log, report) = open(&copy, LogConfig::default(), OpenContext::unclean(Offset(0), true, NOW));
    let whole = (start / size) as usize;
    assert_eq!(contents(&log).len(), whole);
    assert!(report.cuts[0].beyond_hole);
    let context = OpenContext::unclean(Offset(0), false, NOW);
    assert!(
        Log::open(Arc::new(disk.clone()), DIR, LogConfig::default(), &context).is_err(),
        "a process that dies leaves no hole"
    );
}

#[test]
fn gaps_that_compaction_left_before_the_recovery_point_lose_nothing() {
    let disk = MemDisk::new();
    let size = records(2).bytes().len() as u64;
    let mut log = create(&disk, LogConfig { segment_bytes: 10 * size as u32, ..small() });
    for _ in 0..30 {
        append(&mut log, records(2));
    }
    sync(&mut log, &disk, SyncKind::Checkpoint);
    let bases: Vec<Offset> = log.segment_bases().collect();
    assert!(bases.len() >= 3);
    drop(log);
    // The first segment without its last two batches.
    let first = disk.open(FIRST, OpenMode::Existing).unwrap();
    first.truncate(first.len().unwrap() - 2 * size).unwrap();
    first.sync_data().unwrap();
    disk.remove_file(&FIRST.replace(".log", ".index")).unwrap();
    // Where the gap lies behind the recovery point nobody can tell it from a lost write.
    for recovery_point in bases[1..].iter().copied().chain([Offset(60)]) {
        let context = OpenContext::unclean(recovery_point, true, NOW);
        let (log, report) = open(&disk.fork(), small(), context);
        assert!(report.cuts.is_empty() && report.dropped_segments.is_empty(), "{recovery_point}: {report:?}");
        assert_eq!(contents(&log).len(), 28, "{recovery_point}");
    }
}

#[test]
fn recovery_looks_only_behind_the_recovery_point() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig { index_interval_bytes: 1000, ..LogConfig::default() });
    for _ in 0..100 {
        append(&mut log, records(2).long(300));
    }
    sync(&mut log, &disk, SyncKind::Checkpoint);
    for _ in 0..5 {
        append(&mut log, records(2).long(300));
    }
    let size = records(2).long(300).bytes().len() as u64;
    flip(&disk, FIRST, 3 * size + 100);
    let config = LogConfig { index_interval_bytes: 1000, ..LogConfig::default() };
    let (log, report) = open(&disk, config, OpenContext::unclean(log.recovery_point(), false, NOW));
    assert!(report.is_quiet(), "{report:?}");
    assert!(report.scanned_bytes < 10 * size, "{} bytes", report.scanned_bytes);
    assert_eq!(log.log_end_offset(), Offset(210));
}

#[test]
fn an_end_before_the_recovery_point_is_told() {
    let disk = MemDisk::new();
    let (mut log, size) = ten(&disk);
    sync(&mut log, &disk, SyncKind::Checkpoint);
    disk.open(FIRST, OpenMode::Existing).unwrap().truncate(6 * size).unwrap();
    let (_, report) =
        open(&disk, LogConfig::default(), OpenContext::unclean(log.recovery_point(), false, NOW));
    assert_eq!(report.missing_before, Some(Offset(20)));
}

#[test]
fn another_topics_folder_is_refused() {
    let disk = MemDisk::new();
    ten(&disk);
    let context = OpenContext {
        topic_id: Some(headwater_base::Uuid(78)),
        ..OpenContext::unclean(Offset(0), false, NOW)
    };
    let error = Log::open(Arc::new(disk), DIR, LogConfig::default(), &context).map(|_| ()).unwrap_err();
    assert!(matches!(error, LogError::InconsistentTopicId { .. }));
}

/// The next start of the process finds all batches in the page cache, and none of the last ones is on the disk.
#[test]
fn d4_what_a_failed_sync_left_in_the_page_cache_is_written_again() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig::default());
    append(&mut log, records(2).long(300));
    sync(&mut log, &disk, SyncKind::Data);
    append(&mut log, records(2).long(300));
    let fault = Fault {
        kind: FaultKind::Sync,
        path: String::new(),
        after: 0,
        times: 1,
        error: std::io::ErrorKind::Other,
    };
    disk.inject(fault);
    assert!(log.dirty(SyncKind::Data).unwrap().run(&disk).is_err());
    drop(log);
    disk.process_crash();
    let (mut log, _) = open(&disk, LogConfig::default(), OpenContext::unclean(Offset(0), true, NOW));
    assert_eq!(log.log_end_offset(), Offset(4));
    sync(&mut log, &disk, SyncKind::Data);
    assert_eq!(log.durable_offset(), Offset(4));
    for seed in 0..10 {
        let dark = disk.fork();
        dark.power_loss(seed);
        let (log, _) = open(&dark, LogConfig::default(), OpenContext::unclean(Offset(0), true, NOW));
        assert_eq!(log.log_end_offset(), Offset(4), "{seed}");
    }
}
