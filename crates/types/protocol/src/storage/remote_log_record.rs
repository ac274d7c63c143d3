//! Records by key, in the frame that the reference puts around them.

// Written by `cargo xtask codegen` from `spec/storage`.

use super::remote_log_segment_metadata_record::RemoteLogSegmentMetadataRecord;
use super::remote_log_segment_metadata_snapshot_record::RemoteLogSegmentMetadataSnapshotRecord;
use super::remote_log_segment_metadata_update_record::RemoteLogSegmentMetadataUpdateRecord;
use super::remote_partition_delete_metadata_record::RemotePartitionDeleteMetadataRecord;

crate::framed_records! {
    RemoteLogRecord
    0 => RemoteLogSegmentMetadataRecord(RemoteLogSegmentMetadataRecord),
    1 => RemoteLogSegmentMetadataUpdateRecord(RemoteLogSegmentMetadataUpdateRecord),
    2 => RemotePartitionDeleteMetadataRecord(RemotePartitionDeleteMetadataRecord),
    3 => RemoteLogSegmentMetadataSnapshotRecord(RemoteLogSegmentMetadataSnapshotRecord),
}
