//! `kafka-configs`: shows and changes configurations of topics, brokers, loggers, groups and subscriptions to client metrics
//! (`kafka.admin.ConfigCommand`).
//!
//! Different from the reference: what is set for users, clients and addresses (quotas, SCRAM credentials) is refused, because nodes
//! of ours have none of it; and controllers are not asked directly (`--bootstrap-controller`).

mod describe;
mod options;
mod values;

use headwater_client::Admin;
use headwater_client::admin::{AlterConfig, AlterOperation, ConfigResource, ResourceType};

use crate::cluster::{admin, admin_config, block_on, client_properties};
use crate::command_line::help_or_version;
use crate::console::{Console, Stop, Thrown};
use crate::format::Format;
use crate::jopt::{OptionSet, parse};

const INVALID_CONFIGURATION: &str = "org.apache.kafka.common.errors.InvalidConfigurationException";

/// Runs the tool.
pub fn main(arguments: &[String], console: &mut Console) -> i32 {
    match run(arguments, console) {
        Ok(()) => 0,
        Err(Stop::Exit(code)) => code,
        Err(Stop::Thrown(thrown)) => {
            let plain = [
                "java.lang.IllegalArgumentException",
                INVALID_CONFIGURATION,
                "org.apache.kafka.common.errors.InvalidTopicException",
            ];
            if plain.contains(&thrown.class.as_str()) || thrown.class.starts_with("joptsimple.") {
                console.error_line(thrown.text());
            } else {
                let line = arguments.join(" ");
                console.error_line(format!("Error while executing config command with args '{line}'"));
                console.error_line(thrown.described());
            }
            1
        }
    }
}

fn run(arguments: &[String], console: &mut Console) -> Result<(), Stop> {
    let (format, arguments) = crate::format::take(arguments)?;
    let options = parse(options::OPTIONS, false, &arguments)?;
    let about = "This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip, \
                 client-metrics or group";
    help_or_version(console, &options, &arguments, about)?;
    options::check(console, &options)?;
    let kinds = options::types(&options)?;
    let names = options::names(&options)?;
    if options.has("bootstrap-controller") {
        return Err(Thrown::illegal_argument(
            "this program asks brokers, not controllers: --bootstrap-server",
        )
        .into());
    }
    let file = options.value("command-config")?;
    let properties = client_properties(file.as_deref(), options.value("bootstrap-server")?.as_deref())?;
    let config = admin_config(&properties)?;
    if options.has("alter") && kinds.len() != names.len() {
        return Err(Thrown::illegal_argument("An entity name must be specified for every entity type").into());
    }
    let kind = kinds.first().cloned().unwrap_or_default();
    if ["users", "clients", "ips"].contains(&kind.as_str()) {
        let message = "quotas and SCRAM credentials are neither shown nor changed by this program";
        return Err(Thrown::illegal_argument(message).into());
    }
    block_on(async |runtime| {
        let admin = admin(&runtime, config);
        let outcome = act(&admin, &options, &kind, &names, format, console).await;
        admin.close();
        outcome
    })
}

async fn act(
    admin: &Admin,
    options: &OptionSet<'_>,
    kind: &str,
    names: &[String],
    format: Format,
    console: &mut Console,
) -> Result<(), Stop> {
    if options.has("describe") {
        let all = options.has("all");
        return describe::describe(admin, kind, names.first(), all, format, console).await;
    }
    let name = names.first().cloned().unwrap_or_default();
    let mut changes: Vec<AlterConfig> = Vec::new();
    let added = values::to_add(options)?;
    let deleted: Vec<String> =
        options.values("delete-config")?.iter().map(|key| key.trim().to_owned()).collect();
    if kind == "broker-loggers" {
        let known = describe::entries(admin, kind, &name, false, true).await?;
        let unknown: Vec<&str> = deleted
            .iter()
            .chain(added.iter().map(|(key, _)| key))
            .filter(|key| !known.iter().any(|entry| entry.name == **key))
            .map(String::as_str)
            .collect();
        if !unknown.is_empty() {
            let message = format!("Invalid broker logger(s): {}", unknown.join(","));
            return Err(Thrown::new(INVALID_CONFIGURATION, message).into());
        }
    }
    for key in deleted {
        changes.push(AlterConfig {
            name: key,
            operation: AlterOperation::Delete,
            value: Some(String::new()),
        });
    }
    for (key, value) in added {
        changes.push(AlterConfig { name: key, operation: AlterOperation::Set, value: Some(value) });
    }
    if kind == "brokers" && !name.is_empty() {
        describe::broker_id(&name, kind)?;
    }
    let resource = ConfigResource::new(resource_type(kind), &name);
    for (_, result) in admin.incremental_alter_configs(vec![(resource, changes)], false).await {
        result.map_err(|error| Thrown::from(error).wrapped("java.util.concurrent.ExecutionException"))?;
    }
    if name.is_empty() {
        console.line(format!("Completed updating default config for {kind} in the cluster."));
    } else {
        console.line(format!("Completed updating config for {} {name}.", singular(kind)));
    }
    Ok(())
}

/// The type of a resource, by what the options call it.
fn resource_type(kind: &str) -> ResourceType {
    match kind {
        "topics" => ResourceType::Topic,
        "brokers" => ResourceType::Broker,
        "broker-loggers" => ResourceType::BrokerLogger,
        "client-metrics" => ResourceType::ClientMetrics,
        _ => ResourceType::Group,
    }
}

/// Without the last letter, whatever it is.
fn singular(kind: &str) -> &str {
    &kind[..kind.len() - 1]
}
