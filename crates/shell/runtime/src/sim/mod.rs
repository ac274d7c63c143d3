//! The simulated ground: several nodes, one thread, virtual time, one seed.
//!
//! ```
//! use headwater_runtime::{ListenOptions, sim::Sim};
//! let sim = Sim::new(7);
//! let (server, client) = (sim.add_node("server", 1), sim.add_node("client", 1));
//! let address = sim.address(server, 9092);
//! sim.start(server, |runtime| async move {
//!     let listener = runtime.listen(address, ListenOptions::default()).await.expect("the port is free");
//!     let stream = listener.accept().await.expect("a connection").open(&runtime).expect("a stream");
//!     stream.write_all(b"hello").await.expect("a peer");
//! });
//! let runtime = sim.start(client, |_| async {});
//! let greeting = sim.run_until(async move {
//!     let stream = runtime.connect(address).await.expect("a listener");
//!     let mut greeting = [0; 5];
//!     stream.read_exact(&mut greeting).await.expect("five bytes");
//!     greeting
//! });
//! assert_eq!(&greeting, b"hello");
//! ```
//!
//! Rules: a task never waits outside of this crate; tasks of one core run in the order in which they were woken, and
//! which core of which node runs next is thrown by the seed; time moves only when no task is ready. Synchronous disk
//! calls take no time; jobs of an I/O pool and everything on the network do.

pub(crate) mod clock;
mod control;
pub(crate) mod disk;
mod executor;
mod faults;
pub(crate) mod io_pool;
mod net;
pub(crate) mod socket;
mod trace;
mod world;

pub use control::Sim;
pub(crate) use executor::{current_core, spawn};
pub(crate) use world::SimNode;
pub use world::{Node, SimConfig};
