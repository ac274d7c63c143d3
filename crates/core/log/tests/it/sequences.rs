//! R6: sequence numbers, epochs and transactions of producers.

use headwater_base::{Offset, ProducerEpoch, ProducerId};
use headwater_log::{
    Append, AppendError, Log, LogConfig, MemDisk, OpenContext, Origin, ProducerError, SyncKind,
};

use crate::support::*;

fn client(log: &mut Log, spec: Spec) -> Result<Append, AppendError> {
    try_append(log, spec.bytes(), Origin::Client)
}

fn refusal(result: Result<Append, AppendError>) -> ProducerError {
    match result {
        Err(AppendError::Producer(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn duplicate_of(result: Result<Append, AppendError>) -> (i64, i64) {
    match result {
        Ok(Append::Duplicate(place)) => (place.base_offset.0, place.last_offset.0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn r6_the_last_five_batches_are_recognized() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig::default());
    for index in 0..7 {
        append(&mut log, records(10).of(1, 0, index * 10));
    }
    let end = log.log_end_offset();
    for index in 2..7 {
        let first = i64::from(index) * 10;
        assert_eq!(duplicate_of(client(&mut log, records(10).of(1, 0, index * 10))), (first, first + 9));
    }
    for (sequence, count) in [(0, 10), (10, 10), (65, 5), (60, 9), (71, 1), (80, 10)] {
        let error = refusal(client(&mut log, records(count).of(1, 0, sequence)));
        assert!(matches!(error, ProducerError::OutOfOrderSequence { .. }), "{sequence}: {error:?}");
    }
    assert_eq!(log.log_end_offset(), end);
    append(&mut log, records(1).of(1, 0, 70));
}

#[test]
fn r6_epochs_fence() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig::default());
    append(&mut log, records(2).of(1, 3, 0));
    let error = refusal(client(&mut log, records(1).of(1, 2, 2)));
    assert!(matches!(error, ProducerError::InvalidProducerEpoch { .. }));
    let error = refusal(client(&mut log, records(1).of(1, 4, 2)));
    assert!(matches!(error, ProducerError::OutOfOrderSequence { new_epoch: Some(_), .. }));
    append(&mut log, records(1).of(1, 4, 0));
    let error = refusal(client(&mut log, records(2).of(1, 3, 0)));
    assert!(matches!(error, ProducerError::InvalidProducerEpoch { .. }), "no duplicate of an old epoch");
}

#[test]
fn r6_a_producer_that_is_not_known_may_begin_anywhere() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig::default());
    append(&mut log, records(3).of(9, 0, 1234));
    append(&mut log, records(3).of(9, 0, 1237));
}

#[test]
fn r6_sequences_wrap_after_two_to_the_thirty_one() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig::default());
    append(&mut log, records(2).of(1, 0, i32::MAX - 3));
    append(&mut log, records(5).of(1, 0, i32::MAX - 1));
    assert_eq!(duplicate_of(client(&mut log, records(5).of(1, 0, i32::MAX - 1))), (2, 6));
    append(&mut log, records(1).of(1, 0, 3));
    append(&mut log, records(2).of(2, 0, i32::MAX - 1));
    append(&mut log, records(2).of(2, 0, 0));
    assert_eq!(duplicate_of(client(&mut log, records(2).of(2, 0, 0))), (10, 11));
}

#[test]
fn r6_five_batches_survive_every_kind_of_restart() {
    let disk = MemDisk::new();
    let mut log = create(&disk, small());
    for index in 0..20 {
        append(&mut log, records(3).of(1, 0, index * 3));
        append(&mut log, records(1).of(2, 0, index));
    }
    sync(&mut log, &disk, SyncKind::Checkpoint);
    let end = log.log_end_offset();
    let check = |log: &mut Log, what: &str| {
        for index in 15..20 {
            let first = i64::from(index) * 4;
            let found = duplicate_of(client(log, records(3).of(1, 0, index * 3)));
            assert_eq!(found, (first, first + 2), "{what}");
            let found = duplicate_of(client(log, records(1).of(2, 0, index)));
            assert_eq!(found, (first + 3, first + 3), "{what}");
        }
        let error = refusal(client(log, records(3).of(1, 0, 14 * 3)));
        assert!(matches!(error, ProducerError::OutOfOrderSequence { .. }), "{what}");
        assert_eq!(log.log_end_offset(), end);
    };
    check(&mut log, "running");
    let crashed = disk.fork();
    let (mut other, _) = open(&crashed, small(), OpenContext::unclean(Offset(0), false, NOW));
    check(&mut other, "killed");
    let crashed = disk.fork();
    crashed.power_loss(5);
    let (mut other, _) = open(&crashed, small(), OpenContext::unclean(end, true, NOW));
    check(&mut other, "power lost");
    log.close().unwrap();
    drop(log);
    let (mut log, report) = open(&disk, small(), OpenContext::clean(NOW));
    assert!(report.is_quiet());
    check(&mut log, "stopped in order");
    for name in files(&disk).iter().filter(|name| name.ends_with(".snapshot")) {
        flip(&disk, &format!("{DIR}/{name}"), 9);
    }
    let (mut log, report) = open(&disk, small(), OpenContext::clean(NOW));
    assert!(!report.rebuilt.is_empty());
    check(&mut log, "snapshots damaged");
    append(&mut log, records(1).of(2, 0, 20));
}

