//! `PartitionChangeRecord`: key 5, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(PartitionChangeRecord, "PartitionChangeRecord", 5, 0..=2, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct PartitionChangeRecord {
    pub partition_id: i32,
    pub topic_id: Uuid,
    pub isr: Option<Vec<i32>>,
    pub leader: i32,
    pub replicas: Option<Vec<i32>>,
    pub removing_replicas: Option<Vec<i32>>,
    pub adding_replicas: Option<Vec<i32>>,
    pub leader_recovery_state: i8,
    pub directories: Option<Vec<Uuid>>,
    pub eligible_leader_replicas: Option<Vec<i32>>,
    pub last_known_elr: Option<Vec<i32>>,
}

impl Default for PartitionChangeRecord {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Uuid::ZERO,
            isr: None,
            leader: -2,
            replicas: None,
            removing_replicas: None,
            adding_replicas: None,
            leader_recovery_state: -1,
            directories: None,
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

impl PartitionChangeRecord {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            partition_id: r.i32(),
            topic_id: r.uuid(),
            isr: None,
            leader: -2,
            replicas: None,
            removing_replicas: None,
            adding_replicas: None,
            leader_recovery_state: -1,
            directories: None,
            eligible_leader_replicas: None,
            last_known_elr: None,
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.isr = r.nullable_array(true, true, 4, v, |r, _| r.i32()),
                1 => m.leader = r.i32(),
                2 => m.replicas = r.nullable_array(true, true, 4, v, |r, _| r.i32()),
                3 => m.removing_replicas = r.nullable_array(true, true, 4, v, |r, _| r.i32()),
                4 => m.adding_replicas = r.nullable_array(true, true, 4, v, |r, _| r.i32()),
                5 => m.leader_recovery_state = r.i8(),
                6 if v >= 2 => {
                    m.eligible_leader_replicas = r.nullable_array(true, true, 4, v, |r, _| r.i32())
                }
                6 => r.refuse_tag(),
                7 if v >= 2 => m.last_known_elr = r.nullable_array(true, true, 4, v, |r, _| r.i32()),
                7 => r.refuse_tag(),
                8 if v >= 1 => m.directories = r.nullable_array(true, true, 16, v, |r, _| r.uuid()),
                8 => r.refuse_tag(),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.partition_id);
        w.uuid(self.topic_id);
        w.require(v >= 1 || self.directories.is_none(), "Directories");
        w.require(v >= 2 || self.eligible_leader_replicas.is_none(), "EligibleLeaderReplicas");
        w.require(v >= 2 || self.last_known_elr.is_none(), "LastKnownElr");
        let mut tags = w.tags();
        if self.isr.is_some() {
            tags.open(w, 0);
            w.nullable_array(true, true, self.isr.as_deref(), v, |x, w, _| w.i32(*x));
            tags.close(w);
        }
        if self.leader != -2 {
            tags.open(w, 1);
            w.i32(self.leader);
            tags.close(w);
        }
        if self.replicas.is_some() {
            tags.open(w, 2);
            w.nullable_array(true, true, self.replicas.as_deref(), v, |x, w, _| w.i32(*x));
            tags.close(w);
        }
        if self.removing_replicas.is_some() {
            tags.open(w, 3);
            w.nullable_array(true, true, self.removing_replicas.as_deref(), v, |x, w, _| w.i32(*x));
            tags.close(w);
        }
        if self.adding_replicas.is_some() {
            tags.open(w, 4);
            w.nullable_array(true, true, self.adding_replicas.as_deref(), v, |x, w, _| w.i32(*x));
            tags.close(w);
        }
        if self.leader_recovery_state != -1 {
            tags.open(w, 5);
            w.i8(self.leader_recovery_state);
            tags.close(w);
        }
        if v >= 2 && self.eligible_leader_replicas.is_some() {
            tags.open(w, 6);
            w.nullable_array(true, true, self.eligible_leader_replicas.as_deref(), v, |x, w, _| w.i32(*x));
            tags.close(w);
        }
        if v >= 2 && self.last_known_elr.is_some() {
            tags.open(w, 7);
            w.nullable_array(true, true, self.last_known_elr.as_deref(), v, |x, w, _| w.i32(*x));
            tags.close(w);
        }
        if v >= 1 && self.directories.is_some() {
            tags.open(w, 8);
            w.nullable_array(true, true, self.directories.as_deref(), v, |x, w, _| w.uuid(*x));
            tags.close(w);
        }
        tags.finish(w);
    }
}
