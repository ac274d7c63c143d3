//! The files of the quorum beside the log: `quorum-state` and the checkpoints. Everything here blocks.

use headwater_metadata::{Image, MetadataVersion};
use headwater_protocol::metadata::MetadataRecord;
use headwater_raft::election_state::FILE_NAME;
use headwater_raft::snapshot::retention::SnapshotInfo;
use headwater_raft::snapshot::{
    SnapshotFile, SnapshotHeader, SnapshotOptions, SnapshotReader, SnapshotWriter,
};
use headwater_raft::{ElectionState, KRaftVersion, METADATA_DIR, SnapshotId, VoterSet};
use headwater_runtime::{Disk, OpenMode};

use super::error::QuorumError;
use super::records;
use headwater_log::disk::{read_whole, replace_whole};

/// Longer than any `quorum-state`, in bytes.
const MAX_QUORUM_STATE_BYTES: u64 = 1 << 20;

fn path(file: &str) -> String {
    format!("{METADATA_DIR}/{file}")
}

/// Makes the folder of the metadata log if it is not there.
pub(crate) fn create_folder(disk: &dyn Disk) -> Result<(), QuorumError> {
    let failed = || QuorumError::io(format!("creating {METADATA_DIR}"));
    if !disk.exists(METADATA_DIR).map_err(failed())? {
        disk.create_dir(METADATA_DIR).map_err(failed())?;
        disk.sync_dir("").map_err(failed())?;
    }
    Ok(())
}

/// What `quorum-state` says; `None` if there is no such file.
pub(crate) fn read_election(disk: &dyn Disk) -> Result<Option<ElectionState>, QuorumError> {
    let bytes = read_whole(disk, &path(FILE_NAME), MAX_QUORUM_STATE_BYTES)
        .map_err(QuorumError::io(format!("reading {}", path(FILE_NAME))))?;
    let Some(bytes) = bytes else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    ElectionState::from_file(&text).map(Some).map_err(QuorumError::QuorumState)
}

/// Replaces `quorum-state`, durably.
pub(crate) fn write_election(
    disk: &dyn Disk,
    state: ElectionState,
    version: KRaftVersion,
    voters: &VoterSet,
) -> Result<(), QuorumError> {
    let text = state.to_file(version, voters.ids());
    replace_whole(disk, &path(FILE_NAME), text.as_bytes())
        .map_err(QuorumError::io(format!("writing {}", path(FILE_NAME))))
}

/// The finished checkpoints in ascending order. What an interrupted writer or remover left is removed.
pub(crate) fn list_snapshots(disk: &dyn Disk) -> Result<Vec<SnapshotId>, QuorumError> {
    let entries = disk.list(METADATA_DIR).map_err(QuorumError::io(format!("listing {METADATA_DIR}")))?;
    let mut snapshots = Vec::new();
    for entry in entries {
        match SnapshotFile::parse(&entry.name) {
            Some(SnapshotFile::Complete(id)) => snapshots.push(id),
            Some(SnapshotFile::Leftover) => {
                let path = path(&entry.name);
                disk.remove_file(&path).map_err(QuorumError::io(format!("removing {path}")))?;
            }
            None => {}
        }
    }
    snapshots.sort_unstable();
    Ok(snapshots)
}

/// A checkpoint in memory.
pub(crate) struct StoredSnapshot {
    pub header: SnapshotHeader,
    pub records: Vec<MetadataRecord>,
}

/// Reads and checks a checkpoint of the metadata log.
///
/// # Errors
/// Says what is wrong with the file or why it could not be read.
pub(crate) fn read_snapshot(disk: &dyn Disk, id: SnapshotId) -> Result<StoredSnapshot, String> {
    read_checkpoint(disk, &path(&id.file_name()))?.ok_or_else(|| "the file is gone".to_owned())
}

