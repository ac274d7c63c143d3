//! Channels and gates between tasks; the same on both grounds.

use crate::grounds::{on_both, on_real};
use headwater_runtime::sync::{Closed, MemoryPool, Notify, mpsc, oneshot, watch, yield_now};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_oneshot_gives_the_value_or_the_end() {
    on_both(|runtime| async move {
        let (sender, receiver) = oneshot::channel();
        runtime.spawn_detached("sender", async move { sender.send(5).unwrap() });
        assert_eq!(receiver.await, Ok(5));
        let (sender, mut receiver) = oneshot::channel::<u8>();
        assert_eq!(receiver.try_recv(), None);
        drop(sender);
        assert_eq!(receiver.await, Err(Closed));
        let (sender, receiver) = oneshot::channel();
        drop(receiver);
        assert!(sender.is_closed());
        assert_eq!(sender.send(6), Err(6));
    });
}

#[test]
fn an_mpsc_queue_is_bounded_and_fair() {
    on_both(|runtime| async move {
        let (sender, mut receiver) = mpsc::channel(2);
        assert!(sender.try_send(0).is_ok());
        assert!(sender.try_send(1).is_ok());
        assert_eq!(sender.try_send(9), Err(mpsc::TrySendError::Full(9)));
        for number in 2..10 {
            let sender = sender.clone();
            runtime.spawn_detached("sender", async move { sender.send(number).await.unwrap() });
            yield_now().await;
        }
        // Others wait: nobody overtakes, even though a place comes free.
        assert_eq!(receiver.recv().await, Some(0));
        assert_eq!(sender.try_send(9), Err(mpsc::TrySendError::Full(9)));
        drop(sender);
        let mut got = Vec::new();
        while let Some(number) = receiver.recv().await {
            got.push(number);
        }
        assert_eq!(got, (1..10).collect::<Vec<_>>());
        assert_eq!(receiver.try_recv(), Err(mpsc::TryRecvError::Closed));
    });
}

#[test]
fn senders_that_wait_hear_of_the_receivers_end() {
    on_both(|runtime| async move {
        let (sender, receiver) = mpsc::channel(1);
        sender.send(1).await.unwrap();
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let sender = sender.clone();
                runtime.spawn_local("sender", async move { sender.send(2).await })
            })
            .collect();
        yield_now().await;
        drop(receiver);
        for task in waiting {
            assert_eq!(task.await, Ok(Err(mpsc::SendError(2))));
        }
        assert!(sender.is_closed());
        assert_eq!(sender.try_send(3), Err(mpsc::TrySendError::Closed(3)));
    });
}

#[test]
fn a_receiver_that_waits_hears_of_the_last_senders_end() {
    on_both(|runtime| async move {
        let (sender, mut receiver) = mpsc::channel::<u8>(1);
        let second = sender.clone();
        let waiting = runtime.spawn_local("receiver", async move { receiver.recv().await });
        yield_now().await;
        yield_now().await;
        drop(sender);
        yield_now().await;
        assert!(!waiting.is_finished());
        drop(second);
        assert_eq!(runtime.timeout(Duration::from_secs(10), waiting).await, Ok(Ok(None)));
    });
}

#[test]
fn a_grant_that_is_not_used_goes_to_the_next() {
    on_both(|runtime| async move {
        let pool = MemoryPool::new(10);
        let all = pool.reserve(10).await;
        let tasks: Vec<_> = (0..2)
            .map(|_| {
                let pool = pool.clone();
                runtime.spawn_local("reserver", async move { pool.reserve(10).await.bytes() })
            })
            .collect();
        yield_now().await;
        yield_now().await;
        assert_eq!(pool.waiting(), 2);
        // The first is granted, and dies before it runs again.
        drop(all);
        tasks[0].abort();
        let [_, second] = <[_; 2]>::try_from(tasks).unwrap();
        assert_eq!(runtime.timeout(Duration::from_secs(10), second).await, Ok(Ok(10)));
        assert_eq!(pool.available(), 10);
    });
}

#[test]
fn a_notification_is_kept_for_the_next_and_passed_on_when_unused() {
    on_both(|runtime| async move {
        let notify = Rc::new(Notify::new());
        notify.notify_one();
        notify.notified().await;
        // Made before the call, polled after it.
        let early = notify.notified();
        notify.notify_waiters();
        early.await;

        let order = Rc::new(RefCell::new(Vec::new()));
        let mut tasks = Vec::new();
        for number in 0..3 {
            let (notify, order) = (notify.clone(), order.clone());
            tasks.push(runtime.spawn_local("waiter", async move {
                notify.notified().await;
                order.borrow_mut().push(number);
            }));
        }
        yield_now().await;
        yield_now().await;
        // The first is given the wake-up and dies before it uses it: the second must have it.
        notify.notify_one();
        tasks[0].abort();
        runtime.timeout(Duration::from_secs(10), &mut tasks[1]).await.unwrap().unwrap();
        notify.notify_one();
        runtime.timeout(Duration::from_secs(10), &mut tasks[2]).await.unwrap().unwrap();
        assert_eq!(*order.borrow(), [1, 2]);
    });
}

