//! A consumer group becomes a classic one when nobody is left in it who speaks the consumer protocol
//! (`convertToClassicGroup`).

use std::sync::Arc;

use super::group::ConsumerGroup;
use super::member::ConsumerMember;
use super::records::group_tombstones;
use super::work::Work;
use crate::classic::{self, CONSUMER, ClassicGroup, ClassicState, Member, embedded};
use crate::event::EventKind;

/// What happens to a group beside that it changes its protocol.
pub(super) struct Downgrade<'a> {
    /// Members that go.
    pub(super) leaving: &'a [Arc<ConsumerMember>],
    /// A static member that takes the place of one under another id.
    pub(super) joining: Option<&'a ConsumerMember>,
    /// Why the classic group has to rebalance at once, if it has to.
    pub(super) rebalance: Option<String>,
}

impl Work<'_> {
    /// Makes the group a classic one if these were the last that kept it from being one. True if it did.
    pub(super) fn downgrade_without(&mut self, leaving: &[Arc<ConsumerMember>]) -> bool {
        let group = Arc::clone(&self.group);
        let leaving_classic = leaving.iter().filter(|member| member.classic.is_some()).count();
        let stay = group.members.len() - leaving.len();
        if group.classic_members - leaving_classic != stay || stay == 0 || !self.may_downgrade(stay) {
            return false;
        }
        let reason = format!("downgrade group {} from consumer to classic for member leaving", group.id);
        self.downgrade(&Downgrade { leaving, joining: None, rebalance: Some(reason) });
        true
    }

    /// Whether the group becomes a classic one when a classic member takes the place of a static one.
    pub(super) fn downgrades_with(&self, replaced: &ConsumerMember) -> bool {
        let members = self.group.members.len();
        replaced.classic.is_none() && self.group.classic_members == members - 1 && self.may_downgrade(members)
    }

    fn may_downgrade(&self, members: usize) -> bool {
        let config = self.context.config;
        config.consumer.migration.downgrades() && members <= config.max_size
    }

    pub(super) fn downgrade(&mut self, downgrade: &Downgrade<'_>) {
        let group = Arc::clone(&self.group);
        let replaced = downgrade.joining.and_then(|joining| {
            group.instances.get(joining.instance_id.as_ref()?).map(|holder| (holder, &joining.id))
        });
        // Its own records were replaced a moment ago.
        self.out.records.extend(group_tombstones(&group, |id| match &replaced {
            Some((holder, joining)) if ***holder == *id => joining,
            _ => id,
        }));
        let classic = self.classic_group(&group, downgrade);
        let members = classic.members.len();
        let reason = format!("the consumer group becomes a classic group with {members} members");
        self.event(EventKind::Migrated, group.epoch, reason);
        self.out.records.push(classic.record(|member| member.assignment.clone()));
        let mut work = classic::Work::new(self.context, classic);
        let ids: Vec<Arc<str>> = work.group.members.keys().cloned().collect();
        ids.iter().for_each(|id| work.heard(id));
        if let Some(reason) = &downgrade.rebalance {
            work.prepare_rebalance(reason);
        }
        let done = work.done();
        self.out.records.extend(done.records);
        self.out.answers.extend(done.answers);
        self.out.events.extend(done.events);
        // What is not in the log of the consumer group goes with its tombstone.
        self.out.soft = done.soft;
    }

    /// `ClassicGroup.fromConsumerGroup`.
    fn classic_group(&self, group: &ConsumerGroup, downgrade: &Downgrade<'_>) -> ClassicGroup {
        let mut classic = ClassicGroup::new(Arc::clone(&group.id), self.context.wall_ms);
        classic.state = ClassicState::Stable;
        classic.generation = group.epoch;
        classic.protocol_type = Some(Arc::from(CONSUMER));
        let replaced = downgrade.joining.and_then(|joining| joining.instance_id.as_ref());
        let goes = |member: &ConsumerMember| {
            downgrade.leaving.iter().any(|leaving| leaving.id == member.id)
                || replaced.is_some() && member.instance_id.as_ref() == replaced
        };
        let stay = group.members.values().map(|member| &**member).filter(|member| !goes(member));
        for member in stay.chain(downgrade.joining) {
            classic.put(Member::from_consumer(member));
        }
        classic.protocol = classic.elect_protocol();
        classic.subscribed = classic.read_subscriptions();
        let protocol = classic.protocol.clone().unwrap_or_default();
        let members: Vec<Arc<Member>> = classic.members.values().cloned().collect();
        for member in members {
            let holder = member.instance_id.as_ref().and_then(|instance| group.instances.get(instance));
            let target = group.target(holder.unwrap_or(&member.id));
            let version = embedded::version(member.metadata(&protocol)).unwrap_or(0);
            let assignment = embedded::assignment_bytes(self.context.image, &target, version);
            classic.put(Member { assignment, ..Member::clone(&member) });
        }
        classic
    }
}
