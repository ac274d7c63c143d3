//! `WriteTxnMarkersRequest`: key 27, versions 1 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(WriteTxnMarkersRequest, "WriteTxnMarkersRequest", 27, 1..=2, 1);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteTxnMarkersRequest {
    pub markers: Vec<WritableTxnMarker>,
}

impl WriteTxnMarkersRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { markers: r.array(true, 17, v, WritableTxnMarker::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.markers, v, WritableTxnMarker::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct WritableTxnMarker {
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub transaction_result: bool,
    pub topics: Vec<WritableTxnMarkerTopic>,
    pub coordinator_epoch: i32,
    pub transaction_version: i8,
}

impl WritableTxnMarker {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            producer_id: r.i64(),
            producer_epoch: r.i16(),
            transaction_result: r.bool(),
            topics: r.array(true, 3, v, WritableTxnMarkerTopic::get),
            coordinator_epoch: r.i32(),
            transaction_version: if v >= 2 { r.i8() } else { 0 },
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i64(self.producer_id);
        w.i16(self.producer_epoch);
        w.bool(self.transaction_result);
        w.array(true, &self.topics, v, WritableTxnMarkerTopic::put);
        w.i32(self.coordinator_epoch);
        if v >= 2 {
            w.i8(self.transaction_version);
        }
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct WritableTxnMarkerTopic {
    pub name: String,
    pub partition_indexes: Vec<i32>,
}

impl WritableTxnMarkerTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { name: r.string(true), partition_indexes: r.array(true, 4, v, |r, _| r.i32()) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partition_indexes, v, |x, w, _| w.i32(*x));
        w.no_tags();
    }
}
