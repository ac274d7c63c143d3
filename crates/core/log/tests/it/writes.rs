//! Appending: what it writes, when it rolls, and that a failed one changes nothing.

use headwater_base::{LeaderEpoch, Offset};
use headwater_log::disk::{Fault, FaultKind};
use headwater_log::{Disk, LogConfig, MemDisk, OpenContext, Origin, SyncKind};

use crate::support::*;

#[test]
fn an_empty_log_is_a_folder_and_an_append_is_one_write() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig::default());
    assert!(files(&disk).is_empty());
    append(&mut log, records(1));
    assert_eq!(files(&disk), ["00000000000000000000.log", "partition.metadata"]);
    let before = disk.stats();
    for _ in 0..100 {
        append(&mut log, records(1));
    }
    let after = disk.stats();
    assert_eq!(after.writes - before.writes, 100);
    assert_eq!((after.reads - before.reads, after.opens - before.opens, after.file_syncs), (0, 0, 0));
}

#[test]
fn rolls_by_size_time_and_index() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig { segment_bytes: 1000, ..LogConfig::default() });
    for _ in 0..9 {
        append(&mut log, records(3));
    }
    let size = records(3).bytes().len();
    let per_segment = 1000 / size;
    assert_eq!(log.segment_count(), 9usize.div_ceil(per_segment));

    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig { segment_ms: 100, ..LogConfig::default() });
    for timestamp in [1000, 1100, 1101, 1150, 1202] {
        append(&mut log, records(1).at(timestamp));
    }
    let bases: Vec<i64> = log.segment_bases().map(|base| base.0).collect();
    assert_eq!(bases, [0, 2, 4]);

    let disk = MemDisk::new();
    let config = LogConfig { segment_index_bytes: 24, index_interval_bytes: 1, ..LogConfig::default() };
    let mut log = create(&disk, config);
    for _ in 0..10 {
        append(&mut log, records(1).at(-1));
    }
    let bases: Vec<i64> = log.segment_bases().map(|base| base.0).collect();
    assert_eq!(bases, [0, 4, 8]);
    log.roll(NOW).unwrap();
    log.roll(NOW).unwrap();
    assert_eq!(log.segment_count(), 4, "an empty segment is not rolled");
}

#[test]
fn a_batch_larger_than_a_segment_is_refused() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig { segment_bytes: 200, ..LogConfig::default() });
    assert!(try_append(&mut log, records(1).long(300).bytes(), Origin::Client).is_err());
    assert_eq!(log.log_end_offset(), Offset(0));
}

#[test]
fn d5_a_failed_write_changes_nothing() {
    for error in [std::io::ErrorKind::Other, std::io::ErrorKind::StorageFull] {
        let disk = MemDisk::new();
        let mut log = create(&disk, small());
        append(&mut log, records(2).of(1, 0, 0));
        let before = contents(&log);
        for attempt in 0..2 {
            let path = ".log".to_owned();
            disk.inject(Fault { kind: FaultKind::Write, path, after: 0, times: 1, error });
            let refused = try_append(&mut log, records(2).of(1, 0, 2).bytes(), Origin::Client);
            assert!(refused.is_err(), "{attempt}");
            assert_eq!(contents(&log), before);
            assert_eq!(log.log_end_offset(), Offset(2));
        }
        disk.heal();
        let place = append(&mut log, records(2).of(1, 0, 2));
        assert_eq!(place.base_offset, Offset(2));
        disk.process_crash();
        let (log, report) = open(&disk, small(), OpenContext::unclean(Offset(0), false, NOW));
        assert!(report.is_quiet(), "{report:?}");
        assert_eq!(contents(&log), [(0, 2), (2, 2)]);
    }
}

