//! The node's configuration while it runs: its file, and what the metadata log lays over it.
//!
//! Whoever obeys a key that can change takes it from [`LiveConfig::current`] each time, or waits for
//! [`LiveConfig::subscribe`]. The metadata alone changes it ([`Replicas`](crate::replicas)): a change is in force on this
//! node before the request that made it is answered.

use std::sync::Arc;

use arc_swap::ArcSwap;
use headwater_base::NodeId;
use headwater_base::config::Value;
use headwater_base::config::node::{self, NodeConfig};
use headwater_metadata::{Changes, ConfigResource, Configs, Image};
use headwater_runtime::sync::watch;

/// See the module.
pub struct LiveConfig {
    file: NodeConfig,
    current: ArcSwap<NodeConfig>,
    changed: watch::Sender<Arc<NodeConfig>>,
}

impl LiveConfig {
    /// The configuration of a node whose metadata is not read yet.
    #[must_use]
    pub fn new(file: NodeConfig) -> Arc<Self> {
        let current = Arc::new(file.clone());
        let (changed, _) = watch::channel(Arc::clone(&current));
        Arc::new(Self { file, current: ArcSwap::new(current), changed })
    }

    /// What the node was started with, without anything of the metadata's.
    #[must_use]
    pub fn file(&self) -> &NodeConfig {
        &self.file
    }

    /// What holds now. Costs no lock.
    #[must_use]
    pub fn current(&self) -> Arc<NodeConfig> {
        self.current.load_full()
    }

    /// A receiver of what holds from now on. It may skip a value when two follow each other quickly. The present value
    /// counts as seen: subscribe first, then obey [`LiveConfig::current`].
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<NodeConfig>> {
        self.changed.subscribe()
    }

    /// Follows the metadata: this broker's dynamic configuration over that of all brokers over the file. True if what
    /// holds has changed.
    pub(crate) fn follow(&self, node: NodeId, image: &Image, changes: &Changes) -> bool {
        let (all, own) = (ConfigResource::cluster(), ConfigResource::broker(node));
        if !changes.configs.contains(&all) && !changes.configs.contains(&own) {
            return false;
        }
        let empty = Configs::new();
        let of = |resource| image.configs.of(resource).map_or(&empty, |configs| configs);
        let (next, passed_over) = self.file.with_dynamic(of(&all), of(&own));
        for why in passed_over {
            tracing::warn!(%why, "dynamic configuration is passed over");
        }
        if next == *self.current() {
            return false;
        }
        for row in node::definitions() {
            let (before, after) = (self.current().value(row.name), next.value(row.name));
            if before != after {
                let shown =
                    |value: Value| if row.is_sensitive() { "(hidden)".to_owned() } else { value.to_string() };
                tracing::info!(
                    key = row.name,
                    before = shown(before),
                    after = shown(after),
                    "configuration changes"
                );
            }
        }
        let next = Arc::new(next);
        self.current.store(Arc::clone(&next));
        self.changed.send(next);
        true
    }
}
