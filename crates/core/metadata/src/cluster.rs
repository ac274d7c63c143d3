//! Registered brokers and controllers.

use std::collections::BTreeMap;
use std::sync::Arc;

use headwater_base::{NodeId, Uuid};
use imbl::OrdMap;

use crate::changes::{Changes, changed_keys};
use crate::directory;
use crate::error::ReplayError;
use crate::records::{
    BrokerEndpoint, BrokerFeature, BrokerRegistrationChangeRecord, ControllerEndpoint, ControllerFeature,
    FenceBrokerRecord, MetadataRecord, RegisterBrokerRecord, RegisterControllerRecord, UnfenceBrokerRecord,
    UnregisterBrokerRecord,
};

/// Where a listener is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// `SecurityProtocol.id`: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.
    pub security_protocol: i16,
}

/// The levels of a feature that a node supports, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionRange {
    /// The lowest.
    pub min: i16,
    /// The highest.
    pub max: i16,
}

impl VersionRange {
    /// Whether the range holds a level.
    #[must_use]
    pub const fn contains(self, level: i16) -> bool {
        level >= self.min && level <= self.max
    }
}

/// A broker as it registered (`org.apache.kafka.metadata.BrokerRegistration`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerRegistration {
    /// Its `node.id`.
    pub id: NodeId,
    /// Grows with every new incarnation: the offset of the registration.
    pub epoch: i64,
    /// Chosen anew by every process.
    pub incarnation_id: Uuid,
    /// Listeners by name. Order is that of the names, not of the registration.
    pub listeners: BTreeMap<String, Endpoint>,
    /// Supported feature levels by name.
    pub features: BTreeMap<String, VersionRange>,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// A fenced broker leads nothing and is in no ISR.
    pub fenced: bool,
    /// It is giving its leaderships away before it stops.
    pub in_controlled_shutdown: bool,
    /// A broker of a cluster that was moving away from ZooKeeper.
    pub is_migrating_zk_broker: bool,
    /// Ids of its online log directories, sorted.
    pub directories: Vec<Uuid>,
    /// Ids of its log directories that take no new replicas; `None` when it never said.
    pub cordoned_directories: Option<Vec<Uuid>>,
}

impl BrokerRegistration {
    fn from_record(record: &RegisterBrokerRecord) -> Self {
        let mut directories = record.log_dirs.clone();
        directories.sort_unstable();
        Self {
            id: NodeId(record.broker_id),
            epoch: record.broker_epoch,
            incarnation_id: record.incarnation_id,
            listeners: record
                .end_points
                .iter()
                .map(|e| {
                    let endpoint = Endpoint {
                        host: e.host.clone(),
                        port: e.port,
                        security_protocol: e.security_protocol,
                    };
                    (e.name.clone(), endpoint)
                })
                .collect(),
            features: record
                .features
                .iter()
                .map(|f| {
                    (
                        f.name.clone(),
                        VersionRange { min: f.min_supported_version, max: f.max_supported_version },
                    )
                })
                .collect(),
            rack: record.rack.clone(),
            fenced: record.fenced,
            in_controlled_shutdown: record.in_controlled_shutdown,
            is_migrating_zk_broker: record.is_migrating_zk_broker,
            directories,
            cordoned_directories: record.cordoned_log_dirs.clone(),
        }
    }

    fn to_record(&self) -> RegisterBrokerRecord {
        let end_points = self.listeners.iter().map(|(name, endpoint)| BrokerEndpoint {
            name: name.clone(),
            host: endpoint.host.clone(),
            port: endpoint.port,
            security_protocol: endpoint.security_protocol,
        });
        let features = self.features.iter().map(|(name, range)| BrokerFeature {
            name: name.clone(),
            min_supported_version: range.min,
            max_supported_version: range.max,
        });
        RegisterBrokerRecord {
            broker_id: self.id.0,
            is_migrating_zk_broker: self.is_migrating_zk_broker,
            incarnation_id: self.incarnation_id,
            broker_epoch: self.epoch,
            end_points: end_points.collect(),
            features: features.collect(),
            rack: self.rack.clone(),
            fenced: self.fenced,
            in_controlled_shutdown: self.in_controlled_shutdown,
            log_dirs: self.directories.clone(),
            cordoned_log_dirs: self.cordoned_directories.clone(),
        }
    }

