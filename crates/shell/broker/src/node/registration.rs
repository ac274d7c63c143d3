//! A broker's life with its controller: registered, unfenced, alive, leaving (KIP-631).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use headwater_base::Uuid;
use headwater_base::config::node::NodeConfig;
use headwater_base::error_code::ErrorCode;
use headwater_controller::{Answer, Input, features};
use headwater_protocol::messages::assign_replicas_to_dirs_request::{
    AssignReplicasToDirsRequest, DirectoryData, PartitionData, TopicData,
};
use headwater_protocol::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use headwater_protocol::messages::broker_heartbeat_response::BrokerHeartbeatResponse;
use headwater_protocol::messages::broker_registration_request::{
    BrokerRegistrationRequest, Feature, Listener,
};
use headwater_protocol::messages::controller_registration_request as controller;
use headwater_runtime::Runtime;

use super::{Bound, NodeError, actual_port};
use crate::broker::Broker;
use crate::data::{DataDirectories, Placed};

/// How long a stopping broker waits for the controller to let it go.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(30);
/// How long between two questions whether it may.
const SHUTDOWN_ASK: Duration = Duration::from_millis(50);

/// Registers the broker and has it unfenced. When this returns, it leads its partitions in new epochs.
pub(super) async fn register(
    broker: &Arc<Broker>,
    config: &NodeConfig,
    data: &DataDirectories,
    bound: &[Bound],
) -> Result<(), NodeError> {
    let request = request(broker, config, data, bound);
    let answer = broker.quorum.submit(Input::RegisterBroker(request)).await;
    match answer.map_err(|error| NodeError::Registration(error.to_string()))? {
        Answer::RegisterBroker(answer) if answer.error_code == 0 => broker.registered(answer.broker_epoch),
        Answer::RegisterBroker(answer) => {
            let code = ErrorCode::from_code(answer.error_code);
            return Err(NodeError::Registration(format!("{}: {}", code.name(), code.message())));
        }
        other => unreachable!("RegisterBroker was answered with {other:?}"),
    }
    let answer = heartbeat(broker, Vec::new(), false).await.map_err(NodeError::Registration)?;
    if answer.is_fenced {
        return Err(NodeError::Registration("it stays fenced".to_owned()));
    }
    Ok(())
}

/// Registers the controller of this process (KIP-919): where it listens, and which feature levels it supports.
pub(super) async fn register_controller(
    broker: &Arc<Broker>,
    config: &NodeConfig,
    bound: &[Bound],
) -> Result<(), NodeError> {
    let runtime = &broker.runtime;
    let listeners = config.listeners.advertised_controller.iter().map(|listener| controller::Listener {
        name: listener.name.clone(),
        host: host(runtime, &listener.address.host),
        port: actual_port(bound, &listener.name, listener.address.port),
        security_protocol: listener.protocol.id(),
    });
    let features = features::stated().map(|(name, range)| controller::Feature {
        name: name.to_owned(),
        min_supported_version: range.min,
        max_supported_version: range.max,
    });
    let request = controller::ControllerRegistrationRequest {
        controller_id: broker.node_id.0,
        incarnation_id: Uuid::from_random(runtime.random_u64(), runtime.random_u64()),
        zk_migration_ready: false,
        listeners: listeners.collect(),
        features: features.collect(),
    };
    let answer = broker.quorum.submit(Input::RegisterController(request)).await;
    match answer.map_err(|error| NodeError::Registration(error.to_string()))? {
        Answer::RegisterController(answer) if answer.error_code == 0 => Ok(()),
        Answer::RegisterController(answer) => {
            let code = ErrorCode::from_code(answer.error_code);
            Err(NodeError::Registration(format!("controller: {}: {}", code.name(), code.message())))
        }
        other => unreachable!("RegisterController was answered with {other:?}"),
    }
}

/// A listener on all addresses is reached under the machine's name.
fn host(runtime: &Runtime, configured: &str) -> String {
    if configured.is_empty() { runtime.host_name() } else { configured.to_owned() }
}

