//! Access control entries, kept as they were written.

use std::sync::Arc;

use headwater_base::Uuid;
use imbl::OrdMap;

use crate::changes::{Changes, changed_keys};
use crate::error::ReplayError;
use crate::records::{AccessControlEntryRecord, MetadataRecord, RemoveAccessControlEntryRecord};

/// All entries by their ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AclsImage {
    entries: OrdMap<Uuid, Arc<AccessControlEntryRecord>>,
}

impl AclsImage {
    /// All entries.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<AccessControlEntryRecord>> {
        self.entries.values()
    }

    /// True without entries: nobody restricted anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn add(&mut self, record: &AccessControlEntryRecord, changes: &mut Changes) {
        changes.acls.insert(record.id);
        self.entries.insert(record.id, Arc::new(record.clone()));
    }

    pub(crate) fn remove(
        &mut self,
        record: &RemoveAccessControlEntryRecord,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        self.entries.remove(&record.id).ok_or(ReplayError::NoSuchAcl(record.id))?;
        changes.acls.insert(record.id);
        Ok(())
    }

    pub(crate) fn records(&self, out: &mut Vec<MetadataRecord>) {
        out.extend(self.entries.values().map(|entry| AccessControlEntryRecord::clone(entry).into()));
    }

    pub(crate) fn compare(&self, base: &AclsImage, changes: &mut Changes) {
        changes.acls.extend(changed_keys(&base.entries, &self.entries));
    }
}
