//! Which broker a request goes to.

use headwater_base::ErrorCode;
use headwater_protocol::ApiKey;
use headwater_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use headwater_protocol::messages::find_coordinator_response::Coordinator;
use headwater_runtime::Tick;

use super::cluster::{Cluster, Topics};
use super::link::Link;
use crate::error::{Error, Result, check, check_with};
use crate::machine::metadata::Broker;

/// Whom a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Any broker.
    Any,
    /// The broker to which requests for the controller go.
    Controller,
    /// The broker with this id.
    Node(i32),
    /// The leader of a partition.
    Leader(String, i32),
    /// The coordinator of a group.
    Group(String),
    /// The coordinator of a transactional id.
    Transaction(String),
}

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;

impl Cluster {
    /// A connection to the target; one attempt.
    pub(crate) async fn route(&self, target: &Target, deadline: Tick) -> Result<Link> {
        let node = match target {
            Target::Any => return self.any(deadline).await,
            Target::Node(node) => {
                if self.inner.metadata.borrow().broker(*node).is_none() {
                    self.refresh(&Topics::None, false, deadline).await?;
                }
                *node
            }
            Target::Controller => self.controller(deadline).await?,
            Target::Leader(topic, index) => self.leader(topic, *index, deadline).await?,
            Target::Group(group) => self.coordinator(GROUP, group, deadline).await?,
            Target::Transaction(id) => self.coordinator(TRANSACTION, id, deadline).await?,
        };
        let connection = self.connection(node, deadline).await;
        if connection.is_err() {
            self.lost(target);
        }
        connection
    }

    /// The target did not answer, or said that it is not the one: it is looked for again.
    pub(crate) fn lost(&self, target: &Target) {
        match target {
            Target::Any | Target::Node(_) => {}
            Target::Controller => self.inner.metadata.borrow_mut().controller = None,
            Target::Leader(topic, index) => self.inner.metadata.borrow_mut().forget_leader(topic, *index),
            Target::Group(group) => self.forget_coordinator(GROUP, group),
            Target::Transaction(id) => self.forget_coordinator(TRANSACTION, id),
        }
    }

    async fn controller(&self, deadline: Tick) -> Result<i32> {
        let known = self.inner.metadata.borrow().controller;
        if let Some(node) = known {
            return Ok(node);
        }
        let response = self.refresh(&Topics::None, false, deadline).await?;
        if response.controller_id < 0 {
            return Err(Error::api(ErrorCode::NotController, None));
        }
        Ok(response.controller_id)
    }

    /// The leader of a partition; an unknown topic or partition is an error that may be tried again.
    pub(crate) async fn leader(&self, topic: &str, index: i32, deadline: Tick) -> Result<i32> {
        let known = self.known_leader(topic, index);
        if let Some(node) = known {
            return Ok(node);
        }
        let response = self.refresh(&Topics::Named(vec![topic.to_owned()]), false, deadline).await?;
        let named = response.topics.iter().find(|it| it.name.as_deref() == Some(topic));
        if let Some(named) = named {
            check(named.error_code)?;
            let partition = named.partitions.iter().find(|partition| partition.partition_index == index);
            match partition {
                Some(partition) => check(partition.error_code)?,
                None => return Err(Error::api(ErrorCode::UnknownTopicOrPartition, None)),
            }
        }
        self.known_leader(topic, index).ok_or_else(|| Error::api(ErrorCode::LeaderNotAvailable, None))
    }

    pub(crate) fn known_leader(&self, topic: &str, index: i32) -> Option<i32> {
        let metadata = self.inner.metadata.borrow();
        let leader = metadata.topic(topic)?.partition(index)?.leader?;
        metadata.broker(leader).map(|broker| broker.id)
    }

    async fn coordinator(&self, kind: i8, key: &str, deadline: Tick) -> Result<i32> {
        let known = self.inner.coordinators.borrow().get(&(kind, key.to_owned())).copied();
        if let Some(node) = known
            && self.inner.metadata.borrow().broker(node).is_some()
        {
            return Ok(node);
        }
        let found = self.find_coordinator(kind, key, deadline).await?;
        self.remember_coordinator(kind, key, found);
        Ok(found)
    }

    async fn find_coordinator(&self, kind: i8, key: &str, deadline: Tick) -> Result<i32> {
        let link = self.any(deadline).await?;
        let make = |versions: &std::rc::Rc<crate::machine::connection::Versions>| {
            // Version 6 knows share groups, which are asked for elsewhere.
            let version = versions.pick(ApiKey::FindCoordinator, i16::from(kind != GROUP), i16::MAX)?;
            let mut request = FindCoordinatorRequest::default();
            if version >= 1 {
                request.key_type = kind;
            }
            if version >= 4 {
                request.coordinator_keys = vec![key.to_owned()];
            } else {
                request.key = key.to_owned();
            }
            Ok((version, request))
        };
        let response = self.ask_with(&link, make, deadline).await?;
        let found = match response.coordinators.into_iter().find(|found| found.key == key) {
            Some(found) => found,
            None => Coordinator {
                key: key.to_owned(),
                node_id: response.node_id,
                host: response.host,
                port: response.port,
                error_code: response.error_code,
                error_message: response.error_message,
            },
        };
        check_with(found.error_code, found.error_message.as_deref())?;
        let port =
            u16::try_from(found.port).map_err(|_| Error::api(ErrorCode::CoordinatorNotAvailable, None))?;
        let broker = Broker { id: found.node_id, host: found.host, port, rack: None };
        let mut metadata = self.inner.metadata.borrow_mut();
        if metadata.broker(broker.id).is_none() {
            metadata.add_broker(broker);
        }
        Ok(found.node_id)
    }
}