#[test]
fn d5_a_file_that_cannot_be_cut_back_takes_no_more() {
    let disk = MemDisk::new();
    let mut log = create(&disk, small());
    append(&mut log, records(2));
    for kind in [FaultKind::Write, FaultKind::Change] {
        let path = ".log".to_owned();
        disk.inject(Fault { kind, path, after: 0, times: 1, error: std::io::ErrorKind::Other });
    }
    assert!(try_append(&mut log, records(1).bytes(), Origin::Client).is_err());
    disk.heal();
    assert!(try_append(&mut log, records(1).bytes(), Origin::Client).is_err(), "poisoned");
    assert_eq!(contents(&log), [(0, 2)], "reads go on");
}

#[test]
fn d4_after_a_failed_sync_nothing_more_is_promised() {
    let disk = MemDisk::new();
    disk.sync_dir("").unwrap();
    let mut log = create(&disk, small());
    append(&mut log, records(2));
    let error = std::io::ErrorKind::Other;
    disk.inject(Fault { kind: FaultKind::Sync, path: ".log".to_owned(), after: 0, times: 1, error });
    let plan = log.dirty(SyncKind::Data).unwrap();
    let failure = plan.run(&disk).unwrap_err();
    assert_eq!(log.durable_offset(), Offset(0));
    log.poison(&failure.to_string());
    assert!(try_append(&mut log, records(1).bytes(), Origin::Client).is_err());
    assert!(log.close().is_err(), "so no clean shutdown is marked");
    assert_eq!(contents(&log), [(0, 2)]);
}

#[test]
fn d6_a_full_disk_recovers_by_itself() {
    let disk = MemDisk::new();
    let mut log = create(&disk, small());
    append(&mut log, records(2));
    disk.set_capacity(disk.used() + 50);
    let refused = try_append(&mut log, records(1).bytes(), Origin::Client).unwrap_err();
    assert!(matches!(refused, headwater_log::AppendError::Log(error) if error.is_no_space()));
    disk.set_capacity(u64::MAX);
    assert_eq!(append(&mut log, records(1)).base_offset, Offset(2));
}

#[test]
fn a_roll_that_fails_half_way_leaves_the_log_as_it_was() {
    for (after, kind) in (0..8).flat_map(|after| [(after, FaultKind::Change), (after, FaultKind::Write)]) {
        let disk = MemDisk::new();
        let mut log = create(&disk, LogConfig { segment_bytes: 200, ..small() });
        append(&mut log, records(3).of(1, 0, 0));
        let error = std::io::ErrorKind::StorageFull;
        disk.inject(Fault { kind, path: String::new(), after, times: 1, error });
        let first = try_append(&mut log, records(3).of(1, 0, 3).bytes(), Origin::Client);
        disk.heal();
        if first.is_err() {
            assert_eq!(contents(&log), [(0, 3)]);
            append(&mut log, records(3).of(1, 0, 3));
        }
        assert_eq!(contents(&log), [(0, 3), (3, 3)]);
        log.close().unwrap();
        let (log, report) = open(&disk, small(), OpenContext::clean(NOW));
        assert!(report.is_quiet(), "{after}: {report:?}");
        assert_eq!((log.segment_count(), contents(&log).len()), (2, 2));
    }
}

#[test]
fn followers_take_offsets_and_epochs_as_they_come() {
    let (disk, other) = (MemDisk::new(), MemDisk::new());
    let mut leader = create(&disk, small());
    for _ in 0..30 {
        append(&mut leader, records(2));
    }
    let bytes = read_all(&leader);
    let mut follower = create(&other, LogConfig { segment_bytes: 1 << 20, ..small() });
    follower.append_as_follower(&bytes, NOW).unwrap();
    assert_eq!(read_all(&follower), bytes);
    assert_eq!(follower.latest_epoch(), Some(LeaderEpoch(0)));
    assert!(follower.append_as_follower(&bytes, NOW).is_err(), "offsets that are there");
}

