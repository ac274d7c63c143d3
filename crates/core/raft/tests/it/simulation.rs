//! The machine on a disk that forgets: seeds choose what is acknowledged, when the process dies and how much of what
//! was not synced survives. A restart in the middle of anything must keep the named invariants.

use std::collections::BTreeMap;

use headwater_base::{LeaderEpoch, Offset};
use headwater_raft::{Action, Config, ElectionState, Event, KRaftVersion, Raft, Stored, VoterSet};

use crate::script::voter;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// A record of the simulated log: the epoch that wrote it and a number that no other record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    epoch: LeaderEpoch,
    unique: u64,
}

#[derive(Default)]
struct World {
    election: Option<ElectionState>,
    log: Vec<Record>,
    /// Records that are surely on disk.
    synced: usize,
    /// Every record that was ever announced as committed, by offset.
    committed: Vec<Record>,
    /// Which record carried an (offset, epoch): one for ever.
    identities: BTreeMap<(usize, i32), u64>,
    last_led: i32,
    unique: u64,
}

struct Process {
    raft: Raft,
    /// Actions whose acknowledgement is due.
    pending: Vec<Action>,
    high_watermark: Offset,
}

impl World {
    fn start(&mut self) -> Process {
        let local = voter(1, 11, 9093);
        let stored = Stored {
            election: self.election,
            log_end_offset: Offset(self.log.len() as i64),
            durable_end_offset: Offset(0),
            last_epoch: self.log.last().map_or(LeaderEpoch(0), |record| record.epoch),
            kraft_version: KRaftVersion::V0,
            voters: VoterSet::new([local.clone()]),
            voters_in_log: false,
        };
        let raft = Raft::start(Config { local }, stored).expect("starts");
        let mut process = Process { raft, pending: Vec::new(), high_watermark: Offset(0) };
        self.step(&mut process, Event::Ready);
        process
    }

    fn step(&mut self, process: &mut Process, event: Event) {
        let mut actions = Vec::new();
        process.raft.step(0, event, &mut actions);
        for action in actions {
            match action {
                Action::HighWatermark(offset) => self.commit(process, offset),
                Action::BecameLeader { epoch, .. } => {
                    assert!(epoch.0 > self.last_led, "MonotonicEpoch: {epoch} after {}", self.last_led);
                    assert!(
                        self.election.is_some_and(|election| election.epoch == epoch),
                        "the epoch is durable"
                    );
                    self.last_led = epoch.0;
                }
                Action::RefuseProposal | Action::LostLeadership { .. } => {}
                slow => process.pending.push(slow),
            }
        }
    }

    fn commit(&mut self, process: &mut Process, offset: Offset) {
        assert!(offset > process.high_watermark, "MonotonicHighWatermark");
        process.high_watermark = offset;
        let end = offset.0 as usize;
        assert!(end <= self.synced, "MajorityReachedHighWatermark: {end} of {} on disk", self.synced);
        for at in 0..end {
            match self.committed.get(at) {
                Some(record) => assert_eq!(*record, self.log[at], "ConsistentCommittedData at {at}"),
                None => self.committed.push(self.log[at]),
            }
        }
    }

    /// Carries out one action that is due and acknowledges it.
    fn carry_out(&mut self, process: &mut Process, random: &mut Random) {
        let at = random.below(process.pending.len() as u64) as usize;
        match process.pending.remove(at) {
            Action::PersistElectionState(election) => {
                self.election = Some(election);
                self.step(process, Event::ElectionStatePersisted);
            }
            Action::Append { epoch, base_offset, batch, control } => {
                if !control && random.one_in(8) {
                    return self.step(process, Event::AppendFailed);
                }
                assert_eq!(base_offset, Offset(self.log.len() as i64));
                let count = if control { 1 } else { batch.len() };
                for _ in 0..count {
                    self.unique += 1;
                    let record = Record { epoch, unique: self.unique };
                    let before = self.identities.insert((self.log.len(), epoch.0), record.unique);
                    assert_eq!(before, None, "two records with one offset and epoch");
                    self.log.push(record);
                }
                self.step(process, Event::Appended { end_offset: Offset(self.log.len() as i64) });
            }
            Action::Sync { end_offset } => {
                self.synced = self.synced.max(end_offset.0 as usize);
                self.step(process, Event::Synced { end_offset });
            }
            other => panic!("{other:?} needs no acknowledgement"),
        }
    }

    fn crash(&mut self, process: Process, random: &mut Random) {
        if random.one_in(2)
            && let Some(Action::PersistElectionState(election)) =
                process.pending.iter().find(|action| matches!(action, Action::PersistElectionState(_)))
        {
            // The rename reached the disk, only the acknowledgement did not come.
            self.election = Some(*election);
        }
        let unsynced = (self.log.len() - self.synced) as u64;
        self.log.truncate(self.synced + random.below(unsynced + 1) as usize);
        self.synced = self.log.len();
        assert!(self.log.len() >= self.committed.len(), "a committed record was lost");
    }
}

fn run(seed: u64) -> (usize, i32) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut world = World::default();
    let mut process = world.start();
    for _ in 0..300 {
        if random.one_in(40) {
            world.crash(process, &mut random);
            process = world.start();
            continue;
        }
        let appending = process.pending.iter().any(|action| matches!(action, Action::Append { .. }));
        if !process.pending.is_empty() && (appending || random.one_in(2)) {
            world.carry_out(&mut process, &mut random);
        } else {
            let count = 1 + random.below(4);
            let batch = vec![0; count as usize];
            world.step(&mut process, Event::Propose { batch, record_count: count as u32 });
        }
    }
    (world.committed.len(), world.last_led)
}

#[test]
fn crashes_at_any_point_keep_the_invariants() {
    let seeds = std::env::var("HEADWATER_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    let (mut committed, mut epochs) = (0, 0);
    for seed in 1..=seeds {
        let (records, epoch) = run(seed);
        committed += records;
        epochs += epoch;
    }
    assert!(committed as u64 > 50 * seeds, "the runs commit something: {committed}");
    assert!(epochs as u64 > 2 * seeds, "and restart: {epochs}");
}
