//! `BrokerRegistrationChangeRecord`: key 17, versions 0 to 3.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(BrokerRegistrationChangeRecord, "BrokerRegistrationChangeRecord", 17, 0..=3, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerRegistrationChangeRecord {
    pub broker_id: i32,
    pub broker_epoch: i64,
    pub fenced: i8,
    pub in_controlled_shutdown: i8,
    pub log_dirs: Vec<Uuid>,
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl BrokerRegistrationChangeRecord {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            broker_id: r.i32(),
            broker_epoch: r.i64(),
            fenced: 0,
            in_controlled_shutdown: 0,
            log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.fenced = r.i8(),
                1 if v >= 1 => m.in_controlled_shutdown = r.i8(),
                1 => r.refuse_tag(),
                2 if v >= 2 => m.log_dirs = r.array(true, 16, v, |r, _| r.uuid()),
                2 => r.refuse_tag(),
                3 if v >= 3 => m.cordoned_log_dirs = r.nullable_array(true, true, 16, v, |r, _| r.uuid()),
                3 => r.refuse_tag(),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.broker_id);
        w.i64(self.broker_epoch);
        w.require(v >= 1 || self.in_controlled_shutdown == 0, "InControlledShutdown");
        w.require(v >= 2 || self.log_dirs.is_empty(), "LogDirs");
        w.require(v >= 3 || self.cordoned_log_dirs.is_none(), "CordonedLogDirs");
        let mut tags = w.tags();
        if self.fenced != 0 {
            tags.open(w, 0);
            w.i8(self.fenced);
            tags.close(w);
        }
        if v >= 1 && self.in_controlled_shutdown != 0 {
            tags.open(w, 1);
            w.i8(self.in_controlled_shutdown);
            tags.close(w);
        }
        if v >= 2 && !self.log_dirs.is_empty() {
            tags.open(w, 2);
            w.array(true, &self.log_dirs, v, |x, w, _| w.uuid(*x));
            tags.close(w);
        }
        if v >= 3 && self.cordoned_log_dirs.is_some() {
            tags.open(w, 3);
            w.nullable_array(true, true, self.cordoned_log_dirs.as_deref(), v, |x, w, _| w.uuid(*x));
            tags.close(w);
        }
        tags.finish(w);
    }
}
