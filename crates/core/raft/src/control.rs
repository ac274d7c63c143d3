//! Control records of the metadata log: what the quorum itself writes between the application's records.
//!
//! Their key is the record type, their value a message of its own version. kraft.version 0 and 1 both write version 0
//! of [`LeaderChangeMessage`], as Apache Kafka 4.3 does.

use std::fmt;

use headwater_base::NodeId;
use headwater_protocol::data::kraft_version_record::KRaftVersionRecord;
use headwater_protocol::data::leader_change_message::{self, LeaderChangeMessage};
use headwater_protocol::data::snapshot_footer_record::SnapshotFooterRecord;
use headwater_protocol::data::snapshot_header_record::SnapshotHeaderRecord;
use headwater_protocol::data::voters_record::{self, VotersRecord};
use headwater_protocol::{DecodeError, Reader, Writer};
use headwater_records::control::ControlType;
use headwater_records::{BatchBuilder, BatchOptions, BatchView, RecordsError, Scratch};

use crate::voters::{Endpoint, KRaftVersion, ReplicaKey, VoterNode, VoterSet};

/// Version of every control record that is written.
const VERSION: i16 = 0;

/// More than this, uncompressed, is in no batch of the metadata log; Kafka does not compress there at all.
pub(crate) const MAX_RECORDS_BYTES: usize = 8 * crate::MAX_BATCH_BYTES;

/// A control record of the metadata log or of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlRecord {
    /// An epoch begins.
    LeaderChange {
        /// Its leader.
        leader_id: NodeId,
        /// All who may vote.
        voters: Vec<NodeId>,
        /// Those who voted for it.
        granting_voters: Vec<NodeId>,
    },
    /// A checkpoint begins.
    SnapshotHeader {
        /// Timestamp of the last record that it stands for, in milliseconds.
        last_contained_log_timestamp_ms: i64,
    },
    /// A checkpoint ends.
    SnapshotFooter,
    /// The finalized kraft.version from here on.
    KRaftVersion(i16),
    /// The voters from here on.
    Voters(VoterSet),
    /// A type that the quorum does not use.
    Other,
}

/// Why a control record cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlError {
    /// The batch's records cannot be read.
    Records(RecordsError),
    /// A control record without key or value.
    Missing,
    /// Its bytes are not that message.
    Decode(String),
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ControlError::Records(error) => error.fmt(f),
            ControlError::Missing => f.write_str("control record without key or value"),
            ControlError::Decode(error) => write!(f, "control record: {error}"),
        }
    }
}

impl std::error::Error for ControlError {}

impl From<RecordsError> for ControlError {
    fn from(error: RecordsError) -> Self {
        ControlError::Records(error)
    }
}

impl From<DecodeError> for ControlError {
    fn from(error: DecodeError) -> Self {
        ControlError::Decode(error.to_string())
    }
}

/// A batch and how many offsets it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ControlBatch {
    pub bytes: Vec<u8>,
    pub record_count: i32,
}

/// The batch with which a leader begins its epoch; `quorum` is written where the log lacks it (KIP-853).
pub(crate) fn begin_epoch_batch(
    now_ms: i64,
    leader_id: NodeId,
    voters: impl Iterator<Item = NodeId>,
    granting_voters: impl Iterator<Item = NodeId>,
    quorum: Option<(KRaftVersion, &VoterSet)>,
) -> ControlBatch {
    let voter = |id: NodeId| leader_change_message::Voter { voter_id: id.0, ..Default::default() };
    let message = LeaderChangeMessage {
        version: VERSION,
        leader_id: leader_id.0,
        voters: voters.map(voter).collect(),
        granting_voters: granting_voters.map(voter).collect(),
    };
    let mut batch = BatchBuilder::new(BatchOptions { control: true, ..BatchOptions::default() });
    append(&mut batch, now_ms, ControlType::LeaderChange, |w| message.encode(w, VERSION));
    if let Some((version, voters)) = quorum {
        append_quorum(&mut batch, now_ms, version, Some(voters));
    }
    let record_count = batch.record_count();
    ControlBatch { bytes: batch.build(), record_count }
}

/// The batch that raises `kraft.version` (KIP-853).
pub(crate) fn upgrade_batch(now_ms: i64, version: KRaftVersion, voters: &VoterSet) -> ControlBatch {
    let mut batch = BatchBuilder::new(BatchOptions { control: true, ..BatchOptions::default() });
    append_quorum(&mut batch, now_ms, version, Some(voters));
    let record_count = batch.record_count();
    ControlBatch { bytes: batch.build(), record_count }
}

/// Adds the header of a checkpoint, for kraft.version 1 with the quorum, and returns the number of records.
pub(crate) fn append_snapshot_header(
    batch: &mut BatchBuilder,
    now_ms: i64,
    last_contained_log_timestamp: i64,
    quorum: Option<(KRaftVersion, Option<&VoterSet>)>,
) -> i32 {
    let header = SnapshotHeaderRecord { version: VERSION, last_contained_log_timestamp };
    append(batch, now_ms, ControlType::SnapshotHeader, |w| header.encode(w, VERSION));
    if let Some((version, voters)) = quorum {
        append_quorum(batch, now_ms, version, voters);
    }
    batch.record_count()
}

