//! `range`: each topic is cut into as many runs as it has subscribers, and the same member gets the same place in every
//! topic, so that topics with equally many partitions are assigned together (`RangeAssignor`).
//!
//! Static members come first, in the order of their instance ids: a restart of them changes nobody's place.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use headwater_base::Uuid;

use super::{
    GroupAssignment, GroupSpec, MemberSpec, PartitionCounts, TopicPartitions, UnknownTopic, unchanged_or_new,
};

/// How a topic is cut.
struct Cut {
    /// The next partition to hand out, and the number of all.
    next: i32,
    count: i32,
    /// What everybody gets, and how many still get one more.
    quota: i32,
    extra: i32,
}

pub(super) fn assign(
    group: &GroupSpec<'_>,
    counts: &dyn PartitionCounts,
) -> Result<GroupAssignment, UnknownTopic> {
    let mut subscribers: BTreeMap<Uuid, i32> = BTreeMap::new();
    for topic in group.members.iter().flat_map(|member| member.subscribed) {
        *subscribers.entry(*topic).or_default() += 1;
    }
    let mut cuts = BTreeMap::new();
    for (topic, subscribers) in subscribers {
        let count = counts.partition_count(topic).ok_or(UnknownTopic(topic))?;
        cuts.insert(topic, Cut { next: 0, count, quota: count / subscribers, extra: count % subscribers });
    }
    let mut order: Vec<usize> = (0..group.members.len()).collect();
    order.sort_by(|&left, &right| by_place(&group.members[left], &group.members[right]));

    let mut targets: Vec<TopicPartitions> = vec![BTreeMap::new(); group.members.len()];
    for member in order {
        for topic in group.members[member].subscribed {
            let Some(cut) = cuts.get_mut(topic) else { continue };
            let mut quota = cut.quota;
            if cut.extra > 0 {
                quota += 1;
                cut.extra -= 1;
            }
            let end = (cut.next + quota).min(cut.count);
            if cut.next < end {
                targets[member].insert(*topic, (cut.next..end).collect());
            }
            cut.next = end;
        }
    }
    Ok(unchanged_or_new(group, targets))
}

fn by_place(left: &MemberSpec<'_>, right: &MemberSpec<'_>) -> Ordering {
    match (left.instance_id, right.instance_id) {
        (Some(left), Some(right)) => java_order(left, right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => java_order(left.member_id, right.member_id),
    }
}

/// The order of Java's strings, which differs from ours beyond the first 65,536 characters.
fn java_order(left: &str, right: &str) -> Ordering {
    if left.is_ascii() && right.is_ascii() {
        left.cmp(right)
    } else {
        left.encode_utf16().cmp(right.encode_utf16())
    }
}
