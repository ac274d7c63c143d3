//! Sockets, tasks and moments around the machines.

pub(crate) mod call;
pub(crate) mod cluster;
pub(crate) mod link;
pub(crate) mod routing;
pub(crate) mod spread;
