//! What a broker asks the controller for itself: blocks of producer ids, and topics that clients create by naming them.

use std::time::Duration;

use headwater_base::ProducerId;
use headwater_base::error_code::ErrorCode;
use headwater_controller::{Answer, ApiError, Input};
use headwater_protocol::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use headwater_protocol::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use headwater_runtime::Tick;

use crate::broker::Broker;
use crate::line_limit::LineLimit;
use crate::quorum::SubmitError;

impl Broker {
    /// Asks the controller for a client, as a broker that forwards requests does. `timeout_ms` bounds how long the question
    /// may wait for the controller, not how long its effect may take; it has passed at once when it is not positive.
    ///
    /// # Errors
    /// What the client is told.
    pub async fn ask_controller(&self, input: Input, timeout_ms: Option<i32>) -> Result<Answer, ApiError> {
        let deadline = timeout_ms.map_or(Tick::NEVER, |timeout_ms| {
            self.runtime.now() + Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0))
        });
        self.quorum.submit_until(deadline, input).await.map_err(|error| {
            static LINES: LineLimit = LineLimit::new();
            if matches!(error, SubmitError::TimedOut) {
                // Clients choose their timeouts; they must not fill the log with them.
                tracing::debug!(%error, "a client's request came too late");
            } else if let Some(unlogged) = LINES.admit(self.runtime.now()) {
                tracing::warn!(%error, unlogged, "the controller did not answer a client's request");
            }
            error.told_to_clients()
        })
    }

    /// An id that no producer ever had.
    ///
    /// # Errors
    /// Why the controller gave no new block.
    pub async fn new_producer_id(&self) -> Result<ProducerId, ErrorCode> {
        if let Some(id) = self.producer_ids.take() {
            return Ok(id);
        }
        let _turn = self.refilling.acquire(1).await;
        loop {
            // Whoever had the turn before may have brought a block.
            if let Some(id) = self.producer_ids.take() {
                return Ok(id);
            }
            let request =
                AllocateProducerIdsRequest { broker_id: self.node_id.0, broker_epoch: self.broker_epoch() };
            let answer = self.quorum.submit(Input::AllocateProducerIds(request)).await;
            // What brokers say while they have no block, whatever the reason.
            match answer.map_err(|_| ErrorCode::CoordinatorLoadInProgress)? {
                Answer::AllocateProducerIds(answer) => match ErrorCode::from_code(answer.error_code) {
                    ErrorCode::None => {
                        self.producer_ids.refill(answer.producer_id_start, answer.producer_id_len);
                    }
                    error => return Err(error),
                },
                other => unreachable!("AllocateProducerIds was answered with {other:?}"),
            }
        }
    }

    /// Creates topics with the cluster's defaults. Whoever asked finds out by looking whether they are there: another
    /// client may have been first.
    pub async fn auto_create(&self, names: Vec<String>) {
        let topics = names
            .into_iter()
            .map(|name| CreatableTopic {
                name,
                num_partitions: -1,
                replication_factor: -1,
                ..CreatableTopic::default()
            })
            .collect();
        let request = CreateTopicsRequest { topics, ..CreateTopicsRequest::default() };
        match self.quorum.submit(Input::CreateTopics(request)).await {
            Ok(Answer::CreateTopics(answer)) => {
                for topic in answer.topics {
                    let code = ErrorCode::from_code(topic.error_code);
                    tracing::info!(topic = %topic.name, result = code.name(), "topic created by being asked for");
                }
            }
            Ok(other) => unreachable!("CreateTopics was answered with {other:?}"),
            Err(error) => {
                static LINES: LineLimit = LineLimit::new();
                if let Some(unlogged) = LINES.admit(self.runtime.now()) {
                    tracing::warn!(%error, unlogged, "cannot create topics that were asked for");
                }
            }
        }
    }
}
