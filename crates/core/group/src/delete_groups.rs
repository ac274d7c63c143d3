//! DeleteGroups (key 42): groups without members, with all their offsets (`GroupCoordinatorShard.deleteGroups`).

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::delete_groups_response::{DeletableGroupResult, DeleteGroupsResponse};

use crate::decide::{Answer, Decision, Ticket};
use crate::record::GroupRecord;
use crate::state::{Group, Shard};

impl Shard {
    /// What takes a group without members out of the log; its offsets are another matter.
    pub(crate) fn group_tombstones(&self, id: &str) -> Vec<GroupRecord> {
        match self.groups.get(id) {
            None => Vec::new(),
            Some(Group::Classic(_)) => vec![GroupRecord::group_tombstone(id)],
            Some(Group::Consumer(group)) => group.tombstones(),
        }
    }

    pub(crate) fn delete_groups(&self, ticket: Ticket, groups: &[String]) -> Decision {
        let mut records = Vec::new();
        let results = groups
            .iter()
            .map(|id| {
                let error = match self.groups.get(id.as_str()) {
                    None => ErrorCode::GroupIdNotFound,
                    Some(group) if !group.is_empty() => ErrorCode::NonEmptyGroup,
                    Some(_) => ErrorCode::None,
                };
                if error == ErrorCode::None {
                    records.extend(self.offsets.tombstones(id));
                    records.extend(self.group_tombstones(id));
                }
                DeletableGroupResult { group_id: id.clone(), error_code: error.code() }
            })
            .collect();
        let answer = DeleteGroupsResponse { results, ..DeleteGroupsResponse::default() };
        Decision { records, ..Decision::answer(ticket, Answer::Delete(answer)) }
    }
}
