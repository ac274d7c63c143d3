//! From fixed voters to voters in the log (KIP-853, `LeaderState.maybeAppendUpgradedKRaftVersion`).

use super::{Action, Appending, PendingAppend, Raft};
use crate::control;
use crate::voters::KRaftVersion;

impl Raft {
    /// Appends the new level and the voters with all that a fixed set does not say: directories, listeners, supported
    /// levels. The level holds from the append on.
    pub(super) fn on_upgrade(&mut self, now_ms: i64, version: KRaftVersion, out: &mut Vec<Action>) {
        if self.closed || !self.is_effective_leader() || version <= self.kraft_version {
            out.push(Action::RefuseProposal);
            return;
        }
        assert!(self.appending.is_none(), "an upgrade while an append is under way");
        let voters = self.voters.with_updated(self.local.clone());
        let batch = control::upgrade_batch(now_ms, version, &voters);
        let base_offset = self.log_end_offset;
        let end_offset = base_offset + i64::from(batch.record_count);
        self.appending = Some(PendingAppend { end_offset, what: Appending::Upgrade(version, voters) });
        out.push(Action::Append { epoch: self.epoch, base_offset, batch: batch.bytes, control: true });
    }
}
