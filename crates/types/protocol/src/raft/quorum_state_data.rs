//! `QuorumStateData`: versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(QuorumStateData, "QuorumStateData", -1, 0..=1, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct QuorumStateData {
    pub cluster_id: String,
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub voted_id: i32,
    pub voted_directory_id: Uuid,
    pub applied_offset: i64,
    pub current_voters: Option<Vec<Voter>>,
}

impl Default for QuorumStateData {
    fn default() -> Self {
        Self {
            cluster_id: String::new(),
            leader_id: -1,
            leader_epoch: -1,
            voted_id: -1,
            voted_directory_id: Uuid::ZERO,
            applied_offset: 0,
            current_voters: Some(Vec::new()),
        }
    }
}

impl QuorumStateData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            cluster_id: if v <= 0 { r.string(true) } else { String::new() },
            leader_id: r.i32(),
            leader_epoch: r.i32(),
            voted_id: r.i32(),
            voted_directory_id: if v >= 1 { r.uuid() } else { Uuid::ZERO },
            applied_offset: if v <= 0 { r.i64() } else { 0 },
            current_voters: if v <= 0 {
                r.nullable_array(true, true, 5, v, Voter::get)
            } else {
                Some(Vec::new())
            },
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        if v <= 0 {
            w.string(true, &self.cluster_id);
        }
        w.require(v <= 0 || self.cluster_id.is_empty(), "ClusterId");
        w.i32(self.leader_id);
        w.i32(self.leader_epoch);
        w.i32(self.voted_id);
        if v >= 1 {
            w.uuid(self.voted_directory_id);
        }
        w.require(v >= 1 || self.voted_directory_id.is_zero(), "VotedDirectoryId");
        if v <= 0 {
            w.i64(self.applied_offset);
        }
        w.require(v <= 0 || self.applied_offset == 0, "AppliedOffset");
        if v <= 0 {
            w.nullable_array(true, true, self.current_voters.as_deref(), v, Voter::put);
        }
        w.require(v <= 0 || self.current_voters.as_ref().is_some_and(Vec::is_empty), "CurrentVoters");
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voter {
    pub voter_id: i32,
}

impl Voter {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { voter_id: r.i32() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.voter_id);
        w.no_tags();
    }
}
