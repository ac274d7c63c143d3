//! Cases T1 and T2: members that pause too long, and two with one instance id.

use std::time::{Duration, Instant};

use headwater_base::ErrorCode;

use super::member::Member;
use crate::node::{Folder, Node};

const SHORT_SESSIONS: &[&str] = &["group.min.session.timeout.ms=100"];

/// Both members in one generation, the first one leads and assigned `a` and `b`.
fn two(first: &mut Member, second: &mut Member) {
    second.come();
    let begun = Instant::now();
    while first.heartbeat() != ErrorCode::RebalanceInProgress {
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    assert_eq!(first.join().error_code, 0);
    assert_eq!(second.joined().error_code, 0);
    assert_eq!(first.generation, second.generation);
    second.ask_to_sync(&[]);
    let (one, other) = (first.id.clone(), second.id.clone());
    assert_eq!(first.sync(&[(&one, b"a"), (&other, b"b")]), (ErrorCode::None, b"a".to_vec()));
    assert_eq!(second.synced(), (ErrorCode::None, b"b".to_vec()));
}

#[test]
fn t1_a_member_that_paused_too_long_commits_nothing() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, SHORT_SESSIONS);
    node.client().create_topic("t", 2, &[]);
    let mut stays = Member::new(&node, "g");
    stays.alone(b"all");
    let mut pauses = Member { session_timeout_ms: 1_500, ..Member::new(&node, "g") };
    two(&mut stays, &mut pauses);
    assert_eq!(pauses.commit(2, 5, "in time"), ErrorCode::None);
    // It says nothing for longer than its session; the other one goes on.
    let begun = Instant::now();
    while stays.heartbeat() != ErrorCode::RebalanceInProgress {
        assert!(begun.elapsed() < Duration::from_secs(30), "it is never put out");
        std::thread::sleep(Duration::from_millis(20));
    }
    let old = stays.generation;
    assert_eq!(stays.join().error_code, 0);
    let id = stays.id.clone();
    assert_eq!(stays.sync(&[(&id, b"all")]).0, ErrorCode::None);
    assert_eq!(stays.commit(2, 9, "newer"), ErrorCode::None);
    assert_eq!(pauses.commit(2, 6, "too late"), ErrorCode::UnknownMemberId);
    assert_eq!(pauses.heartbeat(), ErrorCode::UnknownMemberId);
    // A member of the generation before is no better.
    stays.generation = old;
    assert_eq!(stays.commit(2, 7, "of the generation before"), ErrorCode::IllegalGeneration);
    assert_eq!(stays.offsets(), [(0, 9), (1, 9)]);
    let described = stays.describe();
    assert_eq!(described.members.len(), 1);
    assert_eq!(described.members[0].member_assignment, b"all");
}

#[test]
fn t2_the_older_of_two_with_one_instance_id_is_fenced() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    node.client().create_topic("t", 1, &[]);
    let mut older = Member::with_instance(&node, "g", "i");
    older.alone(b"all");
    assert_eq!(older.commit(1, 1, ""), ErrorCode::None);
    let mut newer = Member::with_instance(&node, "g", "i");
    let joined = newer.join();
    // The generation goes on as it is, and the assignment with it.
    assert_eq!((joined.error_code, joined.generation_id), (0, older.generation));
    assert!(joined.skip_assignment);
    assert_eq!(newer.sync(&[]), (ErrorCode::None, b"all".to_vec()));
    assert_eq!(older.heartbeat(), ErrorCode::FencedInstanceId);
    assert_eq!(older.commit(1, 2, ""), ErrorCode::FencedInstanceId);
    assert_eq!(older.sync(&[]).0, ErrorCode::FencedInstanceId);
    assert_eq!(older.join().error_code, ErrorCode::FencedInstanceId.code());
    assert_eq!(newer.commit(1, 3, ""), ErrorCode::None);
    assert_eq!(newer.offsets(), [(0, 3)]);
    // Also while it waits: the older one's JoinGroup is answered when the newer one comes.
    let mut other = Member::new(&node, "g");
    other.come();
    while newer.heartbeat() != ErrorCode::RebalanceInProgress {}
    let mut waits = Member::with_instance(&node, "g", "j");
    waits.ask_to_join();
    let mut newest = Member::with_instance(&node, "g", "j");
    std::thread::sleep(Duration::from_millis(200));
    newest.ask_to_join();
    assert_eq!(waits.joined().error_code, ErrorCode::FencedInstanceId.code());
    assert_eq!(newer.join().error_code, 0);
    assert_eq!(newest.joined().error_code, 0);
    assert_eq!(other.joined().error_code, 0);
}
