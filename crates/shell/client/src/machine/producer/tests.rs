//! The machine against a model of a broker that loses requests and answers, forgets producers and refuses batches.

use std::collections::BTreeMap;

use headwater_base::ErrorCode;
use headwater_records::{BatchView, Scratch};
use headwater_runtime::Random;

use super::*;

fn limits() -> Limits {
    Limits {
        batch_size: 400,
        linger_ms: 5,
        max_in_flight: 5,
        retries: u32::MAX,
        delivery_timeout_ms: 60_000,
        max_request_size: 1 << 20,
        idempotent: true,
        compression: Compression::default(),
    }
}

/// One partition of the model.
#[derive(Default)]
struct Log {
    records: Vec<u64>,
    epoch: Option<i16>,
    next_sequence: i32,
    /// First sequence, count and offset of the last batches.
    recent: Vec<(i32, i32, i64)>,
}

impl Log {
    /// As `ProducerAppendInfo.checkSequence` and the search for duplicates have it.
    fn append(&mut self, bytes: &[u8]) -> Result<i64, ErrorCode> {
        let batch = BatchView::parse(bytes).unwrap();
        batch.verify_crc().unwrap();
        let (epoch, sequence, count) = (batch.producer_epoch.0, batch.base_sequence, batch.record_count);
        if self.epoch.is_some_and(|own| epoch < own) {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        if self.epoch == Some(epoch) {
            let known = self.recent.iter().find(|it| it.0 == sequence && it.1 == count);
            if let Some(known) = known {
                return Ok(known.2);
            }
            if sequence != self.next_sequence {
                return Err(ErrorCode::OutOfOrderSequenceNumber);
            }
        } else if self.epoch.is_some() && sequence != 0 {
            return Err(ErrorCode::OutOfOrderSequenceNumber);
        }
        if self.epoch != Some(epoch) {
            self.recent.clear();
        }
        let offset = self.records.len() as i64;
        let (mut scratch, mut space) = (Scratch::new(), Vec::new());
        for record in batch.records(&mut scratch, &mut space, 1 << 20).unwrap() {
            self.records.push(u64::from_be_bytes(record.unwrap().value.unwrap()[..8].try_into().unwrap()));
        }
        self.epoch = Some(epoch);
        self.next_sequence = increment(sequence, count);
        self.recent.push((sequence, count, offset));
        if self.recent.len() > 5 {
            self.recent.remove(0);
        }
        Ok(offset)
    }
}

fn increment(sequence: i32, count: i32) -> i32 {
    headwater_records::header::increment_sequence(sequence, count)
}

struct World {
    machine: ProducerMachine<u64>,
    logs: BTreeMap<i32, Log>,
    /// Partition, id, bytes: what is on its way to the broker.
    wire: Vec<Sent>,
    acked: BTreeMap<i32, Vec<(u64, i64)>>,
    failed: BTreeMap<i32, Vec<(u64, bool)>>,
}

impl World {
    fn new(limits: Limits) -> World {
        World {
            machine: ProducerMachine::new(limits),
            logs: BTreeMap::new(),
            wire: Vec::new(),
            acked: BTreeMap::new(),
            failed: BTreeMap::new(),
        }
    }

    fn send(&mut self, now_ms: u64, partition: i32, value: u64) {
        let bytes = [value.to_be_bytes().as_slice(), &[1; 60]].concat();
        self.machine.append(now_ms, ("t", partition), 1, None, Some(&bytes), &[], value);
    }

    fn settle(&mut self, settled: impl IntoIterator<Item = Settled<u64>>) {
        for it in settled {
            match it.verdict {
                Verdict::Written { base_offset, .. } => {
                    let acked = self.acked.entry(it.partition).or_default();
                    acked.extend(
                        it.tickets
                            .iter()
                            .enumerate()
                            .map(|(index, value)| (*value, base_offset + index as i64)),
                    );
                }
                Verdict::Failed { error, .. } => {
                    let failed = self.failed.entry(it.partition).or_default();
                    failed.extend(it.tickets.iter().map(|value| (*value, error.may_have_been_written())));
                }
            }
        }
    }

    fn drain(&mut self, now_ms: u64) {
        if self.machine.wants_identity() {
            self.machine.set_identity(Identity { id: 7, epoch: 0 });
        }
        let ready = self.machine.ready(now_ms, false);
        let sent = self.machine.drain(now_ms, false, &ready);
        self.wire.extend(sent);
    }

    fn answer(&mut self, sent: &Sent, outcome: Outcome, retry_at_ms: u64) {
        let settled = self.machine.answered((&sent.topic, sent.partition), sent.id, outcome, retry_at_ms);
        self.settle(settled);
    }

