//! `kafka-broker-api-versions`: which requests brokers answer (`org.apache.kafka.tools.BrokerApiVersionsCommand`).

use headwater_client::{Admin, ErrorKind, Target};
use headwater_protocol::api::{ApiKey, Listener};
use headwater_protocol::messages::api_versions_response::ApiVersionsResponse;
use headwater_protocol::messages::describe_cluster_response::DescribeClusterBroker;

use crate::cluster::{admin, admin_config, block_on, client_properties};
use crate::command_line::{DISPLAY_VERSION, HELP, help_or_version, require};
use crate::console::{Console, Stop, Thrown};
use crate::java::{hash_order, string_hash};
use crate::jopt::{Row, parse, takes};

const OPTIONS: &[Row] = &[
    HELP,
    DISPLAY_VERSION,
    takes(
        &["command-config"],
        "command config property file",
        "A property file containing configs to be passed to Admin Client.",
    ),
    takes(&["bootstrap-server"], "server(s) to use for bootstrapping", "REQUIRED: The server to connect to."),
];

/// How long one broker is asked, if the configuration does not say it.
const REQUEST_TIMEOUT_MS: &str = "5000";

/// Runs the tool.
pub fn main(arguments: &[String], console: &mut Console) -> i32 {
    match run(arguments, console) {
        Ok(()) => 0,
        Err(Stop::Exit(code)) => code,
        Err(Stop::Thrown(thrown)) => {
            console.error_line(thrown.text());
            1
        }
    }
}

fn run(arguments: &[String], console: &mut Console) -> Result<(), Stop> {
    let options = parse(OPTIONS, false, arguments)?;
    let about = "This tool helps to retrieve broker version information.";
    help_or_version(console, &options, arguments, about)?;
    require(console, &options, &["bootstrap-server"])?;
    let file = options.value("command-config")?;
    let bootstrap = options.value("bootstrap-server")?.unwrap_or_default();
    let mut properties = client_properties(file.as_deref(), Some(&bootstrap))?;
    properties.entry("request.timeout.ms".to_owned()).or_insert_with(|| REQUEST_TIMEOUT_MS.to_owned());
    let timeout = properties["request.timeout.ms"].clone();
    properties.insert("default.api.timeout.ms".to_owned(), timeout);
    let config = admin_config(&properties)?;
    block_on(async |runtime| {
        let admin = admin(&runtime, config);
        let outcome = show(&admin, &bootstrap, console).await;
        admin.close();
        outcome
    })
}

async fn show(admin: &Admin, bootstrap: &str, console: &mut Console) -> Result<(), Stop> {
    let brokers = match admin.describe_cluster(false).await {
        Ok(cluster) => cluster.brokers,
        Err(error) if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Disconnected) => {
            let nodes: Vec<String> = bootstrap
                .split(',')
                .zip(1..)
                .map(|(address, number)| format!("{address} (id: -{number} rack: null isFenced: false)"))
                .collect();
            let message = format!("Request METADATA failed on brokers [{}]", nodes.join(", "));
            return Err(Thrown::new("java.lang.RuntimeException", message).into());
        }
        Err(error) => return Err(error.into()),
    };
    for broker in hash_order(brokers, node_hash) {
        let rack = broker.rack.as_deref().unwrap_or("null");
        let node = format!(
            "{}:{} (id: {} rack: {rack} isFenced: {})",
            broker.host, broker.port, broker.broker_id, broker.is_fenced
        );
        match admin.api_versions(&Target::Node(broker.broker_id)).await {
            Ok(versions) => console.line(format!("{node} -> {}", text(&versions))),
            Err(error) => {
                console.line(format!("{node} -> ERROR: {}", Thrown::from(error).described()));
            }
        }
    }
    Ok(())
}

/// `Node.hashCode`.
fn node_hash(node: &DescribeClusterBroker) -> i32 {
    let parts = [
        string_hash(&node.host),
        node.broker_id,
        node.port,
        node.rack.as_deref().map_or(0, string_hash),
        if node.is_fenced { 1231 } else { 1237 },
    ];
    parts.into_iter().fold(1, |hash, part| hash.wrapping_mul(31).wrapping_add(part))
}

fn text(versions: &ApiVersionsResponse) -> String {
    let mut lines: Vec<(i16, String)> = Vec::new();
    for found in &versions.api_keys {
        let range = if found.min_version == found.max_version {
            found.min_version.to_string()
        } else {
            format!("{} to {}", found.min_version, found.max_version)
        };
        let line = match ApiKey::from_code(found.api_key) {
            None => format!("UNKNOWN({}): {range}", found.api_key),
            Some(key) => {
                let row = key.row();
                let usable = if row.max_version < found.min_version {
                    "unusable: node too new".to_owned()
                } else if found.max_version < row.min_version {
                    "unusable: node too old".to_owned()
                } else {
                    format!("usable: {}", row.max_version.min(found.max_version))
                };
                format!("{}({}): {range} [{usable}]", row.name, found.api_key)
            }
        };
        lines.push((found.api_key, line));
    }
    for row in ApiKey::rows().iter().filter(|row| row.listeners.contains(&Listener::Broker)) {
        let id = row.key.code();
        if !lines.iter().any(|(it, _)| *it == id) {
            lines.push((id, format!("{}({id}): UNSUPPORTED", row.name)));
        }
    }
    lines.sort();
    let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
    format!("(\n\t{}\n)", lines.join(",\n\t"))
}
