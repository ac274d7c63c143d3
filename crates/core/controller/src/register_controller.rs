//! ControllerRegistration, key 70 (`ClusterControlManager.registerController`).

use headwater_base::ErrorCode;
use headwater_protocol::messages::controller_registration_request::{
    ControllerRegistrationRequest, Feature, Listener,
};
use headwater_protocol::messages::controller_registration_response::ControllerRegistrationResponse;
use headwater_protocol::metadata::register_controller_record::{
    ControllerEndpoint, ControllerFeature, RegisterControllerRecord,
};

use crate::decide::Decision;
use crate::state::Controller;

impl Controller {
    pub(crate) fn register_controller(
        &self,
        request: &ControllerRegistrationRequest,
    ) -> Decision<ControllerRegistrationResponse> {
        if !self.metadata_version().has_controller_registration() {
            return Decision::answer(ControllerRegistrationResponse {
                throttle_time_ms: 0,
                error_code: ErrorCode::UnsupportedVersion.code(),
                error_message: Some(
                    "The current MetadataVersion is too old to support controller registrations.".to_owned(),
                ),
            });
        }
        let end_point = |listener: &Listener| ControllerEndpoint {
            name: listener.name.clone(),
            host: listener.host.clone(),
            port: listener.port,
            security_protocol: listener.security_protocol,
        };
        let feature = |feature: &Feature| ControllerFeature {
            name: feature.name.clone(),
            min_supported_version: feature.min_supported_version,
            max_supported_version: feature.max_supported_version,
        };
        let record = RegisterControllerRecord {
            controller_id: request.controller_id,
            incarnation_id: request.incarnation_id,
            zk_migration_ready: false,
            end_points: request.listeners.iter().map(end_point).collect(),
            features: request.features.iter().map(feature).collect(),
        };
        let response =
            ControllerRegistrationResponse { throttle_time_ms: 0, error_code: 0, error_message: None };
        Decision::atomic(vec![record.into()], response)
    }
}
