//! `uniform` when all members want the same topics (`UniformHomogeneousAssignmentBuilder`).
//!
//! Nobody has more than one partition more than anybody else. Members keep what they have up to their quota; the rest goes
//! to those who are below theirs. The odd ones stay with those who have one more already, else who comes last gets them.

use headwater_base::Uuid;

use super::{GroupAssignment, GroupSpec, NOBODY, Owner, Owners, PartitionCounts, UnknownTopic};

pub(super) fn assign(
    group: &GroupSpec<'_>,
    counts: &dyn PartitionCounts,
) -> Result<GroupAssignment, UnknownTopic> {
    let topics = group.members.first().map_or(&[][..], |member| member.subscribed);
    let mut owners = Owners::new(topics, counts)?;
    let total: usize = owners.by_topic.values().map(Vec::len).sum();
    let (quota, mut extra) = (total / group.members.len(), total % group.members.len());

    let mut below = Vec::new();
    let mut revoked = Vec::new();
    let free = not_assigned(group, &owners);
    for (index, member) in (0..).zip(&group.members) {
        let mut may_have_more = extra > 0;
        let mut quota = quota + usize::from(may_have_more);
        for (topic, partitions) in member.assigned.iter() {
            for &partition in partitions {
                match owners.of(*topic, partition) {
                    Some(owner) if *owner == NOBODY && quota > 0 => {
                        *owner = index;
                        quota -= 1;
                    }
                    Some(owner) if *owner == NOBODY => revoked.push((*topic, partition)),
                    // Another topic than the group's, or a partition that does not exist.
                    _ => (),
                }
            }
        }
        if may_have_more && quota > 0 && group.members.len() - index as usize > extra {
            // It has no use for one more at present, and enough others follow.
            quota -= 1;
            may_have_more = false;
        }
        if quota > 0 {
            below.push((index, quota));
        }
        extra -= usize::from(may_have_more);
    }
    hand_out(&mut owners, below, free, revoked);
    Ok(owners.into_assignment(group))
}

/// The partitions of the group's topics that nobody has yet, by topic and number.
fn not_assigned(group: &GroupSpec<'_>, owners: &Owners) -> Vec<(Uuid, i32)> {
    let mut marks = Owners { by_topic: owners.by_topic.clone() };
    for (index, member) in (0..).zip(&group.members) {
        for (topic, partitions) in member.assigned.iter() {
            for &partition in partitions {
                if let Some(owner) = marks.of(*topic, partition) {
                    *owner = index;
                }
            }
        }
    }
    let mut free = Vec::new();
    for (topic, marks) in marks.by_topic {
        free.extend(
            (0..).zip(marks).filter(|(_, owner)| *owner == NOBODY).map(|(partition, _)| (topic, partition)),
        );
    }
    free
}

/// First what nobody had, then what was taken from those who had too much.
fn hand_out(
    owners: &mut Owners,
    below: Vec<(Owner, usize)>,
    free: Vec<(Uuid, i32)>,
    revoked: Vec<(Uuid, i32)>,
) {
    let mut rest = free.into_iter().chain(revoked);
    for (member, quota) in below {
        for (topic, partition) in rest.by_ref().take(quota) {
            if let Some(owner) = owners.of(topic, partition) {
                *owner = member;
            }
        }
    }
    debug_assert!(rest.next().is_none(), "quotas add up to the number of partitions");
}
