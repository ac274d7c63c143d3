//! Time and tasks.

use crate::grounds::{on_both, on_real, on_sim};
use headwater_runtime::sync::{Either, Either3, Notify, oneshot, select2, select3, yield_now};
use headwater_runtime::{Cancelled, Elapsed, Runtime, Tick};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);

#[test]
fn sleeps_end_in_order_and_not_too_early() {
    on_both(|runtime| async move {
        let order = Rc::new(RefCell::new(Vec::new()));
        let start = runtime.now();
        let mut handles = Vec::new();
        for wait in [30_u32, 10, 20] {
            let (order, clock) = (order.clone(), runtime.clone());
            handles.push(runtime.spawn_local("sleeper", async move {
                clock.sleep(MS * wait).await;
                assert!(clock.now() >= start + MS * wait);
                order.borrow_mut().push(wait);
            }));
        }
        for handle in handles {
            handle.await.unwrap();
        }
        assert_eq!(*order.borrow(), [10, 20, 30]);
        assert!(runtime.now() - start < Duration::from_secs(5));
    });
}

#[test]
fn a_timeout_ends_what_takes_too_long() {
    on_both(|runtime| async move {
        assert_eq!(runtime.timeout(MS * 5, std::future::pending::<()>()).await, Err(Elapsed));
        assert_eq!(runtime.timeout(Duration::from_secs(3600), async { 7 }).await, Ok(7));
        // Both ready: the future wins.
        assert_eq!(runtime.timeout(Duration::ZERO, async { 8 }).await, Ok(8));
        let never = runtime.sleep_until(Tick::NEVER);
        assert_eq!(runtime.timeout(MS * 5, never).await, Err(Elapsed));
    });
}

#[test]
fn tasks_of_one_core_start_in_the_order_of_spawning() {
    on_both(|runtime| async move {
        let order = Rc::new(RefCell::new(Vec::new()));
        let mut handles = Vec::new();
        for number in 0..50 {
            let order = order.clone();
            handles.push(runtime.spawn_local("member", async move { order.borrow_mut().push(number) }));
        }
        for handle in handles {
            handle.await.unwrap();
        }
        assert_eq!(*order.borrow(), (0..50).collect::<Vec<_>>());
    });
}

#[test]
fn a_task_sent_to_a_core_runs_there_and_spawns_there() {
    on_both(|runtime| async move {
        assert_eq!(runtime.current_core(), runtime.control_core());
        for core in 0..=runtime.cores() {
            let (sender, receiver) = oneshot::channel();
            runtime.spawn_on(core, "visitor", move |there: Runtime| {
                let made_on = there.current_core();
                async move {
                    let child = there.clone();
                    let child = there.spawn_local("child", async move { child.current_core() });
                    sender.send((made_on, there.current_core(), child.await)).unwrap();
                }
            });
            assert_eq!(receiver.await.unwrap(), (core, core, Ok(core)));
        }
    });
}

#[test]
fn an_aborted_task_is_dropped_and_its_handle_says_so() {
    on_both(|runtime| async move {
        let (sender, receiver) = oneshot::channel::<()>();
        let task = runtime.spawn_local("endless", async move {
            std::future::pending::<()>().await;
            drop(sender);
        });
        yield_now().await;
        assert!(!task.is_finished());
        task.abort();
        assert!(receiver.await.is_err());
        assert!(task.is_finished());
        assert_eq!(task.await, Err(Cancelled));
        let done = runtime.spawn_local("quick", async { 5 });
        yield_now().await;
        yield_now().await;
        done.abort();
        assert_eq!(done.await, Ok(5));
    });
}

#[test]
fn select_prefers_the_earlier() {
    on_both(|runtime| async move {
        assert_eq!(select2(async { 1 }, async { 2 }).await, Either::First(1));
        assert_eq!(select2(std::future::pending::<()>(), async { 2 }).await, Either::Second(2));
        let slow = runtime.sleep(Duration::from_secs(3600));
        assert_eq!(select3(slow, async { 2 }, async { 3 }).await, Either3::Second(2));
    });
}

#[test]
fn the_real_ground_drops_all_tasks_of_all_cores_at_its_end() {
    let flags: Vec<_> = (0..3).map(|_| std::sync::Arc::new(())).collect();
    let held = flags.clone();
    on_real(move |runtime| {
        let held = held.clone();
        async move {
            for (core, flag) in held.iter().cloned().enumerate() {
                runtime.spawn_on(core, "holder", move |_| async move {
                    let _flag = flag;
                    std::future::pending::<()>().await;
                });
            }
            runtime.sleep(MS * 5).await;
        }
    });
    assert!(flags.iter().all(|flag| std::sync::Arc::strong_count(flag) <= 2), "a task outlived its ground");
}

#[test]
fn clocks_move_and_chance_differs() {
    on_both(|runtime| async move {
        let (tick, wall) = (runtime.now(), runtime.wall_clock_ms());
        runtime.sleep(MS * 20).await;
        let moved = (runtime.now() - tick).as_millis() as i64;
        assert!(moved >= 20);
        // The wall clock may be adjusted meanwhile, but not by much.
        assert!((runtime.wall_clock_ms() - wall - moved).abs() < 50);
        assert_ne!(runtime.random_u64(), runtime.random_u64());
        let mut secret = [0; 33];
        runtime.random_bytes(&mut secret);
        assert!(secret[..8] != secret[8..16]);
        assert!(!runtime.host_name().is_empty());
    });
    let draw = |seed| on_sim(seed, |runtime| async move { runtime.random_u64() }).0;
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn a_wake_from_a_foreign_thread_arrives() {
    on_real(|runtime| async move {
        for _ in 0..200 {
            let notify = std::sync::Arc::new(Notify::new());
            let waker = notify.clone();
            let thread = std::thread::spawn(move || waker.notify_one());
            runtime.timeout(Duration::from_secs(10), notify.notified()).await.unwrap();
            thread.join().unwrap();
        }
    });
}
