//! DescribeGroups (key 15): a classic group as it stands (`GroupMetadataManager.describeGroups`).
//!
//! Since version 6 a group that does not exist, or is of another protocol, is GROUP_ID_NOT_FOUND; before it is a dead one.

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};

use crate::classic::{ClassicState, Member};
use crate::state::Shard;

const NOT_FOUND_FROM: i16 = 6;

impl Shard {
    pub(crate) fn describe_group(&self, id: &str, version: i16) -> DescribedGroup {
        let described = DescribedGroup { group_id: id.to_owned(), ..DescribedGroup::default() };
        let Some(group) = self.classic(id) else {
            let message = match self.groups.get(id) {
                Some(_) => format!("Group {id} is not a classic group."),
                None => format!("Group {id} not found."),
            };
            let missing = DescribedGroup { group_state: "Dead".to_owned(), ..described };
            return if version >= NOT_FOUND_FROM {
                DescribedGroup {
                    error_code: ErrorCode::GroupIdNotFound.code(),
                    error_message: Some(message),
                    ..missing
                }
            } else {
                missing
            };
        };
        let stable = group.state == ClassicState::Stable;
        let protocol = group.protocol.as_deref().filter(|_| stable).unwrap_or_default();
        let member = |member: &Member| DescribedGroupMember {
            member_id: member.id.to_string(),
            group_instance_id: member.instance_id.as_deref().map(str::to_owned),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            member_metadata: if stable { member.metadata(protocol).to_vec() } else { Vec::new() },
            // Also while the group rebalances: what was assigned last.
            member_assignment: member.assignment.clone(),
        };
        DescribedGroup {
            group_state: group.state.name().to_owned(),
            protocol_type: group.protocol_type.as_deref().unwrap_or_default().to_owned(),
            protocol_data: protocol.to_owned(),
            members: group.members.values().map(|known| member(known)).collect(),
            ..described
        }
    }
}
