//! Client quotas, kept as they were written.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdMap;

use crate::changes::{Changes, changed_keys};
use crate::records::{ClientQuotaRecord, EntityData, MetadataRecord};

/// Whom quotas belong to: pairs of an entity type (`user`, `client-id`, `ip`) and a name, `None` for the default of the
/// type; sorted by type.
pub type QuotaEntity = BTreeMap<String, Option<String>>;

/// A quota's value; compared by its bits, so that images can be compared.
#[derive(Clone, Copy, Debug)]
pub struct QuotaValue(pub f64);

impl PartialEq for QuotaValue {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for QuotaValue {}

/// All quotas by entity and key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuotasImage {
    entities: OrdMap<QuotaEntity, Arc<BTreeMap<String, QuotaValue>>>,
}

impl QuotasImage {
    /// The quotas of an entity.
    #[must_use]
    pub fn of(&self, entity: &QuotaEntity) -> Option<&Arc<BTreeMap<String, QuotaValue>>> {
        self.entities.get(entity)
    }

    /// All entities and their quotas.
    pub fn iter(&self) -> impl Iterator<Item = (&QuotaEntity, &Arc<BTreeMap<String, QuotaValue>>)> {
        self.entities.iter()
    }

    /// True without quotas.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    pub(crate) fn set(&mut self, record: &ClientQuotaRecord, changes: &mut Changes) {
        let entity: QuotaEntity =
            record.entity.iter().map(|part| (part.entity_type.clone(), part.entity_name.clone())).collect();
        changes.quotas.insert(entity.clone());
        if record.remove {
            if let Some(quotas) = self.entities.get_mut(&entity) {
                Arc::make_mut(quotas).remove(&record.key);
                if quotas.is_empty() {
                    self.entities.remove(&entity);
                }
            }
            return;
        }
        let value = QuotaValue(record.value);
        match self.entities.get_mut(&entity) {
            Some(quotas) => {
                Arc::make_mut(quotas).insert(record.key.clone(), value);
            }
            None => {
                self.entities.insert(entity, Arc::new(BTreeMap::from([(record.key.clone(), value)])));
            }
        }
    }

    pub(crate) fn records(&self, out: &mut Vec<MetadataRecord>) {
        for (entity, quotas) in &self.entities {
            for (key, value) in quotas.iter() {
                let parts = entity.iter().map(|(entity_type, entity_name)| EntityData {
                    entity_type: entity_type.clone(),
                    entity_name: entity_name.clone(),
                });
                let record = ClientQuotaRecord {
                    entity: parts.collect(),
                    key: key.clone(),
                    value: value.0,
                    remove: false,
                };
                out.push(record.into());
            }
        }
    }

    pub(crate) fn compare(&self, base: &QuotasImage, changes: &mut Changes) {
        changes.quotas.extend(changed_keys(&base.entities, &self.entities).cloned());
    }
}
