//! The handle through which everything above reaches its ground.

use crate::io_pool::{IoPool, PoolInner};
use crate::net::{ListenOptions, Listener, ListenerInner, Stream, StreamInner};
use crate::real;
use crate::sim::clock::SimSleep;
use crate::sim::io_pool::SimIoPool;
use crate::sim::{self, SimNode};
use crate::sync::{Either, Permits, oneshot, select2};
use crate::task::{TaskHandle, with_handle};
use crate::time::{Elapsed, Sleep, SleepInner, Tick};
use crate::usage::ProcessUsage;
use crate::{Disk, DiskFile};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A boxed future that stays on its core.
pub type LocalBoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A handle to one node's ground. Cheap to clone, usable on every core.
#[derive(Clone)]
pub struct Runtime {
    pub(crate) ground: Ground,
}

#[derive(Clone)]
pub(crate) enum Ground {
    Real(Arc<real::executor::Shared>),
    Sim(SimNode),
}

/// A request to the process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

/// Room of a file system, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// Of the whole file system.
    pub total: u64,
    /// What this process may still take.
    pub usable: u64,
}

/// The exclusive right to use a folder, until dropped or until the process ends.
#[derive(Debug)]
pub struct DirLock {
    _inner: LockInner,
}

#[derive(Debug)]
#[expect(dead_code, reason = "held for its drop")]
pub(crate) enum LockInner {
    Real(std::fs::File),
    Sim(sim::disk::SimLock),
}

impl Runtime {
    // ---- time and chance ----

    /// Monotonic time.
    pub fn now(&self) -> Tick {
        match &self.ground {
            Ground::Real(shared) => shared.now(),
            Ground::Sim(node) => node.now(),
        }
    }

    /// Milliseconds since 1970 by the node's wall clock, which may jump.
    pub fn wall_clock_ms(&self) -> i64 {
        match &self.ground {
            Ground::Real(_) => real::executor::wall_clock_ms(),
            Ground::Sim(node) => node.wall_clock_ms(),
        }
    }

    /// 64 random bits. Not for secrets.
    pub fn random_u64(&self) -> u64 {
        match &self.ground {
            Ground::Real(shared) => shared.random_u64(),
            Ground::Sim(node) => node.random_u64(),
        }
    }

    /// Fills `bytes` with randomness fit for secrets (real), or from the seed (simulated).
    pub fn random_bytes(&self, bytes: &mut [u8]) {
        match &self.ground {
            Ground::Real(_) => real::executor::random_bytes(bytes),
            Ground::Sim(node) => node.random_bytes(bytes),
        }
    }

