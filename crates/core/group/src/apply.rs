//! The only way in which what the log says changes.

use std::sync::Arc;

use headwater_base::Offset;
use headwater_protocol::group::group_metadata_value::GroupMetadataValue;

use crate::classic::ClassicGroup;
use crate::record::GroupRecord;
use crate::state::{Group, Shard};

impl Shard {
    /// Applies one record at its offset. `transaction` is the producer's id when the record is part of a transaction that
    /// is open: its offsets wait for the transaction's end.
    pub fn apply(&mut self, offset: Offset, transaction: Option<i64>, record: &GroupRecord) {
        match record {
            GroupRecord::Group(key, Some(value)) => self.apply_group(&key.group, value),
            GroupRecord::Group(key, None) => {
                if self.classic(&key.group).is_some() {
                    self.forget(&key.group);
                }
            }
            GroupRecord::Offset(key, value) => {
                if value.is_some() && !self.groups.contains_key(key.group.as_str()) {
                    // Whoever commits without being a member has a group of no protocol.
                    let id: Arc<str> = Arc::from(key.group.as_str());
                    let group = Group::Classic(Arc::new(ClassicGroup::simple(Arc::clone(&id))));
                    self.groups.insert(id, group);
                }
                self.offsets.apply(offset, transaction, key, value.as_ref());
            }
            of_consumer => self.apply_to_consumer_group(of_consumer),
        }
    }

    fn apply_group(&mut self, id: &str, value: &GroupMetadataValue) {
        let id = self.groups.get_key_value(id).map_or_else(|| Arc::from(id), |(id, _)| Arc::clone(id));
        let group = Group::Classic(Arc::new(ClassicGroup::loaded(Arc::clone(&id), value)));
        self.groups.insert(id, group);
    }

    /// Applies the end of a transaction.
    pub fn apply_transaction_end(&mut self, producer_id: i64, committed: bool) {
        self.offsets.end_transaction(producer_id, committed);
    }
}
