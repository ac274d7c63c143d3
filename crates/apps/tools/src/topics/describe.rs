//! `--describe`.

use headwater_client::Admin;
use headwater_client::admin::{ConfigResource, PartitionDescription, ResourceType, TopicDescription};

use super::{ensure_exists, topic_id, topics};
use crate::console::{Console, Stop, Thrown};
use crate::format::{Format, Table};
use crate::java::{hash_order, hash_order_sized, string_hash};
use crate::jopt::OptionSet;
use crate::json::Json;

/// `ConfigSource.DEFAULT_CONFIG`.
const DEFAULT_CONFIG: i8 = 5;

/// A partition that moves.
struct Move {
    topic: String,
    partition: i32,
    replicas: Vec<i32>,
    adding: Vec<i32>,
    removing: Vec<i32>,
}

/// One topic with all that is shown of it.
struct Described {
    topic: TopicDescription,
    /// Names and values that are not the default.
    configs: Vec<(String, String)>,
    min_isr: i64,
}

pub(super) async fn describe(
    admin: &Admin,
    options: &OptionSet<'_>,
    format: Format,
    console: &mut Console,
) -> Result<(), Stop> {
    let names = names(admin, options).await?;
    let mut found = Vec::new();
    for (_, topic) in admin.describe_topics(&names).await? {
        found.push(topic.map_err(Thrown::from)?);
    }
    // In the reference they go through three maps: one of their number, its copy, which is larger, and one of their number.
    let count = found.len();
    for capacity in [count, count * 4 / 3 + 1, count] {
        found = hash_order_sized(found, capacity, |topic| string_hash(&topic.name));
    }
    let described = with_configs(admin, found).await?;
    let brokers = admin.describe_cluster(false).await?.brokers;
    let live: Vec<i32> = brokers.iter().map(|broker| broker.broker_id).collect();
    let moves = moves(admin).await?;
    let choice = Choice { options, live: &live, moves: &moves };
    if format == Format::Json {
        let all = described.iter().filter_map(|it| choice.json(it)).collect();
        console.line(Json::Array(all).to_string());
        return Ok(());
    }
    let mut table = Table::new(&["Topic", "Partition", "Leader", "Replicas", "Isr", "Elr", "LastKnownElr"]);
    for one in &described {
        choice.show(one, format, console, &mut table);
    }
    if format == Format::Table {
        table.show(console);
    }
    Ok(())
}

async fn names(admin: &Admin, options: &OptionSet<'_>) -> Result<Vec<String>, Stop> {
    let Some(id) = topic_id(options)? else {
        let names = topics(admin, options).await?;
        ensure_exists(!names.is_empty(), options)?;
        return Ok(names);
    };
    let all = admin.list_topics(!options.has("exclude-internal")).await?;
    let names: Vec<String> = all.into_iter().filter(|topic| topic.id == id).map(|topic| topic.name).collect();
    if names.is_empty() && !options.has("if-exists") {
        return Err(Thrown::illegal_argument(format!("TopicId '{id}' does not exist as expected")).into());
    }
    Ok(names)
}

async fn with_configs(admin: &Admin, topics: Vec<TopicDescription>) -> Result<Vec<Described>, Stop> {
    let resources =
        topics.iter().map(|topic| (ConfigResource::new(ResourceType::Topic, &topic.name), None)).collect();
    let mut answers = admin.describe_configs(resources, false, false).await;
    let mut described = Vec::new();
    for topic in topics {
        let at = answers.iter().position(|(resource, _)| resource.name == topic.name);
        let entries = match at.map(|at| answers.swap_remove(at).1) {
            Some(entries) => entries?,
            None => Vec::new(),
        };
        let entries = hash_order(entries, |entry| string_hash(&entry.name));
        let value = |value: Option<String>| value.unwrap_or_else(|| "null".to_owned());
        let min_isr = entries
            .iter()
            .find(|entry| entry.name == "min.insync.replicas")
            .and_then(|entry| entry.value.as_deref()?.parse().ok())
            .unwrap_or(1);
        let configs = entries
            .into_iter()
            .filter(|entry| entry.config_source != DEFAULT_CONFIG)
            .map(|entry| (entry.name, value(entry.value)))
            .collect();
        described.push(Described { topic, configs, min_isr });
    }
    Ok(described)
}

async fn moves(admin: &Admin) -> Result<Vec<Move>, Stop> {
    let ongoing = match admin.list_partition_reassignments(None).await {
        Ok(ongoing) => ongoing,
        Err(error) if error.kind() == headwater_client::ErrorKind::UnsupportedVersion => Vec::new(),
        Err(error) => return Err(Thrown::from(error).wrapped("java.lang.RuntimeException").into()),
    };
    let of = |(partition, it): (headwater_base::TopicPartition, _)| -> Move {
        let it: headwater_protocol::messages::list_partition_reassignments_response::OngoingPartitionReassignment =
            it;
        Move {
            topic: partition.topic,
            partition: partition.partition.0,
            replicas: it.replicas,
            adding: it.adding_replicas,
            removing: it.removing_replicas,
        }
    };
    Ok(ongoing.into_iter().map(of).collect())
}

/// What the options leave of all that is known.
struct Choice<'a> {
    options: &'a OptionSet<'a>,
    live: &'a [i32],
    moves: &'a [Move],
}

