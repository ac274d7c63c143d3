//! Sleeping in virtual time.

use super::world::{Event, EventKey, SimNode};
use crate::Tick;
use std::task::{Context, Poll};

pub(crate) struct SimSleep {
    node: SimNode,
    deadline: Tick,
    planned: Option<EventKey>,
}

impl SimSleep {
    pub(crate) fn new(node: SimNode, deadline: Tick) -> SimSleep {
        SimSleep { node, deadline, planned: None }
    }

    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.deadline == Tick::NEVER {
            return Poll::Pending;
        }
        let mut world = self.node.shared.world();
        let node = self.node.node;
        let deadline = self.deadline.0.saturating_add(world.node(node).started_at);
        if let Some(key) = self.planned {
            match world.events.get_mut(&key) {
                Some(Event::Timer { waker, .. }) => {
                    waker.clone_from(context.waker());
                    return Poll::Pending;
                }
                _ => {
                    self.planned = None;
                    return Poll::Ready(());
                }
            }
        }
        if world.now >= deadline {
            return Poll::Ready(());
        }
        let late = world.config.timer_delay.as_nanos() as u64;
        let late = world.random.between(0, late);
        let event = Event::Timer { node, waker: context.waker().clone() };
        self.planned = Some(world.schedule(deadline.saturating_add(late), event));
        Poll::Pending
    }
}

impl Drop for SimSleep {
    fn drop(&mut self) {
        if let Some(key) = self.planned {
            let event = self.node.shared.world().events.remove(&key);
            drop(event);
        }
    }
}
