//! `kafka-get-offsets`: the offsets of partitions (`org.apache.kafka.tools.GetOffsetShell`).

use headwater_base::{PartitionIndex, TopicPartition};
use headwater_client::Admin;
use headwater_client::admin::{IsolationLevel, OffsetSpec};

use crate::cluster::{admin, admin_config, block_on, client_properties};
use crate::command_line::{DISPLAY_VERSION, HELP, help_or_version, require};
use crate::console::{Console, Stop, Thrown};
use crate::filter::IncludeList;
use crate::format::{Format, Table};
use crate::jopt::{OptionSet, Row, flag, parse, takes};
use crate::json::Json;

const OPTIONS: &[Row] = &[
    HELP,
    DISPLAY_VERSION,
    takes(&["bootstrap-server"], "HOST1:PORT1,...,HOST3:PORT3", "REQUIRED. The server(s) to connect to in the form HOST1:PORT1,HOST2:PORT2."),
    takes(&["topic-partitions"], "topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3", "Comma separated list of topic-partition patterns to get the offsets for, with the format of '([^:,]*)(?::(?:([0-9]*)|(?:([0-9]*)-([0-9]*))))?'. The first group is an optional regex for the topic name, if omitted, it matches any topic name. The section after ':' describes a 'partition' pattern, which can be: a number, a range in the format of 'NUMBER-NUMBER' (lower inclusive, upper exclusive), an inclusive lower bound in the format of 'NUMBER-', an exclusive upper bound in the format of '-NUMBER' or may be omitted to accept all partitions."),
    takes(&["topic"], "topic", "The topic to get the offsets for. It also accepts a regular expression. If not present, all authorized topics are queried. Cannot be used if --topic-partitions is present."),
    takes(&["partitions"], "partition ids", "Comma separated list of partition ids to get the offsets for. If not present, all partitions of the authorized topics are queried. Cannot be used if --topic-partitions is present."),
    takes(&["time"], "<timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload", "timestamp of the offsets before that. [Note: No offset is returned, if the timestamp greater than recently committed record timestamp is given.]").defaults(&["latest"]),
    takes(&["command-config"], "config file", "Property file containing configs to be passed to Admin Client."),
    flag(&["exclude-internal-topics"], "By default, internal topics are included. If specified, internal topics are excluded."),
];

/// Runs the tool.
pub fn main(arguments: &[String], console: &mut Console) -> i32 {
    match run(arguments, console) {
        Ok(()) => 0,
        Err(Stop::Exit(code)) => code,
        Err(Stop::Thrown(thrown)) => {
            console.error_line(format!("Error occurred: {}", thrown.text()));
            1
        }
    }
}

fn terse(message: impl Into<String>) -> Thrown {
    Thrown::new("org.apache.kafka.tools.TerseException", message)
}

fn run(arguments: &[String], console: &mut Console) -> Result<(), Stop> {
    let (format, arguments) = crate::format::take(arguments)?;
    let options = parse(OPTIONS, false, &arguments)?;
    let about = "An interactive shell for getting topic-partition offsets.";
    help_or_version(console, &options, &arguments, about)?;
    require(console, &options, &["bootstrap-server"])?;
    let bootstrap = options.value("bootstrap-server")?;
    if options.has("topic-partitions") && (options.has("topic") || options.has("partitions")) {
        return Err(terse("--topic-partitions cannot be used with --topic or --partitions").into());
    }
    let spec = offset_spec(&options.value("time")?.unwrap_or_default())?;
    let rules = rules(&options)?;
    let file = options.value("command-config")?;
    let properties = client_properties(file.as_deref(), bootstrap.as_deref())?;
    let config = admin_config(&properties)?;
    let exclude_internal = options.has("exclude-internal-topics");
    let offsets = block_on(async |runtime| {
        let admin = admin(&runtime, config);
        let outcome = offsets(&admin, &rules, exclude_internal, spec, console).await;
        admin.close();
        outcome
    })?;
    show(&offsets, format, console);
    Ok(())
}

fn show(offsets: &[(TopicPartition, i64)], format: Format, console: &mut Console) {
    match format {
        Format::Kafka => {
            for (it, offset) in offsets {
                console.line(format!("{}:{}:{offset}", it.topic, it.partition.0));
            }
        }
        Format::Table => {
            let mut table = Table::new(&["TOPIC", "PARTITION", "OFFSET"]);
            for (it, offset) in offsets {
                table.row([it.topic.clone(), it.partition.0.to_string(), offset.to_string()]);
            }
            table.show(console);
        }
        Format::Json => {
            let all = offsets.iter().map(|(it, offset)| {
                Json::object([
                    ("topic", Json::text(&it.topic)),
                    ("partition", Json::Number(i64::from(it.partition.0))),
                    ("offset", Json::Number(*offset)),
                ])
            });
            console.line(Json::Array(all.collect()).to_string());
        }
    }
}

