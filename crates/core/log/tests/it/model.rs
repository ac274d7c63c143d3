//! Random histories against a model: what was durable is never lost, what is found is a prefix, all answers are right.
//!
//! `HEADWATER_SEEDS` says how many histories (default 1000); `HEADWATER_SEED` runs a single one.

use headwater_base::{LeaderEpoch, Offset, ProducerId};
use headwater_log::{AppendContext, Disk, Log, LogConfig, MemDisk, OpenContext, Origin, Removal, SyncKind};
use headwater_records::batches;

use crate::support::*;

/// One batch that is in the log.
struct Written {
    first: i64,
    next: i64,
    bytes: Vec<u8>,
    producer: Option<(i64, i16, i32, i32)>,
    transactional: bool,
    /// For markers: whether they commit.
    marker: Option<bool>,
    epoch: i32,
}

#[derive(Default)]
struct Model {
    batches: Vec<Written>,
    start: i64,
    /// Next offset of the last batch that is durable.
    durable: i64,
    recovery_point: i64,
    log_start_checkpoint: i64,
}

/// What may fail when the disk does.
type Attempt = Result<(), Box<dyn std::error::Error>>;

struct World {
    rng: Rng,
    disk: MemDisk,
    config: LogConfig,
    log: Log,
    model: Model,
    epoch: i32,
    clock: i64,
    trail: Vec<String>,
    /// Segments that left the log, whose files have their names still.
    leaving: Option<Removal>,
}

impl World {
    fn new(seed: u64) -> World {
        let mut rng = Rng(seed);
        let config = LogConfig {
            segment_bytes: 800 + rng.below(3000) as u32,
            index_interval_bytes: 1 + rng.below(600) as u32,
            segment_ms: if rng.below(3) == 0 { 40 } else { i64::MAX },
            preallocate_bytes: if rng.below(4) == 0 { 2048 } else { 0 },
            headroom_bytes: if rng.below(2) == 0 { 1 + rng.below(3000) as u32 } else { 0 },
            ..LogConfig::default()
        };
        let disk = MemDisk::new();
        let log = create(&disk, config.clone());
        disk.sync_dir("").unwrap();
        let model = Model::default();
        World { rng, disk, config, log, model, epoch: 0, clock: NOW, trail: Vec::new(), leaving: None }
    }

    fn end(&self) -> i64 {
        self.model.batches.last().map_or(self.model.start, |batch| batch.next).max(self.model.start)
    }

    fn append(&mut self) -> Attempt {
        self.clock += self.rng.below(20) as i64;
        let count = 1 + self.rng.below(3) as usize;
        let mut spec = records(count).long(self.rng.below(200) as usize).at(self.clock);
        if self.rng.below(2) == 0 {
            let id = 1 + self.rng.below(3) as i64;
            let entry = self.log.producers().get(ProducerId(id));
            let (epoch, last) = entry.map_or((0, -1), |entry| (entry.epoch.0, entry.last_sequence()));
            let open = entry.is_some_and(|entry| entry.transaction_first_offset.is_some());
            if open && self.rng.below(2) == 0 {
                return self.end_transaction(id, epoch);
            }
            spec = spec.of(id, epoch, last + 1);
            if open || self.rng.below(3) == 0 {
                spec = spec.transactional();
            }
        }
        let mut bytes = spec.bytes();
        let context = AppendContext::client(LeaderEpoch(self.epoch), NOW);
        let place = self.log.append_as_leader(&mut bytes, &context)?.place();
        assert_eq!(place.base_offset.0, self.end());
        let last_sequence = |first: i32| first + count as i32 - 1;
        let producer = spec.producer.map(|(id, epoch, first)| (id, epoch, first, last_sequence(first)));
        self.model.batches.push(Written {
            first: place.base_offset.0,
            next: place.last_offset.0 + 1,
            bytes,
            producer,
            transactional: spec.transactional,
            marker: None,
            epoch: self.epoch,
        });
        Ok(())
    }

    fn end_transaction(&mut self, id: i64, epoch: i16) -> Attempt {
        let commit = self.rng.below(2) == 0;
        let mut bytes = marker(id, epoch, commit, 0);
        let context = AppendContext {
            leader_epoch: LeaderEpoch(self.epoch),
            origin: Origin::Coordinator,
            transaction_version: 0,
            now_ms: NOW,
        };
        let place = self.log.append_as_leader(&mut bytes, &context)?.place();
        self.model.batches.push(Written {
            first: place.base_offset.0,
            next: place.last_offset.0 + 1,
            bytes,
            producer: Some((id, epoch, -1, -1)),
            transactional: true,
            marker: Some(commit),
            epoch: self.epoch,
        });
        Ok(())
    }

    fn sync(&mut self, kind: SyncKind) -> Attempt {
        let plan = self.log.dirty(kind)?;
        let end = self.end();
        if self.rng.below(3) == 0 {
            // What comes while a sync is under way is not covered by it.
            self.append()?;
        }
        plan.run(&self.disk)?;
        self.log.mark_durable(&plan);
        self.model.durable = self.model.durable.max(end);
        assert_eq!(self.log.durable_offset().0, self.model.durable);
        if kind == SyncKind::Checkpoint {
            self.model.recovery_point = self.log.recovery_point().0;
        }
        Ok(())
    }

