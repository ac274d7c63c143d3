//! `--describe`.

use headwater_client::Admin;
use headwater_client::ErrorKind;
use headwater_client::admin::{ConfigResource, ResourceType};
use headwater_protocol::messages::describe_configs_response::DescribeConfigsResourceResult;

use super::{resource_type, singular};
use crate::console::{Console, Stop, Thrown};
use crate::format::{Format, Table};
use crate::java::{hash_order, string_hash};
use crate::json::Json;

/// `ConfigEntry.ConfigSource`, by number.
const SOURCES: [&str; 9] = [
    "UNKNOWN",
    "DYNAMIC_TOPIC_CONFIG",
    "DYNAMIC_BROKER_CONFIG",
    "DYNAMIC_DEFAULT_BROKER_CONFIG",
    "STATIC_BROKER_CONFIG",
    "DEFAULT_CONFIG",
    "DYNAMIC_BROKER_LOGGER_CONFIG",
    "DYNAMIC_CLIENT_METRICS_CONFIG",
    "DYNAMIC_GROUP_CONFIG",
];

fn source(number: i8) -> &'static str {
    usize::try_from(number).ok().and_then(|at| SOURCES.get(at)).unwrap_or(&SOURCES[0])
}

fn execution(error: headwater_client::Error) -> Thrown {
    Thrown::from(error).wrapped("java.util.concurrent.ExecutionException")
}

pub(super) async fn describe(
    admin: &Admin,
    kind: &str,
    name: Option<&String>,
    all: bool,
    format: Format,
    console: &mut Console,
) -> Result<(), Stop> {
    let names = match name {
        Some(name) => {
            if !all && !exists(admin, kind, name).await? {
                let kind = singular(kind);
                console.line(format!("The {kind} '{name}' doesn't exist and doesn't have dynamic config."));
                return Ok(());
            }
            vec![name.clone()]
        }
        None => everything(admin, kind).await?,
    };
    let mut json = Vec::new();
    for name in names {
        let title = if name.is_empty() {
            format!("Default configs for {kind} in the cluster are:")
        } else {
            format!("{} configs for {} {name} are:", if all { "All" } else { "Dynamic" }, singular(kind))
        };
        if format == Format::Kafka {
            console.line(&title);
        }
        let found = entries(admin, kind, &name, true, all).await?;
        match format {
            Format::Kafka => found.iter().for_each(|entry| console.line(line(entry))),
            Format::Json => json.push(entity_json(&name, &found)),
            Format::Table => {
                let mut table = Table::new(&["CONFIG", "VALUE", "SOURCE"]);
                table.title(&title);
                for it in found {
                    let value = it.value.unwrap_or_else(|| "null".to_owned());
                    table.row([it.name, value, source(it.config_source).to_owned()]);
                }
                table.show(console);
            }
        }
    }
    if format == Format::Json {
        console.line(Json::Array(json).to_string());
    }
    Ok(())
}

fn shown(value: Option<&String>) -> &str {
    value.map_or("null", String::as_str)
}

fn line(entry: &DescribeConfigsResourceResult) -> String {
    let synonyms: Vec<String> = entry
        .synonyms
        .iter()
        .map(|it| format!("{}:{}={}", source(it.source), it.name, shown(it.value.as_ref())))
        .collect();
    format!(
        "  {}={} sensitive={} synonyms={{{}}}",
        entry.name,
        shown(entry.value.as_ref()),
        entry.is_sensitive,
        synonyms.join(", ")
    )
}

fn entity_json(name: &str, entries: &[DescribeConfigsResourceResult]) -> Json {
    let entries = entries.iter().map(|it| {
        Json::object([
            ("name", Json::text(&it.name)),
            ("value", it.value.as_ref().map_or(Json::Null, Json::text)),
            ("source", Json::text(source(it.config_source))),
            ("sensitive", Json::Bool(it.is_sensitive)),
        ])
    });
    Json::object([("entity", Json::text(name)), ("configs", Json::Array(entries.collect()))])
}