async fn offsets(
    admin: &Admin,
    rules: &[Rule],
    exclude_internal: bool,
    spec: OffsetSpec,
    console: &mut Console,
) -> Result<Vec<(TopicPartition, i64)>, Stop> {
    let wrapped = |error| Thrown::from(error).wrapped("java.util.concurrent.ExecutionException");
    let topics = admin.list_topics(!exclude_internal).await.map_err(wrapped)?;
    let names: Vec<String> = topics
        .into_iter()
        .map(|topic| topic.name)
        .filter(|name| rules.iter().any(|rule| rule.topics.allows(name, false)))
        .collect();
    let mut questions = Vec::new();
    for (name, topic) in admin.describe_topics(&names).await.map_err(wrapped)? {
        let topic = topic.map_err(wrapped)?;
        for partition in &topic.partitions {
            if rules.iter().any(|rule| rule.allows(&name, partition.index)) {
                let partition = PartitionIndex(partition.index);
                questions.push((TopicPartition { topic: name.clone(), partition }, spec));
            }
        }
    }
    if questions.is_empty() {
        return Err(terse("Could not match any topic-partitions with the specified filters").into());
    }
    let mut found = Vec::new();
    for (it, offset) in admin.list_offsets(questions, IsolationLevel::ReadUncommitted).await {
        match offset {
            Ok(offset) if offset.offset == -1 => {}
            Ok(offset) => found.push((it, offset.offset)),
            Err(error) => {
                let why = Thrown::from(error).described();
                console
                    .error_line(format!("Skip getting offsets for topic-partition {it} due to error: {why}"));
            }
        }
    }
    found.sort_by_key(|(it, _)| it.to_string());
    Ok(found)
}

fn offset_spec(text: &str) -> Result<OffsetSpec, Thrown> {
    Ok(match text {
        "latest" | "-1" => OffsetSpec::Latest,
        "earliest" | "-2" => OffsetSpec::Earliest,
        "max-timestamp" | "-3" => OffsetSpec::MaxTimestamp,
        "earliest-local" | "-4" => OffsetSpec::EarliestLocal,
        "latest-tiered" | "-5" => OffsetSpec::LatestTiered,
        "earliest-pending-upload" | "-6" => OffsetSpec::EarliestPendingUpload,
        _ => OffsetSpec::Timestamp(text.parse().map_err(|_| {
            terse(format!(
                "Malformed time argument {text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or \
                 earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a specified long format timestamp"
            ))
        })?),
    })
}

/// Topics, and some of their partitions.
struct Rule {
    topics: IncludeList,
    partitions: Partitions,
}

enum Partitions {
    /// All, when there are none.
    These(Vec<i32>),
    One(i32),
    /// From the first, up to the second without it.
    Range(i32, i32),
}

impl Rule {
    fn allows(&self, topic: &str, partition: i32) -> bool {
        self.topics.allows(topic, false)
            && match &self.partitions {
                Partitions::These(list) => list.is_empty() || list.contains(&partition),
                Partitions::One(one) => *one == partition,
                Partitions::Range(from, end) => (*from..*end).contains(&partition),
            }
    }
}

fn rules(options: &OptionSet<'_>) -> Result<Vec<Rule>, Stop> {
    if let Some(list) = options.value("topic-partitions")? {
        let rules: Result<Vec<Rule>, Thrown> = list.trim_end_matches(',').split(',').map(rule).collect();
        return Ok(rules?);
    }
    let topics = IncludeList::new(&options.value("topic")?.unwrap_or_else(|| ".*".to_owned()))?;
    let text = options.value("partitions")?.unwrap_or_default();
    let mut list = Vec::new();
    if !text.is_empty() {
        for part in text.trim_end_matches(',').split(',') {
            list.push(part.parse().map_err(|_| {
                terse(format!(
                    "--partitions expects a comma separated list of numeric partition ids, but received: {text}"
                ))
            })?);
        }
    }
    Ok(vec![Rule { topics, partitions: Partitions::These(list) }])
}

/// `topic`, `topic:3`, `topic:1-4`, `topic:2-`, `topic:-4`; an empty topic is every topic.
fn rule(text: &str) -> Result<Rule, Thrown> {
    let invalid = || {
        let message = format!("Invalid rule specification: {text}");
        terse(message).wrapped("java.lang.RuntimeException")
    };
    let number = |digits: &str, default: i32| -> Result<i32, Thrown> {
        if digits.is_empty() {
            return Ok(default);
        }
        if !digits.bytes().all(|it| it.is_ascii_digit()) {
            return Err(invalid());
        }
        digits.parse().map_err(|_| {
            Thrown::new("java.lang.NumberFormatException", format!("For input string: \"{digits}\""))
        })
    };
    let (topic, rest) = text.split_once(':').unwrap_or((text, ""));
    let topics = IncludeList::new(if topic.is_empty() { ".*" } else { topic })?;
    let partitions = match rest.split_once('-') {
        Some((from, end)) => Partitions::Range(number(from, 0)?, number(end, i32::MAX)?),
        None if rest.is_empty() => Partitions::Range(0, i32::MAX),
        None => Partitions::One(number(rest, 0)?),
    };
    Ok(Rule { topics, partitions })
}
