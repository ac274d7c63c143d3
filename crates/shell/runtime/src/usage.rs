//! What the system says of this process.

use std::time::Duration;

/// What a process uses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProcessUsage {
    /// Memory in RAM, in bytes.
    pub resident_bytes: u64,
    /// Address space, in bytes.
    pub virtual_bytes: u64,
    /// Time on a processor, of all threads together.
    pub cpu: Duration,
    /// The same for each data core's thread.
    pub core_cpu: Vec<Duration>,
    /// Threads.
    pub threads: u64,
    /// Open file descriptors.
    pub open_files: u64,
    /// How many may be open; `None` for any number.
    pub max_files: Option<u64>,
}
