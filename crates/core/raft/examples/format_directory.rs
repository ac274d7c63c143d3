//! Formats a directory for a single node: `format_directory DIR CLUSTER_ID NODE_ID DIRECTORY_ID CONTROLLER_PORT|static`.
//! The quorum's conformance script lets Apache Kafka start on what it writes.

use std::path::Path;

use headwater_base::{NodeId, Uuid};
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;
use headwater_raft::format::Format;
use headwater_raft::{Endpoint, ReplicaKey, VoterNode, VoterSet};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, cluster_id, node_id, directory_id, port] = arguments.as_slice() else {
        return Err("expected DIR CLUSTER_ID NODE_ID DIRECTORY_ID CONTROLLER_PORT|static".into());
    };
    let node_id = NodeId(node_id.parse()?);
    let directory_id: Uuid = directory_id.parse()?;
    let voters = match port.as_str() {
        "static" => None,
        port => Some(VoterSet::new([VoterNode {
            key: ReplicaKey::new(node_id, directory_id),
            endpoints: vec![Endpoint {
                name: "CONTROLLER".to_owned(),
                host: "localhost".to_owned(),
                port: port.parse()?,
            }],
            min_kraft_version: 0,
            max_kraft_version: 1,
        }])),
    };
    let metadata_version = FeatureLevelRecord { name: "metadata.version".to_owned(), feature_level: 30 };
    let format = Format {
        cluster_id,
        node_id,
        bootstrap_records: &[MetadataRecord::from(metadata_version).to_value()?],
        initial_voters: voters.as_ref(),
        now_ms: 1_700_000_000_000,
    };
    for file in format.files(directory_id, true) {
        let path = Path::new(directory).join(&file.path);
        std::fs::create_dir_all(path.parent().ok_or("no parent")?)?;
        std::fs::write(path, &file.content)?;
    }
    Ok(())
}
