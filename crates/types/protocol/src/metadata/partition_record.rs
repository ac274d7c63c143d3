//! `PartitionRecord`: key 3, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(PartitionRecord, "PartitionRecord", 3, 0..=2, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct PartitionRecord {
    pub partition_id: i32,
    pub topic_id: Uuid,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    pub removing_replicas: Vec<i32>,
    pub adding_replicas: Vec<i32>,
    pub leader: i32,
    pub leader_recovery_state: i8,
    pub leader_epoch: i32,
    pub partition_epoch: i32,
    pub directories: Vec<Uuid>,
    pub eligible_leader_replicas: Option<Vec<i32>>,
    pub last_known_elr: Option<Vec<i32>>,
}

impl Default for PartitionRecord {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Uuid::ZERO,
            replicas: Vec::new(),
            isr: Vec::new(),
            removing_replicas: Vec::new(),
            adding_replicas: Vec::new(),
            leader: -1,
            leader_recovery_state: 0,
            leader_epoch: -1,
            partition_epoch: -1,
            directories: Vec::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

impl PartitionRecord {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            partition_id: r.i32(),
            topic_id: r.uuid(),
            replicas: r.array(true, 4, v, |r, _| r.i32()),
            isr: r.array(true, 4, v, |r, _| r.i32()),
            removing_replicas: r.array(true, 4, v, |r, _| r.i32()),
            adding_replicas: r.array(true, 4, v, |r, _| r.i32()),
            leader: r.i32(),
            leader_recovery_state: 0,
            leader_epoch: r.i32(),
            partition_epoch: r.i32(),
            directories: if v >= 1 { r.array(true, 16, v, |r, _| r.uuid()) } else { Vec::new() },
            eligible_leader_replicas: None,
            last_known_elr: None,
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.leader_recovery_state = r.i8(),
                1 if v >= 2 => {
                    m.eligible_leader_replicas = r.nullable_array(true, true, 4, v, |r, _| r.i32())
                }
                1 => r.refuse_tag(),
                2 if v >= 2 => m.last_known_elr = r.nullable_array(true, true, 4, v, |r, _| r.i32()),
                2 => r.refuse_tag(),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.partition_id);
        w.uuid(self.topic_id);
        w.array(true, &self.replicas, v, |x, w, _| w.i32(*x));
        w.array(true, &self.isr, v, |x, w, _| w.i32(*x));
        w.array(true, &self.removing_replicas, v, |x, w, _| w.i32(*x));
        w.array(true, &self.adding_replicas, v, |x, w, _| w.i32(*x));
        w.i32(self.leader);
        w.i32(self.leader_epoch);
        w.i32(self.partition_epoch);
        if v >= 1 {
            w.array(true, &self.directories, v, |x, w, _| w.uuid(*x));
        }
        w.require(v >= 1 || self.directories.is_empty(), "Directories");
        w.require(v >= 2 || self.eligible_leader_replicas.is_none(), "EligibleLeaderReplicas");
        w.require(v >= 2 || self.last_known_elr.is_none(), "LastKnownElr");
        let mut tags = w.tags();
        if self.leader_recovery_state != 0 {
            tags.open(w, 0);
            w.i8(self.leader_recovery_state);
            tags.close(w);
        }
        if v >= 2 && self.eligible_leader_replicas.is_some() {
            tags.open(w, 1);
            w.nullable_array(true, true, self.eligible_leader_replicas.as_deref(), v, |x, w, _| w.i32(*x));
            tags.close(w);
        }
        if v >= 2 && self.last_known_elr.is_some() {
            tags.open(w, 2);
            w.nullable_array(true, true, self.last_known_elr.as_deref(), v, |x, w, _| w.i32(*x));
            tags.close(w);
        }
        tags.finish(w);
    }
}
