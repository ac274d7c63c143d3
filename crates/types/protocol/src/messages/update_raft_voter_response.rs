//! `UpdateRaftVoterResponse`: key 82, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(UpdateRaftVoterResponse, "UpdateRaftVoterResponse", 82, 0..=0, 0, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpdateRaftVoterResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub current_leader: CurrentLeader,
}

impl UpdateRaftVoterResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m =
            Self { throttle_time_ms: r.i32(), error_code: r.i16(), current_leader: CurrentLeader::default() };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.current_leader = CurrentLeader::get(r, v),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        let mut tags = w.tags();
        if self.current_leader != CurrentLeader::default() {
            tags.open(w, 0);
            self.current_leader.put(w, v);
            tags.close(w);
        }
        tags.finish(w);
    }
}

impl UpdateRaftVoterResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct CurrentLeader {
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub host: String,
    pub port: i32,
}

impl Default for CurrentLeader {
    fn default() -> Self {
        Self { leader_id: -1, leader_epoch: -1, host: String::new(), port: 0 }
    }
}

impl CurrentLeader {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { leader_id: r.i32(), leader_epoch: r.i32(), host: r.string(true), port: r.i32() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.leader_id);
        w.i32(self.leader_epoch);
        w.string(true, &self.host);
        w.i32(self.port);
        w.no_tags();
    }
}
