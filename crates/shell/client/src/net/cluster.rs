//! The pool of connections and what is known of the cluster; every client stands on one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use headwater_base::config::host_port::HostPort;
use headwater_protocol::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use headwater_protocol::messages::metadata_response::MetadataResponse;
use headwater_runtime::{Runtime, Tick};

use super::link::Link;
use crate::config::{ClientConfig, RecoveryStrategy};
use crate::error::{Error, ErrorKind, Result};
use crate::machine::metadata::Metadata;

/// A broker by its id, or a bootstrap server by −1 minus its place in the list.
pub(crate) type NodeKey = i32;

/// How many coordinators are remembered.
const MAX_COORDINATORS: usize = 10_000;

/// Which topics metadata is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Topics {
    All,
    None,
    Named(Vec<String>),
}

#[derive(Default)]
struct Place {
    address: Option<HostPort>,
    link: Option<Link>,
    failures: u32,
    /// Before this moment no connection is tried.
    rest_until: Tick,
}

pub(crate) struct Inner {
    pub(crate) runtime: Runtime,
    pub(crate) config: Rc<ClientConfig>,
    pub(crate) metadata: RefCell<Metadata>,
    places: RefCell<BTreeMap<NodeKey, Place>>,
    pub(crate) coordinators: RefCell<BTreeMap<(i8, String), i32>>,
    closed: Cell<bool>,
}

/// A handle to the pool; clones share it. It belongs to the core on which it was made.
#[derive(Clone)]
pub(crate) struct Cluster {
    pub(crate) inner: Rc<Inner>,
}

impl Cluster {
    pub(crate) fn new(runtime: &Runtime, config: ClientConfig) -> Cluster {
        let inner = Inner {
            runtime: runtime.clone(),
            config: Rc::new(config),
            metadata: RefCell::default(),
            places: RefCell::default(),
            coordinators: RefCell::default(),
            closed: Cell::new(false),
        };
        Cluster { inner: Rc::new(inner) }
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.inner.runtime
    }

    pub(crate) fn config(&self) -> &ClientConfig {
        &self.inner.config
    }

    pub(crate) fn now(&self) -> Tick {
        self.inner.runtime.now()
    }

    pub(crate) fn after_ms(&self, ms: u64) -> Tick {
        self.now() + Duration::from_millis(ms)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner.closed.get()
    }

    /// Closes all connections as soon as nothing waits on them; no new ones are made.
    pub(crate) fn close(&self) {
        self.inner.closed.set(true);
        self.inner.places.borrow_mut().clear();
    }

    // ---- connections ----

    fn address_of(&self, node: NodeKey) -> Option<HostPort> {
        if node < 0 {
            return self.config().bootstrap.get((-1 - node) as usize).cloned();
        }
        let metadata = self.inner.metadata.borrow();
        metadata.broker(node).map(|broker| HostPort { host: broker.host.clone(), port: broker.port })
    }

    /// A connection to the node that is open or being opened, or how long the node is left alone.
    fn link(&self, node: NodeKey) -> Result<std::result::Result<Link, Tick>> {
        if self.is_closed() {
            return Err(Error::closed());
        }
        let address = self.address_of(node).ok_or_else(|| {
            Error::new(ErrorKind::Disconnected, format!("the address of node {node} is not known"))
        })?;
        let now = self.now();
        let mut places = self.inner.places.borrow_mut();
        let place = places.entry(node).or_default();
        if place.address.as_ref() != Some(&address) {
            *place = Place { address: Some(address.clone()), ..Place::default() };
        }
        if let Some(link) = &place.link {
            if link.closed().is_none() {
                if link.is_ready() {
                    place.failures = 0;
                }
                return Ok(Ok(link.clone()));
            }
            place.link = None;
            place.failures = place.failures.saturating_add(1);
            let rest = self.config().reconnect_backoff.after(place.failures, self.inner.runtime.random_u64());
            place.rest_until = now + Duration::from_millis(rest);
        }
        if now < place.rest_until {
            return Ok(Err(place.rest_until));
        }
        let link = Link::open(&self.inner.runtime, &self.inner.config, address, place.failures);
        place.link = Some(link.clone());
        Ok(Ok(link))
    }

