//! What cannot be written down is an error for whoever asked, and for nobody else: nothing is loaded anew, nobody loses
//! his place.

use headwater_base::ErrorCode;

use super::member::Member;
use crate::node::{Folder, Node, log_of};

/// A batch that the log does not take.
#[test]
fn records_that_are_too_large_are_refused_alone() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    node.client().create_topic("t", 300, &[]);
    let mut member = Member::new(&node, "g");
    let mut waits = Member::new(&node, "g");
    assert_eq!(member.join().error_code, 0);
    waits.come();
    while member.heartbeat() != ErrorCode::RebalanceInProgress {}
    assert_eq!(member.join().error_code, 0);
    assert_eq!(waits.joined().error_code, 0);
    waits.ask_to_sync(&[]);
    // The leader's assignments are above what the log takes: it alone hears so, and may try again.
    let (one, other) = (member.id.clone(), waits.id.clone());
    let large = vec![b'x'; 2 << 20];
    assert_eq!(member.sync(&[(&one, &large), (&other, b"b")]).0, ErrorCode::UnknownServerError);
    assert_eq!(member.heartbeat(), ErrorCode::None);
    assert_eq!(member.sync(&[(&one, b"a"), (&other, b"b")]), (ErrorCode::None, b"a".to_vec()));
    assert_eq!(waits.synced(), (ErrorCode::None, b"b".to_vec()));
    // 300 offsets with 4 KiB of metadata each.
    assert_eq!(member.commit(300, 1, &"m".repeat(4_096)), ErrorCode::UnknownServerError);
    assert_eq!(member.offsets(), []);
    assert_eq!(member.commit(300, 1, &"m".repeat(100)), ErrorCode::None);
    assert_eq!(member.offsets().len(), 300);
    assert_eq!((member.heartbeat(), waits.heartbeat()), (ErrorCode::None, ErrorCode::None));
    assert!(!log_of(&folder).contains("group coordinator ends"));
}
