//! The ground that Headwater stands on: time, tasks, sockets, files, threads, randomness, signals. Two of them:
//!
//! - the **real** ground ([`RealGround`]): one current-thread executor per data core and one for control, epoll,
//!   files through positional calls and named I/O threads;
//! - the **simulated** ground ([`sim::Sim`]): any number of nodes on one thread in virtual time, from one seed, with
//!   sockets and disks in memory that delay, break and forget, and a running hash of everything that happened.
//!
//! The same broker runs on both through the one handle [`Runtime`].
//!
//! Invariants: this is the only crate that names the operating system or the executor and the only one that may
//! contain `unsafe`. Nothing waits busily. On the simulated ground every source of order and chance comes from the
//! seed. What this crate does *not* know: Kafka, logs beyond the [`Disk`] trait, connections' contents.

mod error;
mod io_pool;
mod net;
mod panic_policy;
mod random;
mod real;
mod runtime;
pub mod sim;
pub mod sync;
mod task;
mod time;
mod usage;

pub use headwater_log::disk::{DirEntry, Disk, DiskFile, OpenMode};
pub use io_pool::{IoPool, Job};
pub use net::{Incoming, ListenOptions, Listener, Stream};
pub use panic_policy::{Panicked, exempt, install_panic_policy};
pub use random::Random;
pub use real::disk::{RealDisk, RealFile};
pub use real::executor::{RealConfig, RealGround};
pub use real::signal::raise_open_file_limit;
pub use runtime::{DirLock, DiskSpace, LocalBoxFuture, Runtime, Signal};
pub use task::{Cancelled, TaskHandle};
pub use time::{Elapsed, Sleep, Tick};
pub use usage::ProcessUsage;
