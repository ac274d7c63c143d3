//! `FetchRequest`: key 1, versions 4 to 18.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(FetchRequest, "FetchRequest", 1, 4..=18, 12);

#[derive(Clone, Debug, PartialEq)]
pub struct FetchRequest {
    pub cluster_id: Option<String>,
    pub replica_id: i32,
    pub replica_state: ReplicaState,
    pub max_wait_ms: i32,
    pub min_bytes: i32,
    pub max_bytes: i32,
    pub isolation_level: i8,
    pub session_id: i32,
    pub session_epoch: i32,
    pub topics: Vec<FetchTopic>,
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    pub rack_id: String,
}

impl Default for FetchRequest {
    fn default() -> Self {
        Self {
            cluster_id: None,
            replica_id: -1,
            replica_state: ReplicaState::default(),
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: i32::MAX,
            isolation_level: 0,
            session_id: 0,
            session_epoch: -1,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
            rack_id: String::new(),
        }
    }
}

impl FetchRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 12;
        let mut m = Self {
            cluster_id: None,
            replica_id: if v <= 14 { r.i32() } else { -1 },
            replica_state: ReplicaState::default(),
            max_wait_ms: r.i32(),
            min_bytes: r.i32(),
            max_bytes: r.i32(),
            isolation_level: r.i8(),
            session_id: if v >= 7 { r.i32() } else { 0 },
            session_epoch: if v >= 7 { r.i32() } else { -1 },
            topics: r.array(flex, 3, v, FetchTopic::get),
            forgotten_topics_data: if v >= 7 { r.array(flex, 3, v, ForgottenTopic::get) } else { Vec::new() },
            rack_id: if v >= 11 { r.string(flex) } else { String::new() },
        };
        if flex {
            let mut tags = r.tags();
            while let Some(tag) = tags.next(r) {
                match tag {
                    0 => m.cluster_id = r.nullable_string(true, true),
                    1 if v >= 15 => m.replica_state = ReplicaState::get(r, v),
                    1 => r.refuse_tag(),
                    _ => tags.skip(r),
                }
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        if v <= 14 {
            w.i32(self.replica_id);
        }
        w.require(v <= 14 || self.replica_id == -1, "ReplicaId");
        w.require(v >= 15 || self.replica_state == ReplicaState::default(), "ReplicaState");
        w.i32(self.max_wait_ms);
        w.i32(self.min_bytes);
        w.i32(self.max_bytes);
        w.i8(self.isolation_level);
        if v >= 7 {
            w.i32(self.session_id);
        }
        if v >= 7 {
            w.i32(self.session_epoch);
        }
        w.array(flex, &self.topics, v, FetchTopic::put);
        if v >= 7 {
            w.array(flex, &self.forgotten_topics_data, v, ForgottenTopic::put);
        }
        w.require(v >= 7 || self.forgotten_topics_data.is_empty(), "ForgottenTopicsData");
        if v >= 11 {
            w.string(flex, &self.rack_id);
        }
        if flex {
            let mut tags = w.tags();
            if self.cluster_id.is_some() {
                tags.open(w, 0);
                w.nullable_string(true, true, self.cluster_id.as_deref());
                tags.close(w);
            }
            if v >= 15 && self.replica_state != ReplicaState::default() {
                tags.open(w, 1);
                self.replica_state.put(w, v);
                tags.close(w);
            }
            tags.finish(w);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaState {
    pub replica_id: i32,
    pub replica_epoch: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self { replica_id: -1, replica_epoch: -1 }
    }
}

impl ReplicaState {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { replica_id: r.i32(), replica_epoch: r.i64() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.replica_id);
        w.i64(self.replica_epoch);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchTopic {
    pub topic: String,
    pub topic_id: Uuid,
    pub partitions: Vec<FetchPartition>,
}

impl FetchTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 12;
        let m = Self {
            topic: if v <= 12 { r.string(flex) } else { String::new() },
            topic_id: if v >= 13 { r.uuid() } else { Uuid::ZERO },
            partitions: r.array(flex, 16, v, FetchPartition::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        if v <= 12 {
            w.string(flex, &self.topic);
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partitions, v, FetchPartition::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct FetchPartition {
    pub partition: i32,
    pub current_leader_epoch: i32,
    pub fetch_offset: i64,
    pub last_fetched_epoch: i32,
    pub log_start_offset: i64,
    pub partition_max_bytes: i32,
    pub replica_directory_id: Uuid,
    pub high_watermark: i64,
}

impl Default for FetchPartition {
    fn default() -> Self {
        Self {
            partition: 0,
            current_leader_epoch: -1,
            fetch_offset: 0,
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: 0,
            replica_directory_id: Uuid::ZERO,
            high_watermark: i64::MAX,
        }
    }
}

impl FetchPartition {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 12;
        let mut m = Self {
            partition: r.i32(),
            current_leader_epoch: if v >= 9 { r.i32() } else { -1 },
            fetch_offset: r.i64(),
            last_fetched_epoch: if v >= 12 { r.i32() } else { -1 },
            log_start_offset: if v >= 5 { r.i64() } else { -1 },
            partition_max_bytes: r.i32(),
            replica_directory_id: Uuid::ZERO,
            high_watermark: i64::MAX,
        };
        if flex {
            let mut tags = r.tags();
            while let Some(tag) = tags.next(r) {
                match tag {
                    0 if v >= 17 => m.replica_directory_id = r.uuid(),
                    0 => r.refuse_tag(),
                    1 if v >= 18 => m.high_watermark = r.i64(),
                    1 => r.refuse_tag(),
                    _ => tags.skip(r),
                }
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        w.i32(self.partition);
        if v >= 9 {
            w.i32(self.current_leader_epoch);
        }
        w.i64(self.fetch_offset);
        if v >= 12 {
            w.i32(self.last_fetched_epoch);
        }
        w.require(v >= 12 || self.last_fetched_epoch == -1, "LastFetchedEpoch");
        if v >= 5 {
            w.i64(self.log_start_offset);
        }
        w.i32(self.partition_max_bytes);
        if flex {
            let mut tags = w.tags();
            if v >= 17 && !self.replica_directory_id.is_zero() {
                tags.open(w, 0);
                w.uuid(self.replica_directory_id);
                tags.close(w);
            }
            if v >= 18 && self.high_watermark != i64::MAX {
                tags.open(w, 1);
                w.i64(self.high_watermark);
                tags.close(w);
            }
            tags.finish(w);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForgottenTopic {
    pub topic: String,
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
}

impl ForgottenTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 12;
        let m = Self {
            topic: if v <= 12 { r.string(flex) } else { String::new() },
            topic_id: if v >= 13 { r.uuid() } else { Uuid::ZERO },
            partitions: r.array(flex, 4, v, |r, _| r.i32()),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        if v <= 12 {
            w.string(flex, &self.topic);
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partitions, v, |x, w, _| w.i32(*x));
        if flex {
            w.no_tags();
        }
    }
}