/// The records of a file in checkpoint format anywhere in the log directory; `None` if there is no such file.
///
/// # Errors
/// As [`read_snapshot`].
pub(crate) fn read_checkpoint(disk: &dyn Disk, path: &str) -> Result<Option<StoredSnapshot>, String> {
    let Some(bytes) = read_whole(disk, path, u64::MAX).map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    let mut reader = SnapshotReader::new(&bytes).map_err(|error| error.to_string())?;
    let mut records = Vec::new();
    while let Some(values) = reader.next_batch().map_err(|error| error.to_string())? {
        for value in values {
            records.push(MetadataRecord::decode_value(&value).map_err(|error| error.to_string())?);
        }
    }
    Ok(Some(StoredSnapshot { header: reader.header().clone(), records }))
}

/// Size and time of a checkpoint. One whose header cannot be read counts as endlessly old.
pub(crate) fn snapshot_info(disk: &dyn Disk, id: SnapshotId) -> Result<SnapshotInfo, QuorumError> {
    /// The first batch fits in this, in bytes: a quorum has a handful of voters.
    const HEAD_BYTES: usize = 64 << 10;
    let path = path(&id.file_name());
    let failed = || QuorumError::io(format!("reading {path}"));
    let file = disk.open(&path, OpenMode::Existing).map_err(failed())?;
    let size_bytes = file.len().map_err(failed())?;
    let mut head = vec![0; HEAD_BYTES.min(size_bytes as usize)];
    let read = file.read_at(&mut head, 0).map_err(failed())?;
    let time =
        SnapshotReader::new(&head[..read]).map(|reader| reader.header().last_contained_log_timestamp_ms);
    Ok(SnapshotInfo { id, size_bytes, last_contained_log_timestamp_ms: time.unwrap_or(0) })
}

/// The quorum at the time of a snapshot.
#[derive(Clone, Debug)]
pub(crate) struct QuorumAtSnapshot {
    pub kraft_version: KRaftVersion,
    pub voters: VoterSet,
}

/// Writes a snapshot of `image` and gives its size; a crash leaves the whole file or none under its name.
pub(crate) fn write_snapshot(
    disk: &dyn Disk,
    id: SnapshotId,
    image: &Image,
    quorum: &QuorumAtSnapshot,
    now_ms: i64,
) -> Result<SnapshotInfo, QuorumError> {
    let partial = path(&id.partial_file_name());
    let failed = || QuorumError::io(format!("writing {partial}"));
    let last_contained_log_timestamp_ms = image.provenance.last_timestamp_ms.max(0);
    let mut writer = SnapshotWriter::new(&SnapshotOptions {
        id,
        last_contained_log_timestamp_ms,
        kraft_version: quorum.kraft_version,
        voters: Some(&quorum.voters),
        now_ms,
    });
    let file = disk.open(&partial, OpenMode::Create).map_err(failed())?;
    file.truncate(0).map_err(failed())?;
    let mut size_bytes = 0;
    let mut put = |bytes: Vec<u8>| -> Result<(), QuorumError> {
        file.write_at(&bytes, size_bytes).map_err(failed())?;
        size_bytes += bytes.len() as u64;
        Ok(())
    };
    let version = image.features.metadata_version().unwrap_or(MetadataVersion::OLDEST);
    for record in image.records() {
        let value = records::encode_one(&record, version)
            .map_err(|error| QuorumError::Record { offset: image.provenance.offset, why: error.0 })?;
        writer.append(&value);
        let bytes = writer.take_bytes();
        if !bytes.is_empty() {
            put(bytes)?;
        }
    }
    put(writer.finish())?;
    file.sync_data().map_err(failed())?;
    disk.rename(&partial, &path(&id.file_name())).map_err(failed())?;
    disk.sync_dir(METADATA_DIR).map_err(failed())?;
    Ok(SnapshotInfo { id, size_bytes, last_contained_log_timestamp_ms })
}

/// Removes checkpoints that are not needed any more.
pub(crate) fn remove_snapshots(disk: &dyn Disk, ids: &[SnapshotId]) -> Result<(), QuorumError> {
    for id in ids {
        let path = path(&id.file_name());
        disk.remove_file(&path).map_err(QuorumError::io(format!("removing {path}")))?;
    }
    Ok(())
}
