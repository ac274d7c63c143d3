//! Which snapshots and which part of the log may go (`KafkaMetadataLog.maybeClean`).

use headwater_base::Offset;

use super::SnapshotId;

/// A snapshot on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// Which one.
    pub id: SnapshotId,
    /// Size of its file in bytes.
    pub size_bytes: u64,
    /// Time of the last record it stands for, from its header, in milliseconds.
    pub last_contained_log_timestamp_ms: i64,
}

/// How much is kept; negative means without limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `metadata.max.retention.bytes`.
    pub max_bytes: i64,
    /// `metadata.max.retention.ms`.
    pub max_ms: i64,
}

/// The offset to which the start of the log moves, which lets the snapshots below go too; `None` if all stays.
/// The latest snapshot always stays. `snapshots` are in ascending order.
#[must_use]
pub fn new_log_start(
    snapshots: &[SnapshotInfo],
    log_start_offset: Offset,
    log_bytes: u64,
    now_ms: i64,
    limits: Limits,
) -> Option<Offset> {
    let mut total_bytes = snapshots.iter().map(|s| s.size_bytes).sum::<u64>() + log_bytes;
    let mut start = None;
    for pair in snapshots.windows(2) {
        let (oldest, next) = (pair[0], pair[1]);
        let too_large = limits.max_bytes >= 0 && total_bytes > limits.max_bytes as u64;
        let age_ms = now_ms.saturating_sub(oldest.last_contained_log_timestamp_ms);
        let too_old = limits.max_ms >= 0 && age_ms > limits.max_ms;
        if !(too_large || too_old) {
            break;
        }
        total_bytes -= oldest.size_bytes;
        if next.id.end_offset > log_start_offset {
            start = Some(next.id.end_offset);
        }
    }
    start
}

#[cfg(test)]
mod tests {
    use headwater_base::LeaderEpoch;

    use super::*;

    fn snapshots(list: &[(i64, u64, i64)]) -> Vec<SnapshotInfo> {
        list.iter()
            .map(|&(offset, size_bytes, time)| SnapshotInfo {
                id: SnapshotId { end_offset: Offset(offset), epoch: LeaderEpoch(1) },
                size_bytes,
                last_contained_log_timestamp_ms: time,
            })
            .collect()
    }

    const NONE: Limits = Limits { max_bytes: -1, max_ms: -1 };

    #[test]
    fn the_last_snapshot_always_stays() {
        let limits = Limits { max_bytes: 0, max_ms: 0 };
        assert_eq!(new_log_start(&[], Offset(0), 1000, 9, limits), None);
        assert_eq!(new_log_start(&snapshots(&[(10, 5, 0)]), Offset(0), 1000, 9, limits), None);
        let three = snapshots(&[(0, 1, 0), (10, 5, 1), (20, 5, 2)]);
        assert_eq!(new_log_start(&three, Offset(0), 1000, 9, limits), Some(Offset(20)));
        assert_eq!(new_log_start(&three, Offset(0), 1000, 9, NONE), None);
    }

    #[test]
    fn size_counts_log_and_snapshots_and_ends_when_enough_is_gone() {
        let three = snapshots(&[(10, 50, 0), (20, 50, 0), (30, 50, 0)]);
        let limits = |max_bytes| Limits { max_bytes, max_ms: -1 };
        assert_eq!(new_log_start(&three, Offset(0), 100, 0, limits(250)), None, "exactly the limit");
        assert_eq!(new_log_start(&three, Offset(0), 100, 0, limits(249)), Some(Offset(20)));
        assert_eq!(new_log_start(&three, Offset(0), 100, 0, limits(199)), Some(Offset(30)));
    }

    #[test]
    fn age_is_that_of_the_records() {
        let three = snapshots(&[(10, 0, 100), (20, 0, 200), (30, 0, 300)]);
        let limits = Limits { max_bytes: -1, max_ms: 50 };
        assert_eq!(new_log_start(&three, Offset(0), 0, 150, limits), None);
        assert_eq!(new_log_start(&three, Offset(0), 0, 151, limits), Some(Offset(20)));
        assert_eq!(new_log_start(&three, Offset(0), 0, i64::MAX, limits), Some(Offset(30)));
    }
}
