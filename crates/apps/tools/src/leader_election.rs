//! `kafka-leader-election`: has leaders of partitions elected (`org.apache.kafka.tools.LeaderElectionCommand`).

use headwater_base::{ErrorCode, PartitionIndex, TopicPartition};
use headwater_client::ErrorKind;
use headwater_client::admin::ElectionType;

use crate::cluster::{admin, admin_config, block_on, client_properties};
use crate::command_line::{DISPLAY_VERSION, HELP, exclude, help_or_version};
use crate::console::{Console, Stop, Thrown};
use crate::java::{hash_order, partition_hash};
use crate::jopt::{Kind, OptionSet, Row, flag, parse, takes};
use crate::json::Json;

const OPTIONS: &[Row] = &[
    HELP,
    DISPLAY_VERSION,
    takes(&["bootstrap-server"], "host:port", "A hostname and port for the broker to connect to, in the form host:port. Multiple comma separated URLs can be given. REQUIRED."),
    takes(&["admin.config"], "config file", "(DEPRECATED) Configuration properties files to pass to the admin client. This option will be removed in a future version. Use --command-config instead."),
    takes(&["command-config"], "Config file", "Config properties file to pass to the admin client."),
    takes(&["path-to-json-file"], "Path to JSON file", "The JSON file with the list  of partition for which leader elections should be performed. This is an example format. \n{\"partitions\":\n\t[{\"topic\": \"foo\", \"partition\": 1},\n\t {\"topic\": \"foobar\", \"partition\": 2}]\n}\nNot allowed if --all-topic-partitions or --topic flags are specified."),
    takes(&["topic"], "topic name", "Name of topic for which to perform an election. Not allowed if --path-to-json-file or --all-topic-partitions is specified."),
    takes(&["partition"], "partition id", "Partition id for which to perform an election. REQUIRED if --topic is specified.").integer(),
    flag(&["all-topic-partitions"], "Perform election on all of the eligible topic partitions based on the type of election (see the --election-type flag). Not allowed if --topic or --path-to-json-file is specified."),
    takes(&["election-type"], "election type", "Type of election to attempt. Possible values are \"preferred\" for preferred leader election or \"unclean\" for unclean leader election. If preferred election is selection, the election is only performed if the current leader is not the preferred leader for the topic partition. If unclean election is selected, the election is only performed if there are no leader for the topic partition. REQUIRED.").kind(Kind::Pattern { shown: "[PREFERRED,UNCLEAN]", fits: is_election }),
];

/// How long the tool waits, if the configuration does not say it.
const TIMEOUT_MS: u32 = 30_000;

fn is_election(text: &str) -> bool {
    ["PREFERRED", "UNCLEAN"].iter().any(|name| name.eq_ignore_ascii_case(text))
}

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

fn failed(message: impl Into<String>) -> Thrown {
    Thrown::new("org.apache.kafka.tools.AdminCommandFailedException", message)
}

fn operation(message: impl Into<String>) -> Thrown {
    Thrown::new("org.apache.kafka.tools.AdminOperationException", message)
}

fn run(arguments: &[String], console: &mut Console) -> Result<(), Stop> {
    let options = parse(OPTIONS, false, arguments)?;
    let about = "This tool attempts to elect a new leader for a set of topic partitions. The type of elections supported are \
                 preferred replicas and unclean replicas.";
    help_or_version(console, &options, arguments, about)?;
    check(console, &options)?;
    let kind = options.value("election-type")?.unwrap_or_default().to_ascii_uppercase();
    let partitions = partitions(&options)?;
    let file = if options.has("admin.config") {
        console.line(
            "Option --admin.config has been deprecated and will be removed in a future version. Use --command-config instead.",
        );
        options.value("admin.config")?
    } else {
        options.value("command-config")?
    };
    let mut properties = client_properties(file.as_deref(), options.value("bootstrap-server")?.as_deref())?;
    properties.entry("default.api.timeout.ms".to_owned()).or_insert_with(|| TIMEOUT_MS.to_string());
    properties.entry("request.timeout.ms".to_owned()).or_insert_with(|| (TIMEOUT_MS / 2).to_string());
    let config = admin_config(&properties)?;
    let election = if kind == "UNCLEAN" { ElectionType::Unclean } else { ElectionType::Preferred };
    let results = block_on(async |runtime| {
        let admin = admin(&runtime, config);
        let results = admin.elect_leaders(election, partitions.as_deref()).await;
        admin.close();
        results
    });
    match results {
        Ok(results) => report(&kind, results, console),
        Err(error) if error.kind() == ErrorKind::Timeout => {
            let message = "Timeout waiting for election results";
            console.line(message);
            Err(failed(message).into())
        }
        Err(error) if error.is(ErrorCode::ClusterAuthorizationFailed) => {
            let message = "Not authorized to perform leader election";
            console.line(message);
            Err(failed(message).into())
        }
        Err(error) => Err(Thrown::from(error).wrapped("java.util.concurrent.ExecutionException").into()),
    }
}

