//! AllocateProducerIds, key 67 (`org.apache.kafka.controller.ProducerIdControlManager`): blocks of 1,000 producer ids
//! for a broker. A block that a broker did not use up before it stopped is never given again.

use headwater_base::ErrorCode;
use headwater_protocol::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use headwater_protocol::messages::allocate_producer_ids_response::AllocateProducerIdsResponse;
use headwater_protocol::metadata::producer_ids_record::ProducerIdsRecord;

use crate::decide::Decision;
use crate::state::Controller;

/// Producer ids of one block (`ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE`).
const BLOCK: i32 = 1_000;

impl Controller {
    pub(crate) fn allocate_producer_ids(
        &self,
        request: &AllocateProducerIdsRequest,
    ) -> Decision<AllocateProducerIdsResponse> {
        let refused = |code: ErrorCode| {
            let response = AllocateProducerIdsResponse { error_code: code.code(), ..Default::default() };
            Decision::answer(response)
        };
        if let Err(error) = self.broker_of_epoch(request.broker_id, request.broker_epoch) {
            return refused(error.code);
        }
        let first = self.state.image.next_producer_id.unwrap_or(0);
        let Some(next) = first.checked_add(i64::from(BLOCK)) else {
            return refused(ErrorCode::UnknownServerError);
        };
        let record = ProducerIdsRecord {
            broker_id: request.broker_id,
            broker_epoch: request.broker_epoch,
            next_producer_id: next,
        };
        let response = AllocateProducerIdsResponse {
            throttle_time_ms: 0,
            error_code: ErrorCode::None.code(),
            producer_id_start: first,
            producer_id_len: BLOCK,
        };
        Decision::records(vec![record.into()], response)
    }
}
