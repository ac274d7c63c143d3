//! Reading a partition of `__consumer_offsets` into a machine.

use std::sync::Arc;

use headwater_base::{LeaderEpoch, Offset};
use headwater_group::{GroupRecord, Shard};
use headwater_log::LogSlice;
use headwater_records::control::ControlType;
use headwater_records::{BatchView, Scratch, batches};

use crate::partition::{FetchBound, Partition, ReadRequest};

/// The most that a compressed batch of ours or of the reference's may expand to.
const MAX_BATCH_BYTES: usize = 64 * 1024 * 1024;

/// Why a partition cannot be loaded.
pub(super) struct LoadError(pub(super) String);

/// Everything that is in the partition, which must be committed by now.
pub(super) async fn load(partition: &Arc<Partition>, buffer_bytes: usize) -> Result<Shard, LoadError> {
    if let Some(ticket) = partition.wait_for_end() {
        let committed = ticket.await.map_err(|_| LoadError("the partition is gone".to_owned()))?;
        committed.map_err(|error| LoadError(error.name().to_owned()))?;
    }
    let mut shard = Shard::default();
    let Some(standing) = partition.standing() else {
        return Err(LoadError("the partition is gone".to_owned()));
    };
    let mut from = standing.log_start_offset;
    loop {
        let request = ReadRequest {
            from,
            max_bytes: buffer_bytes as u64,
            min_one_batch: true,
            bound: FetchBound::HighWatermark,
            current_leader_epoch: LeaderEpoch::NONE,
            last_fetched_epoch: LeaderEpoch::NONE,
        };
        let read = partition.read(&request, None);
        if read.error != headwater_base::error_code::ErrorCode::None {
            return Err(LoadError(read.error.name().to_owned()));
        }
        let Some(slice) = read.slice else { return Ok(shard) };
        let applied = partition.directory().background.run(move || apply_slice(shard, from, &slice)).await;
        let (next_shard, next) = applied?;
        if next <= from {
            return Ok(next_shard);
        }
        (shard, from) = (next_shard, next);
    }
}

/// Applies the batches of a slice; gives the offset behind them.
fn apply_slice(mut shard: Shard, from: Offset, slice: &LogSlice) -> Result<(Shard, Offset), LoadError> {
    let length = usize::try_from(slice.len).map_err(|error| LoadError(error.to_string()))?;
    let mut bytes = vec![0; length];
    slice.file.read_at(&mut bytes, slice.position).map_err(|error| LoadError(error.to_string()))?;
    let mut next = from;
    let (mut scratch, mut space) = (Scratch::new(), Vec::new());
    for batch in batches(&bytes) {
        let Ok(batch) = batch else { break };
        next = batch.header().next_offset();
        if let Err(error) = apply_batch(&mut shard, from, &batch, &mut scratch, &mut space) {
            return Err(LoadError(format!("batch at offset {}: {error}", batch.header().base_offset)));
        }
    }
    Ok((shard, next))
}

fn apply_batch(
    shard: &mut Shard,
    from: Offset,
    batch: &BatchView<'_>,
    scratch: &mut Scratch,
    space: &mut Vec<u8>,
) -> Result<(), String> {
    let header = *batch.header();
    let transaction = header.is_transactional().then_some(header.producer_id.0);
    let records = batch.records(scratch, space, MAX_BATCH_BYTES).map_err(|error| error.to_string())?;
    for record in records {
        let record = record.map_err(|error| error.to_string())?;
        let offset = record.offset;
        let Some(key) = record.key.filter(|_| offset >= from) else { continue };
        if header.is_control() {
            match ControlType::from_key(key) {
                Some(ControlType::Commit) => shard.apply_transaction_end(header.producer_id.0, true),
                Some(ControlType::Abort) => shard.apply_transaction_end(header.producer_id.0, false),
                _ => {}
            }
            continue;
        }
        match GroupRecord::decode(key, record.value) {
            Ok(Some(record)) => shard.apply(offset, transaction, &record),
            Ok(None) => {}
            // Nobody could have acknowledged it: one record that cannot be read does not take the others away.
            Err(error) => {
                tracing::error!(%offset, %error, "a record of a group cannot be read and is passed over")
            }
        }
    }
    Ok(())
}
