//! DescribeCluster (key 60), versions 0–2 (KIP-700).
//!
//! v1 endpoint type: brokers or controllers (KIP-919) · v2 fenced brokers.

use headwater_base::error_code::ErrorCode;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::describe_cluster_request::DescribeClusterRequest;
use headwater_protocol::messages::describe_cluster_response::{
    DescribeClusterBroker, DescribeClusterResponse,
};

use super::authorized_operations::{CLUSTER_OPERATIONS, UNASKED};
use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::DescribeCluster, handle };

const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: DescribeClusterRequest = request.decode(body)?;
    let answer = match message.endpoint_type {
        BROKERS => describe(request, &message),
        CONTROLLERS => refuse(
            ErrorCode::MismatchedEndpointType,
            "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER",
        ),
        other => refuse(ErrorCode::UnsupportedEndpointType, &format!("Unsupported endpoint type {other}")),
    };
    Ok(request.answerer.now(&answer))
}

fn refuse(error: ErrorCode, why: &str) -> DescribeClusterResponse {
    DescribeClusterResponse {
        error_code: error.code(),
        error_message: Some(why.to_owned()),
        ..DescribeClusterResponse::default()
    }
}

fn describe(request: &Request<'_>, message: &DescribeClusterRequest) -> DescribeClusterResponse {
    let image = request.broker.image();
    let shown = image.cluster.brokers().filter(|broker| !broker.fenced || message.include_fenced_brokers);
    let endpoints = shown.filter_map(|broker| Some((broker, broker.listeners.get(&*request.peer.listener)?)));
    let brokers = endpoints.map(|(broker, endpoint)| DescribeClusterBroker {
        broker_id: broker.id.0,
        host: endpoint.host.clone(),
        port: i32::from(endpoint.port),
        rack: broker.rack.clone(),
        is_fenced: broker.fenced,
    });
    DescribeClusterResponse {
        cluster_id: request.broker.cluster_id.clone(),
        controller_id: request.broker.node_id.0,
        brokers: brokers.collect(),
        cluster_authorized_operations: if message.include_cluster_authorized_operations {
            CLUSTER_OPERATIONS
        } else {
            UNASKED
        },
        ..DescribeClusterResponse::default()
    }
}
