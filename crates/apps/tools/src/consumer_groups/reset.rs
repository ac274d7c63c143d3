//! `--reset-offsets`.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use headwater_base::{ErrorCode, PartitionIndex, TopicPartition};
use headwater_client::Admin;
use headwater_client::admin::{CommittedOffset, GroupDescription, IsolationLevel, OffsetSpec};

use super::describe::committed_offsets;
use super::{given, print_error, targets};
use crate::command_line::usage;
use crate::console::{Console, Stop, Thrown};
use crate::java::{hash_order, parse_date_time, parse_duration_ms, partition_hash, string_hash};
use crate::jopt::OptionSet;

type Offsets = BTreeMap<TopicPartition, i64>;

/// What is set, group by group.
type Plan = Vec<(String, Vec<(TopicPartition, i64)>)>;

pub(super) async fn reset(admin: &Admin, options: &OptionSet<'_>, console: &mut Console) -> Result<(), Stop> {
    let names = super::groups(admin, options).await?;
    let mut plan: Plan = Vec::new();
    for (group, found) in admin.describe_consumer_groups(&names).await {
        let state = match found {
            Ok(GroupDescription::Classic(group)) => group.group_state,
            Ok(GroupDescription::Consumer(group)) => group.group_state,
            Err(error) if error.is(ErrorCode::GroupIdNotFound) => "Dead".to_owned(),
            Err(error) => {
                let thrown = Thrown::from(error).wrapped("java.util.concurrent.ExecutionException");
                return Err(thrown.wrapped("java.lang.RuntimeException").into());
            }
        };
        let mut offsets = Offsets::new();
        if state == "Empty" || state == "Dead" {
            offsets = reset_group(admin, options, &group, console).await?;
        } else {
            print_error(
                console,
                &format!(
                    "Assignments can only be reset if the group '{group}' is inactive, but the current state is {state}."
                ),
            );
        }
        plan.retain(|(it, _)| *it != group);
        plan.push((group, hash_order(offsets.into_iter().collect(), |(it, _)| partition_hash(it))));
    }
    let plan = hash_order(plan, |(group, _)| string_hash(group));
    if options.has("export") {
        export(options, &plan, console)?;
    } else {
        print(&plan, console);
    }
    Ok(())
}

fn print(plan: &Plan, console: &mut Console) {
    let length = |text: &str| text.chars().count();
    let group_width = plan.iter().map(|(group, _)| length(group)).chain([15]).max().unwrap_or(15);
    let topics = plan.iter().flat_map(|(_, offsets)| offsets).map(|(it, _)| length(&it.topic));
    let topic_width = topics.chain([15]).max().unwrap_or(15);
    let line = |group: &str, topic: &str, partition: &str, offset: &str| {
        format!("\n{group:group_width$} {topic:topic_width$} {partition:10} {offset}")
    };
    if !plan.is_empty() {
        console.text(line("GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"));
    }
    for (group, offsets) in plan {
        for (it, offset) in offsets {
            console.text(line(group, &it.topic, &it.partition.0.to_string(), &offset.to_string()));
        }
    }
    console.line("");
}

