//! UnregisterBroker, key 64 (`ReplicationControlManager.unregisterBroker`).

use headwater_base::{ErrorCode, NodeId};
use headwater_protocol::messages::unregister_broker_request::UnregisterBrokerRequest;
use headwater_protocol::messages::unregister_broker_response::UnregisterBrokerResponse;
use headwater_protocol::metadata::unregister_broker_record::UnregisterBrokerRecord;

use crate::decide::{Decision, MAX_RECORDS_PER_USER_OP};
use crate::election::Movement;
use crate::error::ApiError;
use crate::sessions::Soft;
use crate::state::Controller;

fn refused(error: ApiError) -> Decision<UnregisterBrokerResponse> {
    Decision::answer(UnregisterBrokerResponse {
        throttle_time_ms: 0,
        error_code: error.code.code(),
        error_message: error.message,
    })
}

impl Controller {
    pub(crate) fn unregister_broker(
        &self,
        request: &UnregisterBrokerRequest,
    ) -> Decision<UnregisterBrokerResponse> {
        let broker = NodeId(request.broker_id);
        let Some(registration) = self.state.image.cluster.broker(broker) else {
            let message = format!("Broker ID {broker} is not currently registered");
            return refused(ApiError::new(ErrorCode::BrokerIdNotRegistered, message));
        };
        let mut records = Vec::new();
        let movement = Movement { goes: Some(broker), comes: None };
        self.leader_and_isr_updates(&self.in_sync_on(broker), movement, &mut records);
        records.push(UnregisterBrokerRecord { broker_id: broker.0, broker_epoch: registration.epoch }.into());
        if records.len() > MAX_RECORDS_PER_USER_OP {
            let message = "Unable to perform excessively large batch operation.";
            return refused(ApiError::new(ErrorCode::PolicyViolation, message));
        }
        let response = UnregisterBrokerResponse::default();
        let mut decision = Decision::records(records, response);
        decision.soft.push(Soft::Gone { broker, epoch: registration.epoch });
        decision
    }
}
