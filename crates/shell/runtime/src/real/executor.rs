//! One current-thread executor per data core and one for control; tasks never move between them.

use super::mailbox::{Mailbox, SpawnFn};
use crate::random::{STEP, mix};
use crate::runtime::Ground;
use crate::{Runtime, Tick};
use std::cell::Cell;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

/// Deadlines farther away than this never come (tokio's timer wheel ends after about two years).
const FAR_FUTURE: Duration = Duration::from_secs(700 * 24 * 3600);

thread_local! {
    static CURRENT_CORE: Cell<Option<usize>> = const { Cell::new(None) };
}

/// How the real ground is set up.
#[derive(Clone, Debug)]
pub struct RealConfig {
    /// Threads for connections, each with its own executor. At least one.
    pub data_cores: usize,
}

impl Default for RealConfig {
    /// As many data cores as the process may use.
    fn default() -> RealConfig {
        RealConfig { data_cores: std::thread::available_parallelism().map_or(1, usize::from) }
    }
}

/// What all handles of one real ground share.
pub(crate) struct Shared {
    start: Instant,
    random: AtomicU64,
    /// The data cores, then the control core.
    cores: Vec<Arc<Mailbox>>,
}

impl Shared {
    pub(crate) fn now(&self) -> Tick {
        Tick(u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    pub(crate) fn random_u64(&self) -> u64 {
        mix(self.random.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP))
    }

    /// `None` for a moment that never comes.
    pub(crate) fn sleep_until(&self, deadline: Tick) -> Option<tokio::time::Sleep> {
        let wait = deadline.since(self.now());
        (wait < FAR_FUTURE).then(|| tokio::time::sleep(wait))
    }

    pub(crate) fn data_cores(&self) -> usize {
        self.cores.len() - 1
    }

    pub(crate) fn current_core(&self) -> usize {
        CURRENT_CORE.get().unwrap_or(self.data_cores())
    }

    pub(crate) fn spawn_on(&self, core: usize, make: SpawnFn) {
        self.cores[core].spawn(make);
    }
}

pub(crate) fn wall_clock_ms() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    }
}

pub(crate) fn random_bytes(bytes: &mut [u8]) {
    let mut filled = 0;
    while filled < bytes.len() {
        match rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty()) {
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => panic!("the system gives no randomness: {error}"),
        }
    }
}

/// The threads of the real ground. Made once per process (tests make more).
pub struct RealGround {
    runtime: Runtime,
    shared: Arc<Shared>,
    control: LocalRuntime,
    threads: Vec<JoinHandle<()>>,
}

impl RealGround {
    /// Starts the threads of the data cores.
    ///
    /// # Errors
    /// When the system gives no thread or no epoll.
    pub fn start(config: &RealConfig) -> io::Result<RealGround> {
        let mut seed = [0; 8];
        random_bytes(&mut seed);
        let data_cores = config.data_cores.max(1);
        let shared = Arc::new(Shared {
            start: Instant::now(),
            random: AtomicU64::new(u64::from_le_bytes(seed)),
            cores: (0..=data_cores).map(|_| Arc::default()).collect(),
        });
        let runtime = Runtime { ground: Ground::Real(shared.clone()) };
        let control = local_runtime()?;
        let mut ground = RealGround { runtime, shared, control, threads: Vec::new() };
        for core in 0..data_cores {
            ground.threads.push(start_core(core, ground.shared.clone(), ground.runtime.clone())?);
        }
        Ok(ground)
    }

    /// A handle for use outside of `main`'s future.
    pub fn runtime(&self) -> Runtime {
        self.runtime.clone()
    }

    /// Runs `main` on the control core until it ends; then all tasks on all cores are dropped and the threads end.
    pub fn block_on<F: Future>(self, main: impl FnOnce(Runtime) -> F) -> F::Output {
        let control = self.shared.data_cores();
        enter_core(&self.shared, control);
        let runtime = self.runtime.clone();
        let shared = self.shared.clone();
        let output = self.control.block_on(async {
            let mailbox_runtime = runtime.clone();
            tokio::task::spawn_local(async move { shared.cores[control].serve(mailbox_runtime).await });
            main(runtime).await
        });
        leave_core();
        output
    }
}

impl Drop for RealGround {
    fn drop(&mut self) {
        for mailbox in &self.shared.cores {
            mailbox.stop();
        }
        for thread in self.threads.drain(..) {
            // A thread that panicked has already said so.
            let _ = thread.join();
        }
    }
}

fn enter_core(shared: &Shared, core: usize) {
    CURRENT_CORE.set(Some(core));
    Mailbox::set_home(Some(shared.cores[core].clone()));
}

fn leave_core() {
    CURRENT_CORE.set(None);
    Mailbox::set_home(None);
}

fn local_runtime() -> io::Result<LocalRuntime> {
    Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
}

fn start_core(core: usize, shared: Arc<Shared>, runtime: Runtime) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(format!("core-{core}")).spawn(move || {
        enter_core(&shared, core);
        let executor = match local_runtime() {
            Ok(executor) => executor,
            Err(error) => panic!("core {core} cannot start: {error}"),
        };
        executor.block_on(shared.cores[core].serve(runtime));
    })
}