#[test]
fn truncation_and_epochs() {
    let disk = MemDisk::new();
    let mut log = create(&disk, small());
    for epoch in 0..5 {
        log.assign_epoch(LeaderEpoch(epoch));
        for _ in 0..10 {
            let mut bytes = records(2).bytes();
            let context = headwater_log::AppendContext::client(LeaderEpoch(epoch), NOW);
            log.append_as_leader(&mut bytes, &context).unwrap();
        }
    }
    assert_eq!(log.end_offset_for_epoch(LeaderEpoch(2)), Some((LeaderEpoch(2), Offset(60))));
    sync(&mut log, &disk, SyncKind::Checkpoint);
    assert_eq!(log.recovery_point(), Offset(100));
    log.truncate_to(Offset(55), NOW).unwrap();
    assert_eq!(log.log_end_offset(), Offset(54), "a batch that holds the offset goes");
    assert_eq!((log.recovery_point(), log.durable_offset()), (Offset(54), Offset(54)));
    assert_eq!(log.latest_epoch(), Some(LeaderEpoch(2)));
    disk.power_loss(3);
    let (log, _) = open(&disk, small(), OpenContext::unclean(Offset(54), true, NOW));
    assert_eq!(contents(&log).len(), 27);
    assert_eq!(log.end_offset_for_epoch(LeaderEpoch(1)), Some((LeaderEpoch(1), Offset(40))));
}

#[test]
fn retention_by_time_size_and_start() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig { segment_bytes: 300, ..small() });
    for index in 0..10 {
        append(&mut log, records(2).at(1000 * index));
    }
    let segments = log.segment_count();
    assert!(segments >= 5);
    let all = log.log_end_offset();
    let with = |log: &mut headwater_log::Log, retention_ms, retention_bytes| {
        log.set_config(LogConfig { retention_ms, retention_bytes, ..log.config().clone() });
        log.deletable_segments(all, 10_000).unwrap()
    };
    assert_eq!(with(&mut log, -1, -1), None);
    assert_eq!(with(&mut log, 0, -1).unwrap().0, segments, "the active one too");
    assert!(with(&mut log, 5_000, -1).unwrap().0 < segments);
    let size = log.size_bytes().unwrap() as i64;
    assert_eq!(with(&mut log, -1, size), None);
    let (count, _) = with(&mut log, -1, size / 2).unwrap();
    assert_eq!(log.delete_segments(count, NOW).unwrap().segments, 0, "nothing is durable");
    sync(&mut log, &disk, SyncKind::Data);
    let removal = log.delete_segments(count, NOW).unwrap();
    assert_eq!(removal.segments, count);
    removal.rename(&disk).unwrap();
    assert!(log.size_bytes().unwrap() as i64 >= size / 2);
    assert!(files(&disk).iter().any(|name| name.ends_with(".deleted")));
    removal.remove(&disk).unwrap();
    assert!(!files(&disk).iter().any(|name| name.ends_with(".deleted")));
    log.increase_log_start_offset(all).unwrap();
    let (count, reason) = with(&mut log, -1, -1).unwrap();
    assert_eq!((count, reason), (log.segment_count() - 1, headwater_log::Reason::Start));
    log.close().unwrap();
    drop(log);
    let context = OpenContext { log_start_offset: all, ..OpenContext::clean(NOW) };
    let (mut log, _) = open(&disk, small(), context);
    assert_eq!((log.log_start_offset(), log.log_end_offset()), (all, all));
    assert_eq!(append(&mut log, records(1)).base_offset, all);
}

#[test]
fn preallocated_space_stays_after_a_kill_and_d12_zeros_behind_are_no_batches() {
    let config = LogConfig { preallocate_bytes: 4096, ..small() };
    let disk = MemDisk::new();
    let mut log = create(&disk, config.clone());
    append(&mut log, records(2));
    let file = disk.open("t-0/00000000000000000000.log", headwater_log::OpenMode::Existing).unwrap();
    assert_eq!(file.len().unwrap(), 4096);
    disk.process_crash();
    let (mut log, report) = open(&disk, config.clone(), OpenContext::unclean(Offset(0), false, NOW));
    assert!(report.is_quiet(), "{report:?}");
    assert_eq!((contents(&log), lengths(&disk, &log).0), (vec![(0, 2)], 4096));
    for _ in 0..20 {
        append(&mut log, records(2));
    }
    log.close().unwrap();
    let (log, report) = open(&disk, config, OpenContext::clean(NOW));
    assert!(report.is_quiet(), "{report:?}");
    assert_eq!(contents(&log).len(), 21);
}

