//! `LeaderChangeMessage`: versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(LeaderChangeMessage, "LeaderChangeMessage", -1, 0..=1, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaderChangeMessage {
    pub version: i16,
    pub leader_id: i32,
    pub voters: Vec<Voter>,
    pub granting_voters: Vec<Voter>,
}

impl LeaderChangeMessage {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            version: r.i16(),
            leader_id: r.i32(),
            voters: r.array(true, 5, v, Voter::get),
            granting_voters: r.array(true, 5, v, Voter::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i16(self.version);
        w.i32(self.leader_id);
        w.array(true, &self.voters, v, Voter::put);
        w.array(true, &self.granting_voters, v, Voter::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voter {
    pub voter_id: i32,
    pub voter_directory_id: Uuid,
}

impl Voter {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { voter_id: r.i32(), voter_directory_id: if v >= 1 { r.uuid() } else { Uuid::ZERO } };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.voter_id);
        if v >= 1 {
            w.uuid(self.voter_directory_id);
        }
        w.require(v >= 1 || self.voter_directory_id.is_zero(), "VoterDirectoryId");
        w.no_tags();
    }
}