fn check(console: &mut Console, options: &OptionSet<'_>) -> Result<(), Stop> {
    let required = ["bootstrap-server", "election-type"];
    let missing: Vec<&str> = required.into_iter().filter(|name| !options.has(name)).collect();
    if !missing.is_empty() {
        return Err(failed(format!("Missing required option(s): {}", missing.join(", "))).into());
    }
    exclude(console, options, "admin.config", &["command-config"])?;
    let choice = ["topic", "all-topic-partitions", "path-to-json-file"];
    if choice.iter().filter(|name| options.has(name)).count() != 1 {
        let message = format!("One and only one of the following options is required: {}", choice.join(", "));
        return Err(failed(message).into());
    }
    if options.has("topic") && !options.has("partition") {
        return Err(failed("Missing required option(s): partition").into());
    }
    if !options.has("topic") && options.has("partition") {
        return Err(failed("Option partition is only allowed if topic is used").into());
    }
    Ok(())
}

/// The partitions that are named; `None` is all.
fn partitions(options: &OptionSet<'_>) -> Result<Option<Vec<TopicPartition>>, Stop> {
    if let Some(path) = options.value("path-to-json-file")? {
        return Ok(Some(from_file(&path)?));
    }
    let (topic, partition) = (options.value("topic")?, options.integer("partition")?);
    Ok(topic
        .zip(partition)
        .map(|(topic, partition)| vec![TopicPartition { topic, partition: PartitionIndex(partition) }]))
}

fn from_file(path: &str) -> Result<Vec<TopicPartition>, Thrown> {
    let text = std::fs::read_to_string(path).map_err(|_| {
        let error = Thrown::new("java.io.IOException", format!("Unable to read file {path}"));
        error.wrapped("java.lang.RuntimeException")
    })?;
    let json = Json::parse(&text).ok_or_else(|| operation("Replica election data is empty"))?;
    let list = json
        .get("partitions")
        .ok_or_else(|| operation("Replica election data is missing \"partitions\" field"))?;
    let mut partitions: Vec<TopicPartition> = Vec::new();
    let mut doubled: Vec<TopicPartition> = Vec::new();
    for entry in list.items()? {
        let partition = entry.partition()?;
        if !partitions.contains(&partition) {
            partitions.push(partition);
        } else if !doubled.contains(&partition) {
            doubled.push(partition);
        }
    }
    if !doubled.is_empty() {
        let doubled = hash_order(doubled, partition_hash);
        let doubled: Vec<String> = doubled.iter().map(TopicPartition::to_string).collect();
        let message =
            format!("Replica election data contains duplicate partitions: [{}]", doubled.join(", "));
        return Err(operation(message));
    }
    Ok(partitions)
}

fn report(
    kind: &str,
    results: Vec<(TopicPartition, Result<(), headwater_client::Error>)>,
    console: &mut Console,
) -> Result<(), Stop> {
    let (mut elected, mut unneeded, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    for (partition, result) in results {
        match result {
            Ok(()) => elected.push(partition),
            Err(error) if error.is(ErrorCode::ElectionNotNeeded) => unneeded.push(partition),
            Err(error) => failures.push((partition, Thrown::from(error))),
        }
    }
    let joined = |partitions: Vec<TopicPartition>| {
        let partitions = hash_order(partitions, partition_hash);
        partitions.iter().map(TopicPartition::to_string).collect::<Vec<_>>().join(", ")
    };
    if !elected.is_empty() {
        let partitions = joined(elected);
        console.line(format!("Successfully completed leader election ({kind}) for partitions {partitions}"));
    }
    if !unneeded.is_empty() {
        console.line(format!("Valid replica already elected for partitions {}", joined(unneeded)));
    }
    if failures.is_empty() {
        return Ok(());
    }
    let count = failures.len();
    for (partition, thrown) in hash_order(failures, |(partition, _)| partition_hash(partition)) {
        let why = thrown.described();
        console.line(format!("Error completing leader election ({kind}) for partition: {partition}: {why}"));
    }
    Err(failed(format!("{count} replica(s) could not be elected")).into())
}