    /// An open connection to the node.
    pub(crate) async fn connection(&self, node: NodeKey, deadline: Tick) -> Result<Link> {
        loop {
            match self.link(node)? {
                Ok(link) => {
                    let ready = self.runtime().timeout_at(deadline, link.ready()).await;
                    ready.map_err(|_| no_node())??;
                    return Ok(link);
                }
                Err(rest_until) => {
                    if rest_until >= deadline {
                        return Err(no_node());
                    }
                    self.runtime().sleep_until(rest_until).await;
                }
            }
        }
    }

    /// Nodes to try for a request that any broker answers, best first: connected ones with little to do, then others,
    /// then the bootstrap servers.
    fn candidates(&self) -> Vec<NodeKey> {
        let known: Vec<NodeKey> = self.inner.metadata.borrow().brokers().map(|broker| broker.id).collect();
        let places = self.inner.places.borrow();
        let turn = self.runtime().random_u64();
        let rank = |index: usize, node: &NodeKey| {
            let link = places.get(node).and_then(|place| place.link.as_ref());
            let ready = link.filter(|link| link.is_ready());
            let shuffled = (index as u64).wrapping_add(turn) % 64;
            (ready.is_none(), ready.map_or(0, Link::in_flight), shuffled)
        };
        let mut nodes: Vec<_> =
            known.iter().enumerate().map(|(index, node)| (rank(index, node), *node)).collect();
        nodes.sort_unstable();
        let mut nodes: Vec<NodeKey> = nodes.into_iter().map(|(_, node)| node).collect();
        if nodes.is_empty() || self.config().recovery == RecoveryStrategy::Rebootstrap {
            let bootstrap = self.config().bootstrap.len() as NodeKey;
            let first = (turn % u64::from(bootstrap.unsigned_abs().max(1))) as NodeKey;
            nodes.extend((0..bootstrap).map(|index| -1 - (index + first) % bootstrap));
        }
        nodes
    }

    /// An open connection to any broker.
    pub(crate) async fn any(&self, deadline: Tick) -> Result<Link> {
        loop {
            let mut soonest = deadline;
            for node in self.candidates() {
                match self.link(node)? {
                    Ok(link) => match self.runtime().timeout_at(deadline, link.ready()).await {
                        Ok(Ok(_)) => return Ok(link),
                        Ok(Err(error)) if error.kind() == ErrorKind::UnsupportedVersion => return Err(error),
                        Ok(Err(error)) => {
                            tracing::debug!("node {node}: {error}");
                            soonest = soonest.min(self.after_ms(1));
                        }
                        Err(_) => return Err(no_node()),
                    },
                    Err(rest_until) => soonest = soonest.min(rest_until),
                }
            }
            if self.now() >= deadline || soonest >= deadline {
                self.runtime().sleep_until(deadline).await;
                return Err(no_node());
            }
            self.runtime().sleep_until(soonest).await;
        }
    }

    // ---- metadata ----

    /// Asks for metadata and takes the answer in.
    pub(crate) async fn refresh(
        &self,
        topics: &Topics,
        create: bool,
        deadline: Tick,
    ) -> Result<MetadataResponse> {
        let link = self.any(deadline).await?;
        let versions = link.ready().await?;
        let named = |name: &String| MetadataRequestTopic { name: Some(name.clone()), ..Default::default() };
        let lowest = if create { 0 } else { 4 };
        let version = versions.pick(headwater_protocol::ApiKey::Metadata, lowest, i16::MAX)?;
        let request = MetadataRequest {
            topics: match topics {
                // Before version 1 an empty list means all.
                Topics::All => (version > 0).then_some(()).map_or(Some(Vec::new()), |()| None),
                Topics::None => Some(Vec::new()),
                Topics::Named(names) => Some(names.iter().map(named).collect()),
            },
            allow_auto_topic_creation: create || version < 4,
            ..MetadataRequest::default()
        };
        let response = self.exchange(&link, version, &request, deadline).await?;
        let all = *topics == Topics::All;
        self.inner.metadata.borrow_mut().apply(&response, all, self.now().as_millis());
        Ok(response)
    }

    pub(crate) fn remember_coordinator(&self, kind: i8, key: &str, node: i32) {
        let mut coordinators = self.inner.coordinators.borrow_mut();
        if coordinators.len() >= MAX_COORDINATORS {
            coordinators.clear();
        }
        coordinators.insert((kind, key.to_owned()), node);
    }

    pub(crate) fn forget_coordinator(&self, kind: i8, key: &str) {
        self.inner.coordinators.borrow_mut().remove(&(kind, key.to_owned()));
    }
}

pub(crate) fn no_node() -> Error {
    Error::timeout("Timed out waiting for a node assignment.")
}
