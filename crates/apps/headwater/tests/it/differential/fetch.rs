//! Fetch without sessions.

use headwater_base::Uuid;
use headwater_protocol::ApiKey;
use headwater_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};

use super::state::versions;
use super::target::{Target, body};

pub const KEY: ApiKey = ApiKey::Fetch;
const MUCH: i32 = 1 << 20;

/// What one partition is asked for.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub topic: &'a str,
    pub partition: i32,
    pub offset: i64,
    pub epoch: i32,
    pub last_epoch: i32,
    pub max_bytes: i32,
}

pub fn want(topic: &str, partition: i32, offset: i64) -> Wanted<'_> {
    Wanted { topic, partition, offset, epoch: -1, last_epoch: -1, max_bytes: MUCH }
}

/// The id of a topic; names in angle brackets stand for ids that nobody has.
pub fn id_of(target: &Target, topic: &str) -> Uuid {
    match topic {
        "<zero>" => Uuid(0),
        "<nobody>" => Uuid(0x1234_5678_9abc_def0_1234_5678_9abc_def0),
        name => target.topic_id(name),
    }
}

/// Topics as version `version` names them.
pub fn topics(target: &Target, version: i16, wanted: &[Wanted<'_>]) -> Vec<FetchTopic> {
    let topic = |wanted: &Wanted<'_>| FetchTopic {
        topic: if version < 13 { wanted.topic.to_owned() } else { String::new() },
        topic_id: if version < 13 { Uuid(0) } else { id_of(target, wanted.topic) },
        partitions: vec![FetchPartition {
            partition: wanted.partition,
            current_leader_epoch: if version >= 9 { wanted.epoch } else { -1 },
            fetch_offset: wanted.offset,
            last_fetched_epoch: if version >= 12 { wanted.last_epoch } else { -1 },
            partition_max_bytes: wanted.max_bytes,
            ..FetchPartition::default()
        }],
    };
    wanted.iter().map(topic).collect()
}

pub fn request() -> FetchRequest {
    FetchRequest {
        max_wait_ms: 0,
        min_bytes: 0,
        max_bytes: 10 * MUCH,
        session_epoch: -1,
        ..FetchRequest::default()
    }
}

pub fn chapter(target: &mut Target) {
    let all = versions::<FetchRequest>().filter(|version| *version >= 4);
    for version in all {
        partitions(target, version);
        requests(target, version);
    }
}

fn partitions(target: &mut Target, version: i16) {
    for (what, offset) in [
        ("from the start", 0),
        ("from inside of a batch", 4),
        ("from the last record", 14),
        ("from the end", 15),
        ("behind the end", 16),
        ("far behind the end", i64::MAX),
        ("below zero", -1),
        ("far below zero", i64::MIN),
    ] {
        ask(target, what, version, request(), &[want("data", 0, offset)]);
    }
    for (what, wanted) in [
        ("an empty partition", want("empty", 0, 0)),
        ("behind an empty partition", want("empty", 0, 1)),
        ("no such partition", want("data", 2, 0)),
        ("partition below zero", want("data", -1, 0)),
        ("times of the broker", want("stamped", 0, 0)),
        ("batches of producers", want("sequences", 0, 0)),
        ("batches of producers, elsewhere", want("sequences", 1, 0)),
        ("what was made gzip", want("to-gzip", 0, 0)),
        ("what was made plain", want("to-none", 0, 0)),
        ("what was made zstd", want("to-zstd", 0, 0)),
        ("the compacted topic", want("compacted", 0, 0)),
        ("where bad batches came", want("bad", 0, 0)),
        ("the epoch", Wanted { epoch: 0, ..want("data", 0, 3) }),
        ("a newer epoch", Wanted { epoch: 1, ..want("data", 0, 3) }),
        ("an epoch of -2", Wanted { epoch: -2, ..want("data", 0, 3) }),
        ("a newer epoch behind the end", Wanted { epoch: 1, ..want("data", 0, 99) }),
        ("the last epoch", Wanted { last_epoch: 0, ..want("data", 0, 3) }),
        ("a last epoch that is newer", Wanted { last_epoch: 1, ..want("data", 0, 3) }),
        ("the last epoch, behind the end", Wanted { last_epoch: 0, ..want("data", 0, 16) }),
        ("a byte", Wanted { max_bytes: 1, ..want("data", 0, 3) }),
        ("no bytes", Wanted { max_bytes: 0, ..want("data", 0, 3) }),
        ("bytes below zero", Wanted { max_bytes: -1, ..want("data", 0, 3) }),
        ("a batch and a half", Wanted { max_bytes: 170, ..want("data", 0, 0) }),
    ] {
        ask(target, what, version, request(), &[wanted]);
    }
    let unknown: &[&str] = if version < 13 { &["nowhere", "", "a b"] } else { &["<nobody>", "<zero>"] };
    for topic in unknown {
        ask(target, &format!("topic \"{topic}\""), version, request(), &[want(topic, 0, 0)]);
        let two = [want("data", 0, 12), want(topic, 0, 0), want("plain", 1, 0)];
        ask(target, &format!("topic \"{topic}\" between two"), version, request(), &two);
    }
}

