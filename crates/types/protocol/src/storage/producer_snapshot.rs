//! `ProducerSnapshot`: version 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ProducerSnapshot, "ProducerSnapshot", -1, 1..=1, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProducerSnapshot {
    pub crc: u32,
    pub producer_entries: Vec<ProducerEntry>,
}

impl ProducerSnapshot {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        Self { crc: r.u32(), producer_entries: r.array(false, 46, v, ProducerEntry::get) }
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.u32(self.crc);
        w.array(false, &self.producer_entries, v, ProducerEntry::put);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProducerEntry {
    pub producer_id: i64,
    pub epoch: i16,
    pub last_sequence: i32,
    pub last_offset: i64,
    pub offset_delta: i32,
    pub timestamp: i64,
    pub coordinator_epoch: i32,
    pub current_txn_first_offset: i64,
}

impl ProducerEntry {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self {
            producer_id: r.i64(),
            epoch: r.i16(),
            last_sequence: r.i32(),
            last_offset: r.i64(),
            offset_delta: r.i32(),
            timestamp: r.i64(),
            coordinator_epoch: r.i32(),
            current_txn_first_offset: r.i64(),
        }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i64(self.producer_id);
        w.i16(self.epoch);
        w.i32(self.last_sequence);
        w.i64(self.last_offset);
        w.i32(self.offset_delta);
        w.i64(self.timestamp);
        w.i32(self.coordinator_epoch);
        w.i64(self.current_txn_first_offset);
    }
}
