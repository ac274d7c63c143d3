//! Case P14: what members exchange is opaque to the coordinator, however false it is; it reads its log again after that.

use headwater_base::ErrorCode;

use super::member::Member;
use crate::node::{Folder, Node, log_of};

#[test]
fn p14_false_metadata_and_assignments_are_kept_as_they_are() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    node.client().create_topic("t", 1, &[]);
    // Truncated, with lengths beyond the end, with negative versions and lengths, and nothing at all.
    let lies: [&[u8]; 7] = [
        b"",
        b"\0",
        b"\0\0\x7f\xff\xff\xff",
        b"\0\x01\0\0\0\x01\0\x09t",
        b"\xff\xff\0\0\0\0",
        b"\0\0\xff\xff\xff\xfe\0\0",
        b"\0\x03\0\0\0\x01\0\x01t\x7f\xff\xff\xff\0\0\0\x01",
    ];
    let mut members = Vec::new();
    for (number, lie) in lies.iter().enumerate() {
        let mut member = Member { metadata: lie.to_vec(), ..Member::new(&node, &format!("g{number}")) };
        member.alone(lie);
        assert_eq!(member.commit(1, 7, ""), ErrorCode::None);
        members.push(member);
    }
    node.kill();
    let node = Node::start(&folder);
    for (member, lie) in members.into_iter().zip(lies) {
        let mut member = member.reconnected(&node);
        assert_eq!(member.heartbeat(), ErrorCode::None);
        let described = member.describe();
        assert_eq!((&*described.group_state, described.members.len()), ("Stable", 1));
        assert_eq!(described.members[0].member_metadata, lie);
        assert_eq!(described.members[0].member_assignment, lie);
        assert_eq!(member.offsets(), [(0, 7)]);
    }
    let log = log_of(&folder);
    assert!(!log.contains("panic") && !log.contains("cannot be read"), "{log}");
}
