//! What of a topic's configuration a log needs.

/// Settings of one log; the defaults are Kafka's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// `segment.bytes`: a segment is rolled before it would grow beyond.
    pub segment_bytes: u32,
    /// `segment.ms`: a segment is rolled when its first batch is older than this against the newest, in milliseconds.
    pub segment_ms: i64,
    /// `segment.jitter.ms`: up to this much is taken off `segment_ms`, by a value that depends on the log and segment.
    pub segment_jitter_ms: i64,
    /// `segment.index.bytes`: a segment is rolled when an index has reached this.
    pub segment_index_bytes: u32,
    /// `index.interval.bytes`: about one index entry for so many bytes.
    pub index_interval_bytes: u32,
    /// `retention.ms`; −1 for no limit.
    pub retention_ms: i64,
    /// `retention.bytes`; −1 for no limit.
    pub retention_bytes: i64,
    /// `min.compaction.lag.ms`: a record younger than this is not compacted, in milliseconds.
    pub min_compaction_lag_ms: i64,
    /// `max.compaction.lag.ms`: a record older than this has to be compacted, in milliseconds.
    pub max_compaction_lag_ms: i64,
    /// `delete.retention.ms`: how long compaction keeps a tombstone after it has met it first, in milliseconds.
    pub delete_retention_ms: i64,
    /// `producer.id.expiration.ms`: how long a silent producer is remembered, in milliseconds.
    pub producer_id_expiration_ms: i64,
    /// Space is reserved in steps of so many bytes ahead of the appends, so that a sync need not record a new length;
    /// 0 for none. What is left over is cut off when the segment is rolled or closed.
    pub preallocate_bytes: u32,
    /// Where syncs are small, zeros are written ahead of the appends in steps of up to so many bytes; 0 for never. A sync
    /// then finds nothing changed but contents and need not commit the file system's journal, which costs more than
    /// the bytes do, and which all files share. Left-over zeros go as those of `preallocate_bytes` do.
    pub headroom_bytes: u32,
}

impl Default for LogConfig {
    fn default() -> Self {
        LogConfig {
            segment_bytes: 1 << 30,
            segment_ms: 7 * 24 * 3_600_000,
            segment_jitter_ms: 0,
            segment_index_bytes: 10 << 20,
            index_interval_bytes: 4096,
            retention_ms: 7 * 24 * 3_600_000,
            retention_bytes: -1,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX,
            delete_retention_ms: 24 * 3_600_000,
            producer_id_expiration_ms: 24 * 3_600_000,
            preallocate_bytes: 0,
            headroom_bytes: 0,
        }
    }
}

impl LogConfig {
    /// The part of `segment_jitter_ms` that one segment takes, in milliseconds. Fixed for a log and base offset, so
    /// that the same history rolls at the same places, and spread so that partitions do not roll together.
    pub(crate) fn jitter_ms(&self, dir_name: &str, base_offset: i64) -> i64 {
        let limit = self.segment_jitter_ms.min(self.segment_ms);
        if limit <= 0 {
            return 0;
        }
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in dir_name.bytes().chain(base_offset.to_be_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        (hash % limit as u64) as i64
    }
}
