//! A deadline is due.

use std::sync::Arc;

use crate::classic::{ClassicGroup, Work};
use crate::consumer::time_is_up;
use crate::decide::{Context, Decision, Soft};
use crate::state::{Group, Shard};
use crate::timers::TimerKey;

impl Shard {
    /// What follows from the earliest deadline, if it is due. Each is decided by itself: one that cannot be written down
    /// does not hold up the others.
    pub(crate) fn expire(&self, context: &Context<'_>) -> Decision {
        let Some((deadline, key)) = self.timers.first() else { return Decision::default() };
        if *deadline > context.now_ms {
            return Decision::default();
        }
        let Some(group) = self.groups.get(key.group()) else {
            return Decision { soft: vec![Soft::Timer(key.clone(), None)], ..Decision::default() };
        };
        let group = match group {
            Group::Classic(group) => group,
            Group::Consumer(group) => return time_is_up(context, self, group, key),
        };
        let mut work = Work::new(context, ClassicGroup::clone(group));
        // First of all it is over; what follows may set it anew.
        work.timer(key.clone(), None);
        match key {
            TimerKey::Join(_) => work.join_time_is_up(),
            TimerKey::Sync(_) => work.sync_time_is_up(),
            TimerKey::Member(_, member) => work.member_time_is_up(&Arc::clone(member)),
            // They were of a consumer group that this one was before.
            TimerKey::Rebalance(..) | TimerKey::MemberJoin(..) | TimerKey::MemberSync(..) => {}
        }
        work.done()
    }
}
