//! `BrokerHeartbeatRequest`: key 63, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(BrokerHeartbeatRequest, "BrokerHeartbeatRequest", 63, 0..=2, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct BrokerHeartbeatRequest {
    pub broker_id: i32,
    pub broker_epoch: i64,
    pub current_metadata_offset: i64,
    pub want_fence: bool,
    pub want_shut_down: bool,
    pub offline_log_dirs: Vec<Uuid>,
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Default for BrokerHeartbeatRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            broker_epoch: -1,
            current_metadata_offset: 0,
            want_fence: false,
            want_shut_down: false,
            offline_log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        }
    }
}

impl BrokerHeartbeatRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            broker_id: r.i32(),
            broker_epoch: r.i64(),
            current_metadata_offset: r.i64(),
            want_fence: r.bool(),
            want_shut_down: r.bool(),
            offline_log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 if v >= 1 => m.offline_log_dirs = r.array(true, 16, v, |r, _| r.uuid()),
                0 => r.refuse_tag(),
                1 if v >= 2 => m.cordoned_log_dirs = r.nullable_array(true, true, 16, v, |r, _| r.uuid()),
                1 => r.refuse_tag(),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.broker_id);
        w.i64(self.broker_epoch);
        w.i64(self.current_metadata_offset);
        w.bool(self.want_fence);
        w.bool(self.want_shut_down);
        w.require(v >= 1 || self.offline_log_dirs.is_empty(), "OfflineLogDirs");
        w.require(v >= 2 || self.cordoned_log_dirs.is_none(), "CordonedLogDirs");
        let mut tags = w.tags();
        if v >= 1 && !self.offline_log_dirs.is_empty() {
            tags.open(w, 0);
            w.array(true, &self.offline_log_dirs, v, |x, w, _| w.uuid(*x));
            tags.close(w);
        }
        if v >= 2 && self.cordoned_log_dirs.is_some() {
            tags.open(w, 1);
            w.nullable_array(true, true, self.cordoned_log_dirs.as_deref(), v, |x, w, _| w.uuid(*x));
            tags.close(w);
        }
        tags.finish(w);
    }
}