fn export(options: &OptionSet<'_>, plan: &Plan, console: &mut Console) -> Result<(), Stop> {
    let single = options.values("group")?.len() == 1;
    let quoted = |text: &str| {
        if text.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    for (group, offsets) in plan {
        for (it, offset) in offsets {
            let group = if single { String::new() } else { format!("{},", quoted(group)) };
            console.line(format!("{group}{},{},{offset}", quoted(&it.topic), it.partition.0));
        }
    }
    console.line("");
    Ok(())
}

async fn reset_group(
    admin: &Admin,
    options: &OptionSet<'_>,
    group: &str,
    console: &mut Console,
) -> Result<Offsets, Stop> {
    let partitions = if options.has("all-topics") {
        committed_offsets(admin, group).await?.into_keys().collect()
    } else if options.has("topic") {
        targets::parse(admin, &options.values("topic")?).await?
    } else if options.has("from-file") {
        Vec::new()
    } else {
        let message = "One of the reset scopes should be defined: --all-topics, --topic.";
        return Err(usage(console, options.rows(), message));
    };
    targets::check(admin, &partitions).await?;
    let offsets = prepare(admin, options, group, partitions, console).await?;
    if options.has("execute") && !options.has("dry-run") {
        let commits = offsets
            .iter()
            .map(|(it, offset)| {
                let leader_epoch = -1;
                (it.clone(), CommittedOffset { offset: *offset, leader_epoch, metadata: String::new() })
            })
            .collect();
        for (_, result) in admin.alter_group_offsets(group, commits).await? {
            result?;
        }
    }
    Ok(offsets)
}

async fn prepare(
    admin: &Admin,
    options: &OptionSet<'_>,
    group: &str,
    partitions: Vec<TopicPartition>,
    console: &mut Console,
) -> Result<Offsets, Stop> {
    if let Some(offset) = given(options, "to-offset")? {
        let offset = offset.parse().unwrap_or_default();
        return in_range(admin, partitions.into_iter().map(|it| (it, offset)).collect()).await;
    }
    if options.has("to-earliest") {
        return Ok(log_offsets(admin, &partitions, OffsetSpec::Earliest).await?);
    }
    if options.has("to-latest") {
        return Ok(log_offsets(admin, &partitions, OffsetSpec::Latest).await?);
    }
    if let Some(by) = given(options, "shift-by")? {
        let by: i64 = by.parse().unwrap_or_default();
        let current = committed_offsets(admin, group).await?;
        let mut wanted = Offsets::new();
        for it in partitions {
            let Some(at) = current.get(&it) else {
                let message = format!(
                    "Cannot shift offset for partition {it} since there is no current committed offset"
                );
                return Err(Thrown::illegal_argument(message).into());
            };
            wanted.insert(it, at.offset.wrapping_add(by));
        }
        return in_range(admin, wanted).await;
    }
    if let Some(date) = given(options, "to-datetime")? {
        let time = parse_date_time(&date).map_err(|error| {
            Thrown::new("java.text.ParseException", error).wrapped("java.lang.RuntimeException")
        })?;
        return at_time(admin, &partitions, time, console).await;
    }
    if let Some(duration) = given(options, "by-duration")? {
        let duration = parse_duration_ms(&duration).ok_or_else(|| {
            let class = "java.time.format.DateTimeParseException";
            Thrown::new(class, "Text cannot be parsed to a Duration")
        })?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
        return at_time(admin, &partitions, now.saturating_sub(duration), console).await;
    }
    if let Some(file) = given(options, "from-file")? {
        return from_file(admin, options, group, &file, console).await;
    }
    if options.has("to-current") {
        let current = committed_offsets(admin, group).await?;
        let (with, without): (Vec<_>, Vec<_>) =
            partitions.into_iter().partition(|it| current.contains_key(it));
        let mut offsets = log_offsets(admin, &without, OffsetSpec::Latest).await?;
        offsets.extend(with.into_iter().map(|it| (it.clone(), current[&it].offset)));
        return Ok(offsets);
    }
    let scenarios = "[[to-offset], [shift-by], [to-datetime], [by-duration], [to-earliest], [to-latest], [to-current], \
                     [from-file]]";
    let message = format!("Option '[reset-offsets]' requires one of the following scenarios: {scenarios}");
    Err(usage(console, options.rows(), &message))
}

async fn log_offsets(
    admin: &Admin,
    partitions: &[TopicPartition],
    spec: OffsetSpec,
) -> Result<Offsets, Thrown> {
    let questions = partitions.iter().map(|it| (it.clone(), spec)).collect();
    let mut offsets = Offsets::new();
    for (it, found) in admin.list_offsets(questions, IsolationLevel::ReadUncommitted).await {
        let found = found.map_err(|error| {
            let thrown = Thrown::from(error).wrapped("java.util.concurrent.ExecutionException");
            thrown.wrapped("java.lang.RuntimeException")
        })?;
        offsets.insert(it, found.offset);
    }
    Ok(offsets)
}

/// What lies before a log's first offset or behind its end becomes that.
async fn in_range(admin: &Admin, wanted: Offsets) -> Result<Offsets, Stop> {
    let partitions: Vec<TopicPartition> = wanted.keys().cloned().collect();
    let starts = log_offsets(admin, &partitions, OffsetSpec::Earliest).await?;
    let ends = log_offsets(admin, &partitions, OffsetSpec::Latest).await?;
    let within = |(it, offset): (TopicPartition, i64)| {
        let (start, end) = (starts.get(&it).copied(), ends.get(&it).copied());
        let offset = match (start, end) {
            (_, Some(end)) if offset > end => end,
            (Some(start), _) if offset < start => start,
            _ => offset,
        };
        (it, offset)
    };
    Ok(wanted.into_iter().map(within).collect())
}

async fn at_time(
    admin: &Admin,
    partitions: &[TopicPartition],
    time: i64,
    console: &mut Console,
) -> Result<Offsets, Stop> {
    let mut offsets = log_offsets(admin, partitions, OffsetSpec::Timestamp(time)).await?;
    let none: Vec<TopicPartition> =
        offsets.iter().filter(|(_, offset)| **offset == -1).map(|(it, _)| it.clone()).collect();
    for it in hash_order(none.clone(), partition_hash) {
        console.line(format!(
            "\nWarn: Partition {} from topic {} is empty. Falling back to latest known offset.",
            it.partition.0, it.topic
        ));
    }
    offsets.extend(log_offsets(admin, &none, OffsetSpec::Latest).await?);
    Ok(offsets)
}

/// Lines of `topic,partition,offset`, or with several groups `group,topic,partition,offset`.
async fn from_file(
    admin: &Admin,
    options: &OptionSet<'_>,
    group: &str,
    file: &str,
    console: &mut Console,
) -> Result<Offsets, Stop> {
    let text = std::fs::read_to_string(file).map_err(|_| {
        let error = Thrown::new("java.io.IOException", format!("Unable to read file {file}"));
        error.wrapped("java.lang.RuntimeException")
    })?;
    let single = options.values("group")?.len() == 1;
    // The reference tries the form with one group first, and tells of it.
    let second = text.split('\n').next().and_then(|line| line.split(',').nth(1)).map(str::trim);
    if let Some(cell) = second.filter(|cell| cell.parse::<i32>().is_err()) {
        console.error_line(format!(
            "com.fasterxml.jackson.databind.exc.InvalidFormatException: Cannot deserialize value of type `int` from String \
             \"{cell}\": not a valid `int` value"
        ));
    }
    let mut wanted = Offsets::new();
    let mut groups = Vec::new();
    for line in text.split('\n').filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split(',').map(|cell| cell.trim().trim_matches('"')).collect();
        let (of, topic, partition, offset) = match cells[..] {
            [topic, partition, offset] if single => (group, topic, partition, offset),
            [of, topic, partition, offset] => (of, topic, partition, offset),
            _ => return Err(bad_line(line).into()),
        };
        let partition: i32 = partition.parse().map_err(|_| bad_line(line))?;
        let offset: i64 = offset.parse().map_err(|_| bad_line(line))?;
        groups.push(of.to_owned());
        if of == group {
            wanted.insert(
                TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(partition) },
                offset,
            );
        }
    }
    if !groups.iter().any(|it| it == group) {
        print_error(console, &format!("No reset plan for group {group} found"));
        return Ok(Offsets::new());
    }
    in_range(admin, wanted).await
}

fn bad_line(line: &str) -> Thrown {
    Thrown::new("java.lang.RuntimeException", format!("this line of the plan cannot be read: {line}"))
}
