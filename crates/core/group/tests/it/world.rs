//! A shard with its log, a clock that is moved by hand, and clients that remember their member ids.

use std::collections::BTreeMap;

use headwater_base::Offset;
use headwater_group::consumer::RegexJob;
use headwater_group::{Answer, Context, Event, GroupConfig, GroupRecord, Input, Shard, Ticket};
use headwater_metadata::Image;

/// See the module.
pub struct World {
    pub shard: Shard,
    pub log: Vec<GroupRecord>,
    pub now_ms: i64,
    /// How far the wall clock is ahead of the other.
    pub wall_ahead_ms: i64,
    pub config: GroupConfig,
    pub image: Image,
    pub jobs: Vec<RegexJob>,
    /// How many topics were deleted: a namesake gets another id.
    pub dropped: u128,
    pub asked: BTreeMap<Ticket, String>,
    /// The next appends fail.
    pub broken: bool,
    tickets: u64,
    random: u128,
}

/// The wall clock when the world begins.
const WALL_BASE_MS: i64 = 1_000_000;

/// What one decision gave.
#[derive(Default)]
pub struct Outcome {
    pub answers: Vec<(String, Answer)>,
    pub events: Vec<Event>,
    pub records: Vec<GroupRecord>,
    pub refused: bool,
}

impl World {
    pub fn new() -> Self {
        Self {
            shard: Shard::default(),
            log: Vec::new(),
            now_ms: 0,
            wall_ahead_ms: WALL_BASE_MS,
            config: GroupConfig { initial_rebalance_delay_ms: 0, ..GroupConfig::default() },
            image: Image::default(),
            jobs: Vec::new(),
            dropped: 0,
            asked: BTreeMap::new(),
            broken: false,
            tickets: 0,
            random: 0,
        }
    }

    fn context(&self, random: u128) -> Context<'_> {
        let wall_ms = self.now_ms + self.wall_ahead_ms;
        Context { now_ms: self.now_ms, wall_ms, random, config: &self.config, image: &self.image }
    }

    /// Decides on an input of `client`, appends, applies.
    pub fn ask(&mut self, client: &str, input: Input) -> Outcome {
        self.tickets += 1;
        self.random += 1;
        let ticket = Ticket(self.tickets);
        let context = self.context(self.random);
        let before = format!("{:?}", self.shard);
        let decision = self.shard.decide(&context, ticket, input);
        assert_eq!(before, format!("{:?}", self.shard), "a decision changes nothing");
        if self.broken && !decision.records.is_empty() {
            return Outcome { refused: true, ..Outcome::default() };
        }
        self.asked.insert(ticket, client.to_owned());
        for record in &decision.records {
            let (key, value) = record.encode().expect("short strings");
            let read = GroupRecord::decode(&key, value.as_deref())
                .expect("what was written")
                .expect("a kind of ours");
            assert_eq!(&read, record);
            self.shard.apply(Offset(self.log.len() as i64), None, record);
            self.log.push(record.clone());
        }
        self.jobs.extend(decision.jobs);
        decision.soft.into_iter().for_each(|soft| self.shard.apply_soft(soft));
        let answers = decision.answers.into_iter().map(|(ticket, answer)| {
            (self.asked.remove(&ticket).expect("each request is answered once"), answer)
        });
        Outcome {
            answers: answers.collect(),
            events: decision.events,
            records: decision.records,
            refused: false,
        }
    }

    /// The node starts again: what is not in the log is gone.
    pub fn restart(&mut self) {
        let mut shard = self.reloaded();
        shard.begin_sessions(&self.context(0));
        self.shard = shard;
        self.asked.clear();
        self.jobs.clear();
    }

    /// Runs what was left to run beside the coordinator.
    pub fn run_jobs(&mut self) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for job in std::mem::take(&mut self.jobs) {
            let input = job.run(&self.image, self.now_ms + self.wall_ahead_ms);
            outcomes.push(self.ask("-", input));
            self.asked.retain(|_, client| client != "-");
        }
        outcomes
    }

    /// Moves the clock; gives what the deadlines on the way led to, with their times.
    pub fn pass(&mut self, ms: i64) -> Vec<(i64, Outcome)> {
        let until = self.now_ms + ms;
        let mut outcomes = Vec::new();
        while let Some(deadline) = self.shard.next_deadline_ms().filter(|deadline| *deadline <= until) {
            self.now_ms = self.now_ms.max(deadline);
            let outcome = self.ask("-", Input::Expire);
            self.asked.retain(|_, client| client != "-");
            if outcome.refused {
                self.shard.postpone_due(self.now_ms + 1_000);
            }
            outcomes.push((self.now_ms, outcome));
        }
        self.now_ms = until;
        outcomes
    }

    /// The law: replaying the log gives the same.
    pub fn check_law(&self) {
        assert_eq!(self.reloaded().replicated(), self.shard.replicated(), "the log alone tells the same");
    }

    /// A shard that has only the log.
    pub fn reloaded(&self) -> Shard {
        let mut shard = Shard::default();
        for (offset, record) in self.log.iter().enumerate() {
            shard.apply(Offset(offset as i64), None, record);
        }
        shard
    }
}
