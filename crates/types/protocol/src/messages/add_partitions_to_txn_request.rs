//! `AddPartitionsToTxnRequest`: key 24, versions 0 to 5.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(AddPartitionsToTxnRequest, "AddPartitionsToTxnRequest", 24, 0..=5, 3);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnRequest {
    pub transactions: Vec<AddPartitionsToTxnTransaction>,
    pub v3_and_below_transactional_id: String,
    pub v3_and_below_producer_id: i64,
    pub v3_and_below_producer_epoch: i16,
    pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic>,
}

impl AddPartitionsToTxnRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            transactions: if v >= 4 {
                r.array(flex, 14, v, AddPartitionsToTxnTransaction::get)
            } else {
                Vec::new()
            },
            v3_and_below_transactional_id: if v <= 3 { r.string(flex) } else { String::new() },
            v3_and_below_producer_id: if v <= 3 { r.i64() } else { 0 },
            v3_and_below_producer_epoch: if v <= 3 { r.i16() } else { 0 },
            v3_and_below_topics: if v <= 3 {
                r.array(flex, 3, v, AddPartitionsToTxnTopic::get)
            } else {
                Vec::new()
            },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        if v >= 4 {
            w.array(flex, &self.transactions, v, AddPartitionsToTxnTransaction::put);
        }
        w.require(v >= 4 || self.transactions.is_empty(), "Transactions");
        if v <= 3 {
            w.string(flex, &self.v3_and_below_transactional_id);
        }
        w.require(v <= 3 || self.v3_and_below_transactional_id.is_empty(), "V3AndBelowTransactionalId");
        if v <= 3 {
            w.i64(self.v3_and_below_producer_id);
        }
        w.require(v <= 3 || self.v3_and_below_producer_id == 0, "V3AndBelowProducerId");
        if v <= 3 {
            w.i16(self.v3_and_below_producer_epoch);
        }
        w.require(v <= 3 || self.v3_and_below_producer_epoch == 0, "V3AndBelowProducerEpoch");
        if v <= 3 {
            w.array(flex, &self.v3_and_below_topics, v, AddPartitionsToTxnTopic::put);
        }
        w.require(v <= 3 || self.v3_and_below_topics.is_empty(), "V3AndBelowTopics");
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnTransaction {
    pub transactional_id: String,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub verify_only: bool,
    pub topics: Vec<AddPartitionsToTxnTopic>,
}

impl AddPartitionsToTxnTransaction {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            transactional_id: r.string(true),
            producer_id: r.i64(),
            producer_epoch: r.i16(),
            verify_only: r.bool(),
            topics: r.array(true, 3, v, AddPartitionsToTxnTopic::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.transactional_id);
        w.i64(self.producer_id);
        w.i16(self.producer_epoch);
        w.bool(self.verify_only);
        w.array(true, &self.topics, v, AddPartitionsToTxnTopic::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnTopic {
    pub name: String,
    pub partitions: Vec<i32>,
}

impl AddPartitionsToTxnTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self { name: r.string(flex), partitions: r.array(flex, 4, v, |r, _| r.i32()) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, |x, w, _| w.i32(*x));
        if flex {
            w.no_tags();
        }
    }
}
