//! What clients did and were told: the evidence that invariants are held against. Nothing here judges.

use std::collections::{BTreeMap, BTreeSet};

use headwater_base::Uuid;

/// A partition, by its topic's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The topic.
    pub topic: Uuid,
    /// Index of the partition.
    pub partition: i32,
}

/// A record, by the one who made it: its producer's records in one partition are numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordId {
    /// Who.
    pub producer: u32,
    /// Which.
    pub number: u64,
}

/// What a producer was told of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// Where it lies; `None` if the answer did not tell (a duplicate).
    pub offset: Option<i64>,
    /// The life of the node in which it was sent for the last time.
    pub life: usize,
    /// Acknowledged at acks=all in disk mode: a power loss must not take it.
    pub on_disk: bool,
}

/// A record on its way.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Checksum of key and value.
    pub checksum: u32,
    /// Checksum of the key; `None` without one.
    pub key: Option<u32>,
    /// Has no value: in a compacted topic it deletes its key.
    pub tombstone: bool,
    /// Set by the first good answer.
    pub acknowledged: Option<Acknowledged>,
}

/// A record as a consumer got it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The life of the node that served it.
    pub life: usize,
    /// Where it lay.
    pub offset: i64,
    /// Who made it; `None` when that cannot be told from the bytes, or they belong to another partition.
    pub id: Option<RecordId>,
    /// Checksum of key and value.
    pub checksum: u32,
    /// Checksum of the key; `None` without one.
    pub key: Option<u32>,
    /// Milliseconds.
    pub timestamp: i64,
    /// Epoch of its batch.
    pub leader_epoch: i32,
}

/// A partition at the end of a scenario, read from its first offset to its last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastRead {
    /// ListOffsets(earliest).
    pub start: i64,
    /// ListOffsets(latest).
    pub end: i64,
    /// All between, in the order in which they came.
    pub records: Vec<Seen>,
    /// Timestamps that were asked for, and the offset that was answered (−1 for none).
    pub by_time: Vec<(i64, i64)>,
}

/// What happened in a partition.
#[derive(Debug, Default)]
pub struct PartitionHistory {
    /// All records that were ever sent.
    pub sent: BTreeMap<RecordId, Sent>,
    /// Records that may rightly lie in the log twice, or out of order: they were sent again without a sequence that
    /// the log could know.
    pub repeated: BTreeSet<RecordId>,
    /// What consumers got, in the order of their answers.
    pub seen: Vec<Seen>,
    /// High watermarks that answers told, with the life.
    pub high_watermarks: Vec<(usize, i64)>,
    /// Leader epochs that Metadata told, with the life.
    pub leader_epochs: Vec<(usize, i32)>,
    /// ListOffsets(latest): the life, the end of what was acknowledged when it was asked, and the answer.
    pub latest: Vec<(usize, i64, i64)>,
    /// Positions of consumers that were out of range, with the life.
    pub out_of_range: Vec<(usize, i64)>,
    /// Batches that were refused as out of sequence although all before them were acknowledged, with the life.
    pub sequences_lost: Vec<(usize, RecordId)>,
    /// What the final readers found: one before and one after a clean restart.
    pub last_reads: Vec<LastRead>,
}

/// A topic whose creation was acknowledged.
#[derive(Clone, Debug)]
pub struct TopicHistory {
    /// Its name; another topic may have it later.
    pub name: String,
    /// Its number of partitions.
    pub partitions: i32,
    /// The number that was asked for and not acknowledged yet; else the same.
    pub growing_to: i32,
    /// acks=all waits for the disk.
    pub on_disk: bool,
    /// Of each key only the last record has to stay.
    pub compacted: bool,
    /// Its deletion was asked for; it may be gone.
    pub deleting: bool,
    /// Its deletion was acknowledged; it must be gone.
    pub deleted: bool,
}

/// How a life of the node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It still lasts.
    None,
    /// The process was killed.
    Kill,
    /// The power went, with the process running.
    PowerLoss,
    /// The process stopped in order, and everything was synced.
    CleanStop,
}

/// The names of topics that Metadata told, against those that it should have told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataFault {
    /// The life.
    pub life: usize,
    /// What is wrong.
    pub what: String,
}

/// Numbers for the report of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that were acknowledged.
    pub acknowledged: u64,
    /// Records that consumers got.
    pub seen: u64,
    /// Starts of the node that came to serve.
    pub starts: u64,
    /// Power losses with the process running.
    pub power_losses: u64,
    /// Kills.
    pub kills: u64,
    /// Clean stops.
    pub clean_stops: u64,
    /// Errors of the disk that were planned.
    pub disk_faults: u64,
    /// Acknowledged records that were lost and were allowed to be.
    pub lost_rightly: u64,
    /// Assignments that members of groups were told.
    pub assignments: u64,
    /// Offsets whose commit was acknowledged.
    pub commits: u64,
}

impl Counts {
    /// Adds another run's numbers.
    pub fn add(&mut self, other: &Counts) {
        self.acknowledged += other.acknowledged;
        self.seen += other.seen;
        self.starts += other.starts;
        self.power_losses += other.power_losses;
        self.kills += other.kills;
        self.clean_stops += other.clean_stops;
        self.disk_faults += other.disk_faults;
        self.lost_rightly += other.lost_rightly;
        self.assignments += other.assignments;
        self.commits += other.commits;
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct History {
    /// Acknowledged topics by id.
    pub topics: BTreeMap<Uuid, TopicHistory>,
    /// Partitions that somebody used.
    pub partitions: BTreeMap<Place, PartitionHistory>,
    /// How each life of the node ended; the last one is the present one.
    pub lives: Vec<End>,
    /// Answers that came in another order than their requests.
    pub disorder: Vec<String>,
    /// Error codes that nobody can explain.
    pub unexplained: Vec<String>,
    /// Metadata that forgot or invented.
    pub metadata_faults: Vec<MetadataFault>,
    /// Groups, by id.
    pub groups: BTreeMap<String, crate::group_history::GroupHistory>,
    /// Groups that did not come to rest.
    pub restless: Vec<String>,
    /// What did not come to an end in time.
    pub stuck: Vec<String>,
    /// Numbers.
    pub counts: Counts,
}

impl History {
    /// The present life.
    #[must_use]
    pub fn life(&self) -> usize {
        self.lives.len().saturating_sub(1)
    }

    /// The history of a partition.
    pub fn partition(&mut self, place: Place) -> &mut PartitionHistory {
        self.partitions.entry(place).or_default()
    }

    /// The history of a group.
    pub fn group(&mut self, id: &str) -> &mut crate::group_history::GroupHistory {
        self.groups.entry(id.to_owned()).or_default()
    }

    /// Whether a power loss took what was not synced, in `life` or later.
    #[must_use]
    pub fn forgot_since(&self, life: usize) -> bool {
        self.lives.iter().skip(life).any(|end| *end == End::PowerLoss)
    }

    /// Whether what was acknowledged must still be there.
    #[must_use]
    pub fn must_survive(&self, acknowledged: &Acknowledged) -> bool {
        acknowledged.on_disk || !self.forgot_since(acknowledged.life)
    }

    /// Whether of each key only the last record has to stay.
    #[must_use]
    pub fn is_compacted(&self, place: Place) -> bool {
        self.topics.get(&place.topic).is_some_and(|topic| topic.compacted)
    }

    /// Whether acks=all waits for the disk in this topic.
    #[must_use]
    pub fn is_on_disk(&self, place: Place) -> bool {
        self.topics.get(&place.topic).is_none_or(|topic| topic.on_disk)
    }
}