impl Choice<'_> {
    fn moving(&self, topic: &str, partition: &PartitionDescription) -> Option<&Move> {
        self.moves.iter().find(|it| it.topic == topic && it.partition == partition.index)
    }

    fn replication_factor(&self, topic: &str, partition: &PartitionDescription) -> usize {
        match self.moving(topic, partition) {
            Some(it)
                if partition.replicas.iter().any(|id| it.adding.contains(id) || it.removing.contains(id)) =>
            {
                it.replicas.len() - it.adding.len()
            }
            _ => partition.replicas.len(),
        }
    }

    fn shows_topics(&self) -> bool {
        let reports = [
            "unavailable-partitions",
            "under-replicated-partitions",
            "under-min-isr-partitions",
            "at-min-isr-partitions",
        ];
        !reports.iter().any(|report| self.options.has(report))
    }

    fn shows(&self, one: &Described, partition: &PartitionDescription) -> bool {
        let has = |option| self.options.has(option);
        let in_sync = partition.isr.len() as i64;
        self.shows_topics()
            || has("under-replicated-partitions")
                && self.replication_factor(&one.topic.name, partition) > partition.isr.len()
            || has("unavailable-partitions")
                && partition.leader.is_none_or(|leader| !self.live.contains(&leader))
            || has("under-min-isr-partitions") && (partition.leader.is_none() || in_sync < one.min_isr)
            || has("at-min-isr-partitions") && in_sync == one.min_isr
    }

    fn headline(&self, one: &Described) -> bool {
        self.shows_topics() && (!self.options.has("topics-with-overrides") || !one.configs.is_empty())
    }

    fn show(&self, one: &Described, format: Format, console: &mut Console, table: &mut Table) {
        let topic = &one.topic;
        if self.headline(one) {
            let configs: Vec<String> =
                one.configs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let id = if topic.id.is_zero() { String::new() } else { format!("\tTopicId: {}", topic.id) };
            let factor =
                topic.partitions.first().map_or(0, |first| self.replication_factor(&topic.name, first));
            let line = format!(
                "Topic: {}{id}\tPartitionCount: {}\tReplicationFactor: {factor}\tConfigs: {}",
                topic.name,
                topic.partitions.len(),
                configs.join(",")
            );
            match format {
                Format::Table => table.title(&line.replace('\t', "  ")),
                _ => console.line(line),
            }
        }
        if self.options.has("topics-with-overrides") {
            return;
        }
        for partition in topic.partitions.iter().filter(|partition| self.shows(one, partition)) {
            let leader = partition.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string());
            let unknown = |ids: &Option<Vec<i32>>| ids.as_deref().map_or_else(|| "N/A".to_owned(), joined);
            let elr = unknown(&partition.eligible_leader_replicas);
            let last_known = unknown(&partition.last_known_elr);
            if format == Format::Table {
                let in_sync = joined(&partition.isr);
                let cells = [
                    topic.name.clone(),
                    partition.index.to_string(),
                    leader,
                    joined(&partition.replicas),
                    in_sync,
                ];
                table.row(cells.into_iter().chain([elr, last_known]));
                continue;
            }
            let moving = self.moving(&topic.name, partition).map_or_else(String::new, |it| {
                format!(
                    "\tAdding Replicas: {}\tRemoving Replicas: {}",
                    joined(&it.adding),
                    joined(&it.removing)
                )
            });
            console.line(format!(
                "\tTopic: {}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}{moving}\tElr: {elr}\tLastKnownElr: \
                 {last_known}",
                topic.name,
                partition.index,
                joined(&partition.replicas),
                joined(&partition.isr)
            ));
        }
    }

    fn json(&self, one: &Described) -> Option<Json> {
        let ids = |ids: &[i32]| Json::Array(ids.iter().map(|id| Json::Number(i64::from(*id))).collect());
        let partition = |it: &PartitionDescription| {
            let maybe = |list: &Option<Vec<i32>>| list.as_deref().map_or(Json::Null, ids);
            Json::object([
                ("partition", Json::Number(i64::from(it.index))),
                ("leader", it.leader.map_or(Json::Null, |leader| Json::Number(i64::from(leader)))),
                ("replicas", ids(&it.replicas)),
                ("isr", ids(&it.isr)),
                ("elr", maybe(&it.eligible_leader_replicas)),
                ("lastKnownElr", maybe(&it.last_known_elr)),
            ])
        };
        let partitions: Vec<Json> =
            one.topic.partitions.iter().filter(|it| self.shows(one, it)).map(partition).collect();
        let overrides = self.options.has("topics-with-overrides");
        if overrides && one.configs.is_empty() || !self.shows_topics() && partitions.is_empty() {
            return None;
        }
        let configs = one.configs.iter().map(|(name, value)| (name.clone(), Json::text(value))).collect();
        Some(Json::object([
            ("topic", Json::text(&one.topic.name)),
            ("topicId", Json::text(one.topic.id.to_string())),
            ("configs", Json::Object(configs)),
            ("partitions", Json::Array(partitions)),
        ]))
    }
}

fn joined(ids: &[i32]) -> String {
    ids.iter().map(i32::to_string).collect::<Vec<_>>().join(",")
}
