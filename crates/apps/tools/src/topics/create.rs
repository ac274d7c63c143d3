//! `--create`, and what `--alter` shares with it.

use headwater_base::ErrorCode;
use headwater_client::Admin;
use headwater_client::admin::NewTopic;

use crate::console::{Console, Stop, Thrown};
use crate::jopt::OptionSet;

/// What the options say of a topic.
pub(super) struct Wanted {
    name: String,
    pub partitions: Option<i32>,
    replication_factor: Option<i32>,
    pub assignments: Vec<(i32, Vec<i32>)>,
    configs: Vec<(String, Option<String>)>,
}

impl Wanted {
    pub(super) fn of(options: &OptionSet<'_>) -> Result<Self, Stop> {
        Ok(Self {
            name: options.value("topic")?.unwrap_or_default(),
            partitions: options.integer("partitions")?,
            replication_factor: options.integer("replication-factor")?,
            assignments: assignments(&options.value("replica-assignment")?.unwrap_or_default())?,
            configs: configs(&options.values("config")?)?,
        })
    }
}

/// `0:1,1:0`: the brokers of each partition.
fn assignments(text: &str) -> Result<Vec<(i32, Vec<i32>)>, Thrown> {
    let mut all: Vec<(i32, Vec<i32>)> = Vec::new();
    if text.is_empty() {
        return Ok(all);
    }
    for (index, list) in (0_i32..).zip(text.trim_end_matches(',').split(',')) {
        let mut brokers = Vec::new();
        let mut doubled = Vec::new();
        // As Java's `split`: what is empty at the end is left out, unless there is nothing else.
        let list = if list.is_empty() { list } else { list.trim_end_matches(':') };
        for broker in list.split(':') {
            let broker = broker.trim();
            let id: i32 = broker.parse().map_err(|_| {
                let message = format!("For input string: \"{broker}\"");
                Thrown::new("java.lang.NumberFormatException", message)
            })?;
            if brokers.contains(&id) && !doubled.contains(&id) {
                doubled.push(id);
            }
            brokers.push(id);
        }
        if !doubled.is_empty() {
            let doubled = crate::java::hash_order(doubled, |id| *id);
            let doubled: Vec<String> = doubled.iter().map(i32::to_string).collect();
            return Err(Thrown::new(
                "org.apache.kafka.tools.AdminCommandFailedException",
                format!("Partition replica lists may not contain duplicate entries: {}", doubled.join(",")),
            ));
        }
        let first = all.first().map_or(brokers.len(), |(_, first)| first.len());
        if brokers.len() != first {
            return Err(Thrown::new(
                "org.apache.kafka.tools.AdminOperationException",
                format!("Partition {index} has different replication factor: {brokers:?}"),
            ));
        }
        all.push((index, brokers));
    }
    Ok(all)
}

/// `key=value`, with spaces around the sign.
fn configs(texts: &[String]) -> Result<Vec<(String, Option<String>)>, Thrown> {
    let mut all: Vec<(String, Option<String>)> = Vec::new();
    for text in texts {
        let parts: Vec<&str> = text.trim_end_matches('=').split('=').collect();
        let [key, value] = parts[..] else {
            return Err(Thrown::illegal_argument(
                "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\".",
            ));
        };
        let key = key.trim().to_owned();
        all.retain(|(it, _)| *it != key);
        all.push((key, Some(value.trim().to_owned())));
    }
    Ok(all)
}

pub(super) async fn create(
    admin: &Admin,
    options: &OptionSet<'_>,
    console: &mut Console,
) -> Result<(), Stop> {
    let wanted = Wanted::of(options)?;
    if wanted.name.contains(['.', '_']) {
        console.line(
            "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid \
             issues it is best to use either, but not both.",
        );
    }
    if wanted.replication_factor.is_some_and(|factor| !(1..=i32::from(i16::MAX)).contains(&factor)) {
        let message = "The replication factor must be between 1 and 32767 inclusive";
        return Err(Thrown::illegal_argument(message).into());
    }
    if wanted.partitions.is_some_and(|partitions| partitions < 1) {
        return Err(Thrown::illegal_argument("The partitions must be greater than 0").into());
    }
    let mut topic = NewTopic::new(&wanted.name);
    topic.configs = wanted.configs;
    if wanted.assignments.is_empty() {
        topic.partitions = wanted.partitions;
        topic.replication_factor = wanted.replication_factor.and_then(|factor| i16::try_from(factor).ok());
    } else {
        topic.assignments = wanted.assignments;
    }
    if wanted.name.is_empty() {
        let message = "The given topic name '' cannot be represented in a request.";
        return Err(Thrown::new("org.apache.kafka.common.errors.InvalidTopicException", message).into());
    }
    for (_, result) in admin.create_topics(vec![topic], false).await? {
        match result {
            Ok(_) => console.line(format!("Created topic {}.", wanted.name)),
            Err(error) if error.is(ErrorCode::TopicAlreadyExists) && options.has("if-not-exists") => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
