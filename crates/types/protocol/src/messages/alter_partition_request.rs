//! `AlterPartitionRequest`: key 56, versions 2 to 3.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(AlterPartitionRequest, "AlterPartitionRequest", 56, 2..=3, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct AlterPartitionRequest {
    pub broker_id: i32,
    pub broker_epoch: i64,
    pub topics: Vec<TopicData>,
}

impl Default for AlterPartitionRequest {
    fn default() -> Self {
        Self { broker_id: 0, broker_epoch: -1, topics: Vec::new() }
    }
}

impl AlterPartitionRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m =
            Self { broker_id: r.i32(), broker_epoch: r.i64(), topics: r.array(true, 18, v, TopicData::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.broker_id);
        w.i64(self.broker_epoch);
        w.array(true, &self.topics, v, TopicData::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicData {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData>,
}

impl TopicData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { topic_id: r.uuid(), partitions: r.array(true, 15, v, PartitionData::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, v, PartitionData::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    pub partition_index: i32,
    pub leader_epoch: i32,
    pub new_isr: Vec<i32>,
    pub new_isr_with_epochs: Vec<BrokerState>,
    pub leader_recovery_state: i8,
    pub partition_epoch: i32,
}

impl PartitionData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            partition_index: r.i32(),
            leader_epoch: r.i32(),
            new_isr: if v <= 2 { r.array(true, 4, v, |r, _| r.i32()) } else { Vec::new() },
            new_isr_with_epochs: if v >= 3 { r.array(true, 13, v, BrokerState::get) } else { Vec::new() },
            leader_recovery_state: r.i8(),
            partition_epoch: r.i32(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.partition_index);
        w.i32(self.leader_epoch);
        if v <= 2 {
            w.array(true, &self.new_isr, v, |x, w, _| w.i32(*x));
        }
        w.require(v <= 2 || self.new_isr.is_empty(), "NewIsr");
        if v >= 3 {
            w.array(true, &self.new_isr_with_epochs, v, BrokerState::put);
        }
        w.require(v >= 3 || self.new_isr_with_epochs.is_empty(), "NewIsrWithEpochs");
        w.i8(self.leader_recovery_state);
        w.i32(self.partition_epoch);
        w.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct BrokerState {
    pub broker_id: i32,
    pub broker_epoch: i64,
}

impl Default for BrokerState {
    fn default() -> Self {
        Self { broker_id: 0, broker_epoch: -1 }
    }
}

impl BrokerState {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { broker_id: r.i32(), broker_epoch: r.i64() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.broker_id);
        w.i64(self.broker_epoch);
        w.no_tags();
    }
}