fn synced(disk: &MemDisk, log: &mut headwater_log::Log) {
    let plan = log.dirty(headwater_log::SyncKind::Data).unwrap();
    plan.run(disk).unwrap();
    log.mark_durable(&plan);
}

/// Length of the file and bytes of the batches in the only segment.
fn lengths(disk: &MemDisk, log: &headwater_log::Log) -> (u64, u64) {
    let file = disk.open("t-0/00000000000000000000.log", headwater_log::OpenMode::Existing).unwrap();
    (file.len().unwrap(), log.size_bytes().unwrap())
}

#[test]
fn small_syncs_are_followed_by_zeros_that_a_stop_cuts_off() {
    let config = LogConfig { headroom_bytes: 1 << 20, ..LogConfig::default() };
    let disk = MemDisk::new();
    let mut log = create(&disk, config.clone());
    append(&mut log, records(2));
    let (len, size) = lengths(&disk, &log);
    assert_eq!(len, size, "nothing is known of its syncs yet");
    synced(&disk, &mut log);
    append(&mut log, records(2));
    let (len, size) = lengths(&disk, &log);
    assert!(len >= size + (32 << 10) && len % 4096 == 0, "{len} bytes");
    synced(&disk, &mut log);
    append(&mut log, records(2));
    assert_eq!(lengths(&disk, &log).0, len, "there is room");

    disk.power_loss(7);
    let (mut log, report) = open(&disk, config.clone(), OpenContext::unclean(Offset(0), true, NOW));
    assert!(report.is_quiet(), "{report:?}");
    assert!(contents(&log).len() >= 2, "what was synced is there: {:?}", contents(&log));
    let kept = contents(&log).len();
    append(&mut log, records(1));
    log.close().unwrap();
    let (log, report) = open(&disk, config, OpenContext::clean(NOW));
    assert!(report.is_quiet(), "{report:?}");
    assert_eq!(contents(&log).len(), kept + 1);
    let (len, size) = lengths(&disk, &log);
    assert_eq!(len, size);
}

#[test]
fn large_syncs_write_nothing_twice() {
    let config = LogConfig { headroom_bytes: 1 << 20, ..LogConfig::default() };
    let disk = MemDisk::new();
    let mut log = create(&disk, config);
    for _ in 0..3 {
        append(&mut log, records(2).long(100_000));
        let (len, size) = lengths(&disk, &log);
        assert_eq!(len, size);
        synced(&disk, &mut log);
    }
}

#[test]
fn records_find_room_where_zeros_find_none() {
    let config = LogConfig { headroom_bytes: 1 << 20, ..LogConfig::default() };
    let disk = MemDisk::new();
    let mut log = create(&disk, config);
    append(&mut log, records(2));
    synced(&disk, &mut log);
    disk.set_capacity(disk.used() + 2_000);
    append(&mut log, records(2));
    append(&mut log, records(2));
    let (len, size) = lengths(&disk, &log);
    assert_eq!(len, size);
    assert_eq!(contents(&log).len(), 3);
}

#[test]
fn idle_logs_hold_no_handles_and_go_on() {
    let disk = MemDisk::new();
    let mut log = create(&disk, small());
    for index in 0..40 {
        append(&mut log, records(2));
        if index % 7 == 0 {
            log.close_idle().unwrap();
        }
    }
    log.close_idle().unwrap();
    assert_eq!(contents(&log).len(), 40);
    log.close().unwrap();
    assert_eq!(log.recovery_point(), log.log_end_offset());
}