    fn deliver(&mut self, sent: &Sent) -> Outcome {
        match self.logs.entry(sent.partition).or_default().append(&sent.bytes) {
            Ok(base_offset) => Outcome::Written { base_offset, log_append_time: -1 },
            Err(code) => Outcome::Refused { error: Error::api(code, None), records: Vec::new() },
        }
    }
}

/// A first batch, so that more than one may be in flight.
fn primed(limits: Limits) -> World {
    let mut world = World::new(limits);
    world.send(50, 0, 1_000);
    world.machine.flush();
    world.drain(50);
    let sent = world.wire.remove(0);
    let outcome = world.deliver(&sent);
    world.answer(&sent, outcome, 0);
    world.logs.get_mut(&0).unwrap().records.clear();
    world
}

fn lost() -> Outcome {
    Outcome::Lost(Error::new(ErrorKind::Disconnected, "lost"))
}

#[test]
fn records_share_a_batch_until_it_is_full_or_has_lingered() {
    let mut world = primed(limits());
    for value in 0..3 {
        world.send(100, 0, value);
    }
    world.drain(104);
    assert!(world.wire.is_empty());
    assert_eq!(world.machine.next_due_ms(), Some(105));
    world.drain(105);
    assert_eq!(world.wire.len(), 1);
    for value in 3..10 {
        world.send(106, 0, value);
    }
    world.drain(106);
    let counts: Vec<i32> =
        world.wire.iter().map(|it| BatchView::parse(&it.bytes).unwrap().record_count).collect();
    assert_eq!(counts, [3, 4], "one full batch leaves, the open one lingers");
    assert!(!world.machine.is_flushed(world.machine.next_id + 1));
    let mark = world.machine.flush();
    world.drain(106);
    world.drain(106);
    assert_eq!(world.wire.len(), 3);
    for sent in std::mem::take(&mut world.wire) {
        let outcome = world.deliver(&sent);
        world.answer(&sent, outcome, 0);
    }
    assert!(world.machine.is_flushed(mark) && world.machine.incomplete() == 0);
    assert_eq!(world.logs[&0].records, (0..10).collect::<Vec<_>>());
}

#[test]
fn a_lost_batch_is_repeated_before_what_follows_and_written_once() {
    let mut world = primed(limits());
    for round in 0..3 {
        for value in 0..4 {
            world.send(100, 0, round * 4 + value);
        }
        world.machine.flush();
        world.drain(100);
    }
    let wire = std::mem::take(&mut world.wire);
    assert!(wire.len() >= 3);
    // The first answer is lost, the others come.
    for (index, sent) in wire.iter().enumerate() {
        let outcome = world.deliver(sent);
        world.answer(sent, if index == 0 { lost() } else { outcome }, 110);
    }
    world.drain(105);
    assert!(world.wire.is_empty(), "it rests");
    for now_ms in 110..140 {
        world.drain(now_ms);
        for sent in std::mem::take(&mut world.wire) {
            let outcome = world.deliver(&sent);
            world.answer(&sent, outcome, 0);
        }
    }
    assert_eq!(world.logs[&0].records, (0..12).collect::<Vec<_>>());
    assert_eq!(world.machine.incomplete(), 0);
}

#[test]
fn a_batch_that_is_too_large_is_taken_apart() {
    for codec in headwater_records::Codec::ALL {
        let mut world = World::new(Limits { compression: Compression::of(codec), ..limits() });
        for value in 0..8 {
            world.send(100, 0, value);
        }
        world.machine.flush();
        for now_ms in 100..160 {
            world.drain(now_ms);
            for sent in std::mem::take(&mut world.wire) {
                let count = BatchView::parse(&sent.bytes).unwrap().record_count;
                let outcome = if count > 1 {
                    let error = Error::api(ErrorCode::MessageTooLarge, None);
                    Outcome::Refused { error, records: Vec::new() }
                } else {
                    world.deliver(&sent)
                };
                world.answer(&sent, outcome, 0);
            }
        }
        assert_eq!(world.logs[&0].records, (0..8).collect::<Vec<_>>(), "{codec:?}");
        assert_eq!(world.machine.incomplete(), 0);
    }
}

#[test]
fn bytes_in_flight_are_not_changed() {
    let mut world = World::new(limits());
    world.send(100, 0, 1);
    world.machine.flush();
    world.drain(100);
    let sent = world.wire.remove(0);
    let before = sent.bytes.to_vec();
    let error = Error::api(ErrorCode::UnknownProducerId, None);
    world.answer(&sent, Outcome::Refused { error, records: Vec::new() }, 0);
    world.drain(101);
    let again = world.wire.remove(0);
    assert_eq!(*sent.bytes, before, "a connection may still carry them");
    assert_eq!(BatchView::parse(&again.bytes).unwrap().producer_epoch.0, 1);
    assert_eq!(BatchView::parse(&again.bytes).unwrap().base_sequence, 0);
}

#[test]
fn what_is_too_old_expires_and_says_whether_it_may_be_there() {
    let mut world = World::new(Limits { delivery_timeout_ms: 1_000, ..limits() });
    world.send(100, 0, 1);
    world.machine.flush();
    world.drain(100);
    world.send(200, 1, 2);
    let settled = world.machine.expire(1_100);
    world.settle(settled);
    assert_eq!(world.failed[&0], [(1, true)]);
    assert_eq!(world.failed.get(&1), None);
    let settled = world.machine.expire(1_200);
    world.settle(settled);
    assert_eq!(world.failed[&1], [(2, false)]);
    // The answer comes after all, and what follows begins a new epoch because nobody knew.
    let sent = world.wire.remove(0);
    world.answer(&sent, lost(), 0);
    world.send(1_300, 0, 3);
    world.machine.flush();
    world.drain(1_300);
    let next = BatchView::parse(&world.wire[0].bytes).unwrap().header().to_owned();
    assert_eq!((next.producer_epoch.0, next.base_sequence), (1, 0));
}

/// Without faults that lose the broker's memory: every acknowledged record is there once, at its offset, in order.
fn round(seed: u64) {
    let mut random = Random::new(seed);
    let rules = Limits { delivery_timeout_ms: if random.chance(2) { 400 } else { 1 << 40 }, ..limits() };
    let bounded = rules.delivery_timeout_ms == 400;
    let mut world = World::new(rules);
    let (mut next, mut now_ms) = (0_u64, 1_000_u64);
    let calm_from = 400;
    for step in 0..3_000 {
        now_ms += random.below(4);
        let calm = step >= calm_from;
        if !calm {
            for _ in 0..random.below(4) {
                world.send(now_ms, random.below(2) as i32, next);
                next += 1;
            }
        }
        if bounded {
            let settled = world.machine.expire(now_ms);
            world.settle(settled);
        }
        world.drain(now_ms);
        // The connection carries requests in order; when it breaks, all that is on it is lost.
        while !world.wire.is_empty() && (calm || !random.chance(3)) {
            let sent = world.wire.remove(0);
            let retry_at = now_ms + random.below(20);
            if !calm && random.chance(12) {
                let arrived = random.below(world.wire.len() as u64 + 2) as usize;
                let all: Vec<Sent> = std::iter::once(sent).chain(std::mem::take(&mut world.wire)).collect();
                for (index, sent) in all.iter().enumerate() {
                    if index < arrived {
                        world.deliver(sent);
                    }
                    world.answer(sent, lost(), retry_at);
                }
                break;
            }
            let refused = !calm && random.chance(10);
            let outcome = if refused {
                let codes =
                    [ErrorCode::NotEnoughReplicas, ErrorCode::NotLeaderOrFollower, ErrorCode::InvalidRecord];
                let error = Error::api(codes[random.below(3) as usize], None);
                Outcome::Refused { error, records: Vec::new() }
            } else {
                world.deliver(&sent)
            };
            world.answer(&sent, outcome, retry_at);
        }
        if calm && world.machine.incomplete() == 0 {
            break;
        }
    }
    assert_eq!(world.machine.incomplete(), 0, "seed {seed}: all is settled in the end");
    check(seed, &world, next, bounded);
}

fn check(seed: u64, world: &World, sent: u64, bounded: bool) {
    let mut known = 0;
    for partition in 0..2 {
        let empty = Log::default();
        let log = world.logs.get(&partition).unwrap_or(&empty);
        let acked = world.acked.get(&partition).cloned().unwrap_or_default();
        let failed = world.failed.get(&partition).cloned().unwrap_or_default();
        known += acked.len() + failed.len();
        for (value, offset) in &acked {
            let count = log.records.iter().filter(|it| *it == value).count();
            assert!(count == 1 || (bounded && count > 1), "seed {seed}: {value} is there {count} times");
            if *offset >= 0 && count == 1 {
                assert_eq!(log.records[*offset as usize], *value, "seed {seed}");
            }
        }
        for (value, maybe) in &failed {
            assert!(*maybe || !log.records.contains(value), "seed {seed}: {value} failed and is there");
        }
        let once = |value: &u64| acked.iter().any(|it| it.0 == *value);
        let order: Vec<u64> = log.records.iter().copied().filter(once).collect();
        assert!(bounded || order.is_sorted(), "seed {seed}: {order:?}");
    }
    assert_eq!(known as u64, sent, "seed {seed}: every record has one end");
}

#[test]
fn nothing_is_lost_doubled_or_out_of_order() {
    let seeds = std::env::var("HEADWATER_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
    for seed in 0..seeds {
        round(seed);
    }
}
