//! Proposals on their way into the log.

use headwater_base::Offset;

use super::{Action, Appending, PendingAppend, Raft, State};

impl Raft {
    pub(super) fn on_propose(&mut self, batch: Vec<u8>, record_count: u32, out: &mut Vec<Action>) {
        assert!(record_count > 0, "a batch without records");
        if self.closed || !self.is_effective_leader() {
            out.push(Action::RefuseProposal);
            return;
        }
        assert!(self.appending.is_none(), "a proposal while an append is under way");
        let base_offset = self.log_end_offset;
        let end_offset = base_offset + i64::from(record_count);
        self.appending = Some(PendingAppend { end_offset, what: Appending::Proposal });
        out.push(Action::Append { epoch: self.epoch, base_offset, batch, control: false });
    }

    pub(super) fn on_appended(&mut self, end_offset: Offset, out: &mut Vec<Action>) {
        if self.closed {
            return;
        }
        let appended = self.appending.take().expect("acknowledges an append that was under way");
        assert_eq!(end_offset, appended.end_offset, "the log ends elsewhere than it was told");
        match (appended.what, &mut self.state) {
            (Appending::EpochStart, State::Leader(leader)) => leader.epoch_start = Some(self.log_end_offset),
            (Appending::Upgrade(version, voters), _) => {
                self.kraft_version = version;
                self.voters = voters;
                self.voters_in_log = true;
            }
            _ => {}
        }
        self.log_end_offset = end_offset;
        self.sync_if_idle(out);
    }

    pub(super) fn on_append_failed(&mut self, out: &mut Vec<Action>) {
        if self.closed {
            return;
        }
        let failed = self.appending.take().expect("reports an append that was under way");
        if let Appending::EpochStart = failed.what {
            // Without its control batch the epoch cannot be established.
            self.resign(out);
        }
    }

    /// Starts a sync unless one is under way; everything appended until that one ends is covered by the next.
    pub(super) fn sync_if_idle(&mut self, out: &mut Vec<Action>) {
        if self.syncing.is_none() && self.durable_end_offset < self.log_end_offset {
            self.syncing = Some(self.log_end_offset);
            out.push(Action::Sync { end_offset: self.log_end_offset });
        }
    }
}
