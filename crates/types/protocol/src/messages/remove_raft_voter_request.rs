//! `RemoveRaftVoterRequest`: key 81, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(RemoveRaftVoterRequest, "RemoveRaftVoterRequest", 81, 0..=0, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct RemoveRaftVoterRequest {
    pub cluster_id: Option<String>,
    pub voter_id: i32,
    pub voter_directory_id: Uuid,
}

impl Default for RemoveRaftVoterRequest {
    fn default() -> Self {
        Self { cluster_id: Some(String::new()), voter_id: 0, voter_directory_id: Uuid::ZERO }
    }
}

impl RemoveRaftVoterRequest {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            cluster_id: r.nullable_string(true, true),
            voter_id: r.i32(),
            voter_directory_id: r.uuid(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.nullable_string(true, true, self.cluster_id.as_deref());
        w.i32(self.voter_id);
        w.uuid(self.voter_directory_id);
        w.no_tags();
    }
}
