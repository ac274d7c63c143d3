//! `quorum-state`: the file in which a replica remembers its epoch, its vote and the leader it knows
//! (`QuorumStateData`, `FileQuorumStateStore`).
//!
//! Data version 0 belongs to kraft.version 0 and has three more fields, which Kafka writes and never reads; version 1
//! belongs to kraft.version 1 and knows the directory that was voted for. A replica that loses this file may vote twice
//! in one epoch, so it is replaced atomically and synced before anything that depends on it happens.

use std::fmt;
use std::fmt::Write as _;

use headwater_base::{LeaderEpoch, NodeId, Uuid};

use crate::json::{self, Json};
use crate::voters::{KRaftVersion, ReplicaKey};

/// Name of the file inside the metadata log's folder.
pub const FILE_NAME: &str = "quorum-state";
/// Name under which the next content is written before it takes the place of [`FILE_NAME`].
pub const TEMPORARY_FILE_NAME: &str = "quorum-state.tmp";

/// What a replica has promised or learnt in an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElectionState {
    /// The epoch; 0 before the first election.
    pub epoch: LeaderEpoch,
    /// The leader of that epoch, if known.
    pub leader_id: Option<NodeId>,
    /// The candidate that got this replica's vote in that epoch.
    pub voted: Option<ReplicaKey>,
}

/// Why `quorum-state` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumStateError(pub String);

impl fmt::Display for QuorumStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FILE_NAME} is damaged: {}", self.0)
    }
}

impl std::error::Error for QuorumStateError {}

impl ElectionState {
    /// The state of a replica that never took part in an election.
    pub const INITIAL: ElectionState = ElectionState { epoch: LeaderEpoch(0), leader_id: None, voted: None };

    /// The content of the file, one line of JSON as Kafka writes it. `voters` appear in data version 0 only.
    #[must_use]
    pub fn to_file(self, version: KRaftVersion, voters: impl IntoIterator<Item = NodeId>) -> String {
        let leader = self.leader_id.unwrap_or(NodeId::NONE);
        let voted = self.voted.map_or(NodeId::NONE, |key| key.node_id);
        let mut text = String::new();
        text.push('{');
        if version == KRaftVersion::V0 {
            // Kafka leaves the cluster id empty too.
            text.push_str("\"clusterId\":\"\",");
        }
        // Writing into a String cannot fail.
        let _ = write!(text, "\"leaderId\":{leader},\"leaderEpoch\":{},\"votedId\":{voted}", self.epoch);
        match version {
            KRaftVersion::V0 => {
                text.push_str(",\"appliedOffset\":0,\"currentVoters\":[");
                for (i, voter) in voters.into_iter().enumerate() {
                    let comma = if i == 0 { "" } else { "," };
                    let _ = write!(text, "{comma}{{\"voterId\":{voter}}}");
                }
                text.push(']');
            }
            KRaftVersion::V1 => {
                let directory = self.voted.map_or(Uuid::ZERO, |key| key.directory_id);
                text.push_str(",\"votedDirectoryId\":");
                json::push_string(&mut text, &directory.to_string());
            }
        }
        let _ = write!(text, ",\"data_version\":{}}}", version.level());
        text
    }

    /// Reads either data version.
    ///
    /// # Errors
    /// Says which field is missing or wrong. A replica with a damaged file must not start: its promises are unknown.
    pub fn from_file(text: &str) -> Result<ElectionState, QuorumStateError> {
        let json = Json::parse(text).map_err(QuorumStateError)?;
        let data_version = integer(&json, "data_version", i64::from(i16::MAX))?;
        if !(0..=1).contains(&data_version) {
            return Err(QuorumStateError(format!("data_version {data_version} is none of 0 and 1")));
        }
        let epoch = integer(&json, "leaderEpoch", i64::from(i32::MAX))?;
        if epoch < 0 {
            return Err(QuorumStateError(format!("leaderEpoch {epoch} is negative")));
        }
        let leader = node(&json, "leaderId")?;
        let voted = match node(&json, "votedId")? {
            None => None,
            Some(node_id) if data_version == 0 => Some(ReplicaKey::new(node_id, Uuid::ZERO)),
            Some(node_id) => Some(ReplicaKey::new(node_id, directory(&json)?)),
        };
        Ok(ElectionState { epoch: LeaderEpoch(epoch as i32), leader_id: leader, voted })
    }
}