/// Adds the footer of a checkpoint.
pub(crate) fn append_snapshot_footer(batch: &mut BatchBuilder, now_ms: i64) {
    let footer = SnapshotFooterRecord { version: VERSION };
    append(batch, now_ms, ControlType::SnapshotFooter, |w| footer.encode(w, VERSION));
}

fn append_quorum(batch: &mut BatchBuilder, now_ms: i64, version: KRaftVersion, voters: Option<&VoterSet>) {
    let record = KRaftVersionRecord { version: VERSION, kraft_version: version.level() };
    append(batch, now_ms, ControlType::KRaftVersion, |w| record.encode(w, VERSION));
    if let Some(voters) = voters {
        let record = voters_record(voters);
        append(batch, now_ms, ControlType::KRaftVoters, |w| record.encode(w, VERSION));
    }
}

fn append<E: fmt::Debug>(
    batch: &mut BatchBuilder,
    now_ms: i64,
    record_type: ControlType,
    encode: impl FnOnce(&mut Writer) -> Result<(), E>,
) {
    let mut value = Writer::new();
    encode(&mut value).expect("version 0 has every field that is set");
    batch.append(now_ms, Some(&record_type.key()), Some(&value.into_bytes()), &[]);
}

/// The records of a control batch.
///
/// # Errors
/// When a record is not whole. Its checksum is not looked at.
pub fn decode_batch(batch: &BatchView<'_>) -> Result<Vec<ControlRecord>, ControlError> {
    let mut records = Vec::new();
    let mut space = Vec::new();
    for record in batch.records(&mut Scratch::new(), &mut space, MAX_RECORDS_BYTES)? {
        let record = record?;
        let (Some(key), Some(value)) = (record.key, record.value) else { return Err(ControlError::Missing) };
        records.push(decode(key, value)?);
    }
    Ok(records)
}

fn decode(key: &[u8], value: &[u8]) -> Result<ControlRecord, ControlError> {
    let mut r = Reader::new(value);
    Ok(match ControlType::from_key(key) {
        Some(ControlType::LeaderChange) => {
            // Later versions add fields to the voters; the message's own version says how to read it.
            let message = LeaderChangeMessage::decode(&mut r, version_of(value)?)?;
            let ids = |voters: Vec<leader_change_message::Voter>| {
                voters.iter().map(|v| NodeId(v.voter_id)).collect()
            };
            ControlRecord::LeaderChange {
                leader_id: NodeId(message.leader_id),
                voters: ids(message.voters),
                granting_voters: ids(message.granting_voters),
            }
        }
        Some(ControlType::SnapshotHeader) => ControlRecord::SnapshotHeader {
            last_contained_log_timestamp_ms: SnapshotHeaderRecord::decode(&mut r, VERSION)?
                .last_contained_log_timestamp,
        },
        Some(ControlType::SnapshotFooter) => {
            SnapshotFooterRecord::decode(&mut r, VERSION)?;
            ControlRecord::SnapshotFooter
        }
        Some(ControlType::KRaftVersion) => {
            ControlRecord::KRaftVersion(KRaftVersionRecord::decode(&mut r, VERSION)?.kraft_version)
        }
        Some(ControlType::KRaftVoters) => {
            ControlRecord::Voters(voter_set(VotersRecord::decode(&mut r, VERSION)?))
        }
        Some(ControlType::Abort | ControlType::Commit) | None => ControlRecord::Other,
    })
}

fn version_of(value: &[u8]) -> Result<i16, ControlError> {
    let bytes = value.get(..2).and_then(|bytes| bytes.try_into().ok());
    let version = bytes.map(i16::from_be_bytes).ok_or(ControlError::Missing)?;
    if (0..=1).contains(&version) {
        return Ok(version);
    }
    Err(ControlError::Decode(format!("LeaderChangeMessage has version {version}")))
}

fn voters_record(voters: &VoterSet) -> VotersRecord {
    let endpoint = |endpoint: &Endpoint| voters_record::Endpoint {
        name: endpoint.name.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
    };
    let voter = |voter: &VoterNode| voters_record::Voter {
        voter_id: voter.key.node_id.0,
        voter_directory_id: voter.key.directory_id,
        endpoints: voter.endpoints.iter().map(endpoint).collect(),
        kraft_version_feature: voters_record::KRaftVersionFeature {
            min_supported_version: voter.min_kraft_version,
            max_supported_version: voter.max_kraft_version,
        },
    };
    VotersRecord { version: VERSION, voters: voters.iter().map(voter).collect() }
}

fn voter_set(record: VotersRecord) -> VoterSet {
    let endpoint = |e: voters_record::Endpoint| Endpoint { name: e.name, host: e.host, port: e.port };
    VoterSet::new(record.voters.into_iter().map(|voter| VoterNode {
        key: ReplicaKey::new(NodeId(voter.voter_id), voter.voter_directory_id),
        endpoints: voter.endpoints.into_iter().map(endpoint).collect(),
        min_kraft_version: voter.kraft_version_feature.min_supported_version,
        max_kraft_version: voter.kraft_version_feature.max_supported_version,
    }))
}
