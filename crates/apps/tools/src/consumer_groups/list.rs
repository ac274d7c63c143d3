//! `--list`.

use headwater_base::ErrorCode;
use headwater_client::{Admin, Error, ErrorKind, Target};
use headwater_protocol::messages::list_groups_request::ListGroupsRequest;
use headwater_protocol::messages::list_groups_response::ListedGroup;

use super::given;
use crate::console::{Console, Stop, Thrown};
use crate::format::{Format, Table};
use crate::java::{hash_order, string_hash};
use crate::jopt::OptionSet;
use crate::json::Json;

/// States of groups by their names.
const STATES: [&str; 7] =
    ["PreparingRebalance", "CompletingRebalance", "Stable", "Dead", "Empty", "Assigning", "Reconciling"];
const TYPES: [&str; 2] = ["Classic", "Consumer"];

/// The groups of all brokers, each once, in the order in which the brokers give them: where two fall into one place of the
/// reference's map, that order shows.
pub async fn all_groups(
    admin: &Admin,
    states: &[String],
    types: &[String],
) -> Result<Vec<ListedGroup>, Thrown> {
    let brokers = admin.describe_cluster(false).await.map_err(|error| match error.kind() {
        ErrorKind::Timeout => {
            let message = "Failed to find brokers to send ListGroups";
            Thrown::new("org.apache.kafka.common.KafkaException", message)
        }
        _ => error.into(),
    })?;
    let mut all: Vec<ListedGroup> = Vec::new();
    for broker in brokers.brokers {
        let request = ListGroupsRequest { states_filter: states.to_vec(), types_filter: types.to_vec() };
        let answer = admin.call(&Target::Node(broker.broker_id), &request).await?;
        match ErrorCode::from_code(answer.error_code) {
            ErrorCode::None => {}
            code => return Err(Error::api(code, None).into()),
        }
        for group in answer.groups {
            if !all.iter().any(|it| it.group_id == group.group_id) {
                all.push(group);
            }
        }
    }
    Ok(all)
}

async fn list_groups(admin: &Admin, states: &[String], types: &[String]) -> Result<Vec<ListedGroup>, Thrown> {
    let mut all = all_groups(admin, states, types).await?;
    for group in &mut all {
        // Brokers write the types small.
        if let Some(name) = TYPES.iter().find(|name| name.eq_ignore_ascii_case(&group.group_type)) {
            group.group_type = (*name).to_owned();
        }
    }
    all.retain(|group| group.protocol_type.is_empty() || group.protocol_type == "consumer");
    Ok(hash_order(all, |group| string_hash(&group.group_id)))
}

/// The ids of all consumer groups, in the order in which the reference gives them.
pub(super) async fn consumer_groups(admin: &Admin) -> Result<Vec<String>, Thrown> {
    let groups = list_groups(admin, &[], &TYPES.map(str::to_owned)).await;
    let groups = groups.map_err(|thrown| {
        thrown.wrapped("java.util.concurrent.ExecutionException").wrapped("java.lang.RuntimeException")
    })?;
    Ok(groups.into_iter().map(|group| group.group_id).collect())
}

/// Names between commas, of which each has to be one of `valid`, in whatever letters.
fn names(text: &str, valid: &[&str], what: &str) -> Result<Vec<String>, Thrown> {
    let mut found: Vec<String> = Vec::new();
    for part in text.split(',') {
        let Some(name) = valid.iter().find(|name| name.eq_ignore_ascii_case(part.trim())) else {
            let message = format!("Invalid {what} list '{text}'. Valid {what} are: {}", valid.join(", "));
            return Err(Thrown::illegal_argument(message.replace("Valid state are", "Valid states are")));
        };
        if !found.iter().any(|it| it == name) {
            found.push((*name).to_owned());
        }
    }
    Ok(found)
}

pub(super) async fn list(
    admin: &Admin,
    options: &OptionSet<'_>,
    format: Format,
    console: &mut Console,
) -> Result<(), Stop> {
    let (with_type, with_state) = (options.has("type"), options.has("state"));
    if !with_type && !with_state && format == Format::Kafka {
        consumer_groups(admin).await?.iter().for_each(|group| console.line(group));
        return Ok(());
    }
    let types = given(options, "type")?.unwrap_or_default();
    let types = if types.is_empty() { Vec::new() } else { names(&types, &TYPES, "types")? };
    let states = given(options, "state")?.unwrap_or_default();
    let states = if states.is_empty() { Vec::new() } else { names(&states, &STATES, "state")? };
    let groups = list_groups(admin, &states, &types)
        .await
        .map_err(|thrown| thrown.wrapped("java.util.concurrent.ExecutionException"))?;
    match format {
        Format::Json => {
            let all = groups.iter().map(|group| {
                Json::object([
                    ("group", Json::text(&group.group_id)),
                    ("type", Json::text(&group.group_type)),
                    ("state", Json::text(&group.group_state)),
                ])
            });
            console.line(Json::Array(all.collect()).to_string());
        }
        Format::Table => {
            let mut table = Table::new(&["GROUP", "TYPE", "STATE"]);
            groups.into_iter().for_each(|it| table.row([it.group_id, it.group_type, it.group_state]));
            table.show(console);
        }
        Format::Kafka => print(&groups, with_type, with_state, console),
    }
    Ok(())
}

fn print(groups: &[ListedGroup], with_type: bool, with_state: bool, console: &mut Console) {
    let longest = groups.iter().map(|group| group.group_id.chars().count().max(15)).max();
    let width = longest.unwrap_or(15) + 10;
    let mut line = |group: &str, kind: &str, state: &str| {
        let mut text = format!("{group:width$}");
        if with_type {
            text.push_str(&format!(" {kind:20}"));
        }
        if with_state {
            text.push_str(&format!(" {state:20}"));
        }
        console.line(text);
    };
    line("GROUP", "TYPE", "STATE");
    let known = |text: &str| if text.is_empty() { "Unknown".to_owned() } else { text.to_owned() };
    for group in groups {
        line(&group.group_id, &known(&group.group_type), &known(&group.group_state));
    }
}