/// One batch a segment: a snapshot has the last batch alone, and the four before it lie in four segments.
#[test]
fn r6_five_batches_in_five_segments_survive_a_restart() {
    let disk = MemDisk::new();
    let config = LogConfig { segment_bytes: 400, ..LogConfig::default() };
    let mut log = create(&disk, config.clone());
    for index in 0..7 {
        append(&mut log, records(10).of(1, 0, index * 10));
    }
    sync(&mut log, &disk, SyncKind::Checkpoint);
    let recovery_point = log.recovery_point();
    drop(log);
    let (mut log, _) = open(&disk, config, OpenContext::unclean(recovery_point, false, NOW));
    for index in 2..7 {
        let first = i64::from(index) * 10;
        assert_eq!(duplicate_of(client(&mut log, records(10).of(1, 0, index * 10))), (first, first + 9));
    }
}

#[test]
fn r6_silent_producers_are_forgotten() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig { producer_id_expiration_ms: 1000, ..LogConfig::default() });
    append(&mut log, records(1).of(1, 0, 0));
    append(&mut log, records(1).of(2, 0, 0).transactional());
    log.expire_producers(NOW + 999);
    assert_eq!(log.producers().len(), 2);
    log.expire_producers(NOW + 1000);
    assert!(log.producers().get(ProducerId(1)).is_none());
    assert!(log.producers().get(ProducerId(2)).is_some(), "its transaction is open");
    append(&mut log, records(1).of(1, 0, 17));
}

#[test]
fn r6_transactions_hold_the_last_stable_offset() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig::default());
    append(&mut log, records(2));
    append(&mut log, records(2).of(1, 0, 0).transactional());
    append(&mut log, records(2).of(2, 0, 0).transactional());
    let end = log.log_end_offset();
    assert_eq!(log.last_stable_offset(end), Offset(2));
    let error = refusal(client(&mut log, records(1).of(1, 0, 2)));
    assert!(matches!(error, ProducerError::InvalidTransactionState { .. }));
    append_marker(&mut log, 1, 0, false);
    assert_eq!(log.last_stable_offset(Offset(6)), Offset(2), "the marker is above the high watermark");
    log.on_high_watermark(log.log_end_offset());
    assert_eq!(log.last_stable_offset(log.log_end_offset()), Offset(4));
    append_marker(&mut log, 2, 0, true);
    log.on_high_watermark(log.log_end_offset());
    assert_eq!(log.last_stable_offset(log.log_end_offset()), Offset(8));
    let aborted = log.aborted_transactions(Offset(0), Offset(8)).unwrap();
    assert_eq!(aborted.len(), 1);
    let found = (aborted[0].first_offset, aborted[0].last_offset, aborted[0].last_stable_offset);
    assert_eq!(found, (Offset(2), Offset(6), Offset(4)));
}

#[test]
fn r6_markers_are_fenced_by_producer_and_coordinator_epoch() {
    let disk = MemDisk::new();
    let mut log = create(&disk, LogConfig::default());
    append(&mut log, records(1).of(1, 5, 0).transactional());
    let write = |log: &mut Log, epoch, coordinator, version| {
        let context = headwater_log::AppendContext {
            leader_epoch: headwater_base::LeaderEpoch(0),
            origin: Origin::Coordinator,
            transaction_version: version,
            now_ms: NOW,
        };
        log.append_as_leader(&mut marker(1, epoch, true, coordinator), &context)
    };
    assert!(matches!(refusal(write(&mut log, 4, 0, 1)), ProducerError::InvalidProducerEpoch { .. }));
    assert!(matches!(refusal(write(&mut log, 5, 0, 2)), ProducerError::InvalidProducerEpoch { .. }));
    write(&mut log, 6, 3, 2).unwrap();
    write(&mut log, 6, 3, 2).unwrap();
    assert!(matches!(refusal(write(&mut log, 6, 2, 1)), ProducerError::CoordinatorFenced { .. }));
    assert_eq!(log.producers().get(ProducerId(1)).unwrap().epoch, ProducerEpoch(6));
    append(&mut log, records(1).of(1, 6, 0).transactional());
}