    /// Waits for `duration`.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.now() + duration)
    }

    /// Waits until `deadline`; [`Tick::NEVER`] and everything later than about two years never comes.
    pub fn sleep_until(&self, deadline: Tick) -> Sleep {
        let inner = match &self.ground {
            Ground::Real(shared) => match shared.sleep_until(deadline) {
                Some(sleep) => SleepInner::Real(Box::pin(sleep)),
                None => SleepInner::Never,
            },
            Ground::Sim(node) => SleepInner::Sim(SimSleep::new(node.clone(), deadline)),
        };
        Sleep { inner }
    }

    /// Waits for `future` at most `duration`. When both are ready at once, the future wins.
    ///
    /// # Errors
    /// [`Elapsed`] when the time is over; the future is dropped.
    pub async fn timeout<F: Future>(&self, duration: Duration, future: F) -> Result<F::Output, Elapsed> {
        self.timeout_at(self.now() + duration, future).await
    }

    /// As [`Runtime::timeout`], with the moment instead of the time.
    ///
    /// # Errors
    /// [`Elapsed`] when the time is over; the future is dropped.
    pub async fn timeout_at<F: Future>(&self, deadline: Tick, future: F) -> Result<F::Output, Elapsed> {
        match select2(future, self.sleep_until(deadline)).await {
            Either::First(output) => Ok(output),
            Either::Second(()) => Err(Elapsed),
        }
    }

    // ---- tasks ----

    /// Data cores, numbered from 0. The control core, where `main` runs, is one more.
    pub fn cores(&self) -> usize {
        match &self.ground {
            Ground::Real(shared) => shared.data_cores(),
            Ground::Sim(node) => node.cores(),
        }
    }

    /// The number of the control core, for [`Runtime::spawn_on`].
    pub fn control_core(&self) -> usize {
        self.cores()
    }

    /// The core of the calling task.
    pub fn current_core(&self) -> usize {
        match &self.ground {
            Ground::Real(shared) => shared.current_core(),
            Ground::Sim(node) => sim::current_core(node),
        }
    }

    /// Spawns a task on the core of the calling task. `name` appears in the simulated ground's trace.
    pub fn spawn_local<F>(&self, name: &'static str, future: F) -> TaskHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let (future, handle) = with_handle(future);
        self.spawn_detached(name, future);
        handle
    }

    /// As [`Runtime::spawn_local`], without a handle: a little less memory per task.
    pub fn spawn_detached(&self, name: &'static str, future: impl Future<Output = ()> + 'static) {
        match &self.ground {
            Ground::Real(_) => {
                let _ = name;
                tokio::task::spawn_local(future);
            }
            Ground::Sim(node) => sim::spawn(node, None, name, Box::pin(future)),
        }
    }

    /// Spawns a task on another core: `make` is sent there and makes the future, which may then be `!Send`. Tasks
    /// sent from one place to one core start in order.
    pub fn spawn_on<F, Made>(&self, core: usize, name: &'static str, make: F)
    where
        F: FnOnce(Runtime) -> Made + Send + 'static,
        Made: Future<Output = ()> + 'static,
    {
        match &self.ground {
            Ground::Real(shared) => {
                let _ = name;
                shared.spawn_on(core, Box::new(move |runtime| Box::pin(make(runtime))));
            }
            Ground::Sim(node) => {
                let runtime = self.clone();
                sim::spawn(node, Some(core), name, Box::pin(async move { make(runtime).await }));
            }
        }
    }

    // ---- sockets ----

    /// Listens on `address`; port 0 lets the system choose.
    ///
    /// # Errors
    /// `AddrInUse` when the port is taken, and what else the system says, with the address.
    pub async fn listen(&self, address: SocketAddr, options: ListenOptions) -> io::Result<Listener> {
        match &self.ground {
            Ground::Real(_) => real::net::listen(address, options).map(ListenerInner::Real),
            Ground::Sim(node) => sim::socket::listen(node, address, options).map(ListenerInner::Sim),
        }
        .map(|inner| Listener { inner })
    }

    /// Connects to `address`. `TCP_NODELAY` is on. Put a timeout around it.
    ///
    /// # Errors
    /// What the system says, with the address.
    pub async fn connect(&self, address: SocketAddr) -> io::Result<Stream> {
        match &self.ground {
            Ground::Real(_) => real::net::connect(address).await.map(StreamInner::Real),
            Ground::Sim(node) => sim::socket::connect(node, address).await.map(StreamInner::Sim),
        }
        .map(|inner| Stream { inner })
    }

    /// The addresses of a host name or literal address, with `port`.
    ///
    /// # Errors
    /// What the resolver says, with the name.
    pub async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        match &self.ground {
            Ground::Real(_) => real::net::resolve(host, port).await,
            Ground::Sim(node) => node.resolve(host, port),
        }
    }

    /// The name of this machine.
    pub fn host_name(&self) -> String {
        match &self.ground {
            Ground::Real(_) => real::signal::host_name(),
            Ground::Sim(node) => node.host_name(),
        }
    }

    /// Names the time since the machine was last switched on: as long as it is the same, nothing that was written is
    /// lost, synced or not. `None` when the system does not say.
    pub fn boot_id(&self) -> Option<String> {
        match &self.ground {
            Ground::Real(_) => real::signal::boot_id(),
            Ground::Sim(node) => Some(node.boot_id()),
        }
    }

    // ---- files and threads ----

    /// A disk rooted at `root`, which must exist (see [`Runtime::create_root`]).
    ///
    /// # Errors
    /// `NotFound`, `NotADirectory`, or what the system says.
    pub fn disk(&self, root: &Path) -> io::Result<Arc<dyn Disk>> {
        match &self.ground {
            Ground::Real(_) => Ok(Arc::new(real::disk::RealDisk::open(root)?)),
            Ground::Sim(node) => Ok(Arc::new(node.disk(root)?)),
        }
    }

    /// A path that begins at the root, without looking at the disk.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        match &self.ground {
            Ground::Real(_) => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            Ground::Sim(_) => Path::new("/").join(path),
        }
    }

    /// Room of the file system that holds `root`. Simulated: as good as endless.
    ///
    /// # Errors
    /// What the system says.
    pub fn disk_space(&self, root: &Path) -> io::Result<DiskSpace> {
        match &self.ground {
            Ground::Real(_) => real::disk::space(root),
            Ground::Sim(_) => Ok(DiskSpace { total: 1 << 40, usable: 1 << 40 }),
        }
    }

    /// How many files of disks are open in this process, and how many may be before opening more is refused. Simulated:
    /// none, of as many as one likes.
    pub fn open_files(&self) -> (u64, u64) {
        match &self.ground {
            Ground::Real(_) => real::disk::open_files(),
            Ground::Sim(_) => (0, u64::MAX),
        }
    }

    /// Creates `root` and the folders above it where missing, durably.
    ///
    /// # Errors
    /// What the system says.
    pub fn create_root(&self, root: &Path) -> io::Result<()> {
        match &self.ground {
            Ground::Real(_) => real::disk::create_root(root),
            Ground::Sim(node) => node.create_root(root),
        }
    }

    /// Takes the folder for this process by locking its file `.lock`, as Apache Kafka does.
    ///
    /// # Errors
    /// `ResourceBusy` when somebody else holds it, or what the system says.
    pub fn lock_dir(&self, root: &Path) -> io::Result<DirLock> {
        let inner = match &self.ground {
            Ground::Real(_) => LockInner::Real(real::disk::lock_dir(root)?),
            Ground::Sim(node) => LockInner::Sim(node.lock_dir(root)?),
        };
        Ok(DirLock { _inner: inner })
    }

    /// Whether all of a file's range is in the page cache, so that reading it does not wait for the disk. Costs a few
    /// microseconds per MiB. Simulated: as [`sim::SimConfig::cold_read_one_in`] says.
    pub fn is_cached(&self, file: &dyn DiskFile, offset: u64, len: u64) -> bool {
        match file.as_any().downcast_ref::<real::disk::RealFile>() {
            Some(file) => real::disk::is_cached(file, offset, len),
            None => !self.is_cold_by_chance(),
        }
    }

    /// Reads only what the page cache holds: `None` when that is not all that was asked for (or all up to the end of
    /// the file).
    ///
    /// # Errors
    /// What the system says, with the path.
    pub fn read_nowait(
        &self,
        file: &dyn DiskFile,
        buffer: &mut [u8],
        offset: u64,
    ) -> io::Result<Option<usize>> {
        match file.as_any().downcast_ref::<real::disk::RealFile>() {
            Some(file) => real::disk::read_nowait(file, buffer, offset),
            None if self.is_cold_by_chance() => Ok(None),
            None => file.read_at(buffer, offset).map(Some),
        }
    }

    fn is_cold_by_chance(&self) -> bool {
        match &self.ground {
            Ground::Real(_) => false,
            Ground::Sim(node) => node.is_cold_by_chance(),
        }
    }

    /// Starts `threads` threads called `name` for work that blocks, with room for `queue` jobs that wait.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn io_pool(&self, name: &str, threads: usize, queue: usize) -> io::Result<IoPool> {
        let inner = match &self.ground {
            Ground::Real(_) => PoolInner::Real(real::io_pool::RealIoPool::start(name, threads)?),
            Ground::Sim(node) => PoolInner::Sim(SimIoPool::start(node, threads)),
        };
        Ok(IoPool { inner, places: Permits::new(queue.max(1) as u64) })
    }

    // ---- the process ----

    /// Waits for SIGINT or SIGTERM. From the first call on these no longer end the process by themselves.
    ///
    /// # Errors
    /// When the system gives no handler.
    pub async fn shutdown_signal(&self) -> io::Result<Signal> {
        match &self.ground {
            Ground::Real(_) => real::signal::shutdown_signal().await,
            Ground::Sim(node) => Ok(node.shutdown_signal().await),
        }
    }

    /// What this process uses; `None` on the simulated ground, where nothing is used. Reads files: not for every second.
    pub fn process_usage(&self) -> Option<ProcessUsage> {
        match &self.ground {
            Ground::Real(shared) => Some(real::usage::process(shared.data_cores())),
            Ground::Sim(_) => None,
        }
    }

    /// Runs blocking work on a thread made for it; for rare things such as reading a file of configuration.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) async fn on_own_thread<T: Send + 'static>(
        name: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        let (sender, receiver) = oneshot::channel();
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let _ = sender.send(work());
        })?;
        receiver.await.map_err(|_| io::Error::other("the thread ended without a result"))
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.ground {
            Ground::Real(_) => f.write_str("Runtime(real)"),
            Ground::Sim(node) => write!(f, "Runtime(simulated node {})", node.node),
        }
    }
}
