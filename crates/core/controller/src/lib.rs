//! The controller as a replicated machine: it decides the records of `__cluster_metadata`.
//!
//! [`Controller::decide`] looks at the state and answers with records, an answer and soft changes; it changes nothing.
//! The driver appends the records as one batch (or several, when the decision is not atomic), calls
//! [`Controller::apply`] with the offsets that they got, then [`Controller::apply_soft`], and gives the answer out when
//! everything that was applied before the decision, and its own records, are committed. A standby only applies.
//!
//! Invariants: only `apply` changes what is replicated; replaying the log, or loading the records of a snapshot, gives
//! the same state as having decided it; partitions are led by active brokers of their ISR or by nobody, except after
//! an unclean election that the topic's configuration allowed; a new incarnation of a broker begins a new leader epoch
//! on every partition that it led, because its registration takes it out of the leadership before it is given back.
//!
//! What it does not know: the quorum, the log, connections, who may do what (callers have authorized), wall-clock
//! time. Time is a monotonic number handed in, random numbers too.
//!
//! One file per operation. A rule and its message come from the class that the file's header names; where we differ
//! the header says so.

mod activate;
mod allocate_producer_ids;
mod alter_configs;
mod alter_partition_reassignments;
mod apply;
mod assign_replicas_to_dirs;
mod broker_heartbeat;
pub mod config;
mod config_rules;
mod create_partitions;
mod create_topics;
mod decide;
mod delete_topics;
mod effective_config;
pub mod elect_leaders;
mod election;
mod error;
pub mod features;
mod fence_broker;
mod incremental_alter_configs;
mod java_hash_map;
mod list_partition_reassignments;
mod lower_features;
pub mod missing;
mod new_partition;
mod partition_change;
mod placement;
mod random;
mod register_broker;
mod register_controller;
mod sessions;
mod state;
pub mod topic_name;
mod unregister_broker;
mod update_features;

pub use activate::Bootstrap;
pub use alter_configs::ConfigReplacement;
pub use apply::ApplyError;
pub use config::ControllerConfig;
pub use decide::{Answer, Context, Decision, Input};
pub use effective_config::ConfigSource;
pub use error::ApiError;
pub use incremental_alter_configs::{AlterConfigOp, ConfigChange};
pub use sessions::Soft;
pub use state::Controller;
