//! What clients ask: one file per API key, one row per file.
//!
//! [`ROWS`] is the list from which everything else follows: which keys are advertised, in which versions, on which
//! listeners, and who handles them. A key without a row is not advertised, and a request for it ends the connection.
//!
//! A handler is called with the frame in hand and must not wait. It gives the answer, or a future of it; what it starts
//! before it returns (an append, a place in a queue) happens in the order of the frames.

mod alter_configs;
mod alter_partition_reassignments;
mod alter_replica_log_dirs;
pub mod answer;
mod api_versions;
mod authorized_operations;
mod config_changes;
mod consumer_group_describe;
mod consumer_group_heartbeat;
mod create_partitions;
mod create_topics;
mod delete_groups;
mod delete_records;
mod delete_topics;
mod describe_cluster;
mod describe_configs;
mod describe_groups;
mod describe_log_dirs;
mod describe_producers;
mod describe_quorum;
mod describe_topic_partitions;
mod elect_leaders;
mod fetch;
mod find_coordinator;
mod heartbeat;
mod incremental_alter_configs;
mod init_producer_id;
mod join_group;
mod leave_group;
mod list_config_resources;
mod list_groups;
mod list_offsets;
mod list_partition_reassignments;
mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
mod produce;
mod sync_group;
mod topic_names;
mod unregister_broker;
mod update_features;

use std::rc::Rc;
use std::sync::Arc;

use headwater_protocol::api::{ApiKey, Listener};
use headwater_protocol::header::{ParsedHeader, read_request_header};
use headwater_protocol::{Message, Reader};

use crate::broker::Broker;
use crate::connection::Peer;
use crate::connection::response::Response;
pub use answer::{Answer, Answerer};

/// What is reached through a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A broker: clients and other brokers come here.
    Broker,
    /// A controller: brokers, other controllers and some tools come here.
    Controller,
}

/// What a controller's listener serves: what a controller decides or knows. Everything else is answered by a broker.
const ON_CONTROLLERS: &[ApiKey] = &[
    ApiKey::ApiVersions,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
    ApiKey::DescribeConfigs,
    ApiKey::AlterConfigs,
    ApiKey::CreatePartitions,
    ApiKey::ElectLeaders,
    ApiKey::IncrementalAlterConfigs,
    ApiKey::AlterPartitionReassignments,
    ApiKey::ListPartitionReassignments,
    ApiKey::DescribeQuorum,
    ApiKey::UpdateFeatures,
    ApiKey::DescribeCluster,
    ApiKey::UnregisterBroker,
];

/// What a handler gives back.
pub enum Reply {
    /// The answer.
    Now(Response),
    /// The answer, when there is one.
    Later(Answer),
    /// Nothing is answered (Produce with acks=0).
    Silent,
}

/// Why a connection must be closed instead of answered.
#[derive(Debug)]
pub struct Close(pub String);

/// One API that is served.
pub struct Row {
    /// Which.
    pub key: ApiKey,
    /// Reads the request behind its header and answers it, or starts to.
    pub handle: fn(&Request<'_>, &mut [u8]) -> Result<Reply, Close>,
}

/// Everything that is served, in the order of keys.
pub const ROWS: &[Row] = &[
    produce::ROW,
    fetch::ROW,
    list_offsets::ROW,
    metadata::ROW,
    offset_commit::ROW,
    offset_fetch::ROW,
    find_coordinator::ROW,
    join_group::ROW,
    heartbeat::ROW,
    leave_group::ROW,
    sync_group::ROW,
    describe_groups::ROW,
    list_groups::ROW,
    api_versions::ROW,
    create_topics::ROW,
    delete_topics::ROW,
    delete_records::ROW,
    init_producer_id::ROW,
    offset_for_leader_epoch::ROW,
    describe_configs::ROW,
    alter_configs::ROW,
    alter_replica_log_dirs::ROW,
    describe_log_dirs::ROW,
    create_partitions::ROW,
    delete_groups::ROW,
    elect_leaders::ROW,
    incremental_alter_configs::ROW,
    alter_partition_reassignments::ROW,
    list_partition_reassignments::ROW,
    offset_delete::ROW,
    describe_quorum::ROW,
    update_features::ROW,
    describe_cluster::ROW,
    describe_producers::ROW,
    unregister_broker::ROW,
    consumer_group_heartbeat::ROW,
    consumer_group_describe::ROW,
    list_config_resources::ROW,
    describe_topic_partitions::ROW,
];

impl Row {
    /// The versions that are served: those of the reference that are stable.
    #[must_use]
    pub fn versions(&self) -> (i16, i16) {
        let spec = self.key.row();
        (spec.min_version, if spec.latest_version_unstable { spec.max_version - 1 } else { spec.max_version })
    }

