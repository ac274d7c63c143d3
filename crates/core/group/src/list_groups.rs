//! ListGroups (key 16): the groups of one shard. States and types are compared without case.

use headwater_protocol::messages::list_groups_request::ListGroupsRequest;
use headwater_protocol::messages::list_groups_response::ListedGroup;

use crate::state::Shard;

/// Kafka's name of the type of all groups here.
const CLASSIC: &str = "classic";

impl Shard {
    pub(crate) fn list_groups(&self, request: &ListGroupsRequest) -> Vec<ListedGroup> {
        let named = |filter: &[String], name: &str| {
            filter.is_empty() || filter.iter().any(|wanted| wanted.trim().eq_ignore_ascii_case(name))
        };
        if !named(&request.types_filter, CLASSIC) {
            return Vec::new();
        }
        self.groups
            .values()
            .filter(|group| named(&request.states_filter, group.state.name()))
            .map(|group| ListedGroup {
                group_id: group.id.to_string(),
                protocol_type: group.protocol_type.as_deref().unwrap_or_default().to_owned(),
                group_state: group.state.name().to_owned(),
                group_type: CLASSIC.to_owned(),
            })
            .collect()
    }
}
