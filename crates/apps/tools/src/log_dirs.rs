//! `kafka-log-dirs`: which partitions lie where, and how large they are (`org.apache.kafka.tools.LogDirsCommand`).

use headwater_base::{ErrorCode, PartitionIndex, TopicPartition};
use headwater_client::Admin;
use headwater_protocol::messages::describe_log_dirs_response::DescribeLogDirsResult;

use crate::cluster::{admin, admin_config, block_on, client_properties, code_class};
use crate::command_line::{DISPLAY_VERSION, HELP, help_or_version, require};
use crate::console::{Console, Stop, Thrown};
use crate::java::{hash_order, hash_order_sized, partition_hash, string_hash};
use crate::jopt::{OptionSet, Row, flag, parse, takes};
use crate::json::Json;

const OPTIONS: &[Row] = &[
    HELP,
    DISPLAY_VERSION,
    takes(&["bootstrap-server"], "The server(s) to use for bootstrapping", "REQUIRED: the server(s) to use for bootstrapping"),
    takes(&["command-config"], "Admin client property file", "Property file containing configs to be passed to Admin Client."),
    flag(&["describe"], "Describe the specified log directories on the specified brokers."),
    takes(&["topic-list"], "Topic list", "The list of topics to be queried in the form \"topic1,topic2,topic3\". All topics will be queried if no topic list is specified").defaults(&[""]),
    takes(&["broker-list"], "Broker list", "The list of brokers to be queried in the form \"0,1,2\". All brokers in the cluster will be queried if no broker list is specified").defaults(&[""]),
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
    let about = "This tool helps to query log directory usage on the specified brokers.";
    help_or_version(console, &options, arguments, about)?;
    require(console, &options, &["bootstrap-server", "describe"])?;
    let file = options.value("command-config")?;
    let properties = client_properties(file.as_deref(), options.value("bootstrap-server")?.as_deref())?;
    let config = admin_config(&properties)?;
    block_on(async |runtime| {
        let admin = admin(&runtime, config);
        let outcome = describe(&admin, &options, console).await;
        admin.close();
        outcome
    })
}

fn listed(options: &OptionSet<'_>, name: &str) -> Result<Vec<String>, Stop> {
    let text = options.value(name)?.unwrap_or_default();
    Ok(text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect())
}

fn joined(brokers: &[i32]) -> String {
    brokers.iter().map(i32::to_string).collect::<Vec<_>>().join(",")
}

async fn describe(admin: &Admin, options: &OptionSet<'_>, console: &mut Console) -> Result<(), Stop> {
    let topics = listed(options, "topic-list")?;
    let wrapped = |error| Thrown::from(error).wrapped("java.util.concurrent.ExecutionException");
    let cluster = admin.describe_cluster(false).await.map_err(wrapped)?;
    let present: Vec<i32> = cluster.brokers.iter().map(|broker| broker.broker_id).collect();
    let present = hash_order(present, |id| *id);
    let mut asked = Vec::new();
    for text in listed(options, "broker-list")? {
        let id: i32 = text.parse().map_err(|_| {
            Thrown::new("java.lang.NumberFormatException", format!("For input string: \"{text}\""))
        })?;
        if !asked.contains(&id) {
            asked.push(id);
        }
    }
    let asked = hash_order(asked, |id| *id);
    let missing: Vec<i32> = asked.iter().copied().filter(|id| !present.contains(id)).collect();
    if !missing.is_empty() {
        let message = format!(
            "ERROR: The given brokers do not exist from --broker-list: {}. Current existent brokers: {}",
            joined(&missing),
            joined(&present)
        );
        return Err(Thrown::new("org.apache.kafka.tools.TerseException", message).into());
    }
    let brokers = if asked.is_empty() { present } else { asked };
    console.line("Querying brokers for log directories information");
    console.flush();
    let mut answers = Vec::new();
    for (broker, directories) in admin.describe_log_dirs(&brokers, None).await {
        answers.push((broker, directories.map_err(wrapped)?));
    }
    console.line(format!("Received log directory information from brokers {}", joined(&brokers)));
    let count = answers.len();
    let answers = hash_order_sized(answers, count, |(broker, _)| *broker);
    let brokers = answers.into_iter().map(|(broker, directories)| {
        hashed([
            ("broker", Json::Number(i64::from(broker))),
            ("logDirs", Json::Array(directories_of(directories, &topics))),
        ])
    });
    let brokers = Json::Array(brokers.collect());
    console.line(hashed([("version", Json::Number(1)), ("brokers", brokers)]).to_string());
    Ok(())
}

/// An object whose members come as a hash map gives them.
fn hashed<const N: usize>(members: [(&str, Json); N]) -> Json {
    let members: Vec<(String, Json)> =
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Json::Object(hash_order(members, |(name, _)| string_hash(name)))
}

fn directories_of(directories: Vec<DescribeLogDirsResult>, topics: &[String]) -> Vec<Json> {
    let count = directories.len();
    let directories = hash_order_sized(directories, count, |it| string_hash(&it.log_dir));
    let shown = directories.into_iter().map(|directory| {
        let error = match ErrorCode::from_code(directory.error_code) {
            ErrorCode::None => Json::Null,
            code => Json::text(code_class(code)),
        };
        let partitions = partitions_of(&directory, topics);
        hashed([
            ("logDir", Json::text(directory.log_dir)),
            ("error", error),
            ("partitions", Json::Array(partitions)),
        ])
    });
    shown.collect()
}

fn partitions_of(directory: &DescribeLogDirsResult, topics: &[String]) -> Vec<Json> {
    let mut all = Vec::new();
    for topic in &directory.topics {
        for it in &topic.partitions {
            let partition = PartitionIndex(it.partition_index);
            all.push((TopicPartition { topic: topic.name.clone(), partition }, it));
        }
    }
    // The answer is put into one map, and what is shown of it into another.
    let mut all = hash_order(all, |(it, _)| partition_hash(it));
    all.retain(|(it, _)| topics.is_empty() || topics.contains(&it.topic));
    let all = hash_order(all, |(it, _)| partition_hash(it));
    let shown = all.into_iter().map(|(partition, it)| {
        hashed([
            ("partition", Json::text(partition.to_string())),
            ("size", Json::Number(it.partition_size)),
            ("offsetLag", Json::Number(it.offset_lag)),
            ("isFuture", Json::Bool(it.is_future_key)),
        ])
    });
    shown.collect()
}
