//! `TransactionLogValue`: key 0, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(TransactionLogValue, "TransactionLogValue", 0, 0..=1, 1);

#[derive(Clone, Debug, PartialEq)]
pub struct TransactionLogValue {
    pub producer_id: i64,
    pub previous_producer_id: i64,
    pub next_producer_id: i64,
    pub producer_epoch: i16,
    pub next_producer_epoch: i16,
    pub transaction_timeout_ms: i32,
    pub transaction_status: i8,
    pub transaction_partitions: Option<Vec<PartitionsSchema>>,
    pub transaction_last_update_timestamp_ms: i64,
    pub transaction_start_timestamp_ms: i64,
    pub client_transaction_version: i16,
}

impl Default for TransactionLogValue {
    fn default() -> Self {
        Self {
            producer_id: 0,
            previous_producer_id: -1,
            next_producer_id: -1,
            producer_epoch: 0,
            next_producer_epoch: -1,
            transaction_timeout_ms: 0,
            transaction_status: 0,
            transaction_partitions: Some(Vec::new()),
            transaction_last_update_timestamp_ms: 0,
            transaction_start_timestamp_ms: 0,
            client_transaction_version: 0,
        }
    }
}

impl TransactionLogValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let mut m = Self {
            producer_id: r.i64(),
            previous_producer_id: -1,
            next_producer_id: -1,
            producer_epoch: r.i16(),
            next_producer_epoch: -1,
            transaction_timeout_ms: r.i32(),
            transaction_status: r.i8(),
            transaction_partitions: r.nullable_array(flex, true, 3, v, PartitionsSchema::get),
            transaction_last_update_timestamp_ms: r.i64(),
            transaction_start_timestamp_ms: r.i64(),
            client_transaction_version: 0,
        };
        if flex {
            let mut tags = r.tags();
            while let Some(tag) = tags.next(r) {
                match tag {
                    0 => m.previous_producer_id = r.i64(),
                    1 => m.next_producer_id = r.i64(),
                    2 => m.client_transaction_version = r.i16(),
                    3 => m.next_producer_epoch = r.i16(),
                    _ => tags.skip(r),
                }
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.i64(self.producer_id);
        w.require(v >= 1 || self.previous_producer_id == -1, "PreviousProducerId");
        w.require(v >= 1 || self.next_producer_id == -1, "NextProducerId");
        w.i16(self.producer_epoch);
        w.require(v >= 1 || self.next_producer_epoch == -1, "NextProducerEpoch");
        w.i32(self.transaction_timeout_ms);
        w.i8(self.transaction_status);
        w.nullable_array(flex, true, self.transaction_partitions.as_deref(), v, PartitionsSchema::put);
        w.i64(self.transaction_last_update_timestamp_ms);
        w.i64(self.transaction_start_timestamp_ms);
        w.require(v >= 1 || self.client_transaction_version == 0, "ClientTransactionVersion");
        if flex {
            let mut tags = w.tags();
            if self.previous_producer_id != -1 {
                tags.open(w, 0);
                w.i64(self.previous_producer_id);
                tags.close(w);
            }
            if self.next_producer_id != -1 {
                tags.open(w, 1);
                w.i64(self.next_producer_id);
                tags.close(w);
            }
            if self.client_transaction_version != 0 {
                tags.open(w, 2);
                w.i16(self.client_transaction_version);
                tags.close(w);
            }
            if self.next_producer_epoch != -1 {
                tags.open(w, 3);
                w.i16(self.next_producer_epoch);
                tags.close(w);
            }
            tags.finish(w);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionsSchema {
    pub topic: String,
    pub partition_ids: Vec<i32>,
}

impl PartitionsSchema {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m = Self { topic: r.string(flex), partition_ids: r.array(flex, 4, v, |r, _| r.i32()) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.string(flex, &self.topic);
        w.array(flex, &self.partition_ids, v, |x, w, _| w.i32(*x));
        if flex {
            w.no_tags();
        }
    }
}