fn requests(target: &mut Target, version: i16) {
    let both = [want("data", 0, 0), want("data", 1, 0), want("plain", 0, 0)];
    let small = |max_bytes| Wanted { max_bytes, ..want("data", 0, 0) };
    for (what, request, wanted) in [
        ("three partitions", request(), &both[..]),
        ("a byte in all", FetchRequest { max_bytes: 1, ..request() }, &both),
        ("no bytes in all", FetchRequest { max_bytes: 0, ..request() }, &both),
        ("bytes below zero in all", FetchRequest { max_bytes: -1, ..request() }, &both),
        ("a few bytes in all", FetchRequest { max_bytes: 300, ..request() }, &both),
        ("a byte of each", request(), &[small(1), want("data", 1, 0)]),
        ("a partition without room first", request(), &[small(0), want("data", 1, 0)]),
        ("more than there is, no wait", FetchRequest { min_bytes: MUCH, ..request() }, &both),
        (
            "an error does not wait",
            FetchRequest { min_bytes: MUCH, max_wait_ms: 5000, ..request() },
            &[want("data", 7, 0)],
        ),
        (
            "out of range does not wait",
            FetchRequest { min_bytes: 1, max_wait_ms: 5000, ..request() },
            &[want("data", 0, 99)],
        ),
        (
            "a short wait at the end",
            FetchRequest { min_bytes: 1, max_wait_ms: 10, ..request() },
            &[want("data", 0, 15)],
        ),
        (
            "min bytes below zero",
            FetchRequest { min_bytes: -1, max_wait_ms: 5000, ..request() },
            &[want("empty", 0, 0)],
        ),
        (
            "a wait below zero",
            FetchRequest { min_bytes: 1, max_wait_ms: -1, ..request() },
            &[want("empty", 0, 0)],
        ),
        ("committed", FetchRequest { isolation_level: 1, ..request() }, &both),
        ("committed at the end", FetchRequest { isolation_level: 1, ..request() }, &[want("data", 0, 15)]),
        ("isolation level 2", FetchRequest { isolation_level: 2, ..request() }, &both[1..]),
        ("isolation level -1", FetchRequest { isolation_level: -1, ..request() }, &both[1..]),
        ("nothing", request(), &[]),
        ("a partition twice", request(), &[want("data", 0, 0), want("data", 0, 12)]),
    ] {
        ask(target, what, version, request, wanted);
    }
    if version >= 11 {
        let near = FetchRequest { rack_id: "here".into(), ..request() };
        ask(target, "from a rack", version, near, &both);
    }
}

pub fn ask(target: &mut Target, what: &str, version: i16, request: FetchRequest, wanted: &[Wanted<'_>]) {
    let session_epoch = if version >= 7 { request.session_epoch } else { -1 };
    let request = FetchRequest { topics: topics(target, version, wanted), session_epoch, ..request };
    target.ask_raw(what, KEY, version, &body(&request, version));
}
