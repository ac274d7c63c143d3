//! InitProducerId (key 22), versions 0–5: an identity for an idempotent producer.
//!
//! v3 producer id and epoch to go on with · v4 PRODUCER_FENCED.
//!
//! A producer without a transactional id always gets a new identity in epoch 0. One with a transactional id needs a
//! transaction coordinator, which there is not yet: COORDINATOR_NOT_AVAILABLE, as FindCoordinator says too.

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use headwater_protocol::messages::init_producer_id_response::InitProducerIdResponse;

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::InitProducerId, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: InitProducerIdRequest = request.decode(body)?;
    if let Some(transactional_id) = &message.transactional_id {
        let error = if transactional_id.is_empty() {
            ErrorCode::InvalidRequest
        } else {
            ErrorCode::CoordinatorNotAvailable
        };
        return Ok(request.answerer.now(&refusal(error)));
    }
    let broker = Arc::clone(request.broker);
    Ok(request.answerer.later(async move {
        match broker.new_producer_id().await {
            Ok(id) => InitProducerIdResponse { producer_id: id.0, ..InitProducerIdResponse::default() },
            Err(error) => refusal(error),
        }
    }))
}

fn refusal(error: ErrorCode) -> InitProducerIdResponse {
    InitProducerIdResponse {
        error_code: error.code(),
        producer_id: -1,
        producer_epoch: -1,
        ..InitProducerIdResponse::default()
    }
}
