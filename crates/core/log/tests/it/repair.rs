//! D11: whatever can be derived from the batches is derived again when it is missing or garbage.

use headwater_base::Offset;
use headwater_log::{Disk, Log, LogConfig, MemDisk, OpenContext, OpenMode, SyncKind};

use crate::support::*;

/// A log with several segments, producers, epochs and aborted transactions.
fn rich(disk: &MemDisk) -> Log {
    let mut log = create(disk, small());
    for round in 0..30 {
        log.assign_epoch(headwater_base::LeaderEpoch(round / 10));
        let append = |log: &mut Log, spec: Spec| {
            let epoch = headwater_base::LeaderEpoch(round / 10);
            let context = headwater_log::AppendContext::client(epoch, NOW);
            log.append_as_leader(&mut spec.bytes(), &context).unwrap();
        };
        append(&mut log, records(2).of(1, 0, 2 * round).at(1000 + i64::from(round)).transactional());
        append(&mut log, records(2).at(2000 + i64::from(round)));
        append(&mut log, records(1).of(2, 0, round).at(3000 + i64::from(round)));
        let context = headwater_log::AppendContext {
            leader_epoch: headwater_base::LeaderEpoch(round / 10),
            origin: headwater_log::Origin::Coordinator,
            transaction_version: 0,
            now_ms: NOW,
        };
        log.append_as_leader(&mut marker(1, 0, round % 3 != 0, 0), &context).unwrap();
    }
    log
}

/// Everything that a reader could ask.
fn answers(log: &Log) -> String {
    let end = log.log_end_offset();
    let mut text = format!("{:?}\n{:?}\n", contents(log), log.epochs());
    for (id, entry) in log.producers().iter() {
        // The timestamp of the last batch is not in a snapshot: there it is that of the last marker.
        let last = entry.last_batch().map(|batch| (batch.first_offset(), batch.last_offset));
        text +=
            &format!("{id} {} {} {} {last:?}\n", entry.epoch, entry.last_sequence(), entry.last_timestamp);
    }
    text += &format!("{:?}\n", log.aborted_transactions(Offset(0), end).unwrap());
    text += &format!("{:?}\n", log.aborted_transactions(Offset(40), Offset(60)).unwrap());
    for at in (0..4000).step_by(50) {
        text += &format!("{:?}\n", log.offset_for_timestamp(at).unwrap());
    }
    text + &format!("{:?} {:?}", log.max_timestamp().unwrap(), log.last_stable_offset(end))
}

type Damage = fn(&MemDisk, &str);

const DAMAGES: [(&str, Damage); 7] = [
    ("missing", |disk, path| disk.remove_file(path).unwrap()),
    ("empty", |disk, path| disk.open(path, OpenMode::Existing).unwrap().truncate(0).unwrap()),
    ("short", |disk, path| {
        let file = disk.open(path, OpenMode::Existing).unwrap();
        let len = file.len().unwrap();
        file.truncate(len / 2).unwrap();
    }),
    ("zeros", |disk, path| {
        let file = disk.open(path, OpenMode::Existing).unwrap();
        let len = file.len().unwrap() as usize;
        file.write_at(&vec![0; len], 0).unwrap();
    }),
    ("ones", |disk, path| {
        let file = disk.open(path, OpenMode::Existing).unwrap();
        let len = file.len().unwrap() as usize;
        file.write_at(&vec![0xff; len], 0).unwrap();
    }),
    ("garbage", |disk, path| {
        let file = disk.open(path, OpenMode::Existing).unwrap();
        let mut rng = Rng(path.len() as u64);
        let bytes: Vec<u8> = (0..file.len().unwrap() + 5).map(|_| rng.below(256) as u8).collect();
        file.write_at(&bytes, 0).unwrap();
    }),
    ("preallocated", |disk, path| {
        let file = disk.open(path, OpenMode::Existing).unwrap();
        let len = file.len().unwrap();
        file.truncate(len + 34 * 24 * 12).unwrap();
    }),
];

const KINDS: [&str; 5] = [".index", ".timeindex", ".txnindex", ".snapshot", "leader-epoch-checkpoint"];

