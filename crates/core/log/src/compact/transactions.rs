//! Which transactions are under way while batches are read in order (`CleanedTransactionMetadata`): says what belongs to
//! an aborted transaction, and which marker has nothing left that it could decide.

use std::collections::{BTreeMap, BTreeSet};

use headwater_base::{Offset, ProducerId};
use headwater_records::BatchHeader;
use headwater_records::control::ControlType;

use crate::producer::AbortedTransaction;

struct Ongoing {
    transaction: AbortedTransaction,
    /// Whether any of its batches was read.
    observed: bool,
}

/// See the module.
#[derive(Default)]
pub(super) struct CleanedTransactions {
    committed: BTreeSet<ProducerId>,
    aborted: BTreeMap<ProducerId, Ongoing>,
    /// Those that begin behind what was read, by first offset.
    waiting: BTreeMap<(Offset, ProducerId), AbortedTransaction>,
}

impl CleanedTransactions {
    /// Takes in what the index says; the same may come twice.
    pub(super) fn add(&mut self, aborted: Vec<AbortedTransaction>) {
        let keyed = |entry: AbortedTransaction| ((entry.first_offset, entry.producer_id), entry);
        self.waiting.extend(aborted.into_iter().map(keyed));
    }

    fn begin_up_to(&mut self, offset: Offset) {
        while let Some(first) = self.waiting.first_entry().filter(|first| first.key().0 <= offset) {
            let transaction = first.remove();
            let ongoing = Ongoing { transaction, observed: false };
            self.aborted.entry(transaction.producer_id).or_insert(ongoing);
        }
    }

    /// A batch of data: true when it belongs to an aborted transaction.
    pub(super) fn on_data(&mut self, header: &BatchHeader) -> bool {
        self.begin_up_to(header.last_offset());
        if !header.is_transactional() {
            return false;
        }
        match self.aborted.get_mut(&header.producer_id) {
            Some(ongoing) => {
                ongoing.observed = true;
                true
            }
            None => {
                self.committed.insert(header.producer_id);
                false
            }
        }
    }

    /// A control batch: true when it decides about nothing that is still there. Also the transaction that has to stay in
    /// the index with it. `kind` is `None` for a batch without records.
    pub(super) fn on_control(
        &mut self,
        header: &BatchHeader,
        kind: Option<Option<ControlType>>,
    ) -> (bool, Option<AbortedTransaction>) {
        self.begin_up_to(header.last_offset());
        match kind {
            None => (true, None),
            Some(Some(ControlType::Abort)) => match self.aborted.remove(&header.producer_id) {
                Some(ongoing) if ongoing.observed => (false, Some(ongoing.transaction)),
                _ => (true, None),
            },
            Some(Some(ControlType::Commit)) => (!self.committed.remove(&header.producer_id), None),
            Some(_) => (false, None),
        }
    }
}