    /// Whether the API is served on listeners of a scope.
    #[must_use]
    pub fn serves(&self, scope: Scope) -> bool {
        let listeners = self.key.row().listeners;
        match scope {
            Scope::Broker => listeners.contains(&Listener::Broker),
            Scope::Controller => {
                ON_CONTROLLERS.contains(&self.key) && listeners.contains(&Listener::Controller)
            }
        }
    }
}

/// Where a request came from.
pub struct RequestContext<'a> {
    /// The node.
    pub broker: &'a Arc<Broker>,
    /// The other end.
    pub peer: &'a Rc<Peer>,
}

/// A request whose header is read.
pub struct Request<'a> {
    /// The node.
    pub broker: &'a Arc<Broker>,
    /// The other end.
    pub peer: &'a Rc<Peer>,
    /// Version of the request, and of the answer.
    pub version: i16,
    /// Name that the client gives itself.
    pub client_id: Option<String>,
    /// Makes the answer.
    pub answerer: Answerer,
}

impl Request<'_> {
    /// Reads the body.
    ///
    /// # Errors
    /// Bytes that are no such message end the connection, as they do in Kafka.
    pub fn decode<M: Message>(&self, body: &[u8]) -> Result<M, Close> {
        M::decode_message(&mut Reader::new(body), self.version).map_err(|error| self.malformed(error))
    }

    /// Why the connection must be closed.
    pub fn malformed(&self, error: impl std::fmt::Display) -> Close {
        Close(format!("{} v{}: {error}", self.answerer.key.row().name, self.version))
    }
}

/// Reads a frame's header, finds the handler and calls it.
///
/// # Errors
/// Why the connection must be closed: an unknown key, a version that is not served, a header that cannot be read.
pub fn dispatch(context: &RequestContext<'_>, frame: &mut [u8]) -> Result<Reply, Close> {
    let mut reader = Reader::new(frame);
    let header =
        read_request_header(&mut reader).map_err(|error| Close(format!("request header: {error}")))?;
    let (key, header) = match header {
        ParsedHeader::Known { key, header } => (key, header),
        ParsedHeader::UnknownKey(key) => return Err(Close(format!("api key {key} is not known"))),
    };
    let (scope, version) = (context.peer.scope, header.request_api_version);
    let answerer = Answerer { key, version, correlation_id: header.correlation_id };
    let name = key.row().name;
    let Some(row) = ROWS.iter().find(|row| row.key == key && row.serves(scope)) else {
        return Err(Close(format!("{name} is not served on listener {}", context.peer.listener)));
    };
    let (min, max) = row.versions();
    if version < min || version > max {
        if key == ApiKey::ApiVersions {
            return Ok(api_versions::unsupported_version(answerer));
        }
        return Err(Close(format!("{name} v{version} is not served, only v{min} to v{max}")));
    }
    let at = reader.position();
    let (broker, peer) = (context.broker, context.peer);
    let request = Request { broker, peer, version, client_id: header.client_id, answerer };
    (row.handle)(&request, &mut frame[at..])
}