    /// True when it may lead and be in an ISR.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        !self.fenced && !self.in_controlled_shutdown
    }

    /// Whether a replica in this directory can be served.
    #[must_use]
    pub fn has_online_directory(&self, directory: Uuid) -> bool {
        directory::is_online(directory, &self.directories)
    }

    /// Whether some directory takes new replicas.
    #[must_use]
    pub fn has_uncordoned_directory(&self) -> bool {
        match &self.cordoned_directories {
            Some(cordoned) if !self.directories.is_empty() => {
                self.directories.iter().any(|directory| !cordoned.contains(directory))
            }
            _ => true,
        }
    }
}

/// A controller as it registered (KIP-919).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControllerRegistration {
    /// Its `node.id`.
    pub id: NodeId,
    /// Chosen anew by every process.
    pub incarnation_id: Uuid,
    /// It could take part in a migration from ZooKeeper.
    pub zk_migration_ready: bool,
    /// Listeners by name.
    pub listeners: BTreeMap<String, Endpoint>,
    /// Supported feature levels by name.
    pub features: BTreeMap<String, VersionRange>,
}

impl ControllerRegistration {
    fn from_record(record: &RegisterControllerRecord) -> Self {
        Self {
            id: NodeId(record.controller_id),
            incarnation_id: record.incarnation_id,
            zk_migration_ready: record.zk_migration_ready,
            listeners: record
                .end_points
                .iter()
                .map(|e| {
                    let endpoint = Endpoint {
                        host: e.host.clone(),
                        port: e.port,
                        security_protocol: e.security_protocol,
                    };
                    (e.name.clone(), endpoint)
                })
                .collect(),
            features: record
                .features
                .iter()
                .map(|f| {
                    (
                        f.name.clone(),
                        VersionRange { min: f.min_supported_version, max: f.max_supported_version },
                    )
                })
                .collect(),
        }
    }

    fn to_record(&self) -> RegisterControllerRecord {
        let end_points = self.listeners.iter().map(|(name, endpoint)| ControllerEndpoint {
            name: name.clone(),
            host: endpoint.host.clone(),
            port: endpoint.port,
            security_protocol: endpoint.security_protocol,
        });
        let features = self.features.iter().map(|(name, range)| ControllerFeature {
            name: name.clone(),
            min_supported_version: range.min,
            max_supported_version: range.max,
        });
        RegisterControllerRecord {
            controller_id: self.id.0,
            incarnation_id: self.incarnation_id,
            zk_migration_ready: self.zk_migration_ready,
            end_points: end_points.collect(),
            features: features.collect(),
        }
    }
}

/// All registered nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterImage {
    brokers: OrdMap<NodeId, Arc<BrokerRegistration>>,
    controllers: OrdMap<NodeId, Arc<ControllerRegistration>>,
}

/// What a record changes in a registration.
#[derive(Default)]
struct RegistrationChange<'a> {
    fenced: Option<bool>,
    in_controlled_shutdown: Option<bool>,
    directories: Option<&'a [Uuid]>,
    cordoned: Option<&'a [Uuid]>,
}

impl ClusterImage {
    /// A broker's registration.
    #[must_use]
    pub fn broker(&self, id: NodeId) -> Option<&Arc<BrokerRegistration>> {
        self.brokers.get(&id)
    }

    /// All registered brokers in the order of their ids.
    pub fn brokers(&self) -> impl Iterator<Item = &Arc<BrokerRegistration>> {
        self.brokers.values()
    }

    /// A controller's registration.
    #[must_use]
    pub fn controller(&self, id: NodeId) -> Option<&Arc<ControllerRegistration>> {
        self.controllers.get(&id)
    }

    /// All registered controllers in the order of their ids.
    pub fn controllers(&self) -> impl Iterator<Item = &Arc<ControllerRegistration>> {
        self.controllers.values()
    }

    /// Whether a broker is registered, unfenced and not shutting down.
    #[must_use]
    pub fn is_active(&self, id: NodeId) -> bool {
        self.broker(id).is_some_and(|broker| broker.is_active())
    }

    /// The directory that a new replica on a broker gets: its only one, else the broker chooses.
    #[must_use]
    pub fn default_directory(&self, id: NodeId) -> Uuid {
        match self.broker(id).map(|broker| broker.directories.as_slice()) {
            None => directory::UNASSIGNED,
            Some([]) => directory::MIGRATING,
            Some([only]) => *only,
            Some(_) => directory::UNASSIGNED,
        }
    }

