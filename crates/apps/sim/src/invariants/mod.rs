//! The named invariants, as a table. Each is a pure look at the [`History`]; what it returns are its violations.

mod compacted;
mod epochs;
mod groups;
pub mod lost;
mod once;
mod stays;
mod told;

use std::fmt;

use crate::history::{History, PartitionHistory, Place};

/// One invariant.
pub struct Invariant {
    /// Its name, as it is printed.
    pub name: &'static str,
    /// What it says.
    pub says: &'static str,
    check: fn(&History) -> Vec<String>,
}

/// All of them.
#[rustfmt::skip]
pub const INVARIANTS: &[Invariant] = &[
    Invariant { name: "no_acknowledged_record_lost", check: lost::no_acknowledged_record_lost,
        says: "what was acknowledged is there at the end (acks=all on disk: always; else unless the power went)" },
    Invariant { name: "acknowledged_where_told", check: lost::acknowledged_where_told,
        says: "a record lies at the offset that its producer was told" },
    Invariant { name: "no_duplicate", check: once::no_duplicate,
        says: "a record of an idempotent producer lies in the log once" },
    Invariant { name: "order_per_producer", check: once::order_per_producer,
        says: "the records of one producer lie in the order in which it made them" },
    Invariant { name: "offsets_dense", check: once::offsets_dense,
        says: "from the first offset to the last there is one record each; in a compacted topic at most one" },
    Invariant { name: "compacted_keeps_last", check: compacted::compacted_keeps_last,
        says: "in a compacted topic the last acknowledged record of a key is there, or, if it deletes the key, none before it" },
    Invariant { name: "nothing_invented", check: once::nothing_invented,
        says: "every record that was read was sent, to this partition, with these bytes" },
    Invariant { name: "seen_stays", check: stays::seen_stays,
        says: "what a consumer saw stays where it was seen" },
    Invariant { name: "high_watermark_monotonic", check: stays::high_watermark_monotonic,
        says: "the high watermark never goes back, also over restarts" },
    Invariant { name: "position_stays_valid", check: stays::position_stays_valid,
        says: "no consumer is told that its position is out of range" },
    Invariant { name: "clean_stop_changes_nothing", check: stays::clean_stop_changes_nothing,
        says: "before and after a clean restart the same is read" },
    Invariant { name: "time_finds_first", check: told::time_finds_first,
        says: "ListOffsets by time gives the first record that is not older" },
    Invariant { name: "latest_covers_acknowledged", check: told::latest_covers_acknowledged,
        says: "ListOffsets(latest) lies behind everything that was acknowledged before" },
    Invariant { name: "producer_state_survives", check: told::producer_state_survives,
        says: "no producer in order is told that it is out of order" },
    Invariant { name: "metadata_survives", check: told::metadata_survives,
        says: "acknowledged topics are there, acknowledged deletions are final" },
    Invariant { name: "answers_in_request_order", check: told::answers_in_request_order,
        says: "answers leave a connection in the order of its requests" },
    Invariant { name: "answers_explained", check: told::answers_explained,
        says: "no answer is malformed or carries an error that the faults do not explain" },
    Invariant { name: "comes_to_rest", check: told::comes_to_rest,
        says: "without further faults the node starts, and everything that was begun ends" },
    Invariant { name: "new_leader_epoch_each_start", check: epochs::new_leader_epoch_each_start,
        says: "each start leads in an epoch above those of all starts before" },
    Invariant { name: "epochs_grow_in_log", check: epochs::epochs_grow_in_log,
        says: "the epochs of batches never go back along the log" },
    Invariant { name: "one_owner_in_a_generation", check: groups::one_owner_in_a_generation,
        says: "no partition is given to two members of one generation" },
    Invariant { name: "generations_never_go_back", check: groups::generations_never_go_back,
        says: "whoever joins hears no generation older than what members knew" },
    Invariant { name: "old_generations_do_not_commit", check: groups::old_generations_do_not_commit,
        says: "once a newer generation is known no commit of an older one is taken" },
    Invariant { name: "commits_stay", check: groups::commits_stay,
        says: "a fetched offset is one that was committed, and none older than the last acknowledged" },
    Invariant { name: "groups_survive", check: groups::groups_survive,
        says: "a group with offsets is there at the end, and the same before and after a clean restart" },
    Invariant { name: "offsets_go_with_their_topic", check: groups::offsets_go_with_their_topic,
        says: "a deleted topic's offsets are gone" },
    Invariant { name: "groups_converge", check: groups::groups_converge,
        says: "left alone, the members of a group share all partitions in one generation" },
];

/// An invariant that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: &'static str,
    /// How.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

/// Holds all invariants against a history.
#[must_use]
pub fn check_all(history: &History) -> Vec<Violation> {
    let mut violations = Vec::new();
    for invariant in INVARIANTS {
        let found = (invariant.check)(history).into_iter();
        violations.extend(found.map(|what| Violation { invariant: invariant.name, what }));
    }
    violations
}

/// Those of them that keep all their records.
fn complete(history: &History) -> impl Iterator<Item = (&Place, &PartitionHistory)> {
    kept(history).filter(|(place, _)| !history.is_compacted(**place))
}

/// The partitions of topics that nobody deletes.
fn kept(history: &History) -> impl Iterator<Item = (&Place, &PartitionHistory)> {
    let deleting = |place: &Place| history.topics.get(&place.topic).is_some_and(|topic| topic.deleting);
    history.partitions.iter().filter(move |(place, _)| !deleting(place))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}
