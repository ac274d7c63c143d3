//! Brokers that were not heard for `broker.session.timeout.ms` are fenced
//! (`ReplicationControlManager.maybeFenceOneStaleBroker`). One at a time: what the second one's partitions become
//! depends on the first one's being gone.

use crate::decide::{Context, Decision};
use crate::sessions::Soft;
use crate::state::Controller;

impl Controller {
    /// Answers whether to ask again.
    pub(crate) fn fence_stale_broker(&self, context: &Context) -> Decision<bool> {
        let expired = self.sessions.first_expired(context.now_ms, self.config.session_timeout_ms());
        let Some((broker, epoch)) = expired else { return Decision::answer(false) };
        let mut records = Vec::new();
        // A session of an earlier incarnation may end: it means nothing.
        let registration =
            self.state.image.cluster.broker(broker).filter(|registered| registered.epoch == epoch);
        if let Some(registration) = registration.filter(|registered| !registered.fenced) {
            self.fence(registration, &mut records);
        }
        let mut decision = Decision::records(records, true);
        decision.soft.push(Soft::Gone { broker, epoch });
        decision
    }
}