    pub(crate) fn register(&mut self, record: &RegisterBrokerRecord, changes: &mut Changes) {
        let broker = BrokerRegistration::from_record(record);
        changes.brokers.insert(broker.id);
        self.brokers.insert(broker.id, Arc::new(broker));
    }

    pub(crate) fn register_controller(&mut self, record: &RegisterControllerRecord, changes: &mut Changes) {
        let controller = ControllerRegistration::from_record(record);
        changes.controllers.insert(controller.id);
        self.controllers.insert(controller.id, Arc::new(controller));
    }

    /// The registration that a record means, after its epoch was compared.
    fn broker_mut(
        &mut self,
        record: &'static str,
        broker: i32,
        epoch: i64,
    ) -> Result<&mut Arc<BrokerRegistration>, ReplayError> {
        let broker = NodeId(broker);
        let registration =
            self.brokers.get_mut(&broker).ok_or(ReplayError::NoSuchBroker { record, broker })?;
        if registration.epoch != epoch {
            return Err(ReplayError::BrokerEpoch { record, broker, registered: registration.epoch, epoch });
        }
        Ok(registration)
    }

    pub(crate) fn unregister(
        &mut self,
        record: &UnregisterBrokerRecord,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        let id = self.broker_mut("UnregisterBrokerRecord", record.broker_id, record.broker_epoch)?.id;
        self.brokers.remove(&id);
        changes.brokers.insert(id);
        Ok(())
    }

    pub(crate) fn fence(
        &mut self,
        record: &FenceBrokerRecord,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        let change = RegistrationChange { fenced: Some(true), ..Default::default() };
        self.change("FenceBrokerRecord", (record.id, record.epoch), &change, changes)
    }

    pub(crate) fn unfence(
        &mut self,
        record: &UnfenceBrokerRecord,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        let change = RegistrationChange { fenced: Some(false), ..Default::default() };
        self.change("UnfenceBrokerRecord", (record.id, record.epoch), &change, changes)
    }

    pub(crate) fn change_registration(
        &mut self,
        record: &BrokerRegistrationChangeRecord,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        const NAME: &str = "BrokerRegistrationChangeRecord";
        let field = |field, value: i8| ReplayError::Field { record: NAME, field, value: i64::from(value) };
        let change = RegistrationChange {
            fenced: match record.fenced {
                0 => None,
                1 => Some(true),
                -1 => Some(false),
                other => return Err(field("Fenced", other)),
            },
            in_controlled_shutdown: match record.in_controlled_shutdown {
                0 => None,
                1 => Some(true),
                other => return Err(field("InControlledShutdown", other)),
            },
            directories: (!record.log_dirs.is_empty()).then_some(record.log_dirs.as_slice()),
            cordoned: record.cordoned_log_dirs.as_deref(),
        };
        self.change(NAME, (record.broker_id, record.broker_epoch), &change, changes)
    }

    fn change(
        &mut self,
        name: &'static str,
        (broker, epoch): (i32, i64),
        change: &RegistrationChange<'_>,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        let registration = self.broker_mut(name, broker, epoch)?;
        let mut next = BrokerRegistration::clone(registration);
        if let Some(fenced) = change.fenced {
            next.fenced = fenced;
        }
        if let Some(in_controlled_shutdown) = change.in_controlled_shutdown {
            next.in_controlled_shutdown = in_controlled_shutdown;
        }
        if let Some(directories) = change.directories {
            next.directories = directories.to_vec();
            next.directories.sort_unstable();
        }
        if let Some(cordoned) = change.cordoned {
            next.cordoned_directories = Some(cordoned.to_vec());
        }
        if **registration != next {
            *registration = Arc::new(next);
            changes.brokers.insert(NodeId(broker));
        }
        Ok(())
    }

    pub(crate) fn records(&self, out: &mut Vec<MetadataRecord>) {
        out.extend(self.brokers.values().map(|broker| broker.to_record().into()));
        out.extend(self.controllers.values().map(|controller| controller.to_record().into()));
    }

    /// What turns `base` into `self`.
    pub(crate) fn compare(&self, base: &ClusterImage, changes: &mut Changes) {
        changes.brokers.extend(changed_keys(&base.brokers, &self.brokers));
        changes.controllers.extend(changed_keys(&base.controllers, &self.controllers));
    }
}
