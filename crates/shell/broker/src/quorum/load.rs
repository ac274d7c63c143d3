//! From the files to machines that are ready for an election. Everything here blocks.
//!
//! The newest usable snapshot comes first, then the log behind it. A damaged snapshot is passed over as long as the log
//! still reaches the end of an older one, or the log's begin; it stays where it is, as evidence. With one voter all of
//! the log is committed as soon as the next epoch is, so it is applied at once and published then.

use std::sync::Arc;

use headwater_base::{LeaderEpoch, Offset};
use headwater_controller::missing::missing;
use headwater_controller::{Bootstrap, Controller};
use headwater_metadata::loader::Batch;
use headwater_metadata::{Image, Loader, Provenance};
use headwater_protocol::metadata::MetadataRecord;
use headwater_raft::control::{self, ControlRecord};
use headwater_raft::snapshot::BOOTSTRAP_FILE_NAME;
use headwater_raft::snapshot::retention::SnapshotInfo;
use headwater_raft::{Config, KRaftVersion, Raft, SnapshotId, Stored, VoterSet};
use headwater_records::BatchView;
use headwater_runtime::Disk;

use super::config::QuorumConfig;
use super::error::QuorumError;
use super::metadata_log::MetadataLog;
use super::{records, storage};

/// Everything that the driver drives.
pub(super) struct Machines {
    pub raft: Raft,
    pub log: MetadataLog,
    pub controller: Controller,
    pub loader: Loader,
    /// All checkpoints, ascending.
    pub snapshots: Vec<SnapshotInfo>,
    /// Bytes of the log behind the latest usable snapshot.
    pub bytes_since_snapshot: u64,
    /// With what an empty log begins.
    pub bootstrap: Bootstrap,
}

/// The quorum as snapshots and control records tell it, up to a point in the log.
struct Quorum {
    kraft_version: KRaftVersion,
    voters: Option<VoterSet>,
    voters_in_log: bool,
}

impl Quorum {
    fn set_version(&mut self, level: i16, offset: Offset) -> Result<(), QuorumError> {
        self.kraft_version = KRaftVersion::from_level(level).ok_or_else(|| QuorumError::Record {
            offset,
            why: format!("kraft.version {level} is not known"),
        })?;
        Ok(())
    }
}

/// Loads the metadata log's directory.
pub(super) fn load(disk: Arc<dyn Disk>, config: &QuorumConfig, now_ms: i64) -> Result<Machines, QuorumError> {
    storage::create_folder(&*disk)?;
    let election = storage::read_election(&*disk)?;
    let ids = storage::list_snapshots(&*disk)?;
    let mut log = MetadataLog::open(disk.clone(), config.log(), config.power_lost, now_ms)?;
    let mut quorum = Quorum { kraft_version: KRaftVersion::V0, voters: None, voters_in_log: false };
    let mut loader = Loader::new(Image::default());
    let snapshot = load_snapshot(&*disk, &ids, log.start_offset(), &mut loader, &mut quorum)?;
    let (ids, outdated): (Vec<_>, Vec<_>) =
        ids.into_iter().partition(|id| id.end_offset >= log.start_offset());
    storage::remove_snapshots(&*disk, &outdated)?;
    let from = snapshot.map_or(Offset::ZERO, |id| id.end_offset);
    if let Some(id) = snapshot
        && (id.epoch, id.end_offset) > (log.last_epoch(), log.end_offset())
    {
        // The log lost a tail that the snapshot still stands for.
        tracing::warn!(snapshot = %id, log_end = %log.end_offset(), "metadata log restarts at the end of its snapshot");
        log.truncate_fully(id.end_offset, now_ms)?;
    }
    let mut controller = Controller::from_image(config.controller.clone(), loader.image().clone());
    let bytes_since_snapshot = replay(&mut log, from, &mut controller, &mut loader, &mut quorum)?;
    let last_epoch = log.last_epoch().max(snapshot.map_or(LeaderEpoch(0), |id| id.epoch));
    let stored = Stored {
        election,
        log_end_offset: log.end_offset(),
        // What a killed process wrote may be in memory only.
        durable_end_offset: log.start_offset().min(log.end_offset()),
        last_epoch,
        kraft_version: quorum.kraft_version,
        voters: voters(&quorum, config)?,
        voters_in_log: quorum.voters_in_log,
    };
    let raft = Raft::start(Config { local: config.local.clone() }, stored).map_err(QuorumError::Raft)?;
    controller.set_kraft_version(quorum.kraft_version.level());
    // What is left unpublished belongs to a transaction that the next leader aborts.
    drop(loader.publish());
    let bootstrap = bootstrap(&*disk, config, loader.image())?;
    let missing = missing(loader.image(), bootstrap.records(), &config.waivers);
    if !missing.is_empty() {
        return Err(QuorumError::Missing(missing));
    }
    let bootstrap = bootstrap.lowered(&config.waivers);
    tell_what_is_idle(loader.image());
    let from_snapshot = snapshot.map_or_else(|| "none".to_owned(), |id| id.to_string());
    tracing::info!(
        snapshot = from_snapshot,
        replayed_from = %from,
        log_end = %log.end_offset(),
        topics = loader.image().topics.len(),
        "metadata loaded"
    );
    let snapshots = ids.iter().map(|id| storage::snapshot_info(&*disk, *id)).collect::<Result<_, _>>()?;
    Ok(Machines { raft, log, controller, loader, snapshots, bytes_since_snapshot, bootstrap })
}

