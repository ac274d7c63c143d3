//! A classic group becomes one of the consumer protocol when the first member joins that speaks it
//! (`convertToConsumerGroup`).
//!
//! An empty group is replaced. The members of any other stay, with what they have, and go on in the classic protocol
//! inside of the new group; whoever waits for an answer is told to begin again.

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::group::consumer_group_member_metadata_value::{
    ClassicMemberMetadata, ClassicProtocol,
};

use super::assignment::in_epoch;
use super::group::ConsumerGroup;
use super::member::ConsumerMember;
use super::metadata_hash::metadata_hash;
use super::records;
use super::work::{Refusal, Work, refuse};
use crate::assignor::TopicPartitions;
use crate::classic::{self, ClassicGroup, ClassicState, embedded, join_refused, sync_refused};
use crate::decide::{Answer, Context};
use crate::event::EventKind;
use crate::record::GroupRecord;
use crate::state::Shard;

impl Shard {
    /// The consumer group in a classic one's place.
    pub(super) fn upgrade<'a>(
        &'a self,
        context: &'a Context<'a>,
        classic: &Arc<ClassicGroup>,
    ) -> Result<Work<'a>, Refusal> {
        let id = Arc::clone(&classic.id);
        let tombstone = GroupRecord::group_tombstone(&id);
        if classic.state == ClassicState::Empty {
            let mut work = Work::new(context, self, Arc::new(ConsumerGroup::new(id)));
            work.out.records.push(tombstone);
            work.event(
                EventKind::Migrated,
                classic.generation,
                "the empty classic group becomes a consumer group",
            );
            return Ok(work);
        }
        check(context, classic)?;
        let group = converted(context, classic)?;
        let mut work = Work::new(context, self, Arc::new(group));
        for member in classic.members.values() {
            if let Some(ticket) = member.joining {
                let answer = join_refused(&member.id, ErrorCode::RebalanceInProgress);
                work.out.answers.push((ticket, Answer::Join(answer)));
            }
            if let Some(ticket) = member.syncing {
                let answer = sync_refused(ErrorCode::RebalanceInProgress);
                work.out.answers.push((ticket, Answer::Sync(answer)));
            }
            work.session_timer(&member.id, Some(member.session_timeout_ms));
        }
        work.out.records.push(tombstone);
        let records = records::whole_group(&work.group);
        work.out.records.extend(records);
        let reason =
            format!("the classic group with {} members becomes a consumer group", classic.members.len());
        work.event(EventKind::Migrated, classic.generation, reason);
        Ok(work)
    }
}

/// `validateOnlineUpgrade`.
fn check(context: &Context<'_>, classic: &ClassicGroup) -> Result<(), Refusal> {
    let config = &context.config.consumer;
    let why = if !config.migration.upgrades() {
        "online upgrade is disabled"
    } else if classic.protocol_type.as_deref() != Some(classic::CONSUMER) {
        "the group does not use the consumer embedded protocol"
    } else if classic.members.len() > config.max_size {
        "the group size exceeds the consumer group maximum size"
    } else {
        return Ok(());
    };
    cannot(classic, why)
}

fn cannot<T>(classic: &ClassicGroup, why: &str) -> Result<T, Refusal> {
    let message = format!("Cannot upgrade classic group {} to consumer group because {why}.", classic.id);
    refuse(ErrorCode::GroupIdNotFound, message)
}

/// `ConsumerGroup.fromClassicGroup`.
fn converted(context: &Context<'_>, classic: &ClassicGroup) -> Result<ConsumerGroup, Refusal> {
    const MALFORMED: &str = "the embedded consumer protocol is malformed";
    let generation = classic.generation;
    let mut group = ConsumerGroup::new(Arc::clone(&classic.id));
    (group.epoch, group.assignment_epoch) = (generation, generation);
    // Before the first generation there is none; all know the one that would be chosen.
    let Some(protocol) = classic.protocol.clone().or_else(|| classic.elect_protocol()) else {
        return cannot(classic, MALFORMED);
    };
    for member in classic.members.values() {
        let Some(subscription) = embedded::subscription(member.metadata(&protocol)) else {
            return cannot(classic, MALFORMED);
        };
        let mut target = TopicPartitions::new();
        if !member.assignment.is_empty() {
            let Some(assignment) = embedded::assignment(&member.assignment) else {
                return cannot(classic, MALFORMED);
            };
            if assignment.user_data.as_ref().is_some_and(|data| !data.is_empty()) {
                return cannot(
                    classic,
                    "an unsupported custom assignor is in use. Please refer to the documentation or switch to a \
                     default assignor before re-attempting the upgrade",
                );
            }
            target = embedded::by_id(context.image, &assignment);
        }
        group.targets.insert(Arc::clone(&member.id), Arc::new(target.clone()));
        let protocols = member.protocols.iter();
        let supported_protocols = protocols
            .map(|known| ClassicProtocol { name: known.name.clone(), metadata: known.metadata.clone() });
        let classic_metadata = ClassicMemberMetadata {
            session_timeout_ms: member.session_timeout_ms,
            supported_protocols: supported_protocols.collect(),
        };
        group.put(ConsumerMember {
            epoch: generation,
            previous_epoch: generation,
            instance_id: member.instance_id.clone(),
            rack_id: subscription.rack_id.filter(|rack| !rack.is_empty()),
            rebalance_timeout_ms: member.rebalance_timeout_ms,
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            subscribed: Arc::new(subscription.topics.into_iter().collect()),
            assigned: in_epoch(&target, generation),
            classic: Some(Arc::new(classic_metadata)),
            ..ConsumerMember::new(Arc::clone(&member.id))
        });
    }
    let topics = group.subscriptions.topics.keys().map(|topic| &**topic);
    group.metadata_hash = metadata_hash(context.image, topics);
    Ok(group)
}
