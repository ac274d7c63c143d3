//! What all of these tests need: batches, a log on a disk in memory, reading it back.

use std::sync::Arc;

use headwater_base::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Uuid};
use headwater_log::{
    Append, AppendContext, AppendError, Appended, Disk, Log, LogConfig, MemDisk, OpenContext, Origin,
    RecoveryReport, SyncKind,
};
use headwater_records::control::TransactionMarker;
use headwater_records::{BatchBuilder, BatchOptions, BatchView, batches};

pub const DIR: &str = "t-0";
pub const NOW: i64 = 1_000_000;

/// splitmix64.
pub struct Rng(pub u64);

impl Rng {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

/// A batch of `count` records; `value_len` bytes of value each.
#[derive(Clone, Copy, Default)]
pub struct Spec {
    pub count: usize,
    pub value_len: usize,
    pub timestamp: i64,
    pub producer: Option<(i64, i16, i32)>,
    pub transactional: bool,
}

pub fn records(count: usize) -> Spec {
    Spec { count, value_len: 20, timestamp: NOW, ..Spec::default() }
}

impl Spec {
    pub fn at(self, timestamp: i64) -> Spec {
        Spec { timestamp, ..self }
    }

    pub fn of(self, id: i64, epoch: i16, sequence: i32) -> Spec {
        Spec { producer: Some((id, epoch, sequence)), ..self }
    }

    pub fn transactional(self) -> Spec {
        Spec { transactional: true, ..self }
    }

    pub fn long(self, value_len: usize) -> Spec {
        Spec { value_len, ..self }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let (id, epoch, sequence) = self.producer.unwrap_or((-1, -1, -1));
        let mut builder = BatchBuilder::new(BatchOptions {
            producer_id: ProducerId(id),
            producer_epoch: ProducerEpoch(epoch),
            base_sequence: sequence,
            transactional: self.transactional,
            ..BatchOptions::default()
        });
        for index in 0..self.count {
            // Values without zeros and without repetition, so that they look like data and like nothing else.
            let mut rng = Rng(self.timestamp as u64 ^ (index as u64) << 32 ^ sequence as u64);
            let value: Vec<u8> = (0..self.value_len).map(|_| 1 + rng.below(255) as u8).collect();
            builder.append(self.timestamp + index as i64, None, Some(&value), &[]);
        }
        builder.build()
    }
}

pub fn marker(id: i64, epoch: i16, commit: bool, coordinator_epoch: i32) -> Vec<u8> {
    let marker = TransactionMarker { commit, coordinator_epoch };
    marker.batch(Offset(0), LeaderEpoch(-1), (ProducerId(id), ProducerEpoch(epoch)), NOW)
}

pub fn small() -> LogConfig {
    LogConfig { segment_bytes: 1500, index_interval_bytes: 150, ..LogConfig::default() }
}

pub fn create(disk: &MemDisk, config: LogConfig) -> Log {
    Log::create(Arc::new(disk.clone()), DIR, config, Some(Uuid(77)), NOW).unwrap()
}

pub fn open(disk: &MemDisk, config: LogConfig, context: OpenContext) -> (Log, RecoveryReport) {
    Log::open(Arc::new(disk.clone()), DIR, config, &context).unwrap()
}

pub fn try_append(log: &mut Log, mut bytes: Vec<u8>, origin: Origin) -> Result<Append, AppendError> {
    let context = AppendContext { leader_epoch: LeaderEpoch(0), origin, transaction_version: 0, now_ms: NOW };
    log.append_as_leader(&mut bytes, &context)
}

pub fn append(log: &mut Log, spec: Spec) -> Appended {
    match try_append(log, spec.bytes(), Origin::Client).unwrap() {
        Append::Appended(place) => place,
        Append::Duplicate(place) => panic!("duplicate of {place:?}"),
    }
}

pub fn append_marker(log: &mut Log, id: i64, epoch: i16, commit: bool) -> Appended {
    try_append(log, marker(id, epoch, commit, 0), Origin::Coordinator).unwrap().place()
}

pub fn sync(log: &mut Log, disk: &MemDisk, kind: SyncKind) {
    let plan = log.dirty(kind).unwrap();
    plan.run(disk).unwrap();
    log.mark_durable(&plan);
}

/// All batches from the log's start on.
pub fn read_all(log: &Log) -> Vec<u8> {
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
    assert_eq!(from, log.log_end_offset());
    all
}

/// Base offset and record count of all batches.
pub fn contents(log: &Log) -> Vec<(i64, i32)> {
    let all = read_all(log);
    let of = |batch: BatchView<'_>| {
        batch.verify_crc().unwrap();
        (batch.base_offset.0, batch.record_count)
    };
    batches(&all).map(|batch| of(batch.unwrap())).collect()
}

/// Flips a bit of a file.
pub fn flip(disk: &MemDisk, path: &str, position: u64) {
    let file = disk.open(path, headwater_log::OpenMode::Existing).unwrap();
    let mut byte = [0];
    assert_eq!(file.read_at(&mut byte, position).unwrap(), 1, "{path} has no byte {position}");
    file.write_at(&[byte[0] ^ 0x10], position).unwrap();
}

pub fn files(disk: &MemDisk) -> Vec<String> {
    disk.list(DIR).unwrap().into_iter().map(|entry| entry.name).collect()
}