    /// The power goes, or the process dies, in the middle of something.
    fn interrupt(&mut self) {
        let changes = self.rng.below(15);
        self.disk.fail_after_changes(changes);
        for _ in 0..10 {
            let attempt = match self.rng.below(10) {
                0..5 => self.append(),
                5..7 => self.sync(SyncKind::Data),
                7 => self.sync(SyncKind::Checkpoint),
                8 => self.log.roll(NOW).map_err(Into::into),
                _ => self.log.close().map_err(Into::into),
            };
            if attempt.is_err() {
                break;
            }
        }
        // What was done before the disk failed counts.
        self.model.durable = self.log.durable_offset().0;
        let kind = 1 + self.rng.below(2);
        self.restart(kind);
    }

    fn truncate(&mut self) {
        let span = self.end() - self.model.start;
        if span == 0 {
            return;
        }
        self.finish_removal();
        let to = self.model.start + self.rng.below(span as u64) as i64;
        self.log.truncate_to(Offset(to), NOW).unwrap();
        self.model.batches.retain(|batch| batch.next <= to);
        let end = self.log.log_end_offset().0;
        self.model.start = self.model.start.min(end);
        self.model.log_start_checkpoint = self.model.log_start_checkpoint.min(end);
        assert_eq!(end, self.end());
        self.model.durable = self.model.durable.min(end);
        self.model.recovery_point = self.log.recovery_point().0;
        self.epoch += 1;
    }

    fn delete(&mut self) {
        let count = self.rng.below(3) as usize;
        self.finish_removal();
        self.leaving = Some(self.log.delete_segments(count, NOW).unwrap());
        if self.rng.below(2) == 0 {
            self.finish_removal();
        }
        self.model.start = self.log.log_start_offset().0;
        self.model.log_start_checkpoint = self.model.start;
    }

    fn finish_removal(&mut self) {
        let Some(removal) = self.leaving.take() else { return };
        removal.rename(&self.disk).unwrap();
        if self.rng.below(2) == 0 {
            removal.remove(&self.disk).unwrap();
        }
    }

    fn raise_start(&mut self) {
        let span = (self.end() - self.model.start) as u64;
        let to = self.model.start + self.rng.below(span + 1) as i64;
        self.log.increase_log_start_offset(Offset(to)).unwrap();
        self.model.start = to;
        self.model.log_start_checkpoint = to;
    }

    /// 0: in order, 1: the power is lost, 2: the process is killed.
    fn restart(&mut self, kind: u64) {
        let clean = kind == 0;
        if clean {
            self.finish_removal();
        }
        self.leaving = None;
        let power_lost = kind == 1;
        if clean {
            self.log.close().unwrap();
            self.model.durable = self.end();
            self.model.recovery_point = self.log.recovery_point().0;
            assert_eq!(self.model.recovery_point, self.end());
        }
        let must_have = if power_lost { self.model.durable } else { self.end() };
        if power_lost || (clean && self.rng.below(2) == 0) {
            let seed = self.rng.below(u64::MAX);
            self.disk.power_loss(seed);
        } else {
            self.disk.process_crash();
        }
        let context = OpenContext {
            clean_shutdown: clean,
            power_lost,
            recovery_point: Offset(self.model.recovery_point),
            log_start_offset: Offset(self.model.log_start_checkpoint),
            topic_id: Some(headwater_base::Uuid(77)),
            now_ms: NOW,
        };
        let (log, report) = open(&self.disk, self.config.clone(), context);
        self.log = log;
        let end = self.log.log_end_offset().0;
        assert!(end >= must_have, "{end} of {must_have}: {report:?}");
        assert!(end <= self.end() && report.missing_before.is_none(), "{report:?}");
        self.model.batches.retain(|batch| batch.next <= end);
        if self.log.segment_count() == 0 {
            // The log's start lay behind all that was found: it began anew there, and nothing is known of before.
            self.model.batches.retain(|batch| batch.first >= self.model.start);
        }
        assert_eq!(end, self.end(), "{report:?}");
        assert_eq!(self.log.log_start_offset().0, self.model.start, "{report:?}");
        self.model.durable = self.log.durable_offset().0;
        self.model.recovery_point = self.log.recovery_point().0;
        self.epoch += 1;
    }

