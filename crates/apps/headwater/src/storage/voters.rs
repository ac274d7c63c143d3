//! The first members of a dynamic quorum, as the command line names them (`DynamicVoter`, `DynamicVoters`).

use std::collections::BTreeSet;

use headwater_base::{NodeId, Uuid};
use headwater_raft::{Endpoint, ReplicaKey, VoterNode, VoterSet};

use crate::failure::Failure;

/// One member: `id@host:port:directory`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    /// Its node id.
    pub node_id: NodeId,
    /// Its host, without brackets.
    pub host: String,
    /// Port of its controller listener.
    pub port: u16,
    /// Id of its metadata directory.
    pub directory_id: Uuid,
}

impl Voter {
    /// Reads one member; the error is the reference's message.
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (id, rest) = text.split_once('@').ok_or("No @ found in dynamic voter string.")?;
        if id.is_empty() {
            return Err("Invalid @ at beginning of dynamic voter string.".to_owned());
        }
        let node_id: i32 = id.parse().map_err(|_| "Failed to parse node id in dynamic voter string.")?;
        if node_id < 0 {
            return Err(format!("Invalid negative node id {node_id} in dynamic voter string."));
        }
        if rest.is_empty() {
            return Err("No hostname found after node id.".to_owned());
        }
        let (host, rest) = match rest.strip_prefix('[') {
            Some(rest) => rest
                .split_once(']')
                .ok_or("Hostname began with left bracket, but no right bracket was found.")?,
            None => {
                let end = rest.find(':').ok_or("No colon following hostname could be found.")?;
                rest.split_at(end)
            }
        };
        let rest = rest.strip_prefix(':').ok_or("Port section must start with a colon.")?;
        let (port, directory_id) = rest.split_once(':').ok_or("No colon following port could be found.")?;
        let port: i32 = port.parse().map_err(|_| "Failed to parse port in dynamic voter string.")?;
        let port =
            u16::try_from(port).map_err(|_| format!("Invalid port {port} in dynamic voter string."))?;
        let directory_id =
            directory_id.parse().map_err(|_| "Failed to parse directory ID in dynamic voter string.")?;
        Ok(Self { node_id: NodeId(node_id), host: host.to_owned(), port, directory_id })
    }
}

/// Reads members between commas.
pub fn parse(text: &str) -> Result<Vec<Voter>, Failure> {
    let mut voters = Vec::new();
    let mut ids = BTreeSet::new();
    for entry in text.split(',').filter(|entry| !entry.trim().is_empty()) {
        let voter = Voter::parse(entry).map_err(Failure)?;
        if !ids.insert(voter.node_id) {
            return Err(Failure(format!("Node id {} was specified more than once.", voter.node_id)));
        }
        voters.push(voter);
    }
    if voters.is_empty() {
        return Err(Failure("No voters given.".to_owned()));
    }
    Ok(voters)
}

/// The set of voters with which the metadata log begins.
pub fn voter_set(voters: &[Voter], listener: &str) -> VoterSet {
    VoterSet::new(voters.iter().map(|voter| VoterNode {
        key: ReplicaKey::new(voter.node_id, voter.directory_id),
        endpoints: vec![Endpoint { name: listener.to_owned(), host: voter.host.clone(), port: voter.port }],
        min_kraft_version: 0,
        max_kraft_version: 1,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_messages() {
        let id = "JEXY6aqzQY-32P5TStzaFg";
        let voters = parse(&format!("0@example.com:8082:{id},1@[::1]:8083:{id}")).expect("valid");
        assert_eq!((voters[1].node_id, voters[1].host.as_str(), voters[1].port), (NodeId(1), "::1", 8083));
        let cases = [
            ("", "No voters given."),
            ("1", "No @ found in dynamic voter string."),
            ("@h:1:x", "Invalid @ at beginning of dynamic voter string."),
            ("x@h:1:x", "Failed to parse node id in dynamic voter string."),
            ("-1@h:1:x", "Invalid negative node id -1 in dynamic voter string."),
            ("1@", "No hostname found after node id."),
            ("1@[::1", "Hostname began with left bracket, but no right bracket was found."),
            ("1@host", "No colon following hostname could be found."),
            ("1@[::1]9", "Port section must start with a colon."),
            ("1@localhost:9093", "No colon following port could be found."),
            ("1@h:x:y", "Failed to parse port in dynamic voter string."),
            ("1@h:70000:y", "Invalid port 70000 in dynamic voter string."),
            ("1@h:1:y", "Failed to parse directory ID in dynamic voter string."),
            (
                "1@h:1:JEXY6aqzQY-32P5TStzaFg,1@h:2:JEXY6aqzQY-32P5TStzaFg",
                "Node id 1 was specified more than once.",
            ),
        ];
        for (text, message) in cases {
            assert_eq!(parse(text).map_err(|failure| failure.0), Err(message.to_owned()), "{text}");
        }
    }
}
