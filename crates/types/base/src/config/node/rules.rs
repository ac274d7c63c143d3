//! Rules that span several keys (`KafkaConfig.validateValues`), in the order in which the reference applies them.

use std::collections::BTreeSet;

use super::{Roles, Values};
use crate::NodeId;
use crate::config::host_port::{self, HostPort};
use crate::config::value::{ConfigError, Value};

/// Members of the quorum, as far as the configuration names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quorum {
    /// The fixed members, when the quorum is a fixed one.
    pub voters: Vec<(NodeId, HostPort)>,
    /// Where members of a dynamic quorum can be found.
    pub bootstrap_servers: Vec<HostPort>,
}

fn require(holds: bool, text: impl Into<String>) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError(text.into())) }
}

/// `node.id` and `broker.id` name the same thing; one that is not set takes the other's value.
pub(super) fn node_id(values: &Values) -> Result<NodeId, ConfigError> {
    let id = values.int("node.id");
    require(values.int("broker.id") == id, "You must set `node.id` to the same value as `broker.id`.")?;
    Ok(NodeId(id))
}

/// The rules about times and sizes.
pub(super) fn check_numbers(values: &Values) -> Result<(), ConfigError> {
    require(values.topic_long("segment.ms") >= 1, "log.roll.ms must be greater than or equal to 1")?;
    require(
        values.topic_long("segment.jitter.ms") >= 0,
        "log.roll.jitter.ms must be greater than or equal to 0",
    )?;
    require(
        values.topic_long("retention.ms") != 0,
        "log.retention.ms must be unlimited (-1) or, greater than or equal to 1",
    )?;
    let per_cleaner = values
        .long("log.cleaner.dedupe.buffer.size")
        .checked_div(values.long("log.cleaner.threads"))
        .unwrap_or(i64::MAX);
    require(
        per_cleaner > 1024 * 1024,
        "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.",
    )?;
    let fetch_wait = values.int("replica.fetch.wait.max.ms");
    require(
        fetch_wait <= values.int("replica.socket.timeout.ms"),
        "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket \
         timeouts",
    )?;
    require(
        i64::from(fetch_wait) <= values.long("replica.lag.time.max.ms"),
        "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent \
         changes in ISR",
    )
}

/// The rules about the quorum's members.
pub(super) fn quorum(values: &Values, roles: Roles, node_id: NodeId) -> Result<Quorum, ConfigError> {
    let voters = values
        .list("controller.quorum.voters")
        .iter()
        .map(|entry| host_port::voter(entry))
        .collect::<Result<Vec<_>, _>>()?;
    let bootstrap_servers = values
        .list("controller.quorum.bootstrap.servers")
        .iter()
        .map(|entry| host_port::bootstrap(entry))
        .collect::<Result<Vec<_>, _>>()?;
    require(
        !voters.is_empty() || !bootstrap_servers.is_empty(),
        "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap \
         controllers or controller.quorum.voters must contain a parseable set of controllers.",
    )?;
    let ids: BTreeSet<NodeId> = voters.iter().map(|(id, _)| *id).collect();
    let set = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if roles.controller {
        require(
            ids.is_empty() || ids.contains(&node_id),
            format!(
                "If process.roles contains the 'controller' role, the node id {node_id} must be included in the set \
                 of voters controller.quorum.voters=Set({set})"
            ),
        )?;
    } else {
        require(
            !ids.contains(&node_id),
            format!(
                "If process.roles contains just the 'broker' role, the node id {node_id} must not be included in the \
                 set of voters controller.quorum.voters=Set({set})"
            ),
        )?;
        require(
            !values.boolean("controller.quorum.auto.join.enable"),
            "controller.quorum.auto.join.enable is only supported when process.roles contains the 'controller' role.",
        )?;
    }
    Ok(Quorum { voters, bootstrap_servers })
}

/// Where metrics are asked for.
pub(super) fn metrics_listener(values: &Values) -> Result<Option<HostPort>, ConfigError> {
    const KEY: &str = "headwater.metrics.listener";
    let text = values.text(KEY);
    if text.is_empty() || text == "off" {
        return Ok(None);
    }
    match host_port::split(&text) {
        Ok(address) if !text.contains("://") => Ok(Some(address)),
        _ => Err(ConfigError::invalid(KEY, &text, "Value must be of the form host:port, or off")),
    }
}

/// The rules about connections. Returns the limits for single addresses.
pub(super) fn connections(values: &Values) -> Result<Vec<(String, u32)>, ConfigError> {
    let memory = values.long("queued.max.request.bytes");
    require(
        memory <= 0 || memory >= values.long("socket.request.max.bytes"),
        "queued.max.request.bytes must be larger or equal to socket.request.max.bytes",
    )?;
    let overrides = overrides(values)?;
    require(
        values.int("max.connections.per.ip") != 0 || !overrides.is_empty(),
        "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.",
    )?;
    let (delay, idle) =
        (values.int("connection.failed.authentication.delay.ms"), values.long("connections.max.idle.ms"));
    require(
        idle < 0 || i64::from(delay) < idle,
        format!(
            "connection.failed.authentication.delay.ms={delay} should always be less than \
             connections.max.idle.ms={idle} to prevent failed authentication responses from timing out"
        ),
    )?;
    Ok(overrides)
}

/// Limits for single addresses: `host:count` between commas (`Csv.parseCsvMap`).
pub(super) fn overrides(values: &Values) -> Result<Vec<(String, u32)>, ConfigError> {
    const OVERRIDES: &str = "max.connections.per.ip.overrides";
    let text = values.text(OVERRIDES);
    let mut overrides = Vec::new();
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let Some((host, count)) = entry.rsplit_once(':').map(|(host, count)| (host.trim(), count.trim()))
        else {
            let length = entry.encode_utf16().count();
            return Err(ConfigError(format!(
                "Error parsing configuration property '{OVERRIDES}': begin 0, end -1, length {length}"
            )));
        };
        let number: i32 = count.parse().map_err(|_| ConfigError(format!("For input string: \"{count}\"")))?;
        let valid = host.chars().all(|c| c.is_ascii_alphanumeric() || "-%._:".contains(c));
        require(valid, format!("{OVERRIDES} contains invalid addresses : {host}"))?;
        // A negative limit lets nobody in.
        overrides.push((host.to_owned(), u32::try_from(number).unwrap_or(0)));
    }
    Ok(overrides)
}

/// Listeners that open early must exist.
pub(super) fn check_early_start(values: &Values, known: &[&str]) -> Result<(), ConfigError> {
    for name in values.list("early.start.listeners") {
        let name = name.to_uppercase();
        require(
            known.contains(&name.as_str()),
            format!(
                "early.start.listeners contains listener {name}, but this is not contained in listeners or \
                 controller.listener.names"
            ),
        )?;
    }
    Ok(())
}

/// `log.dirs`, or `log.dir` when that is not set.
pub(super) fn log_dirs(values: &Values) -> Vec<String> {
    match values.value("log.dirs") {
        Value::List(dirs) => dirs,
        _ => values.list("log.dir"),
    }
}
