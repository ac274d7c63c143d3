//! DescribeCluster (key 60), versions 0–2 (KIP-700).
//!
//! v1 endpoint type: brokers or controllers (KIP-919) · v2 fenced brokers.
//!
//! A broker's listener tells of brokers, a controller's of controllers.

use headwater_base::error_code::ErrorCode;
use headwater_metadata::Image;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::describe_cluster_request::DescribeClusterRequest;
use headwater_protocol::messages::describe_cluster_response::{
    DescribeClusterBroker, DescribeClusterResponse,
};

use super::authorized_operations::{CLUSTER_OPERATIONS, UNASKED};
use super::{Close, Reply, Request, Row, Scope};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::DescribeCluster, handle };

const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: DescribeClusterRequest = request.decode(body)?;
    let (here, this) = match request.peer.scope {
        Scope::Broker => (BROKERS, "BROKER"),
        Scope::Controller => (CONTROLLERS, "CONTROLLER"),
    };
    let answer = match message.endpoint_type {
        asked if asked == here => describe(request, &message),
        BROKERS | CONTROLLERS => {
            let wanted = if message.endpoint_type == BROKERS { "BROKER" } else { "CONTROLLER" };
            let why = format!(
                "The request was sent to an endpoint of type {this}, but we wanted an endpoint of type {wanted}"
            );
            refuse(request.version, ErrorCode::MismatchedEndpointType, why)
        }
        other => {
            let why = format!("Unsupported endpoint type {other}");
            refuse(request.version, ErrorCode::UnsupportedEndpointType, why)
        }
    };
    Ok(request.answerer.now(&answer))
}

/// Version 0 does not know the codes.
fn refuse(version: i16, error: ErrorCode, why: String) -> DescribeClusterResponse {
    let error = if version == 0 { ErrorCode::InvalidRequest } else { error };
    DescribeClusterResponse {
        error_code: error.code(),
        error_message: Some(why),
        ..DescribeClusterResponse::default()
    }
}

fn describe(request: &Request<'_>, message: &DescribeClusterRequest) -> DescribeClusterResponse {
    let image = request.broker.image();
    let listener = &*request.peer.listener;
    let nodes = match request.peer.scope {
        Scope::Broker => brokers(&image, listener, message.include_fenced_brokers),
        Scope::Controller => controllers(&image, listener),
    };
    // To brokers any one that is alive is as good as the controller, as all forward; a controller names the leader,
    // which is this node too. A node that is not in the list would confuse the client.
    let own = request.broker.node_id.0;
    let alive = |wanted: i32| nodes.iter().any(|node| node.broker_id == wanted && !node.is_fenced);
    let controller_id = match request.peer.scope {
        _ if alive(own) => own,
        Scope::Broker => nodes.iter().find(|node| !node.is_fenced).map_or(-1, |node| node.broker_id),
        Scope::Controller => -1,
    };
    DescribeClusterResponse {
        cluster_id: request.broker.cluster_id.clone(),
        controller_id,
        brokers: nodes,
        endpoint_type: message.endpoint_type,
        cluster_authorized_operations: if message.include_cluster_authorized_operations {
            CLUSTER_OPERATIONS
        } else {
            UNASKED
        },
        ..DescribeClusterResponse::default()
    }
}

fn brokers(image: &Image, listener: &str, include_fenced: bool) -> Vec<DescribeClusterBroker> {
    let shown = image.cluster.brokers().filter(|broker| !broker.fenced || include_fenced);
    let endpoints = shown.filter_map(|broker| Some((broker, broker.listeners.get(listener)?)));
    let brokers = endpoints.map(|(broker, endpoint)| DescribeClusterBroker {
        broker_id: broker.id.0,
        host: endpoint.host.clone(),
        port: i32::from(endpoint.port),
        rack: broker.rack.clone(),
        is_fenced: broker.fenced,
    });
    brokers.collect()
}

fn controllers(image: &Image, listener: &str) -> Vec<DescribeClusterBroker> {
    let endpoints =
        image.cluster.controllers().filter_map(|node| Some((node.id, node.listeners.get(listener)?)));
    let controllers = endpoints.map(|(id, endpoint)| DescribeClusterBroker {
        broker_id: id.0,
        host: endpoint.host.clone(),
        port: i32::from(endpoint.port),
        rack: None,
        is_fenced: false,
    });
    controllers.collect()
}
