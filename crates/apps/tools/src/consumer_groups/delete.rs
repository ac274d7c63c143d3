//! `--delete` and `--delete-offsets`.

use headwater_base::{ErrorCode, PartitionIndex, TopicPartition};
use headwater_client::{Admin, ErrorKind};

use super::{print_error, targets};
use crate::console::{Console, Stop, Thrown};
use crate::java::{hash_order, string_hash};
use crate::jopt::OptionSet;

/// Removes groups.
pub(super) async fn groups(
    admin: &Admin,
    options: &OptionSet<'_>,
    console: &mut Console,
) -> Result<(), Stop> {
    let mut names = super::groups(admin, options).await?;
    names.dedup();
    let mut removed = Vec::new();
    let mut failed = Vec::new();
    for (group, result) in admin.delete_groups(&names).await {
        match result {
            Ok(()) => removed.push(group),
            Err(error) => failed.push((group, Thrown::from(error))),
        }
    }
    let removed = hash_order(removed, |group| string_hash(group));
    let quoted: Vec<String> = removed.iter().map(|group| format!("'{group}'")).collect();
    if failed.is_empty() {
        console
            .line(format!("Deletion of requested consumer groups ({}) was successful.", quoted.join(", ")));
        return Ok(());
    }
    print_error(console, "Deletion of some consumer groups failed:");
    for (group, thrown) in hash_order(failed, |(group, _)| string_hash(group)) {
        console.line(format!("* Group '{group}' could not be deleted due to: {}", thrown.described()));
    }
    if !quoted.is_empty() {
        console.line(format!("\nThese consumer groups were deleted successfully: {}", quoted.join(", ")));
    }
    Ok(())
}

/// Removes a group's offsets.
pub(super) async fn offsets(
    admin: &Admin,
    options: &OptionSet<'_>,
    console: &mut Console,
) -> Result<(), Stop> {
    let group = options.value("group")?.unwrap_or_default();
    let mut results: Vec<(TopicPartition, Option<String>)> = Vec::new();
    let mut partitions = Vec::new();
    let mut unknown = Vec::new();
    for topic in options.values("topic")? {
        if topic.contains(':') {
            partitions.extend(targets::with_partitions(&topic)?);
        } else {
            unknown.push(topic);
        }
    }
    let wrapped =
        |error| Thrown::from(error).wrapped("java.util.concurrent.ExecutionException").text().to_owned();
    if !unknown.is_empty() {
        for (topic, found) in admin.describe_topics(&unknown).await? {
            let at = |index| TopicPartition { topic: topic.clone(), partition: PartitionIndex(index) };
            match found {
                Ok(found) => partitions.extend(found.partitions.iter().map(|it| at(it.index))),
                Err(error) => results.push((at(-1), Some(wrapped(error)))),
            }
        }
    }
    partitions.sort();
    partitions.dedup();
    let mut overall: Option<ErrorCode> = None;
    let code_of = |error: &headwater_client::Error| match error.kind() {
        ErrorKind::Api(code) => code,
        ErrorKind::Timeout => ErrorCode::RequestTimedOut,
        _ => ErrorCode::UnknownServerError,
    };
    match admin.delete_group_offsets(&group, &partitions).await {
        Ok(found) => {
            for (partition, result) in found {
                let error = result.err();
                overall = overall.or(error.as_ref().map(code_of));
                results.push((partition, error.map(wrapped)));
            }
        }
        Err(error) => {
            overall = Some(code_of(&error));
            let text = wrapped(error);
            results.extend(partitions.into_iter().map(|partition| (partition, Some(text.clone()))));
        }
    }
    report(&group, overall, results, console);
    Ok(())
}

fn report(
    group: &str,
    overall: Option<ErrorCode>,
    mut results: Vec<(TopicPartition, Option<String>)>,
    console: &mut Console,
) {
    match overall {
        None => console.line(format!("Request succeeded for deleting offsets from group {group}.")),
        Some(
            code @ (ErrorCode::InvalidGroupId
            | ErrorCode::GroupIdNotFound
            | ErrorCode::GroupAuthorizationFailed
            | ErrorCode::NonEmptyGroup),
        ) => print_error(console, code.message()),
        Some(
            ErrorCode::GroupSubscribedToTopic
            | ErrorCode::TopicAuthorizationFailed
            | ErrorCode::UnknownTopicOrPartition,
        ) => print_error(console, "Encountered some partition-level error, see the follow-up details."),
        Some(code) => print_error(console, &format!("Encountered some unknown error: {}", code.name())),
    }
    let width = results.iter().map(|(it, _)| it.topic.chars().count()).chain([15]).max().unwrap_or(15);
    let line =
        |topic: &str, partition: &str, status: &str| format!("\n{topic:width$} {partition:10} {status:15}");
    console.text(line("TOPIC", "PARTITION", "STATUS"));
    results.sort_by_key(|(it, _)| format!("{}{}", it.topic, it.partition.0));
    for (it, error) in results {
        let index = if it.partition.0 >= 0 { it.partition.0.to_string() } else { "-".to_owned() };
        let status = error.map_or_else(|| "Successful".to_owned(), |error| format!("Error: {error}"));
        console.text(line(&it.topic, &index, &status));
    }
    console.line("");
}
