//! `ShareUpdateValue`: key 1, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ShareUpdateValue, "ShareUpdateValue", 1, 0..=0, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct ShareUpdateValue {
    pub snapshot_epoch: i32,
    pub leader_epoch: i32,
    pub start_offset: i64,
    pub delivery_complete_count: i32,
    pub state_batches: Vec<StateBatch>,
}

impl Default for ShareUpdateValue {
    fn default() -> Self {
        Self {
            snapshot_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
            state_batches: Vec::new(),
        }
    }
}

impl ShareUpdateValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            snapshot_epoch: r.i32(),
            leader_epoch: r.i32(),
            start_offset: r.i64(),
            delivery_complete_count: -1,
            state_batches: r.array(true, 20, v, StateBatch::get),
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.delivery_complete_count = r.i32(),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.snapshot_epoch);
        w.i32(self.leader_epoch);
        w.i64(self.start_offset);
        w.array(true, &self.state_batches, v, StateBatch::put);
        let mut tags = w.tags();
        if self.delivery_complete_count != -1 {
            tags.open(w, 0);
            w.i32(self.delivery_complete_count);
            tags.close(w);
        }
        tags.finish(w);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StateBatch {
    pub first_offset: i64,
    pub last_offset: i64,
    pub delivery_state: i8,
    pub delivery_count: i16,
}

impl StateBatch {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            first_offset: r.i64(),
            last_offset: r.i64(),
            delivery_state: r.i8(),
            delivery_count: r.i16(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i64(self.first_offset);
        w.i64(self.last_offset);
        w.i8(self.delivery_state);
        w.i16(self.delivery_count);
        w.no_tags();
    }
}
