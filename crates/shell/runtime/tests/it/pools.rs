//! Threads for blocking work.

use crate::grounds::{on_both, on_real};
use headwater_runtime::Job;
use headwater_runtime::sync::{oneshot, yield_now};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[test]
fn one_thread_runs_jobs_in_order() {
    on_both(|runtime| async move {
        let pool = runtime.io_pool("io", 1, 1000).unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        for number in 0..200 {
            let order = order.clone();
            assert!(pool.try_submit(Box::new(move || order.lock().unwrap().push(number))).is_ok());
        }
        assert_eq!(pool.run(|| 6 * 7).await, 42);
        assert_eq!(*order.lock().unwrap(), (0..200).collect::<Vec<_>>());
        assert_eq!(pool.queued(), 0);
    });
}

#[test]
fn a_full_queue_gives_the_job_back_and_lets_others_wait() {
    on_real(|runtime| async move {
        let pool = runtime.io_pool("io", 1, 2).unwrap();
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let (started, has_started) = oneshot::channel();
        pool.submit(Box::new(move || {
            started.send(()).unwrap();
            gate.recv().unwrap();
        }))
        .await;
        has_started.await.unwrap();
        let ran = Arc::new(AtomicUsize::new(0));
        let job = || -> Job {
            let ran = ran.clone();
            Box::new(move || {
                ran.fetch_add(1, Ordering::SeqCst);
            })
        };
        assert!(pool.try_submit(job()).is_ok());
        assert!(pool.try_submit(job()).is_ok());
        assert_eq!(pool.queued(), 2);
        assert!(pool.try_submit(job()).is_err());
        let waiting = {
            let pool = pool.clone();
            runtime.spawn_local("patient", async move { pool.run(|| 1).await })
        };
        yield_now().await;
        assert!(!waiting.is_finished());
        open.send(()).unwrap();
        let waited = runtime.timeout(Duration::from_secs(10), waiting).await;
        assert_eq!(waited, Ok(Ok(1)));
        assert_eq!(ran.load(Ordering::SeqCst), 2);
    });
}

#[test]
fn several_threads_work_at_once_and_lose_nothing() {
    on_both(|runtime| async move {
        let pool = runtime.io_pool("io", 4, 16).unwrap();
        let mut tasks = Vec::new();
        for number in 0..300_u64 {
            let pool = pool.clone();
            tasks.push(runtime.spawn_local("caller", async move { pool.run(move || number * 2).await }));
        }
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        assert_eq!(sum, 300 * 299);
    });
}

#[test]
fn jobs_queued_before_the_pool_goes_still_run() {
    on_both(|runtime| async move {
        let pool = runtime.io_pool("io", 1, 100).unwrap();
        let (sender, receiver) = oneshot::channel();
        for _ in 0..10 {
            pool.submit(Box::new(|| {})).await;
        }
        pool.submit(Box::new(move || sender.send(1).unwrap())).await;
        drop(pool);
        assert_eq!(runtime.timeout(Duration::from_secs(10), receiver).await, Ok(Ok(1)));
    });
}
