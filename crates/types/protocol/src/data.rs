//! Headers, control records, and what clients and coordinators exchange inside of bytes fields.

// Written by `cargo xtask codegen` from `spec/data`.

pub mod consumer_protocol_assignment;
pub mod consumer_protocol_subscription;
pub mod control_record_type_schema;
pub mod default_principal_data;
pub mod end_txn_marker;
pub mod kraft_version_record;
pub mod leader_change_message;
pub mod request_header;
pub mod response_header;
pub mod snapshot_footer_record;
pub mod snapshot_header_record;
pub mod voters_record;
