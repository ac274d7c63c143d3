//! Delegation tokens, kept as they were written.

use std::sync::Arc;

use imbl::OrdMap;

use crate::changes::{Changes, changed_keys};
use crate::records::{DelegationTokenRecord, MetadataRecord, RemoveDelegationTokenRecord};

/// All tokens by their ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokensImage {
    tokens: OrdMap<String, Arc<DelegationTokenRecord>>,
}

impl TokensImage {
    /// A token.
    #[must_use]
    pub fn of(&self, id: &str) -> Option<&Arc<DelegationTokenRecord>> {
        self.tokens.get(id)
    }

    /// All tokens in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<DelegationTokenRecord>> {
        self.tokens.values()
    }

    /// True without tokens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    pub(crate) fn set(&mut self, record: &DelegationTokenRecord, changes: &mut Changes) {
        changes.tokens.insert(record.token_id.clone());
        self.tokens.insert(record.token_id.clone(), Arc::new(record.clone()));
    }

    pub(crate) fn remove(&mut self, record: &RemoveDelegationTokenRecord, changes: &mut Changes) {
        if self.tokens.remove(&record.token_id).is_some() {
            changes.tokens.insert(record.token_id.clone());
        }
    }

    pub(crate) fn records(&self, out: &mut Vec<MetadataRecord>) {
        out.extend(self.tokens.values().map(|token| DelegationTokenRecord::clone(token).into()));
    }

    pub(crate) fn compare(&self, base: &TokensImage, changes: &mut Changes) {
        changes.tokens.extend(changed_keys(&base.tokens, &self.tokens).cloned());
    }
}
