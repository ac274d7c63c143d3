//! ConsumerGroupDescribe (key 69), versions 0–1: groups of the consumer protocol with their members, what these own and
//! what they shall own (KIP-848).
//!
//! v1 the type of each member: of which protocol it is in a group that migrates (KIP-1099).

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_group::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::consumer_group_describe_request::ConsumerGroupDescribeRequest;
use headwater_protocol::messages::consumer_group_describe_response::{
    ConsumerGroupDescribeResponse, DescribedGroup,
};

use super::authorized_operations::{GROUP_OPERATIONS, UNASKED};
use super::consumer_group_heartbeat::is_enabled;
use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::ConsumerGroupDescribe, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: ConsumerGroupDescribeRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    if !is_enabled(&broker) {
        let groups = message.group_ids.into_iter().map(|group| refused(group, ErrorCode::UnsupportedVersion));
        let answer = ConsumerGroupDescribeResponse { groups: groups.collect(), ..Default::default() };
        return Ok(request.answerer.now(&answer));
    }
    let operations = if message.include_authorized_operations { GROUP_OPERATIONS } else { UNASKED };
    // Nobody can have a group without a name; the reference says so first.
    let (named, nameless): (Vec<String>, Vec<String>) =
        message.group_ids.into_iter().partition(|group| !group.is_empty());
    let mut groups: Vec<DescribedGroup> =
        nameless.into_iter().map(|group| refused(group, ErrorCode::InvalidGroupId)).collect();
    let asked: Vec<_> = named
        .into_iter()
        .map(|group| {
            let answer = broker.groups.ask(&group, Input::ConsumerDescribe(vec![group.clone()]));
            (group, answer)
        })
        .collect();
    Ok(request.answerer.later(async move {
        for (group_id, answer) in asked {
            match answer.await {
                Ok(Answer::ConsumerDescribe(described)) => groups.extend(described),
                Ok(other) => unreachable!("ConsumerGroupDescribe was answered with {other:?}"),
                Err(error) => groups.push(refused(group_id, error)),
            }
        }
        for group in groups.iter_mut().filter(|group| group.error_code == 0) {
            group.authorized_operations = operations;
        }
        ConsumerGroupDescribeResponse { groups, ..ConsumerGroupDescribeResponse::default() }
    }))
}

fn refused(group_id: String, error: ErrorCode) -> DescribedGroup {
    DescribedGroup { group_id, error_code: error.code(), ..DescribedGroup::default() }
}
