//! Administration: one file per group of operations.

mod cluster;
mod configs;
mod describe_topics;
pub(crate) mod group_offsets;
mod groups;
mod offsets;
mod partitions;
mod topics;

use std::time::Duration;

use headwater_base::{ErrorCode, PartitionIndex, TopicPartition};
use headwater_protocol::Message;
use headwater_runtime::{Runtime, Tick};

use crate::config::{ClientConfig, Properties};
use crate::error::{Error, Result};
use crate::net::cluster::Cluster;
use crate::net::link::Link;
use crate::net::routing::Target;
use crate::request::Request;

pub use cluster::FeatureUpdate;
pub use configs::{AlterConfig, AlterOperation, ConfigEntries, ConfigResource, ResourceType};
pub use describe_topics::{PartitionDescription, TopicDescription};
pub use group_offsets::CommittedOffset;
pub use groups::{GroupDescription, MemberToRemove};
pub use offsets::{IsolationLevel, ListedOffset, OffsetSpec};
pub use partitions::ElectionType;
pub use topics::{NewPartitions, NewTopic, TopicListing};

/// A result for each of the things that were asked about.
pub type Each<K, T> = Vec<(K, Result<T>)>;

pub(crate) fn partition(topic: &str, index: i32) -> TopicPartition {
    TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(index) }
}

/// The administrator of a cluster. Cheap to clone; belongs to the core on which it was made.
#[derive(Clone)]
pub struct Admin {
    pub(crate) cluster: Cluster,
}

impl Admin {
    /// An admin client with this configuration; connections are made when they are needed.
    #[must_use]
    pub fn new(runtime: &Runtime, config: ClientConfig) -> Admin {
        Admin { cluster: Cluster::new(runtime, config) }
    }

    /// As [`Admin::new`], from Kafka's keys. Warnings are logged.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Config`] with the reference's sentence.
    pub fn from_properties(runtime: &Runtime, properties: &Properties) -> Result<Admin> {
        let (config, warnings) = ClientConfig::from_properties(properties)?;
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        Ok(Admin::new(runtime, config))
    }

    /// Sends any request to any target, in the highest version that both sides know, and gives the response as it came.
    /// Lost connections and requests that were not answered are tried again until `default.api.timeout.ms` is over; what
    /// errors inside of the response mean is the caller's to decide.
    ///
    /// # Errors
    /// Timeout, an unsupported version, a target that cannot be found.
    pub async fn call<R: Request>(&self, target: &Target, request: &R) -> Result<R::Response> {
        let name = R::API.row().name;
        let deadline = self.cluster.after_ms(self.cluster.config().api_timeout_ms);
        self.cluster
            .attempts(name, deadline, async || {
                let link = self.cluster.route(target, deadline).await?;
                let answer = self.cluster.ask(&link, request, deadline).await;
                if answer.as_ref().is_err_and(crate::Error::retriable) {
                    self.cluster.lost(target);
                }
                answer
            })
            .await
    }

    fn api_deadline(&self) -> Tick {
        self.cluster.after_ms(self.cluster.config().api_timeout_ms)
    }

    /// What a request may tell the broker about its time.
    fn timeout_ms(&self, deadline: Tick) -> i32 {
        let left = self.cluster.request_deadline(deadline).since(self.cluster.now());
        i32::try_from(left.as_millis()).unwrap_or(i32::MAX)
    }

    /// Attempts at the controller, until it is the one.
    async fn controlled<T: Message>(
        &self,
        name: &str,
        deadline: Tick,
        mut attempt: impl AsyncFnMut(Link, i32) -> Result<T>,
    ) -> Result<T> {
        let target = Target::Controller;
        self.cluster
            .attempts(name, deadline, async || {
                let link = self.cluster.route(&target, deadline).await?;
                let response = attempt(link, self.timeout_ms(deadline)).await;
                let response = self.found_lost(&target, response)?;
                if Admin::codes_of(&response).contains(&ErrorCode::NotController) {
                    self.cluster.lost(&target);
                    return Err(Error::api(ErrorCode::NotController, None));
                }
                Ok(response)
            })
            .await
    }

    async fn of_controller<R: Request>(&self, name: &str, make: impl Fn(i32) -> R) -> Result<R::Response> {
        let deadline = self.api_deadline();
        self.controlled(name, deadline, async |link, timeout_ms| {
            self.cluster.ask(&link, &make(timeout_ms), deadline).await
        })
        .await
    }

    /// Attempts at a group's coordinator, until it is the one.
    async fn of_group<R: Request, T>(
        &self,
        name: &str,
        group: &str,
        make: impl Fn() -> R,
        read: impl Fn(R::Response) -> Result<T>,
    ) -> Result<T> {
        let deadline = self.api_deadline();
        let target = Target::Group(group.to_owned());
        self.cluster
            .attempts(name, deadline, async || {
                let link = self.cluster.route(&target, deadline).await?;
                let answer = self.cluster.ask(&link, &make(), deadline).await.and_then(&read);
                self.found_lost(&target, answer)
            })
            .await
    }

    /// Notes that the target has to be looked for again when the answer says so.
    fn found_lost<T>(&self, target: &Target, answer: Result<T>) -> Result<T> {
        if let Err(error) = &answer
            && error.retriable()
            && !error.is(ErrorCode::CoordinatorLoadInProgress)
        {
            self.cluster.lost(target);
        }
        answer
    }

    /// Whether some part of the request has to be made again after the time that the broker says, and waits for it.
    async fn rest_if_throttled(&self, response: &impl Message, throttle_time_ms: i32) -> bool {
        if !Admin::codes_of(response).contains(&ErrorCode::ThrottlingQuotaExceeded) {
            return false;
        }
        let rest = Duration::from_millis(u64::try_from(throttle_time_ms).unwrap_or(0).max(1));
        let possible = rest.as_millis() < u128::from(self.cluster.config().api_timeout_ms);
        if possible {
            self.cluster.runtime().sleep(rest).await;
        }
        possible
    }

    /// Closes the connections. Calls under way end first.
    pub fn close(&self) {
        self.cluster.close();
    }
}
