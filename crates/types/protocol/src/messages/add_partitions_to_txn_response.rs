//! `AddPartitionsToTxnResponse`: key 24, versions 0 to 5.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(AddPartitionsToTxnResponse, "AddPartitionsToTxnResponse", 24, 0..=5, 3, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub results_by_transaction: Vec<AddPartitionsToTxnResult>,
    pub results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult>,
}

impl AddPartitionsToTxnResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            throttle_time_ms: r.i32(),
            error_code: if v >= 4 { r.i16() } else { 0 },
            results_by_transaction: if v >= 4 {
                r.array(flex, 3, v, AddPartitionsToTxnResult::get)
            } else {
                Vec::new()
            },
            results_by_topic_v3_and_below: if v <= 3 {
                r.array(flex, 3, v, AddPartitionsToTxnTopicResult::get)
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
        w.i32(self.throttle_time_ms);
        if v >= 4 {
            w.i16(self.error_code);
        }
        if v >= 4 {
            w.array(flex, &self.results_by_transaction, v, AddPartitionsToTxnResult::put);
        }
        w.require(v >= 4 || self.results_by_transaction.is_empty(), "ResultsByTransaction");
        if v <= 3 {
            w.array(flex, &self.results_by_topic_v3_and_below, v, AddPartitionsToTxnTopicResult::put);
        }
        w.require(v <= 3 || self.results_by_topic_v3_and_below.is_empty(), "ResultsByTopicV3AndBelow");
        if flex {
            w.no_tags();
        }
    }
}

impl AddPartitionsToTxnResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        for each in &self.results_by_transaction {
            each.error_codes(visit);
        }
        for each in &self.results_by_topic_v3_and_below {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnResult {
    pub transactional_id: String,
    pub topic_results: Vec<AddPartitionsToTxnTopicResult>,
}

impl AddPartitionsToTxnResult {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            transactional_id: r.string(true),
            topic_results: r.array(true, 3, v, AddPartitionsToTxnTopicResult::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.transactional_id);
        w.array(true, &self.topic_results, v, AddPartitionsToTxnTopicResult::put);
        w.no_tags();
    }
}

impl AddPartitionsToTxnResult {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.topic_results {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnTopicResult {
    pub name: String,
    pub results_by_partition: Vec<AddPartitionsToTxnPartitionResult>,
}

impl AddPartitionsToTxnTopicResult {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            name: r.string(flex),
            results_by_partition: r.array(flex, 6, v, AddPartitionsToTxnPartitionResult::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.name);
        w.array(flex, &self.results_by_partition, v, AddPartitionsToTxnPartitionResult::put);
        if flex {
            w.no_tags();
        }
    }
}

impl AddPartitionsToTxnTopicResult {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.results_by_partition {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnPartitionResult {
    pub partition_index: i32,
    pub partition_error_code: i16,
}

impl AddPartitionsToTxnPartitionResult {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self { partition_index: r.i32(), partition_error_code: r.i16() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.i32(self.partition_index);
        w.i16(self.partition_error_code);
        if flex {
            w.no_tags();
        }
    }
}

impl AddPartitionsToTxnPartitionResult {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.partition_error_code);
    }
}
