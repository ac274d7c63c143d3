//! Deadlines of members of a consumer group.
//!
//! | deadline | who is put out |
//! |---|---|
//! | session | a member that was not heard of |
//! | rebalance | a member that has not given up what it must |
//! | join | a classic member that was told to join again and did not |
//! | sync | a classic member that joined and did not ask for its assignment |

use std::sync::Arc;

use super::group::ConsumerGroup;
use super::member::{AWAY_EPOCH, ConsumerMember, MemberState};
use super::work::Work;
use crate::decide::{Context, Decision};
use crate::state::Shard;
use crate::timers::TimerKey;

/// What follows from a deadline that is due.
pub(crate) fn time_is_up(
    context: &Context<'_>,
    shard: &Shard,
    group: &Arc<ConsumerGroup>,
    key: &TimerKey,
) -> Decision {
    let mut work = Work::new(context, shard, Arc::clone(group));
    work.timer(key.clone(), None);
    let member = key.member().and_then(|member| group.members.get(member));
    if let Some(member) = member
        && let Some(limit) = limit_exceeded(context, group, member, key)
    {
        let reason = format!("member {} (client {}) {limit}", member.id, member.client_id);
        work.evicted(limit_name(key), reason);
        work.put_out(&[Arc::clone(member)]);
    }
    work.out
}

fn limit_name(key: &TimerKey) -> &'static str {
    match key {
        TimerKey::Member(..) => "session",
        TimerKey::Rebalance(..) | TimerKey::MemberJoin(..) | TimerKey::Join(_) => "rebalance",
        TimerKey::MemberSync(..) | TimerKey::Sync(_) => "sync",
    }
}

fn limit_exceeded(
    context: &Context<'_>,
    group: &ConsumerGroup,
    member: &ConsumerMember,
    key: &TimerKey,
) -> Option<String> {
    let (epoch, rebalance_ms) = (member.epoch, member.rebalance_timeout_ms);
    match key {
        TimerKey::Member(..) => {
            let session_ms = member
                .classic
                .as_ref()
                .map_or_else(|| context.session_timeout_ms(&group.id), |classic| classic.session_timeout_ms);
            Some(format!("was not heard of for its session timeout of {session_ms} ms"))
        }
        // A static member that left for a while has nothing to give up any more.
        TimerKey::Rebalance(..)
            if member.state == MemberState::UnrevokedPartitions && epoch != AWAY_EPOCH =>
        {
            Some(format!("did not give up its partitions in epoch {epoch} within {rebalance_ms} ms"))
        }
        // A member that has come to the consumer protocol meanwhile need not.
        TimerKey::MemberJoin(..) | TimerKey::MemberSync(..) if member.classic.is_none() => None,
        TimerKey::MemberJoin(..) => Some(format!("did not join again within {rebalance_ms} ms")),
        TimerKey::MemberSync(..) => Some(format!("did not ask for its assignment within {rebalance_ms} ms")),
        TimerKey::Rebalance(..) | TimerKey::Join(_) | TimerKey::Sync(_) => None,
    }
}