fn contexts(recovery_point: Offset) -> [(&'static str, OpenContext); 3] {
    [
        ("clean", OpenContext::clean(NOW)),
        ("from the start", OpenContext::unclean(Offset(0), false, NOW)),
        ("from the recovery point", OpenContext::unclean(recovery_point, true, NOW)),
    ]
}

#[test]
fn d11_missing_and_garbage_files_are_built_again() {
    let disk = MemDisk::new();
    let mut log = rich(&disk);
    let expected = answers(&log);
    log.close().unwrap();
    let recovery_point = log.recovery_point();
    assert_eq!(recovery_point, log.log_end_offset());
    assert!(log.segment_count() > 4);
    for kind in KINDS {
        let victims: Vec<String> = files(&disk).into_iter().filter(|name| name.ends_with(kind)).collect();
        assert!(!victims.is_empty(), "{kind}");
        for (what, damage) in DAMAGES {
            for (how, context) in contexts(recovery_point) {
                // An index that has lost whole entries at its end is a valid one with fewer: only a walk tells.
                let shorter = match kind {
                    ".txnindex" => matches!(what, "empty" | "short"),
                    ".timeindex" => what == "short",
                    _ => false,
                };
                if shorter && how != "from the start" {
                    continue;
                }
                let copy = disk.fork();
                victims.iter().for_each(|name| damage(&copy, &format!("{DIR}/{name}")));
                let (log, _) = open(&copy, small(), context);
                assert_eq!(answers(&log), expected, "{kind} {what}, {how}");
            }
        }
    }
}

#[test]
fn d11_one_flipped_bit_in_an_index_changes_no_answer() {
    let disk = MemDisk::new();
    let mut log = rich(&disk);
    let expected = answers(&log);
    log.close().unwrap();
    let mut rng = Rng(1);
    for kind in [".index", ".timeindex"] {
        let victims: Vec<String> = files(&disk).into_iter().filter(|name| name.ends_with(kind)).collect();
        for name in victims {
            let path = format!("{DIR}/{name}");
            let len = disk.open(&path, OpenMode::Existing).unwrap().len().unwrap();
            for _ in 0..20 {
                let copy = disk.fork();
                flip(&copy, &path, rng.below(len));
                let (log, _) = open(&copy, small(), OpenContext::clean(NOW));
                assert_eq!(answers(&log), expected, "{name}");
            }
        }
    }
}

#[test]
fn d11_everything_but_the_batches_may_go() {
    let disk = MemDisk::new();
    let mut log = rich(&disk);
    let expected = answers(&log);
    log.close().unwrap();
    for name in files(&disk).iter().filter(|name| !name.ends_with(".log")) {
        disk.remove_file(&format!("{DIR}/{name}")).unwrap();
    }
    for (how, context) in contexts(log.recovery_point()) {
        let (log, _) = open(&disk.fork(), small(), context);
        assert_eq!(answers(&log), expected, "{how}");
    }
}

#[test]
fn leftovers_of_interrupted_operations_are_swept() {
    let disk = MemDisk::new();
    let mut log = rich(&disk);
    let expected = answers(&log);
    log.close().unwrap();
    let bases: Vec<i64> = log.segment_bases().map(|base| base.0).collect();
    let touch = |name: &str| disk.open(&format!("{DIR}/{name}"), OpenMode::Create).map(|_| ()).unwrap();
    touch("00000000000000000500.index");
    touch("00000000000000000007.log.deleted");
    touch("00000000000000000007.timeindex.cleaned");
    touch("leader-epoch-checkpoint.tmp");
    touch("00000000000000000000-0000000000.checkpoint.deleted");
    // A finished compaction of the second and third segment: one file that holds what both had.
    let read = |base: i64| {
        let path = format!("{DIR}/{base:020}.log");
        headwater_log::disk::read_whole(&disk, &path, 1 << 20).unwrap().unwrap()
    };
    let both = [read(bases[1]), read(bases[2])].concat();
    let swap = format!("{DIR}/{:020}.log.swap", bases[1]);
    // Deleted names must not make the swap look unfinished.
    disk.remove_file(&format!("{DIR}/00000000000000000007.timeindex.cleaned")).unwrap();
    disk.open(&swap, OpenMode::Create).unwrap().write_at(&both, 0).unwrap();
    let (log, report) = open(&disk, small(), OpenContext::clean(NOW));
    assert_eq!(answers(&log), expected);
    assert_eq!(log.segment_count(), bases.len() - 1);
    assert!(report.swept.len() >= 4, "{report:?}");
    let odd = |name: &&String| name.contains(".swap") || name.ends_with(".deleted") || name.ends_with(".tmp");
    let left: Vec<String> = files(&disk).iter().filter(odd).cloned().collect();
    assert_eq!(left, ["00000000000000000000-0000000000.checkpoint.deleted"], "the quorum's own");
}

#[test]
fn nothing_is_looked_at_after_an_orderly_stop() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig::default());
    for _ in 0..2000 {
        append(&mut log, records(2).long(300));
    }
    sync(&mut log, &disk, SyncKind::Data);
    log.close().unwrap();
    let size = log.size_bytes().unwrap();
    let before = disk.stats();
    let (_, report) = open(&disk, LogConfig::default(), OpenContext::clean(NOW));
    let after = disk.stats();
    assert!(report.is_quiet());
    assert!(after.bytes_read - before.bytes_read < size / 50, "{}", after.bytes_read - before.bytes_read);
    assert_eq!(after.changes, before.changes, "and nothing is written");
}

/// Blanks look like the unused part of a preallocated file; an offset index with entries tells that there were some.
#[test]
fn d11_a_time_index_of_blanks_is_built_again() {
    let disk = MemDisk::new();
    let config = LogConfig { index_interval_bytes: 100, ..LogConfig::default() };
    let mut log = create(&disk, config.clone());
    for index in 0..20 {
        append(&mut log, records(2).long(200).at(1_000 - index));
    }
    sync(&mut log, &disk, SyncKind::Checkpoint);
    let (recovery_point, end) = (log.recovery_point(), log.log_end_offset());
    drop(log);
    let file = disk.open("t-0/00000000000000000000.timeindex", OpenMode::Existing).unwrap();
    assert!(!file.is_empty().unwrap());
    file.write_at(&vec![0; file.len().unwrap() as usize], 0).unwrap();
    let (log, _) = open(&disk, config, OpenContext::unclean(recovery_point, true, NOW));
    assert_eq!(log.log_end_offset(), end);
    let found = log.offset_for_timestamp(1_000).unwrap().map(|(found, _)| found.offset);
    assert_eq!(found, Some(Offset(0)));
}
