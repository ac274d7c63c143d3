//! The real ground: tokio for readiness and timers, rustix for files and sockets, own threads for what blocks.

pub(crate) mod disk;
pub(crate) mod executor;
pub(crate) mod io_pool;
pub(crate) mod mailbox;
pub(crate) mod net;
pub(crate) mod signal;
pub(crate) mod usage;