/// Whether there is such a thing.
async fn exists(admin: &Admin, kind: &str, name: &str) -> Result<bool, Stop> {
    Ok(match kind {
        "topics" => {
            check_topic(name)?;
            let topics = admin.list_topics(true).await.map_err(execution)?;
            topics.iter().any(|topic| topic.name == name)
        }
        "brokers" | "broker-loggers" => {
            let cluster = admin.describe_cluster(false).await.map_err(execution)?;
            name.is_empty() || cluster.brokers.iter().any(|broker| broker.broker_id.to_string() == name)
        }
        "client-metrics" => {
            let found =
                admin.list_config_resources(&[ResourceType::ClientMetrics]).await.map_err(execution)?;
            found.iter().any(|(_, it)| it == name)
        }
        _ => {
            let groups = crate::consumer_groups::all_groups(admin, &[], &[]).await?;
            groups.iter().any(|group| group.group_id == name)
                || group_resources(admin).await?.is_none_or(|names| names.iter().any(|it| it == name))
        }
    })
}

/// The groups that have a configuration; `None` where that cannot be asked.
async fn group_resources(admin: &Admin) -> Result<Option<Vec<String>>, Stop> {
    match admin.list_config_resources(&[ResourceType::Group]).await {
        Ok(found) => Ok(Some(found.into_iter().map(|(_, name)| name).collect())),
        Err(error) if error.kind() == ErrorKind::UnsupportedVersion => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn everything(admin: &Admin, kind: &str) -> Result<Vec<String>, Stop> {
    Ok(match kind {
        "topics" => {
            let topics = admin.list_topics(true).await.map_err(execution)?;
            let names: Vec<String> = topics.into_iter().map(|topic| topic.name).collect();
            hash_order(names, |name| string_hash(name))
        }
        "brokers" | "broker-loggers" => {
            let cluster = admin.describe_cluster(false).await.map_err(execution)?;
            let ids = cluster.brokers.iter().map(|broker| broker.broker_id.to_string());
            ids.chain([String::new()]).collect()
        }
        "client-metrics" => {
            let found =
                admin.list_config_resources(&[ResourceType::ClientMetrics]).await.map_err(execution)?;
            found.into_iter().map(|(_, name)| name).collect()
        }
        _ => {
            let groups = crate::consumer_groups::all_groups(admin, &[], &[]).await?;
            let mut names: Vec<String> = groups.into_iter().map(|group| group.group_id).collect();
            names.extend(group_resources(admin).await?.unwrap_or_default());
            names.sort();
            names.dedup();
            names
        }
    })
}

fn check_topic(name: &str) -> Result<(), Thrown> {
    let invalid = |why: String| {
        Err(Thrown::new(
            "org.apache.kafka.common.errors.InvalidTopicException",
            format!("Topic name is invalid: {why}"),
        ))
    };
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    if name.is_empty() {
        return invalid("the empty string is not allowed".to_owned());
    }
    if name == "." || name == ".." {
        return invalid("'.' or '..' is not allowed".to_owned());
    }
    if name.len() > 249 {
        return invalid(format!("the length of '{name}' is longer than the max allowed length 249"));
    }
    if !name.chars().all(allowed) {
        return invalid(format!(
            "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        ));
    }
    Ok(())
}

pub(super) fn broker_id(name: &str, kind: &str) -> Result<(), Thrown> {
    if name.parse::<i32>().is_err() {
        let message = format!("The entity name for {kind} must be a valid integer broker id, found: {name}");
        return Err(Thrown::illegal_argument(message));
    }
    Ok(())
}

/// The entries of one thing by name: those that were set for it, or all.
pub(super) async fn entries(
    admin: &Admin,
    kind: &str,
    name: &str,
    synonyms: bool,
    all: bool,
) -> Result<Vec<DescribeConfigsResourceResult>, Stop> {
    let wanted = match kind {
        "topics" => {
            if !name.is_empty() {
                check_topic(name)?;
            }
            Some(1)
        }
        "brokers" if name.is_empty() => Some(3),
        "brokers" => {
            broker_id(name, kind)?;
            Some(2)
        }
        "broker-loggers" => {
            broker_id(name, kind)?;
            None
        }
        "client-metrics" => Some(7),
        _ => Some(8),
    };
    let resource = ConfigResource::new(resource_type(kind), name);
    let mut found = Vec::new();
    for (_, entries) in admin.describe_configs(vec![(resource, None)], synonyms, false).await {
        found.extend(entries.map_err(execution)?);
    }
    found.retain(|entry| all || wanted.is_none_or(|wanted| entry.config_source == wanted));
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}
