//! Which records there are, by the number in front of them.

use super::notation::Message;

macro_rules! spec {
    ($path:literal) => {
        include_str!(concat!("../../../../types/protocol/spec/", $path))
    };
}

/// Records of the metadata log.
const METADATA: &[&str] = &[
    spec!("metadata/00_register_broker_record.txt"),
    spec!("metadata/01_unregister_broker_record.txt"),
    spec!("metadata/02_topic_record.txt"),
    spec!("metadata/03_partition_record.txt"),
    spec!("metadata/04_config_record.txt"),
    spec!("metadata/05_partition_change_record.txt"),
    spec!("metadata/07_fence_broker_record.txt"),
    spec!("metadata/08_unfence_broker_record.txt"),
    spec!("metadata/09_remove_topic_record.txt"),
    spec!("metadata/10_delegation_token_record.txt"),
    spec!("metadata/11_user_scram_credential_record.txt"),
    spec!("metadata/12_feature_level_record.txt"),
    spec!("metadata/14_client_quota_record.txt"),
    spec!("metadata/15_producer_ids_record.txt"),
    spec!("metadata/17_broker_registration_change_record.txt"),
    spec!("metadata/18_access_control_entry_record.txt"),
    spec!("metadata/19_remove_access_control_entry_record.txt"),
    spec!("metadata/20_no_op_record.txt"),
    spec!("metadata/21_zk_migration_state_record.txt"),
    spec!("metadata/22_remove_user_scram_credential_record.txt"),
    spec!("metadata/23_begin_transaction_record.txt"),
    spec!("metadata/24_end_transaction_record.txt"),
    spec!("metadata/25_abort_transaction_record.txt"),
    spec!("metadata/26_remove_delegation_token_record.txt"),
    spec!("metadata/27_register_controller_record.txt"),
    spec!("metadata/28_clear_elr_record.txt"),
];

/// Keys and values in `__consumer_offsets`.
const GROUP: &[&str] = &[
    spec!("group/00_legacy_offset_commit.txt"),
    spec!("group/01_offset_commit.txt"),
    spec!("group/02_group_metadata.txt"),
    spec!("group/03_consumer_group_metadata.txt"),
    spec!("group/04_consumer_group_partition_metadata.txt"),
    spec!("group/05_consumer_group_member_metadata.txt"),
    spec!("group/06_consumer_group_target_assignment_metadata.txt"),
    spec!("group/07_consumer_group_target_assignment_member.txt"),
    spec!("group/08_consumer_group_current_member_assignment.txt"),
    spec!("group/10_share_group_member_metadata.txt"),
    spec!("group/11_share_group_metadata.txt"),
    spec!("group/12_share_group_target_assignment_metadata.txt"),
    spec!("group/13_share_group_target_assignment_member.txt"),
    spec!("group/14_share_group_current_member_assignment.txt"),
    spec!("group/15_share_group_state_partition_metadata.txt"),
    spec!("group/16_consumer_group_regular_expression.txt"),
    spec!("group/17_streams_group_metadata.txt"),
    spec!("group/19_streams_group_member_metadata.txt"),
    spec!("group/20_streams_group_target_assignment_metadata.txt"),
    spec!("group/21_streams_group_target_assignment_member.txt"),
    spec!("group/22_streams_group_current_member_assignment.txt"),
    spec!("group/23_streams_group_topology.txt"),
];

/// Keys and values in `__transaction_state`.
const TRANSACTION: &[&str] = &[spec!("transaction/00_transaction_log.txt")];

/// Keys and values in `__share_group_state`.
const SHARE: &[&str] = &[spec!("share/00_share_snapshot.txt"), spec!("share/01_share_update.txt")];

/// Control records, and what members of classic groups tell each other.
const DATA: &[&str] = &[
    spec!("data/consumer_protocol_assignment.txt"),
    spec!("data/consumer_protocol_subscription.txt"),
    spec!("data/kraft_version_record.txt"),
    spec!("data/leader_change_message.txt"),
    spec!("data/snapshot_footer_record.txt"),
    spec!("data/snapshot_header_record.txt"),
    spec!("data/voters_record.txt"),
];

/// A record of the metadata log, and its name in the reference's list of types.
pub fn metadata_record(key: i16) -> Option<Message> {
    METADATA.iter().flat_map(|text| Message::parse_all(text)).find(|message| message.key == key)
}

/// Which topic a coordinator's record is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coordinator {
    /// `__consumer_offsets`.
    Group,
    /// `__transaction_state`.
    Transaction,
    /// `__share_group_state`.
    Share,
}

/// Key and value of a coordinator's record.
pub fn coordinator_record(of: Coordinator, key: i16) -> Option<(Message, Message)> {
    let texts = match of {
        Coordinator::Group => GROUP,
        Coordinator::Transaction => TRANSACTION,
        Coordinator::Share => SHARE,
    };
    let mut messages = texts.iter().map(|text| Message::parse_all(text));
    let mut found = messages.find(|messages| messages.first().is_some_and(|message| message.key == key))?;
    let value = found.pop()?;
    Some((found.pop()?, value))
}

/// Content of a control record of the quorum, or what a member of a classic group tells.
pub fn data(name: &str) -> Option<Message> {
    DATA.iter().flat_map(|text| Message::parse_all(text)).find(|message| message.name == name)
}
