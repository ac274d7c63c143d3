//! Case T3: the coordinator is killed in the middle of a rebalance, and in the middle of commits.

use headwater_base::ErrorCode;
use headwater_protocol::ApiKey;

use super::member::{Member, offsets};
use crate::node::{Folder, Node};

const PARTITIONS: i32 = 40;

/// A commit is all or nothing, and what was acknowledged stays.
#[test]
fn t3_killed_in_the_middle_of_commits() {
    let folder = Folder::new();
    let mut node = Node::start(&folder);
    node.client().create_topic("t", PARTITIONS, &[]);
    let mut member = Member::new(&node, "g");
    member.alone(b"all");
    let mut next = 1;
    for round in 0..6 {
        let mut acknowledged = next - 1;
        // Many under way, of which only some are answered when the node dies.
        for offset in next..next + 60 {
            let request = member.commit_request(PARTITIONS, offset, "");
            member.client.send(ApiKey::OffsetCommit, 9, &request);
        }
        for _ in 0..round * 9 {
            let answer = member.client.receive_as(ApiKey::OffsetCommit, 9).1;
            assert_eq!(super::member::committed(&answer), ErrorCode::None);
            acknowledged += 1;
        }
        node.kill();
        node = Node::start(&folder);
        member = member.reconnected(&node);
        let found = offsets(&mut member.client, "g");
        if acknowledged > 0 {
            assert_eq!(found.len(), PARTITIONS as usize);
        }
        let first = found.first().map_or(0, |(_, offset)| *offset);
        assert!(found.iter().all(|(_, offset)| *offset == first), "half a commit: {found:?}");
        assert!((acknowledged..next + 60).contains(&first), "{first}, and {acknowledged} was acknowledged");
        // The member is one still, in its generation, with its assignment.
        assert_eq!(member.heartbeat(), ErrorCode::None);
        assert_eq!(member.describe().members[0].member_assignment, b"all");
        next = first + 1;
    }
}

/// A generation that nobody was told is forgotten, one that somebody was told is not; the members come together again.
#[test]
fn t3_killed_in_the_middle_of_a_rebalance() {
    let folder = Folder::new();
    let mut node = Node::start(&folder);
    node.client().create_topic("t", 2, &[]);
    let mut leader = Member::new(&node, "g");
    leader.alone(b"all");
    assert_eq!(leader.commit(2, 3, ""), ErrorCode::None);
    // While members gather.
    let mut other = Member::new(&node, "g");
    other.come();
    while leader.heartbeat() != ErrorCode::RebalanceInProgress {}
    node.kill();
    node = Node::start(&folder);
    leader = leader.reconnected(&node);
    other = other.reconnected(&node);
    assert_eq!(leader.heartbeat(), ErrorCode::None, "its generation was told, so it is there");
    other.id.clear();
    other.come();
    while leader.heartbeat() != ErrorCode::RebalanceInProgress {}
    assert_eq!(leader.join().error_code, 0);
    assert_eq!(other.joined().error_code, 0);
    // While the leader assigns.
    other.ask_to_sync(&[]);
    node.kill();
    node = Node::start(&folder);
    leader = leader.reconnected(&node);
    other = other.reconnected(&node);
    let (one, two) = (leader.id.clone(), other.id.clone());
    let told = leader.sync(&[(&one, b"a"), (&two, b"b")]).0;
    assert_eq!(told, ErrorCode::IllegalGeneration, "the new generation was never written down");
    assert_eq!(leader.commit(2, 4, ""), ErrorCode::IllegalGeneration);
    assert_eq!(leader.offsets(), [(0, 3), (1, 3)]);
    // They come together again, and this time it lasts.
    other.id.clear();
    assert_eq!(leader.join().error_code, 0);
    let id = leader.id.clone();
    assert_eq!(leader.sync(&[(&id, b"all")]).0, ErrorCode::None);
    other.come();
    while leader.heartbeat() != ErrorCode::RebalanceInProgress {}
    assert_eq!(leader.join().error_code, 0);
    assert_eq!(other.joined().error_code, 0);
    other.ask_to_sync(&[]);
    let (one, two) = (leader.id.clone(), other.id.clone());
    assert_eq!(leader.sync(&[(&one, b"a"), (&two, b"b")]).0, ErrorCode::None);
    assert_eq!(other.synced(), (ErrorCode::None, b"b".to_vec()));
    node.kill();
    node = Node::start(&folder);
    leader = leader.reconnected(&node);
    other = other.reconnected(&node);
    assert_eq!((leader.heartbeat(), other.heartbeat()), (ErrorCode::None, ErrorCode::None));
    assert_eq!(other.sync(&[]), (ErrorCode::None, b"b".to_vec()));
}