    fn step(&mut self) {
        let dice = self.rng.below(100);
        let name = match dice {
            0..64 => "append",
            64..72 => "sync",
            72..76 => "checkpoint",
            76..80 => "roll",
            80..83 => "truncate",
            83..86 => "delete",
            86..88 => "raise",
            88..90 => "idle",
            90..92 => "epoch",
            92..94 => "interrupt",
            _ => "restart",
        };
        self.trail.push(format!("{name}@{}", self.end()));
        match name {
            "append" => self.append().unwrap(),
            "sync" => self.sync(SyncKind::Data).unwrap(),
            "checkpoint" => self.sync(SyncKind::Checkpoint).unwrap(),
            "roll" => self.log.roll(NOW).unwrap(),
            "truncate" => self.truncate(),
            "delete" => self.delete(),
            "raise" => self.raise_start(),
            "idle" => self.log.close_idle().unwrap(),
            "epoch" => {
                self.epoch += 1;
                self.log.assign_epoch(LeaderEpoch(self.epoch));
            }
            "interrupt" => {
                self.interrupt();
                self.check();
            }
            _ => {
                let kind = self.rng.below(3);
                self.restart(kind);
                self.check();
            }
        }
    }

    fn check(&mut self) {
        self.check_batches();
        self.check_producers();
        self.check_timestamps();
        self.check_epochs();
    }

    fn check_batches(&self) {
        let all = read_all(&self.log);
        let mut expected: Vec<&[u8]> = Vec::new();
        for batch in self.model.batches.iter().filter(|batch| batch.next > self.model.start) {
            expected.push(&batch.bytes);
        }
        assert!(all == expected.concat(), "{} batches expected", expected.len());
    }

    fn check_producers(&self) {
        let mut open = std::collections::BTreeMap::new();
        let mut last = std::collections::BTreeMap::new();
        let mut aborted = Vec::new();
        for batch in &self.model.batches {
            let Some((id, epoch, _, sequence)) = batch.producer else { continue };
            match batch.marker {
                Some(commit) => {
                    if let Some(first) = open.remove(&id)
                        && !commit
                    {
                        aborted.push((first, batch.first));
                    }
                }
                None => {
                    last.insert(id, (epoch, sequence));
                    if batch.transactional {
                        open.entry(id).or_insert(batch.first);
                    }
                }
            }
        }
        let end = Offset(self.end());
        for (id, (epoch, sequence)) in last {
            // What lies before the log's start may be forgotten, but nothing else may be said of it.
            match self.log.producers().get(ProducerId(id)) {
                Some(entry) => {
                    assert_eq!((entry.epoch.0, entry.last_sequence()), (epoch, sequence), "producer {id}");
                }
                None => {
                    let newest =
                        self.model.batches.iter().rev().find(|b| b.producer.is_some_and(|p| p.0 == id));
                    assert!(newest.unwrap().next <= self.model.start, "producer {id} is forgotten");
                }
            }
        }
        let first_open = open.values().min().map_or(end.0, |first| *first);
        if first_open >= self.model.start {
            assert_eq!(self.log.producers().first_undecided_offset().map_or(end.0, |at| at.0), first_open);
        }
        let start = Offset(self.model.start);
        let found: Vec<_> = self.log.aborted_transactions(start, end).unwrap();
        let found: Vec<_> = found.iter().map(|entry| (entry.first_offset.0, entry.last_offset.0)).collect();
        let first_segment = self.log.segment_bases().next().map_or(end.0, |base| base.0);
        aborted.retain(|(first, last)| *last >= self.model.start && *first >= first_segment);
        aborted.sort_unstable();
        let found: Vec<_> = found.into_iter().filter(|(first, _)| *first >= first_segment).collect();
        assert_eq!(found, aborted);
    }

    fn check_timestamps(&mut self) {
        let span = (self.clock - NOW + 10) as u64;
        let wanted = NOW + self.rng.below(span) as i64;
        let records = self.model.batches.iter().flat_map(|batch| {
            let view = batches(&batch.bytes).next().unwrap().unwrap();
            let at = view.base_timestamp;
            (0..view.record_count).map(move |index| (at + i64::from(index), batch.first + i64::from(index)))
        });
        let mut readable = records.filter(|(_, offset)| *offset >= self.model.start);
        let expected = readable.find(|(at, _)| *at >= wanted);
        let found = self.log.offset_for_timestamp(wanted).unwrap();
        let found = found.map(|(found, _)| (found.timestamp, found.offset.0));
        // Markers have the time of the test, which is in this search too.
        assert_eq!(found, expected, "at {wanted}");
    }

    fn check_epochs(&self) {
        for batch in self.model.batches.iter().filter(|batch| batch.next > self.model.start) {
            let at = batch.first.max(self.model.start);
            assert_eq!(self.log.epoch_for_offset(Offset(at)), Some(LeaderEpoch(batch.epoch)), "at {at}");
        }
    }
}

fn run(seed: u64) -> Result<(), String> {
    let mut world = World::new(seed);
    let steps = 30 + world.rng.below(90);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        for _ in 0..steps {
            world.step();
        }
        world.check();
    }));
    result.map_err(|_| format!("seed {seed}, after {:?}", world.trail))
}

#[test]
fn random_histories() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("HEADWATER_SEED") {
        return run(seed).unwrap();
    }
    for seed in 0..number("HEADWATER_SEEDS").unwrap_or(1000) {
        if let Err(failure) = run(seed) {
            panic!("{failure}");
        }
    }
}
