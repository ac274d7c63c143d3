//! What every member of a group shall have (`TargetAssignmentBuilder`).

use std::collections::BTreeSet;
use std::sync::Arc;

use headwater_base::Uuid;
use headwater_metadata::Image;

use super::group::ConsumerGroup;
use super::member::ConsumerMember;
use super::records;
use crate::assignor::{
    ASSIGNORS, Assignor, GroupSpec, MemberSpec, PartitionCounts, SubscriptionType, TopicPartitions,
    UnknownTopic,
};
use crate::decide::Context;
use crate::record::GroupRecord;

struct Counts<'a>(&'a Image);

impl PartitionCounts for Counts<'_> {
    fn partition_count(&self, topic: Uuid) -> Option<i32> {
        i32::try_from(self.0.topics.by_id(topic)?.partition_count()).ok()
    }
}

/// New targets.
pub(super) struct Computed {
    /// For members whose target differs.
    pub(super) records: Vec<GroupRecord>,
    /// The target of the member in question.
    pub(super) of_member: Arc<TopicPartitions>,
    /// Of how many members.
    pub(super) members: usize,
}

/// The assignor that most members ask for, or the configured one.
pub(super) fn assignor(
    context: &Context<'_>,
    group: &ConsumerGroup,
    old: &ConsumerMember,
    new: &ConsumerMember,
) -> &'static Assignor {
    let preferred = group.preferred_assignor(Some(old), Some(new));
    let configured = context.config.consumer.assignors.first();
    let named = |name: &String| Assignor::by_name(name);
    preferred.as_ref().and_then(named).or_else(|| configured.and_then(named)).unwrap_or(&ASSIGNORS[0])
}

/// The topics of members that want the same are looked up once.
#[derive(Default)]
struct Lookups<'a> {
    known: Vec<(&'a BTreeSet<String>, Option<&'a str>, Vec<Uuid>)>,
}

/// Of how many different subscriptions the topics are remembered.
const MAX_LOOKUPS: usize = 8;

impl<'a> Lookups<'a> {
    fn topics(&mut self, image: &Image, group: &'a ConsumerGroup, member: &'a ConsumerMember) -> Vec<Uuid> {
        let wanted = (&*member.subscribed, member.regex());
        if let Some(known) = self.known.iter().find(|known| (known.0, known.1) == wanted) {
            return known.2.clone();
        }
        let ids = group.topics_of(member).filter_map(|name| image.topics.id_of(name));
        let ids: Vec<Uuid> = ids.collect::<BTreeSet<Uuid>>().into_iter().collect();
        if self.known.len() < MAX_LOOKUPS {
            self.known.push((wanted.0, wanted.1, ids.clone()));
        }
        ids
    }
}

/// Computes the targets of a group of which one member is new, changed, or takes the place of a static one.
pub(super) fn compute(
    image: &Image,
    group: &ConsumerGroup,
    changed: &ConsumerMember,
    assignor: &Assignor,
    subscription_type: SubscriptionType,
) -> Result<Computed, UnknownTopic> {
    let replaced = changed.instance_id.as_ref().and_then(|instance| group.instances.get(instance));
    let others = group.members.values().filter(|other| other.id != changed.id && Some(&other.id) != replaced);
    let mut members: Vec<&ConsumerMember> = others.map(|other| &**other).chain([changed]).collect();
    members.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    let mut lookups = Lookups::default();
    let subscribed: Vec<Vec<Uuid>> =
        members.iter().map(|member| lookups.topics(image, group, member)).collect();
    let specs = members.iter().zip(&subscribed).map(|(member, subscribed)| MemberSpec {
        member_id: &member.id,
        instance_id: member.instance_id.as_deref(),
        subscribed,
        assigned: if member.id == changed.id {
            group.target_of_changed(changed)
        } else {
            group.target(&member.id)
        },
    });
    let spec = GroupSpec { members: specs.collect(), subscription_type };
    let targets = assignor.assign(&spec, &Counts(image))?;
    let mut computed = Computed { records: Vec::new(), of_member: Arc::default(), members: members.len() };
    for (member, target) in members.iter().zip(targets) {
        let same =
            group.targets.get(&member.id).is_some_and(|old| Arc::ptr_eq(old, &target) || *old == target);
        if !same {
            computed.records.push(records::target(&group.id, &member.id, &target));
        }
        if member.id == changed.id {
            computed.of_member = target;
        }
    }
    Ok(computed)
}

impl ConsumerGroup {
    /// The target that a member has now; of one that takes a static member's place, that one's.
    fn target_of_changed(&self, member: &ConsumerMember) -> Arc<TopicPartitions> {
        let holder = member.instance_id.as_ref().and_then(|instance| self.instances.get(instance));
        self.target(holder.unwrap_or(&member.id))
    }
}
