//! `max.connections.per.ip.overrides`: names of hosts become addresses, again when the configuration changes.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use headwater_base::config::node::NodeConfig;
use headwater_runtime::Runtime;

use super::error::NodeError;
use crate::broker::Broker;

/// Most connections from each address that has a limit of its own.
///
/// # Errors
/// A name that nobody knows.
pub(super) async fn resolve(
    runtime: &Runtime,
    config: &NodeConfig,
) -> Result<BTreeMap<IpAddr, usize>, NodeError> {
    let mut limits = BTreeMap::new();
    for (host, most) in &config.network.max_connections_per_ip_overrides {
        let failed = |source| NodeError::Io(format!("max.connections.per.ip.overrides: {host}"), source);
        let most = usize::try_from(*most).unwrap_or(usize::MAX);
        for address in runtime.resolve(host, 0).await.map_err(failed)? {
            limits.insert(address.ip().to_canonical(), most);
        }
    }
    Ok(limits)
}

/// Follows the configuration. Where a name cannot be resolved the limits stay as they are.
pub(super) async fn follow(broker: Arc<Broker>) {
    let mut changes = broker.config.subscribe();
    let mut known = broker.config.file().network.max_connections_per_ip_overrides.clone();
    loop {
        let config = broker.config.current();
        if config.network.max_connections_per_ip_overrides != known {
            known.clone_from(&config.network.max_connections_per_ip_overrides);
            match resolve(&broker.runtime, &config).await {
                Ok(limits) => broker.limits.max_connections_overrides.store(Arc::new(limits)),
                Err(error) => tracing::warn!(%error, "limits of addresses stay as they were"),
            }
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}
