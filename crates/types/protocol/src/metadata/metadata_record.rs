//! Records by key, in the frame that the reference puts around them.

// Written by `cargo xtask codegen` from `spec/metadata`.

use super::abort_transaction_record::AbortTransactionRecord;
use super::access_control_entry_record::AccessControlEntryRecord;
use super::begin_transaction_record::BeginTransactionRecord;
use super::broker_registration_change_record::BrokerRegistrationChangeRecord;
use super::clear_elr_record::ClearElrRecord;
use super::client_quota_record::ClientQuotaRecord;
use super::config_record::ConfigRecord;
use super::delegation_token_record::DelegationTokenRecord;
use super::end_transaction_record::EndTransactionRecord;
use super::feature_level_record::FeatureLevelRecord;
use super::fence_broker_record::FenceBrokerRecord;
use super::no_op_record::NoOpRecord;
use super::partition_change_record::PartitionChangeRecord;
use super::partition_record::PartitionRecord;
use super::producer_ids_record::ProducerIdsRecord;
use super::register_broker_record::RegisterBrokerRecord;
use super::register_controller_record::RegisterControllerRecord;
use super::remove_access_control_entry_record::RemoveAccessControlEntryRecord;
use super::remove_delegation_token_record::RemoveDelegationTokenRecord;
use super::remove_topic_record::RemoveTopicRecord;
use super::remove_user_scram_credential_record::RemoveUserScramCredentialRecord;
use super::topic_record::TopicRecord;
use super::unfence_broker_record::UnfenceBrokerRecord;
use super::unregister_broker_record::UnregisterBrokerRecord;
use super::user_scram_credential_record::UserScramCredentialRecord;
use super::zk_migration_state_record::ZkMigrationStateRecord;

crate::framed_records! {
    MetadataRecord
    0 => RegisterBroker(RegisterBrokerRecord),
    1 => UnregisterBroker(UnregisterBrokerRecord),
    2 => Topic(TopicRecord),
    3 => Partition(PartitionRecord),
    4 => Config(ConfigRecord),
    5 => PartitionChange(PartitionChangeRecord),
    7 => FenceBroker(FenceBrokerRecord),
    8 => UnfenceBroker(UnfenceBrokerRecord),
    9 => RemoveTopic(RemoveTopicRecord),
    10 => DelegationToken(DelegationTokenRecord),
    11 => UserScramCredential(UserScramCredentialRecord),
    12 => FeatureLevel(FeatureLevelRecord),
    14 => ClientQuota(ClientQuotaRecord),
    15 => ProducerIds(ProducerIdsRecord),
    17 => BrokerRegistrationChange(BrokerRegistrationChangeRecord),
    18 => AccessControlEntry(AccessControlEntryRecord),
    19 => RemoveAccessControlEntry(RemoveAccessControlEntryRecord),
    20 => NoOp(NoOpRecord),
    21 => ZkMigrationState(ZkMigrationStateRecord),
    22 => RemoveUserScramCredential(RemoveUserScramCredentialRecord),
    23 => BeginTransaction(BeginTransactionRecord),
    24 => EndTransaction(EndTransactionRecord),
    25 => AbortTransaction(AbortTransactionRecord),
    26 => RemoveDelegationToken(RemoveDelegationTokenRecord),
    27 => RegisterController(RegisterControllerRecord),
    28 => ClearElr(ClearElrRecord),
}
