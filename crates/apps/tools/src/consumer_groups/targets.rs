//! Partitions that an option names, and whether they are there (`OffsetsUtils`).

use headwater_base::{PartitionIndex, TopicPartition};
use headwater_client::Admin;
use headwater_client::admin::TopicDescription;

use crate::console::{Stop, Thrown};

async fn described(admin: &Admin, partitions: &[TopicPartition]) -> Result<Vec<TopicDescription>, Thrown> {
    let mut topics: Vec<String> = partitions.iter().map(|it| it.topic.clone()).collect();
    topics.sort();
    topics.dedup();
    let wrap = |thrown: Thrown| {
        thrown.wrapped("java.util.concurrent.ExecutionException").wrapped("java.lang.RuntimeException")
    };
    if topics.is_empty() {
        return Ok(Vec::new());
    }
    let found = admin.describe_topics(&topics).await.map_err(|error| wrap(error.into()))?;
    found.into_iter().map(|(_, topic)| topic.map_err(|error| wrap(error.into()))).collect()
}

fn partition(topic: &str, index: i32) -> TopicPartition {
    TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(index) }
}

/// Those of the partitions that nobody leads.
pub(super) async fn without_leader(
    admin: &Admin,
    partitions: &[TopicPartition],
) -> Result<Vec<TopicPartition>, Thrown> {
    let topics = described(admin, partitions).await?;
    let of = |topic: &TopicDescription| {
        let leaderless = topic.partitions.iter().filter(|it| it.leader.is_none());
        leaderless.map(|it| partition(&topic.name, it.index)).collect::<Vec<_>>()
    };
    Ok(topics.iter().flat_map(of).filter(|it| partitions.contains(it)).collect())
}

/// Refuses partitions that do not exist or have no leader.
pub(super) async fn check(admin: &Admin, partitions: &[TopicPartition]) -> Result<(), Thrown> {
    let topics = described(admin, partitions).await?;
    let exists = |it: &TopicPartition| {
        topics.iter().any(|topic| {
            topic.name == it.topic && topic.partitions.iter().any(|found| found.index == it.partition.0)
        })
    };
    let joined =
        |them: Vec<&TopicPartition>| them.iter().map(|it| it.to_string()).collect::<Vec<_>>().join(",");
    let missing: Vec<&TopicPartition> = partitions.iter().filter(|it| !exists(it)).collect();
    if !missing.is_empty() {
        return Err(Thrown::new(
            "org.apache.kafka.common.errors.UnknownTopicOrPartitionException",
            format!("The partitions \"{}\" do not exist", joined(missing)),
        ));
    }
    let leaderless = without_leader(admin, partitions).await?;
    if !leaderless.is_empty() {
        return Err(Thrown::new(
            "org.apache.kafka.common.errors.LeaderNotAvailableException",
            format!("The partitions \"{}\" have no leader", joined(leaderless.iter().collect())),
        ));
    }
    Ok(())
}

/// `topic:0,1`: the partitions of one topic.
pub(super) fn with_partitions(text: &str) -> Result<Vec<TopicPartition>, Thrown> {
    let parts: Vec<&str> = text.trim_end_matches(':').split(':').collect();
    let [topic, list] = parts[..] else {
        return Err(Thrown::illegal_argument(format!(
            "Invalid topic arg '{text}', expected topic name and partitions"
        )));
    };
    let mut partitions = Vec::new();
    for index in list.trim_end_matches(',').split(',') {
        let index: i32 = index.parse().map_err(|_| {
            let message = format!("Invalid partition '{index}' specified in topic arg '{text}''");
            Thrown::illegal_argument(message)
        })?;
        partitions.push(partition(topic, index));
    }
    Ok(partitions)
}

/// All partitions that `--topic` names.
pub(super) async fn parse(admin: &Admin, topics: &[String]) -> Result<Vec<TopicPartition>, Stop> {
    let (with, without): (Vec<&String>, Vec<&String>) = topics.iter().partition(|it| it.contains(':'));
    let mut partitions = Vec::new();
    for text in with {
        partitions.extend(with_partitions(text)?);
    }
    let names: Vec<String> = without.into_iter().cloned().collect();
    if !names.is_empty() {
        for (_, topic) in admin.describe_topics(&names).await? {
            let topic = topic?;
            partitions.extend(topic.partitions.iter().map(|it| partition(&topic.name, it.index)));
        }
    }
    Ok(partitions)
}