/// What the metadata hold and nothing here obeys. None of it is in force: the keys that would make it so are refused.
fn tell_what_is_idle(image: &Image) {
    let quotas = image.quotas.iter().count();
    if quotas > 0 {
        tracing::warn!(entities = quotas, "client quotas are kept and not enforced: nobody is throttled");
    }
    if !image.acls.is_empty() {
        tracing::warn!(
            acls = image.acls.len(),
            "ACLs are kept and not in force: no authorizer is configured"
        );
    }
    let (credentials, tokens) = (image.scram.iter().count(), image.tokens.iter().count());
    if credentials + tokens > 0 {
        tracing::warn!(
            credentials,
            tokens,
            "SCRAM credentials and delegation tokens are kept and not asked for"
        );
    }
}

fn load_snapshot(
    disk: &dyn Disk,
    ids: &[SnapshotId],
    log_start_offset: Offset,
    loader: &mut Loader,
    quorum: &mut Quorum,
) -> Result<Option<SnapshotId>, QuorumError> {
    let mut damaged = Vec::new();
    for &id in ids.iter().rev().filter(|id| id.end_offset >= log_start_offset) {
        match load_one(disk, id, loader, quorum) {
            Ok(()) => return Ok(Some(id)),
            Err(why) => {
                tracing::error!(snapshot = %id, why, "snapshot cannot be used; trying an older one");
                damaged.push((id, why));
            }
        }
    }
    if log_start_offset > Offset::ZERO {
        return Err(QuorumError::NoSnapshot { log_start_offset, damaged });
    }
    Ok(None)
}

fn load_one(disk: &dyn Disk, id: SnapshotId, loader: &mut Loader, quorum: &mut Quorum) -> Result<(), String> {
    let snapshot = storage::read_snapshot(disk, id)?;
    if let Some(level) = snapshot.header.kraft_version {
        quorum.set_version(level, id.end_offset).map_err(|error| error.to_string())?;
    }
    if snapshot.header.voters.is_some() {
        quorum.voters = snapshot.header.voters;
        // Nobody fetches the checkpoint at offset 0, so its voters must be written into the log.
        quorum.voters_in_log = id.end_offset > Offset::ZERO;
    }
    if id.end_offset == Offset::ZERO {
        return Ok(());
    }
    let provenance = Provenance {
        offset: id.end_offset + -1,
        epoch: id.epoch,
        last_timestamp_ms: snapshot.header.last_contained_log_timestamp_ms,
    };
    let count = snapshot.records.len();
    loader
        .load_snapshot(provenance, snapshot.records)
        .map(drop)
        .map_err(|(index, error)| format!("record {index} of {count}: {error}"))
}

/// Applies the log from `from` on and gives the size of what was applied, in bytes.
fn replay(
    log: &mut MetadataLog,
    from: Offset,
    controller: &mut Controller,
    loader: &mut Loader,
    quorum: &mut Quorum,
) -> Result<u64, QuorumError> {
    let mut bytes = 0;
    log.for_each_batch(from, |batch| {
        bytes += batch.bytes().len() as u64;
        let records = if batch.is_control() {
            read_control(batch, quorum)?;
            Vec::new()
        } else {
            decode(batch)?
        };
        for (offset, record) in (batch.base_offset.0..).map(Offset).zip(&records) {
            controller
                .apply(offset, record)
                .map_err(|error| QuorumError::Record { offset, why: error.to_string() })?;
        }
        loader
            .load(batch_info(batch), &records)
            .map_err(|(offset, error)| QuorumError::Record { offset, why: error.to_string() })?;
        Ok(())
    })?;
    Ok(bytes)
}

fn read_control(batch: &BatchView<'_>, quorum: &mut Quorum) -> Result<(), QuorumError> {
    let offset = batch.base_offset;
    let records = control::decode_batch(batch)
        .map_err(|error| QuorumError::Record { offset, why: error.to_string() })?;
    for record in records {
        match record {
            ControlRecord::KRaftVersion(level) => quorum.set_version(level, offset)?,
            ControlRecord::Voters(voters) => {
                quorum.voters = Some(voters);
                quorum.voters_in_log = true;
            }
            _ => {}
        }
    }
    Ok(())
}

fn decode(batch: &BatchView<'_>) -> Result<Vec<MetadataRecord>, QuorumError> {
    records::decode(batch)
        .map_err(|(index, why)| QuorumError::Record { offset: batch.base_offset + index as i64, why })
}

fn batch_info(batch: &BatchView<'_>) -> Batch {
    Batch {
        base_offset: batch.base_offset,
        last_offset: batch.last_offset(),
        epoch: batch.leader_epoch,
        append_time_ms: batch.max_timestamp,
    }
}

fn voters(quorum: &Quorum, config: &QuorumConfig) -> Result<VoterSet, QuorumError> {
    let voters = match quorum.kraft_version {
        KRaftVersion::V0 => config.static_voters.clone(),
        KRaftVersion::V1 => quorum.voters.clone().unwrap_or_default(),
    };
    if voters.is_empty() { Err(QuorumError::NoVoters) } else { Ok(voters) }
}

/// With what the log begins if no metadata.version is finalized in it yet; else it does not matter.
fn bootstrap(disk: &dyn Disk, config: &QuorumConfig, image: &Image) -> Result<Bootstrap, QuorumError> {
    if image.features.metadata_version().is_some() {
        return Ok(config.default_bootstrap.clone());
    }
    let failed = |why: &str| QuorumError::Activation(format!("{BOOTSTRAP_FILE_NAME}: {why}"));
    match storage::read_checkpoint(disk, BOOTSTRAP_FILE_NAME).map_err(|why| failed(&why))? {
        None => Ok(config.default_bootstrap.clone()),
        Some(stored) => Bootstrap::from_records(stored.records)
            .ok_or_else(|| failed("it holds no level of metadata.version that is known")),
    }
}
