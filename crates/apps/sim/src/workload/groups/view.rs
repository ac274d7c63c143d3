//! Groups and offsets as an administrator sees them at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use headwater_base::ErrorCode;
use headwater_protocol::messages::list_groups_request::ListGroupsRequest;
use headwater_protocol::messages::list_groups_response::ListGroupsResponse;
use headwater_protocol::messages::offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestGroup};
use headwater_protocol::messages::offset_fetch_response::OffsetFetchResponse;

use crate::client::{Client, Connection, Lost};
use crate::group_history::{FetchedOffset, GroupView};
use crate::history::Place;

const RETRY_PAUSE: Duration = Duration::from_millis(20);
const MAX_TRIES: usize = 300;
/// The state of a group whose members are all gone.
const EMPTY: &str = "Empty";

/// Lists all groups, as soon as they have noticed that their members are gone, and fetches all their offsets; what was
/// found is added to the history.
///
/// # Errors
/// [`Lost`] when the node does not answer.
pub async fn view_all(client: &Client) -> Result<(), Lost> {
    let ids: Vec<String> = client.history.borrow().groups.keys().cloned().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let mut connection = client.connect().await?;
    let states = list(client, &mut connection).await?;
    for id in ids {
        let offsets = offsets(client, &mut connection, &id).await?;
        note_offsets(client, &id, &offsets);
        let view = GroupView { state: states.get(&id).cloned(), offsets };
        client.history.borrow_mut().group(&id).views.push(view);
    }
    Ok(())
}

async fn list(client: &Client, connection: &mut Connection) -> Result<BTreeMap<String, String>, Lost> {
    let mut states = Err(Lost("groups are not listed".to_owned()));
    for _ in 0..MAX_TRIES {
        let answer: ListGroupsResponse = connection.ask(5, &ListGroupsRequest::default()).await?;
        if answer.error_code == 0 {
            let empty = answer.groups.iter().all(|group| group.group_state == EMPTY);
            states = Ok(answer.groups.into_iter().map(|group| (group.group_id, group.group_state)).collect());
            if empty {
                break;
            }
        }
        client.runtime.sleep(RETRY_PAUSE).await;
    }
    states
}

async fn offsets(
    client: &Client,
    connection: &mut Connection,
    id: &str,
) -> Result<BTreeMap<(String, i32), (i64, String)>, Lost> {
    let asked = OffsetFetchRequestGroup {
        group_id: id.to_owned(),
        topics: None,
        ..OffsetFetchRequestGroup::default()
    };
    let request = OffsetFetchRequest { groups: vec![asked], ..OffsetFetchRequest::default() };
    let mut code = ErrorCode::None;
    for _ in 0..MAX_TRIES {
        let answer: OffsetFetchResponse = connection.ask(9, &request).await?;
        let Some(group) = answer.groups.into_iter().next() else { break };
        code = ErrorCode::from_code(group.error_code);
        if code == ErrorCode::None {
            let parts = group.topics.into_iter().flat_map(|topic| {
                let name = topic.name;
                topic.partitions.into_iter().map(move |part| {
                    let committed = (part.committed_offset, part.metadata.unwrap_or_default());
                    ((name.clone(), part.partition_index), committed)
                })
            });
            return Ok(parts.collect());
        }
        client.runtime.sleep(RETRY_PAUSE).await;
    }
    Err(Lost(format!("offsets of {id}: {}", code.name())))
}

/// What the administrator sees must be as true as what a member sees; nothing that was acknowledged may be missing.
fn note_offsets(client: &Client, id: &str, offsets: &BTreeMap<(String, i32), (i64, String)>) {
    let mut history = client.history.borrow_mut();
    let life = history.life();
    let kept: Vec<_> = history
        .topics
        .iter()
        .filter(|(_, topic)| !topic.deleting)
        .map(|(id, topic)| (*id, topic.name.clone()))
        .collect();
    let group = history.group(id);
    for (topic, name) in kept {
        let known: Vec<i32> = group
            .acknowledged
            .keys()
            .filter(|place| place.topic == topic)
            .map(|place| place.partition)
            .collect();
        for partition in known {
            let place = Place { topic, partition };
            let (offset, metadata) =
                offsets.get(&(name.clone(), partition)).cloned().unwrap_or((-1, String::new()));
            let floor = group.acknowledged.get(&place).copied();
            group.fetched.push(FetchedOffset { life, place, floor, offset, metadata });
        }
    }
}
