//! Whether the corpus asks for all that is advertised, in every version.

use std::collections::BTreeSet;

use headwater_broker::api::ROWS;
use headwater_protocol::ApiKey;

/// APIs that are compared elsewhere, and where.
const ELSEWHERE: &[(ApiKey, &str)] = &[
    (ApiKey::OffsetCommit, "groups"),
    (ApiKey::OffsetFetch, "groups"),
    (ApiKey::JoinGroup, "groups"),
    (ApiKey::Heartbeat, "groups"),
    (ApiKey::LeaveGroup, "groups"),
    (ApiKey::SyncGroup, "groups"),
    (ApiKey::DescribeGroups, "groups"),
    (ApiKey::ListGroups, "groups"),
    (ApiKey::DeleteGroups, "groups"),
    (ApiKey::OffsetDelete, "groups"),
];

/// The API versions that are advertised and that nobody asked for.
pub fn holes(asked: &BTreeSet<(i16, i16)>) -> Vec<String> {
    let rows = ROWS.iter().filter(|row| !ELSEWHERE.iter().any(|(key, _)| *key == row.key));
    let all =
        rows.flat_map(|row| (row.versions().0..=row.versions().1).map(move |version| (row.key, version)));
    all.filter(|pair| !asked.contains(&(pair.0.code(), pair.1)))
        .map(|(key, version)| format!("{key:?} v{version}"))
        .collect()
}