#[test]
fn a_watch_shows_the_latest_value_to_everybody() {
    on_both(|runtime| async move {
        let (sender, receiver) = watch::channel(0);
        let tasks: Vec<_> = (0..3)
            .map(|_| {
                let mut receiver = receiver.clone();
                runtime.spawn_local("watcher", async move {
                    let reached = receiver.wait_for(|value| *value >= 3).await;
                    (reached, receiver.changed().await)
                })
            })
            .collect();
        for value in 1..=3 {
            yield_now().await;
            sender.send(value);
        }
        let late = sender.subscribe();
        assert_eq!(late.get(), 3);
        yield_now().await;
        yield_now().await;
        drop(sender);
        for task in tasks {
            assert_eq!(task.await, Ok((Ok(3), Err(Closed))));
        }
    });
}

#[test]
fn e3_an_oversized_reservation_progresses_when_the_pool_is_empty() {
    on_both(|runtime| async move {
        let pool = MemoryPool::new(100);
        let small = pool.reserve(60).await;
        let order = Rc::new(RefCell::new(Vec::new()));
        let mut tasks = Vec::new();
        for (name, bytes) in [("huge", 500), ("little", 1), ("whole", 100)] {
            let (pool, order) = (pool.clone(), order.clone());
            tasks.push(runtime.spawn_local(name, async move {
                let reservation = pool.reserve(bytes).await;
                assert_eq!(reservation.bytes(), bytes);
                order.borrow_mut().push(name);
                yield_now().await;
            }));
            yield_now().await;
        }
        // 40 bytes are free, but whoever came first is huge, and nobody overtakes him.
        assert!(order.borrow().is_empty());
        assert_eq!(pool.waiting(), 3);
        assert!(pool.try_reserve(1).is_none());
        drop(small);
        for task in tasks {
            runtime.timeout(Duration::from_secs(10), task).await.unwrap().unwrap();
        }
        assert_eq!(*order.borrow(), ["huge", "little", "whole"]);
        assert_eq!(pool.available(), 100);

        let mut reservation = pool.try_reserve(100).unwrap();
        reservation.shrink(30);
        assert_eq!(pool.available(), 70);
        // A wait that is given up leaves its place to the next.
        assert!(runtime.timeout(Duration::from_millis(5), pool.reserve(90)).await.is_err());
        assert!(pool.try_reserve(70).is_some());
    });
}

#[test]
fn e3_many_reservations_never_exceed_the_pool_and_all_end() {
    on_both(|runtime| async move {
        let pool = MemoryPool::new(64);
        let used = Rc::new(RefCell::new((0_u64, 0_u64)));
        let mut tasks = Vec::new();
        for number in 0..200_u64 {
            let (pool, used, clock) = (pool.clone(), used.clone(), runtime.clone());
            tasks.push(runtime.spawn_local("request", async move {
                let bytes = 1 + clock.random_u64() % 100;
                let reservation = pool.reserve(bytes).await;
                used.borrow_mut().0 += reservation.bytes().min(64);
                assert!(used.borrow().0 <= 64);
                if number % 3 == 0 {
                    yield_now().await;
                }
                used.borrow_mut().0 -= reservation.bytes().min(64);
                used.borrow_mut().1 += 1;
            }));
        }
        for task in tasks {
            runtime.timeout(Duration::from_secs(20), task).await.unwrap().unwrap();
        }
        assert_eq!(used.borrow().1, 200);
        assert_eq!(pool.available(), 64);
    });
}

#[test]
fn channels_lose_nothing_between_threads() {
    on_real(|runtime| async move {
        let (sender, mut receiver) = mpsc::channel(4);
        let notify = Arc::new(Notify::new());
        for core in 0..2 {
            let (sender, notify) = (sender.clone(), notify.clone());
            runtime.spawn_on(core, "producer", move |_| async move {
                for number in 0..5_000_u64 {
                    sender.send(number).await.unwrap();
                }
                notify.notify_one();
            });
        }
        drop(sender);
        let mut sum = 0;
        while let Some(number) = receiver.recv().await {
            sum += number;
        }
        assert_eq!(sum, 2 * (0..5_000).sum::<u64>());
        runtime.timeout(Duration::from_secs(10), notify.notified()).await.unwrap();
    });
}
