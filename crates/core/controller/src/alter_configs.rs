//! AlterConfigs, key 33 (`ConfigurationControlManager.legacyAlterConfigs`): a resource gets exactly the keys of the
//! request, and loses those that it does not name.

use std::collections::BTreeMap;

use headwater_metadata::{ConfigResource, ResourceType};
use headwater_protocol::metadata::MetadataRecord;

use crate::decide::Decision;
use crate::error::ApiError;
use crate::incremental_alter_configs::{Results, altered, records};
use crate::state::Controller;

/// All that a resource is to have.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigReplacement {
    /// The resource.
    pub resource: ConfigResource,
    /// Its keys and values.
    pub configs: BTreeMap<String, String>,
}

impl Controller {
    pub(crate) fn alter_configs(
        &self,
        replacements: &[ConfigReplacement],
        validate_only: bool,
    ) -> Decision<Results> {
        let mut all = Vec::new();
        let mut results = Vec::with_capacity(replacements.len());
        for replacement in replacements {
            let result = self.replace(replacement).map(|records| all.extend(records));
            results.push((replacement.resource.clone(), result));
        }
        altered(all, results, validate_only)
    }

    fn replace(&self, replacement: &ConfigReplacement) -> Result<Vec<MetadataRecord>, ApiError> {
        let ConfigReplacement { resource, configs } = replacement;
        let current = self.state.image.configs.of(resource);
        let before = |key: &str| current.and_then(|configs| configs.get(key));
        // Kafka writes the same value again for brokers: they read secrets anew then.
        let writes = |(key, value): &(&String, &String)| {
            resource.kind == ResourceType::BROKER || before(key) != Some(value)
        };
        let set: Vec<(&String, &String)> = configs.iter().filter(writes).collect();
        self.check_resource(resource, configs, set.iter().map(|(_, value)| *value))?;
        let set = set.into_iter().map(|(key, value)| (key.clone(), Some(value.clone())));
        let forgotten = current.into_iter().flat_map(|configs| configs.keys());
        let forgotten = forgotten.filter(|key| !configs.contains_key(*key)).map(|key| (key.clone(), None));
        Ok(records(resource, set.chain(forgotten)))
    }
}
