//! The steps of a move that touch disks; they run on the I/O threads of the directory that is moved to.

use std::sync::Arc;
use std::time::Duration;

use headwater_base::Offset;
use headwater_base::config::Value;
use headwater_base::config::node::NodeConfig;
use headwater_log::{AppendError, Log, LogError, OpenContext, dir};

use super::{Failure, Move};
use crate::partition::{Copied, Swapped};

/// Most bytes that are copied in one step.
const STEP_BYTES: u64 = 1 << 20;

/// How long to wait after so many bytes (`replica.alter.log.dirs.io.max.bytes.per.second`).
pub(super) fn pause(config: &NodeConfig, bytes: u64) -> Duration {
    match config.value("replica.alter.log.dirs.io.max.bytes.per.second") {
        Value::Integer(limit) if limit > 0 && limit < i64::MAX => {
            Duration::from_secs_f64(bytes as f64 / limit as f64)
        }
        _ => Duration::ZERO,
    }
}

/// Cuts off what the copy of an interrupted move has and the log has not, by the epoch of its last batch.
pub(super) fn align(moving: &Move) -> Result<(), Failure> {
    with_log(moving, |log| {
        if log.log_end_offset() == Offset::ZERO {
            return Ok(());
        }
        let end = moving.partition.end_of_copied_epoch(log.latest_epoch()).min(log.log_end_offset());
        log.truncate_to(end, 0)
    })
}

/// Copies some batches; `None` when there are none.
pub(super) fn step(moving: &Move) -> Result<Option<u64>, Failure> {
    let from = with_log(moving, |log| Ok(log.log_end_offset()))?;
    let copied = moving.partition.copy_from(from, STEP_BYTES);
    let copied = copied.map_err(|error| Failure::Source(error.to_string()))?;
    if matches!(copied, Copied::Closed) {
        return Err(Failure::Source("the partition serves nobody any more".to_owned()));
    }
    with_log(moving, |log| match copied {
        Copied::Nothing | Copied::Closed => Ok(None),
        Copied::BeginsAt(start) => log.truncate_fully_and_start_at(start, 0).map(|()| Some(0)),
        Copied::EndsAt(end) => log.truncate_to(end, 0).map(|()| Some(0)),
        Copied::Batches(bytes) => match log.append_as_follower(&bytes, 0) {
            Ok(_) => Ok(Some(bytes.len() as u64)),
            Err(AppendError::Log(error)) => Err(error),
            Err(other) => Err(LogError::Io {
                path: moving.folder.clone(),
                source: std::io::Error::new(std::io::ErrorKind::InvalidData, other.to_string()),
            }),
        },
    })
}

/// Makes the copy durable.
pub(super) fn settle(moving: &Move) -> Result<(), Failure> {
    with_log(moving, Log::close)
}

/// Copies what is left and puts the copy in the log's place. Nobody appends meanwhile.
pub(super) fn finish(moving: &Move) -> Result<Swapped, Failure> {
    while step(moving)?.is_some() {}
    let partition = &moving.partition;
    let _reshaping = partition.reshaping();
    let (start, _) = partition.extent();
    with_log(moving, |log| {
        log.increase_log_start_offset(start)?;
        log.close()
    })?;
    let (target, name) = (&moving.target, partition.name.to_string());
    let mut renamed = false;
    let open = || {
        // From here on nobody else has the copy.
        drop(moving.log().take());
        target.checkpoints.put_start(&*target.disk, &partition.name, start)?;
        dir::mark_deleted(&*target.disk, &moving.folder, &name)?;
        renamed = true;
        let topic_id = Some(partition.id.topic_id);
        let context = OpenContext { topic_id, log_start_offset: start, ..OpenContext::clean(0) };
        Log::open(Arc::clone(&target.disk), &name, partition.log_config(), &context).map(|(log, _)| log)
    };
    let swapped = partition.exchange(target, open);
    if !matches!(swapped, Ok(Swapped::Done)) {
        give_back(moving, renamed);
    }
    swapped.map_err(Failure::Target)
}

/// Takes the partition's name off a copy that did not get its place.
fn give_back(moving: &Move, renamed: bool) {
    let target = &moving.target;
    let name = &moving.partition.name;
    let forgotten =
        target.checkpoints.forget(&*target.disk, &std::collections::BTreeSet::from([name.clone()]));
    let back =
        if renamed { dir::mark_deleted(&*target.disk, &name.to_string(), &moving.folder) } else { Ok(()) };
    if let Err(error) = forgotten.and(back) {
        target.fail(&format!("cannot take back the exchange of {name}: {error}"));
        return;
    }
    let context = OpenContext { topic_id: Some(moving.partition.id.topic_id), ..OpenContext::clean(0) };
    match Log::open(Arc::clone(&target.disk), &moving.folder, moving.partition.log_config(), &context) {
        Ok((log, _)) => *moving.log() = Some(log),
        Err(error) => target.fail(&format!("cannot open the copy of {name} again: {error}")),
    }
}

fn with_log<T>(moving: &Move, work: impl FnOnce(&mut Log) -> Result<T, LogError>) -> Result<T, Failure> {
    let mut log = moving.log();
    // Ended meanwhile.
    let log = log.as_mut().ok_or(Failure::Over)?;
    work(log).map_err(Failure::Target)
}
