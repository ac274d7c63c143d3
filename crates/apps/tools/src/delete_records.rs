//! `kafka-delete-records`: removes the beginning of partitions (`org.apache.kafka.tools.DeleteRecordsCommand`).

use headwater_base::TopicPartition;

use crate::cluster::{admin, admin_config, block_on, client_properties};
use crate::command_line::{DISPLAY_VERSION, HELP, help_or_version, require};
use crate::console::{Console, Stop, Thrown};
use crate::java::{hash_order, partition_hash};
use crate::jopt::{Row, parse, takes};
use crate::json::Json;

const OPTIONS: &[Row] = &[
    HELP,
    DISPLAY_VERSION,
    takes(&["bootstrap-server"], "server(s) to use for bootstrapping", "REQUIRED: The server to connect to."),
    takes(
        &["offset-json-file"],
        "Offset json file path",
        "REQUIRED: The JSON file with offset per partition. The format to use is:\n{\"partitions\":\n  [{\"topic\": \"foo\", \"partition\": 1, \"offset\": 1}],\n \"version\":1\n}",
    ),
    takes(
        &["command-config"],
        "command config property file path",
        "A property file containing configs to be passed to Admin Client.",
    ),
];

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
    let about = "This tool helps to delete records of the given partitions down to the specified offset.";
    help_or_version(console, &options, arguments, about)?;
    require(console, &options, &["bootstrap-server", "offset-json-file"])?;
    let file = options.value("command-config")?;
    let properties = client_properties(file.as_deref(), options.value("bootstrap-server")?.as_deref())?;
    let config = admin_config(&properties)?;
    let path = options.value("offset-json-file")?.unwrap_or_default();
    let text = std::fs::read_to_string(&path)
        .map_err(|_| Thrown::new("java.io.IOException", format!("Unable to read file {path}")))?;
    let wanted = wanted(&text)?;
    console.line("Executing records delete operation");
    console.flush();
    let results = block_on(async |runtime| {
        let admin = admin(&runtime, config);
        let results = admin.delete_records(wanted).await;
        admin.close();
        results
    });
    console.line("Records delete operation completed:");
    for (partition, result) in hash_order(results, |(it, _)| partition_hash(it)) {
        match result {
            Ok(low) => console.line(format!("partition: {partition}\tlow_watermark: {low}")),
            Err(error) => {
                console.line(format!("partition: {partition}\terror: {}", Thrown::from(error).described()));
            }
        }
    }
    Ok(())
}

fn operation_error(message: impl Into<String>) -> Thrown {
    Thrown::new("org.apache.kafka.tools.AdminOperationException", message)
}

/// The partitions of the file and the offsets before which they are to be empty.
fn wanted(text: &str) -> Result<Vec<(TopicPartition, i64)>, Thrown> {
    let json = Json::parse(text).ok_or_else(|| operation_error("The input string is not a valid JSON"))?;
    let version = json.get("version").map_or(Some(1), Json::number);
    if version != Some(1) {
        let version = version.map_or_else(|| "null".to_owned(), |version| version.to_string());
        return Err(operation_error(format!("Not supported version field value {version}")));
    }
    let partitions = json.get("partitions").ok_or_else(|| operation_error("Missing partitions field"))?;
    let mut wanted: Vec<(TopicPartition, i64)> = Vec::new();
    let mut doubled: Vec<TopicPartition> = Vec::new();
    for entry in partitions.items()? {
        let partition = entry.partition()?;
        let offset = entry.member("offset")?.whole("Long")?;
        if wanted.iter().any(|(it, _)| *it == partition) {
            doubled.push(partition);
        } else {
            wanted.push((partition, offset));
        }
    }
    if !doubled.is_empty() {
        doubled.sort();
        doubled.dedup();
        let doubled = hash_order(doubled, partition_hash);
        let doubled: Vec<String> = doubled.iter().map(TopicPartition::to_string).collect();
        return Err(Thrown::new(
            "org.apache.kafka.tools.AdminCommandFailedException",
            format!("Offset json file contains duplicate topic partitions: {}", doubled.join(",")),
        ));
    }
    Ok(wanted)
}
