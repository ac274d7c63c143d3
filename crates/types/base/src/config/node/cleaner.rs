//! How compaction works on this node (`CleanerConfig`).

use super::NodeConfig;
use crate::config::value::Value;

/// See the module. Sizes in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CleanerConfig {
    /// `log.cleaner.enable`.
    pub enable: bool,
    /// Logs that are compacted side by side.
    pub threads: usize,
    /// Memory for keys, of all of them together.
    pub dedupe_buffer_size: u64,
    /// How full the map of keys may get, 0 to 1.
    pub load_factor: f64,
    /// Memory for reading and writing, of all of them together.
    pub io_buffer_size: u64,
    /// Most bytes read and written in a second, of all of them together.
    pub io_max_bytes_per_second: f64,
    /// Pause when there is nothing to compact, in milliseconds.
    pub backoff_ms: u64,
}

impl NodeConfig {
    /// How compaction works.
    #[must_use]
    pub fn cleaner(&self) -> CleanerConfig {
        let double = |name: &str| match self.values.value(name) {
            Value::Double(value) => value,
            other => unreachable!("{name} is a number with a default, not {other:?}"),
        };
        let size = |name: &str| u64::try_from(self.values.long(name)).unwrap_or(0);
        CleanerConfig {
            enable: self.values.boolean("log.cleaner.enable"),
            threads: self.values.size("log.cleaner.threads"),
            dedupe_buffer_size: size("log.cleaner.dedupe.buffer.size"),
            load_factor: double("log.cleaner.io.buffer.load.factor"),
            io_buffer_size: size("log.cleaner.io.buffer.size"),
            io_max_bytes_per_second: double("log.cleaner.io.max.bytes.per.second"),
            backoff_ms: size("log.cleaner.backoff.ms"),
        }
    }
}