fn integer(json: &Json, field: &str, max: i64) -> Result<i64, QuorumStateError> {
    match json.get(field) {
        Some(Json::Int(value)) if *value <= max && *value >= -max => Ok(*value),
        Some(other) => Err(QuorumStateError(format!("{field} is {other:?}"))),
        None => Err(QuorumStateError(format!("{field} is missing"))),
    }
}

fn node(json: &Json, field: &str) -> Result<Option<NodeId>, QuorumStateError> {
    let id = integer(json, field, i64::from(i32::MAX))? as i32;
    match id {
        -1 => Ok(None),
        id if id >= 0 => Ok(Some(NodeId(id))),
        id => Err(QuorumStateError(format!("{field} is {id}"))),
    }
}

fn directory(json: &Json) -> Result<Uuid, QuorumStateError> {
    match json.get("votedDirectoryId") {
        Some(Json::Text(text)) => {
            text.parse().map_err(|e| QuorumStateError(format!("votedDirectoryId: {e}")))
        }
        Some(other) => Err(QuorumStateError(format!("votedDirectoryId is {other:?}"))),
        None => Err(QuorumStateError("votedDirectoryId is missing".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leader(epoch: i32) -> ElectionState {
        ElectionState { epoch: LeaderEpoch(epoch), leader_id: Some(NodeId(1)), voted: None }
    }

    #[test]
    fn both_versions_are_byte_for_byte_what_kafka_wrote() {
        let static_voters = r#"{"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}"#;
        assert_eq!(leader(1).to_file(KRaftVersion::V0, [NodeId(1)]), static_voters);
        assert_eq!(ElectionState::from_file(static_voters), Ok(leader(1)));
        let standalone = r#"{"leaderId":1,"leaderEpoch":2,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}"#;
        assert_eq!(leader(2).to_file(KRaftVersion::V1, []), standalone);
        assert_eq!(ElectionState::from_file(standalone), Ok(leader(2)));
    }

    #[test]
    fn a_vote_survives_in_both_versions() {
        let voted = |directory| ElectionState {
            epoch: LeaderEpoch(7),
            leader_id: None,
            voted: Some(ReplicaKey::new(NodeId(3), directory)),
        };
        let text = voted(Uuid(99)).to_file(KRaftVersion::V1, []);
        assert_eq!(ElectionState::from_file(&text), Ok(voted(Uuid(99))));
        let text = voted(Uuid(99)).to_file(KRaftVersion::V0, [NodeId(3), NodeId(4)]);
        assert_eq!(ElectionState::from_file(&text), Ok(voted(Uuid::ZERO)), "version 0 knows no directories");
    }

    #[test]
    fn damage_names_the_field() {
        let cases = [
            ("", "the text ends at byte 0"),
            ("{}", "data_version is missing"),
            (r#"{"data_version":2}"#, "data_version 2 is none of 0 and 1"),
            (r#"{"data_version":1,"leaderEpoch":-1}"#, "leaderEpoch -1 is negative"),
            (r#"{"data_version":1,"leaderEpoch":1,"leaderId":-2}"#, "leaderId is -2"),
            (r#"{"data_version":1,"leaderEpoch":1,"leaderId":1}"#, "votedId is missing"),
            (r#"{"data_version":1,"leaderEpoch":1,"leaderId":1,"votedId":1}"#, "votedDirectoryId is missing"),
            (
                r#"{"data_version":1,"leaderEpoch":99999999999,"leaderId":1,"votedId":1}"#,
                "leaderEpoch is Int(99999999999)",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(ElectionState::from_file(text), Err(QuorumStateError(expected.to_owned())), "{text}");
        }
    }
}
