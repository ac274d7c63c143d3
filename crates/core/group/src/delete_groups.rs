//! DeleteGroups (key 42): groups without members, with all their offsets (`GroupCoordinatorShard.deleteGroups`).

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::delete_groups_response::{DeletableGroupResult, DeleteGroupsResponse};

use crate::classic::ClassicState;
use crate::decide::{Answer, Decision, Ticket};
use crate::record::GroupRecord;
use crate::state::Shard;

impl Shard {
    pub(crate) fn delete_groups(&self, ticket: Ticket, groups: &[String]) -> Decision {
        let mut records = Vec::new();
        let results = groups
            .iter()
            .map(|id| {
                let error = match self.groups.get(id.as_str()) {
                    None => ErrorCode::GroupIdNotFound,
                    Some(group) if group.state != ClassicState::Empty => ErrorCode::NonEmptyGroup,
                    Some(_) => ErrorCode::None,
                };
                if error == ErrorCode::None {
                    records.extend(self.offsets.tombstones(id));
                    records.push(GroupRecord::group_tombstone(id));
                }
                DeletableGroupResult { group_id: id.clone(), error_code: error.code() }
            })
            .collect();
        let answer = DeleteGroupsResponse { results, ..DeleteGroupsResponse::default() };
        Decision { records, ..Decision::answer(ticket, Answer::Delete(answer)) }
    }
}
