//! SCRAM credentials, kept as they were written.

use std::sync::Arc;

use imbl::OrdMap;

use crate::changes::{Changes, changed_keys};
use crate::error::ReplayError;
use crate::records::{MetadataRecord, RemoveUserScramCredentialRecord, UserScramCredentialRecord};

/// A mechanism (1 SCRAM-SHA-256, 2 SCRAM-SHA-512) and a user's name.
pub type ScramKey = (i8, String);

/// What is stored instead of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramCredential {
    /// Salt of the iterated hash.
    pub salt: Vec<u8>,
    /// Hash that checks the client's proof.
    pub stored_key: Vec<u8>,
    /// Key that signs the server's proof.
    pub server_key: Vec<u8>,
    /// How often the hash was iterated.
    pub iterations: i32,
}

impl std::fmt::Debug for ScramCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScramCredential([hidden])")
    }
}

/// All credentials by mechanism and user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScramImage {
    credentials: OrdMap<ScramKey, Arc<ScramCredential>>,
}

fn known(record: &'static str, mechanism: i8) -> Result<i8, ReplayError> {
    match mechanism {
        1 | 2 => Ok(mechanism),
        _ => Err(ReplayError::Field { record, field: "Mechanism", value: i64::from(mechanism) }),
    }
}

impl ScramImage {
    /// A user's credential for a mechanism.
    #[must_use]
    pub fn of(&self, mechanism: i8, user: &str) -> Option<&Arc<ScramCredential>> {
        self.credentials.get(&(mechanism, user.to_owned()))
    }

    /// All credentials by mechanism, then user.
    pub fn iter(&self) -> impl Iterator<Item = (&ScramKey, &Arc<ScramCredential>)> {
        self.credentials.iter()
    }

    /// True without credentials.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.credentials.is_empty()
    }

    pub(crate) fn set(
        &mut self,
        record: &UserScramCredentialRecord,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        let key = (known("UserScramCredentialRecord", record.mechanism)?, record.name.clone());
        let credential = ScramCredential {
            salt: record.salt.clone(),
            stored_key: record.stored_key.clone(),
            server_key: record.server_key.clone(),
            iterations: record.iterations,
        };
        changes.scram.insert(key.clone());
        self.credentials.insert(key, Arc::new(credential));
        Ok(())
    }

    pub(crate) fn remove(
        &mut self,
        record: &RemoveUserScramCredentialRecord,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        let key = (known("RemoveUserScramCredentialRecord", record.mechanism)?, record.name.clone());
        if self.credentials.remove(&key).is_some() {
            changes.scram.insert(key);
        }
        Ok(())
    }

    pub(crate) fn records(&self, out: &mut Vec<MetadataRecord>) {
        for ((mechanism, name), credential) in &self.credentials {
            let record = UserScramCredentialRecord {
                name: name.clone(),
                mechanism: *mechanism,
                salt: credential.salt.clone(),
                stored_key: credential.stored_key.clone(),
                server_key: credential.server_key.clone(),
                iterations: credential.iterations,
            };
            out.push(record.into());
        }
    }

    pub(crate) fn compare(&self, base: &ScramImage, changes: &mut Changes) {
        changes.scram.extend(changed_keys(&base.credentials, &self.credentials).cloned());
    }
}
