//! The node: connections, APIs, partitions, committer, quorum driver.
//!
//! ```text
//! produce  connection → api/produce → partition (check, log append) ─ack=1→ answer
//!            └ acks=all: ticket → committer syncs → partition advances → answer, in the order of the requests
//! fetch    connection → api/fetch → partition (log read) → enough? answer : parked on its partitions
//! group    api/join_group … → coordinator's shard (machine decides, partition append, sync) → answer
//! metadata api/* → quorum (controller decides, log, sync) → image → replicas follow → answer
//! ```
//!
//! Invariants
//! - Answers leave a connection in the order of its requests.
//! - Handlers know no sockets, partitions know no requests; calls go down, values come up, and the only signal upward
//!   is that a partition made progress.
//! - In disk mode nothing is acknowledged at acks=all, and nothing is shown to consumers, that is not durable.
//! - A sync that failed is never repeated: the directory goes offline.
//! - Everything that waits has a bound: slots and output of a connection, request memory, queues of I/O threads.
//!
//! What it does not know: the operating system and the executor (`runtime`), command lines, files' formats (`log`).

pub mod api;
mod boot;
pub mod broker;
pub mod checkpoints;
pub mod cleaner;
pub mod committer;
pub mod connection;
mod controller_calls;
pub mod coordinator;
pub mod data;
mod folders;
mod line_limit;
pub mod live_config;
pub mod log_directory;
pub mod loggers;
pub mod machine;
pub mod metrics;
pub mod moves;
pub mod node;
pub mod partition;
mod producer_ids;
pub mod quorum;
mod replicas;
mod room;
