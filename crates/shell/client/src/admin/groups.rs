//! Groups: listed, described, deleted, members removed.

use std::collections::BTreeMap;

use headwater_base::ErrorCode;
use headwater_protocol::ApiKey;
use headwater_protocol::messages::consumer_group_describe_request::ConsumerGroupDescribeRequest;
use headwater_protocol::messages::consumer_group_describe_response as consumer;
use headwater_protocol::messages::delete_groups_request::DeleteGroupsRequest;
use headwater_protocol::messages::describe_groups_request::DescribeGroupsRequest;
use headwater_protocol::messages::describe_groups_response as classic;
use headwater_protocol::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use headwater_protocol::messages::list_groups_request::ListGroupsRequest;
use headwater_protocol::messages::list_groups_response::ListedGroup;

use super::{Admin, Each};
use crate::error::{Error, ErrorKind, Result, check, check_with};
use crate::net::cluster::Topics;
use crate::net::routing::Target;

/// A group that uses the classic or the consumer protocol.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupDescription {
    /// A classic group, as DescribeGroups tells it.
    Classic(classic::DescribedGroup),
    /// A group of KIP-848, as ConsumerGroupDescribe tells it.
    Consumer(consumer::DescribedGroup),
}

/// A member to be removed from a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberToRemove {
    /// The member's id; empty with an instance id.
    pub member_id: String,
    /// The id of a static member.
    pub group_instance_id: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

impl Admin {
    /// The groups of all brokers, those in one of the states and of one of the types, of every one when these are empty.
    ///
    /// # Errors
    /// When a broker does not answer in time.
    pub async fn list_groups(&self, states: &[String], types: &[String]) -> Result<Vec<ListedGroup>> {
        let deadline = self.api_deadline();
        self.cluster
            .attempts("findAllBrokers", deadline, async || {
                self.cluster.refresh(&Topics::None, false, deadline).await.map(|_| ())
            })
            .await?;
        let nodes: Vec<i32> =
            self.cluster.inner.metadata.borrow().brokers().map(|broker| broker.id).collect();
        let mut groups: BTreeMap<String, ListedGroup> = BTreeMap::new();
        for node in nodes {
            let response = self
                .cluster
                .attempts("listGroups", deadline, async || {
                    let link = self.cluster.route(&Target::Node(node), deadline).await?;
                    let lowest = if !types.is_empty() {
                        5
                    } else if !states.is_empty() {
                        4
                    } else {
                        0
                    };
                    let version = link.ready().await?.pick(ApiKey::ListGroups, lowest, i16::MAX)?;
                    let request =
                        ListGroupsRequest { states_filter: states.to_vec(), types_filter: types.to_vec() };
                    let response = self.cluster.exchange(&link, version, &request, deadline).await?;
                    check(response.error_code).map(|()| response)
                })
                .await?;
            groups.extend(response.groups.into_iter().map(|group| (group.group_id.clone(), group)));
        }
        Ok(groups.into_values().collect())
    }

    /// Describes classic groups. A group that does not exist is `Dead`, or GROUP_ID_NOT_FOUND from version 6 on.
    pub async fn describe_classic_groups(&self, groups: &[String]) -> Each<String, classic::DescribedGroup> {
        let mut results = Vec::new();
        for group in groups {
            let make = || DescribeGroupsRequest {
                groups: vec![group.clone()],
                include_authorized_operations: false,
            };
            let result = self
                .of_group("describeGroups", group, make, |response| {
                    let described = response.groups.into_iter().next().ok_or_else(no_answer)?;
                    check_with(described.error_code, described.error_message.as_deref()).map(|()| described)
                })
                .await;
            results.push((group.clone(), result));
        }
        results
    }

    /// Describes groups of either kind (`describeConsumerGroups`): first as a group of KIP-848, and as a classic one
    /// when the coordinator knows no such group or not the API.
    pub async fn describe_consumer_groups(&self, groups: &[String]) -> Each<String, GroupDescription> {
        let mut results = Vec::new();
        for group in groups {
            results.push((group.clone(), self.describe_consumer_group(group).await));
        }
        results
    }

    async fn describe_consumer_group(&self, group: &str) -> Result<GroupDescription> {
        let make = || ConsumerGroupDescribeRequest {
            group_ids: vec![group.to_owned()],
            include_authorized_operations: false,
        };
        let described = self
            .of_group("describeConsumerGroups", group, make, |response| {
                let described = response.groups.into_iter().next().ok_or_else(no_answer)?;
                check_with(described.error_code, described.error_message.as_deref()).map(|()| described)
            })
            .await;
        match described {
            Ok(described) => Ok(GroupDescription::Consumer(described)),
            Err(error)
                if error.kind() == ErrorKind::UnsupportedVersion
                    || error.is(ErrorCode::GroupIdNotFound)
                    || error.is(ErrorCode::UnsupportedVersion) =>
            {
                let classic = self.describe_classic_groups(&[group.to_owned()]).await;
                let classic = classic.into_iter().next().ok_or_else(no_answer)?;
                classic.1.map(GroupDescription::Classic)
            }
            Err(error) => Err(error),
        }
    }

    /// Deletes empty groups.
    pub async fn delete_groups(&self, groups: &[String]) -> Each<String, ()> {
        let mut results = Vec::new();
        for group in groups {
            let make = || DeleteGroupsRequest { groups_names: vec![group.clone()] };
            let result = self
                .of_group("deleteGroups", group, make, |response| {
                    check(response.results.first().ok_or_else(no_answer)?.error_code)
                })
                .await;
            results.push((group.clone(), result));
        }
        results
    }

    /// Removes members from a classic group, or from a group of KIP-848 those with an instance id.
    ///
    /// # Errors
    /// When the group as a whole refuses; what is wrong with a member is in its place of the result.
    pub async fn remove_group_members(
        &self,
        group: &str,
        members: Vec<MemberToRemove>,
    ) -> Result<Each<MemberToRemove, ()>> {
        let member = |it: &MemberToRemove| MemberIdentity {
            member_id: it.member_id.clone(),
            group_instance_id: it.group_instance_id.clone(),
            reason: it.reason.clone(),
        };
        let deadline = self.api_deadline();
        let target = Target::Group(group.to_owned());
        let response = self
            .cluster
            .attempts("leaveGroup", deadline, async || {
                let link = self.cluster.route(&target, deadline).await?;
                let request = LeaveGroupRequest {
                    group_id: group.to_owned(),
                    members: members.iter().map(member).collect(),
                    ..LeaveGroupRequest::default()
                };
                let version = link.ready().await?.pick(ApiKey::LeaveGroup, 3, i16::MAX)?;
                let answer = self.cluster.exchange(&link, version, &request, deadline).await;
                let answer = answer.and_then(|response| check(response.error_code).map(|()| response));
                self.found_lost(&target, answer)
            })
            .await?;
        let mut answers = response.members.into_iter();
        Ok(members
            .into_iter()
            .map(|member| {
                let result = answers.next().ok_or_else(no_answer).and_then(|it| check(it.error_code));
                (member, result)
            })
            .collect())
    }
}

pub(super) fn no_answer() -> Error {
    Error::new(ErrorKind::Protocol, "the response does not name the group")
}
