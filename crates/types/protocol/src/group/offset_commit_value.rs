//! `OffsetCommitValue`: key 1, versions 0 to 4.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(OffsetCommitValue, "OffsetCommitValue", 1, 0..=4, 4);

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitValue {
    pub offset: i64,
    pub leader_epoch: i32,
    pub metadata: String,
    pub commit_timestamp: i64,
    pub expire_timestamp: i64,
    pub topic_id: Uuid,
}

impl Default for OffsetCommitValue {
    fn default() -> Self {
        Self {
            offset: 0,
            leader_epoch: -1,
            metadata: String::new(),
            commit_timestamp: 0,
            expire_timestamp: -1,
            topic_id: Uuid::ZERO,
        }
    }
}

impl OffsetCommitValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let mut m = Self {
            offset: r.i64(),
            leader_epoch: if v >= 3 { r.i32() } else { -1 },
            metadata: r.string(flex),
            commit_timestamp: r.i64(),
            expire_timestamp: if (1..=1).contains(&v) { r.i64() } else { -1 },
            topic_id: Uuid::ZERO,
        };
        if flex {
            let mut tags = r.tags();
            while let Some(tag) = tags.next(r) {
                match tag {
                    0 => m.topic_id = r.uuid(),
                    _ => tags.skip(r),
                }
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.i64(self.offset);
        if v >= 3 {
            w.i32(self.leader_epoch);
        }
        w.string(flex, &self.metadata);
        w.i64(self.commit_timestamp);
        if (1..=1).contains(&v) {
            w.i64(self.expire_timestamp);
        }
        if flex {
            let mut tags = w.tags();
            if !self.topic_id.is_zero() {
                tags.open(w, 0);
                w.uuid(self.topic_id);
                tags.close(w);
            }
            tags.finish(w);
        }
    }
}
