//! From durable to committed.

use headwater_base::Offset;

use super::{Action, Raft, State};

impl Raft {
    pub(super) fn on_synced(&mut self, end_offset: Offset, out: &mut Vec<Action>) {
        if self.closed {
            return;
        }
        let asked = self.syncing.take().expect("acknowledges a sync that was under way");
        assert_eq!(end_offset, asked, "a sync to another offset than was asked for");
        self.durable_end_offset = self.durable_end_offset.max(end_offset);
        // The next sync goes out before the answers that this one releases.
        self.sync_if_idle(out);
        if let State::Leader(leader) = &mut self.state {
            leader.durable_end_offsets.insert(self.local.key.node_id, self.durable_end_offset);
        }
        self.advance_high_watermark(out);
    }

    /// A leader commits what a majority holds durably, once that reaches into its own epoch: records of earlier epochs
    /// are committed only together with one of its own.
    fn advance_high_watermark(&mut self, out: &mut Vec<Action>) {
        let State::Leader(leader) = &mut self.state else { return };
        let Some(epoch_start) = leader.epoch_start else { return };
        let Some(majority) = self.voters.majority_offset(&leader.durable_end_offsets) else { return };
        let current = self.high_watermark.unwrap_or(Offset::ZERO);
        if majority <= epoch_start || majority <= current {
            return;
        }
        self.high_watermark = Some(majority);
        out.push(Action::HighWatermark(majority));
        if !leader.effective {
            leader.effective = true;
            out.push(Action::BecameLeader { epoch: self.epoch, epoch_start });
        }
    }
}
