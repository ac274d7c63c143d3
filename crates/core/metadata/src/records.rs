//! The generated records, under one roof.

pub use headwater_protocol::metadata::MetadataRecord;
pub use headwater_protocol::metadata::access_control_entry_record::AccessControlEntryRecord;
pub use headwater_protocol::metadata::broker_registration_change_record::BrokerRegistrationChangeRecord;
pub use headwater_protocol::metadata::clear_elr_record::ClearElrRecord;
pub use headwater_protocol::metadata::client_quota_record::{ClientQuotaRecord, EntityData};
pub use headwater_protocol::metadata::config_record::ConfigRecord;
pub use headwater_protocol::metadata::delegation_token_record::DelegationTokenRecord;
pub use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;
pub use headwater_protocol::metadata::fence_broker_record::FenceBrokerRecord;
pub use headwater_protocol::metadata::partition_change_record::PartitionChangeRecord;
pub use headwater_protocol::metadata::partition_record::PartitionRecord;
pub use headwater_protocol::metadata::producer_ids_record::ProducerIdsRecord;
pub use headwater_protocol::metadata::register_broker_record::{
    BrokerEndpoint, BrokerFeature, RegisterBrokerRecord,
};
pub use headwater_protocol::metadata::register_controller_record::{
    ControllerEndpoint, ControllerFeature, RegisterControllerRecord,
};
pub use headwater_protocol::metadata::remove_access_control_entry_record::RemoveAccessControlEntryRecord;
pub use headwater_protocol::metadata::remove_delegation_token_record::RemoveDelegationTokenRecord;
pub use headwater_protocol::metadata::remove_topic_record::RemoveTopicRecord;
pub use headwater_protocol::metadata::remove_user_scram_credential_record::RemoveUserScramCredentialRecord;
pub use headwater_protocol::metadata::topic_record::TopicRecord;
pub use headwater_protocol::metadata::unfence_broker_record::UnfenceBrokerRecord;
pub use headwater_protocol::metadata::unregister_broker_record::UnregisterBrokerRecord;
pub use headwater_protocol::metadata::user_scram_credential_record::UserScramCredentialRecord;
