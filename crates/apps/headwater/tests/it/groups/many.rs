//! Case T9: groups, members and ids in numbers, in bounded memory.

use headwater_base::ErrorCode;
use headwater_protocol::ApiKey;
use headwater_protocol::messages::offset_commit_response::OffsetCommitResponse;

use super::member::{Member, code, committed, offsets};
use crate::node::{Folder, Node};

/// Requests under way at once.
const WINDOW: usize = 100;

#[test]
fn t9_many_groups_of_one_client_take_little_memory_each() {
    const GROUPS: usize = 10_000;
    let folder = Folder::new();
    let node = Node::start(&folder);
    node.client().create_topic("t", 1, &[]);
    let mut member = Member::new(&node, "g");
    member.generation = -1;
    // These belong to all partitions, and each is asked for until it is read.
    let mut client = node.client();
    for number in 0..500 {
        super::member::find(&mut client, &format!("group-{number}"));
    }
    let before = node.resident_kib();
    for number in 0..GROUPS + WINDOW {
        if number < GROUPS {
            let mut request = member.commit_request(1, number as i64, "");
            request.group_id = format!("group-{number}");
            member.client.send(ApiKey::OffsetCommit, 9, &request);
        }
        if number >= WINDOW {
            let answer: OffsetCommitResponse = member.client.receive_as(ApiKey::OffsetCommit, 9).1;
            assert_eq!(committed(&answer), ErrorCode::None);
        }
    }
    let each = (node.resident_kib().saturating_sub(before)) * 1024 / GROUPS as u64;
    assert!(each < 8 * 1024, "{each} bytes for each group");
    // They are all there after a restart.
    node.kill();
    let node = Node::start(&folder);
    let mut client = node.client();
    for number in [0, 1, GROUPS / 2, GROUPS - 1] {
        super::member::find(&mut client, &format!("group-{number}"));
        assert_eq!(offsets(&mut client, &format!("group-{number}")), [(0, number as i64)]);
    }
}

#[test]
fn t9_a_group_takes_no_more_members_than_it_may() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, &["group.max.size=3"]);
    node.client().create_topic("t", 1, &[]);
    let mut first = Member::new(&node, "g");
    first.alone(b"all");
    let mut others = [Member::new(&node, "g"), Member::new(&node, "g")];
    others.iter_mut().for_each(Member::come);
    while first.heartbeat() != ErrorCode::RebalanceInProgress {}
    assert_eq!(first.join().error_code, 0);
    for other in &mut others {
        assert_eq!(other.joined().error_code, 0);
    }
    for number in 0..20 {
        let mut surplus = Member::new(&node, "g");
        surplus.ask_to_join();
        let refused = code(surplus.joined().error_code);
        assert_eq!(refused, ErrorCode::GroupMaxSizeReached, "the member that is number {}", number + 4);
    }
    others.iter_mut().for_each(|other| other.ask_to_sync(&[]));
    let ids: Vec<String> = others.iter().map(|other| other.id.clone()).chain([first.id.clone()]).collect();
    let given: Vec<(&str, &[u8])> = ids.iter().map(|id| (id.as_str(), b"part".as_slice())).collect();
    assert_eq!(first.sync(&given).0, ErrorCode::None);
    for other in &mut others {
        assert_eq!(other.synced(), (ErrorCode::None, b"part".to_vec()));
    }
    assert_eq!(first.describe().members.len(), 3);
}