fn request(
    broker: &Broker,
    config: &NodeConfig,
    data: &DataDirectories,
    bound: &[Bound],
) -> BrokerRegistrationRequest {
    let runtime = &broker.runtime;
    let listeners = config.listeners.advertised.iter().map(|listener| Listener {
        name: listener.name.clone(),
        host: host(runtime, &listener.address.host),
        port: actual_port(bound, &listener.name, listener.address.port),
        security_protocol: listener.protocol.id(),
    });
    let features = features::stated().map(|(name, range)| Feature {
        name: name.to_owned(),
        min_supported_version: range.min,
        max_supported_version: range.max,
    });
    let online = data.all().filter(|directory| directory.failure().is_none());
    let mut log_dirs: Vec<Uuid> = online.map(|directory| directory.id).collect();
    log_dirs.sort_unstable();
    BrokerRegistrationRequest {
        broker_id: broker.node_id.0,
        cluster_id: broker.cluster_id.clone(),
        incarnation_id: Uuid::from_random(runtime.random_u64(), runtime.random_u64()),
        listeners: listeners.collect(),
        features: features.collect(),
        rack: config.rack.clone(),
        is_migrating_zk_broker: false,
        log_dirs,
        previous_broker_epoch: -1,
    }
}

/// One sign of life, with the directories that went offline since the registration.
async fn heartbeat(
    broker: &Broker,
    offline_log_dirs: Vec<Uuid>,
    want_shut_down: bool,
) -> Result<BrokerHeartbeatResponse, String> {
    let request = BrokerHeartbeatRequest {
        broker_id: broker.node_id.0,
        broker_epoch: broker.broker_epoch(),
        current_metadata_offset: broker.image().provenance.offset.0,
        want_fence: false,
        want_shut_down,
        offline_log_dirs,
        ..BrokerHeartbeatRequest::default()
    };
    match broker.quorum.submit(Input::BrokerHeartbeat(request)).await {
        Ok(Answer::BrokerHeartbeat(answer)) if answer.error_code == 0 => Ok(answer),
        Ok(Answer::BrokerHeartbeat(answer)) => Err(ErrorCode::from_code(answer.error_code).name().to_owned()),
        Ok(other) => unreachable!("BrokerHeartbeat was answered with {other:?}"),
        Err(error) => Err(error.to_string()),
    }
}

/// Gives signs of life as long as the node runs.
pub(super) async fn stay_alive(broker: Arc<Broker>, data: Arc<DataDirectories>, interval: Duration) {
    loop {
        broker.runtime.sleep(interval).await;
        tell_offline(&broker, &data).await;
    }
}

/// A sign of life now, and with it which directories are offline. One that gets lost is followed by the next.
pub(super) async fn tell_offline(broker: &Broker, data: &DataDirectories) {
    if let Err(why) = heartbeat(broker, data.offline(), false).await {
        tracing::warn!(%why, "the controller did not take a heartbeat");
    }
}

/// Tells the controller in which directories replicas lie (KIP-858).
pub(crate) async fn assign(broker: &Broker, placed: &[Placed]) -> Result<(), String> {
    let mut directories: BTreeMap<Uuid, BTreeMap<Uuid, Vec<PartitionData>>> = BTreeMap::new();
    for Placed { partition, directory } in placed {
        let topics = directories.entry(*directory).or_default();
        let partition_index = partition.partition.0;
        topics.entry(partition.topic_id).or_default().push(PartitionData { partition_index });
    }
    let topics = |topics: BTreeMap<Uuid, Vec<PartitionData>>| {
        topics.into_iter().map(|(topic_id, partitions)| TopicData { topic_id, partitions }).collect()
    };
    let request = AssignReplicasToDirsRequest {
        broker_id: broker.node_id.0,
        broker_epoch: broker.broker_epoch(),
        directories: directories
            .into_iter()
            .map(|(id, of_it)| DirectoryData { id, topics: topics(of_it) })
            .collect(),
    };
    match broker.quorum.submit(Input::AssignReplicasToDirs(request)).await {
        // A partition that is refused alone is one that was deleted meanwhile.
        Ok(Answer::AssignReplicasToDirs(answer)) if answer.error_code == 0 => Ok(()),
        Ok(Answer::AssignReplicasToDirs(answer)) => {
            Err(ErrorCode::from_code(answer.error_code).name().to_owned())
        }
        Ok(other) => unreachable!("AssignReplicasToDirs was answered with {other:?}"),
        Err(error) => Err(error.to_string()),
    }
}

/// Tells the controller that the broker leaves, and waits, bounded, until it may.
pub(super) async fn controlled_shutdown(broker: &Broker) {
    let deadline = broker.runtime.now() + SHUTDOWN_WAIT;
    while broker.runtime.now() < deadline {
        match heartbeat(broker, Vec::new(), true).await {
            Ok(answer) if answer.should_shut_down => return,
            Ok(_) => broker.runtime.sleep(SHUTDOWN_ASK).await,
            Err(why) => {
                tracing::warn!(%why, "stopping without the controller's leave");
                return;
            }
        }
    }
}
