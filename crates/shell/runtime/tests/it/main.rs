//! What every ground must do, asked of both where the question makes sense.

#![allow(clippy::unwrap_used)]

mod disks;
mod grounds;
mod panic_policy;
mod pools;
mod simulation;
mod sockets;
mod sync_objects;
mod tasks;
