//! How groups are shown.

use std::collections::BTreeMap;

use headwater_base::TopicPartition;

use super::describe::{Group, Member, OffsetRow};
use super::print_error;
use crate::console::Console;
use crate::format::{Format, Table};
use crate::json::Json;

const MISSING: &str = "-";

type Groups = BTreeMap<String, Group>;

/// Says in which state a group is, where that is worth saying; true if there are rows to show.
fn introduce(group: &Group, rows: usize, console: &mut Console) -> bool {
    let id = &group.id;
    match group.state.as_str() {
        "Dead" => print_error(console, &format!("Consumer group '{id}' does not exist.")),
        "Empty" => console.error_line(format!("\nConsumer group '{id}' has no active members.")),
        "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling" => {
            console.error_line(format!("\nWarning: Consumer group '{id}' is rebalancing."));
        }
        _ => {}
    }
    group.state != "Dead" && rows > 0
}

fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| MISSING.to_owned(), |value| value.to_string())
}

fn or_missing(text: &str) -> String {
    if text.is_empty() { MISSING.to_owned() } else { text.to_owned() }
}

fn widest<'a>(least: usize, texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| text.chars().count()).chain([least]).max().unwrap_or(least)
}

/// Columns with their widths; the last has none.
fn line(cells: &[String], widths: &[usize]) -> String {
    let mut text = String::new();
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        match widths.get(index) {
            Some(width) => text.push_str(&format!("{cell:width$}")),
            None => text.push_str(cell),
        }
    }
    text
}

/// Shows offsets and lag.
pub(super) fn offsets(
    groups: &Groups,
    rows: &[Vec<OffsetRow>],
    verbose: bool,
    format: Format,
    console: &mut Console,
) {
    if format == Format::Json {
        let all = groups.values().zip(rows).map(|(group, rows)| {
            let rows = rows.iter().map(offset_json).collect();
            Json::object([
                ("group", Json::text(&group.id)),
                ("state", Json::text(&group.state)),
                ("partitions", Json::Array(rows)),
            ])
        });
        console.line(Json::Array(all.collect()).to_string());
        return;
    }
    let mut header = vec!["GROUP", "TOPIC", "PARTITION"];
    header.extend(verbose.then_some("LEADER-EPOCH"));
    header.extend(["CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST", "CLIENT-ID"]);
    for (group, rows) in groups.values().zip(rows) {
        if !introduce(group, rows.len(), console) {
            continue;
        }
        let cells: Vec<Vec<String>> = rows.iter().map(|row| offset_cells(group, row, verbose)).collect();
        if format == Format::Table {
            let mut table = Table::new(&header);
            cells.into_iter().for_each(|row| table.row(row));
            table.show(console);
            continue;
        }
        let member = |row: &OffsetRow| row.member.clone().unwrap_or_else(missing_member);
        let ids: Vec<(String, String, String)> = rows.iter().map(member).collect();
        let mut widths = vec![
            widest(15, [group.id.as_str()].into_iter()),
            widest(15, rows.iter().map(|row| row.partition.topic.as_str())),
            10,
            15,
            15,
            15,
        ];
        if verbose {
            widths.push(15);
        }
        widths.push(widest(15, ids.iter().map(|(id, _, _)| id.as_str())));
        widths.push(widest(15, ids.iter().map(|(_, host, _)| host.as_str())));
        let header: Vec<String> = header.iter().map(|it| (*it).to_owned()).collect();
        for row in [header].iter().chain(&cells) {
            console.text(format!("\n{}", line(row, &widths)));
        }
        console.line("");
    }
}

fn missing_member() -> (String, String, String) {
    (MISSING.to_owned(), MISSING.to_owned(), MISSING.to_owned())
}

fn lag(row: &OffsetRow) -> Option<i64> {
    let offset = row.committed.as_ref().map(|it| it.offset).filter(|offset| *offset != -1)?;
    Some(row.end? - offset)
}

fn offset_cells(group: &Group, row: &OffsetRow, verbose: bool) -> Vec<String> {
    let (id, host, client) = row.member.clone().unwrap_or_else(missing_member);
    let mut cells =
        vec![group.id.clone(), row.partition.topic.clone(), row.partition.partition.0.to_string()];
    if verbose {
        let epoch = row.committed.as_ref().map(|it| it.leader_epoch).filter(|epoch| *epoch >= 0);
        cells.push(shown(epoch));
    }
    cells.push(shown(row.committed.as_ref().map(|it| it.offset)));
    cells.push(shown(row.end));
    cells.push(shown(lag(row)));
    cells.extend([id, host, client]);
    cells
}

fn offset_json(row: &OffsetRow) -> Json {
    let number = |value: Option<i64>| value.map_or(Json::Null, Json::Number);
    let text = |value: Option<&String>| value.map_or(Json::Null, Json::text);
    let member = row.member.as_ref();
    Json::object([
        ("topic", Json::text(&row.partition.topic)),
        ("partition", Json::Number(i64::from(row.partition.partition.0))),
        ("currentOffset", number(row.committed.as_ref().map(|it| it.offset))),
        ("logEndOffset", number(row.end)),
        ("lag", number(lag(row))),
        ("consumerId", text(member.map(|it| &it.0))),
        ("host", text(member.map(|it| &it.1))),
        ("clientId", text(member.map(|it| &it.2))),
    ])
}

/// `topic:0,1;other:2`.
fn assignment(partitions: &[TopicPartition]) -> String {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for it in partitions {
        topics.entry(&it.topic).or_default().push(it.partition.0);
    }
    let mut texts: Vec<String> = topics
        .into_iter()
        .map(|(topic, mut indexes)| {
            indexes.sort_unstable();
            let indexes: Vec<String> = indexes.iter().map(i32::to_string).collect();
            format!("{topic}:{}", indexes.join(","))
        })
        .collect();
    texts.sort();
    if texts.is_empty() { MISSING.to_owned() } else { texts.join(";") }
}

/// Shows members.
pub(super) fn members(groups: &Groups, verbose: bool, format: Format, console: &mut Console) {
    if format == Format::Json {
        let all = groups.values().map(|group| {
            let members = group.members.iter().map(member_json).collect();
            Json::object([("group", Json::text(&group.id)), ("members", Json::Array(members))])
        });
        console.line(Json::Array(all.collect()).to_string());
        return;
    }
    for group in groups.values() {
        // The reference shows the header of a group without members too.
        introduce(group, group.members.len(), console);
        let with_instance = group.members.iter().any(|member| !member.instance_id.is_empty());
        let mixed = group.members.iter().any(|member| member.upgraded == Some(false))
            && group.members.iter().any(|member| member.upgraded == Some(true));
        let mut header = vec!["GROUP", "CONSUMER-ID"];
        header.extend(with_instance.then_some("GROUP-INSTANCE-ID"));
        header.extend(["HOST", "CLIENT-ID", "#PARTITIONS"]);
        if verbose {
            header.extend(["CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT"]);
            header.extend(mixed.then_some("UPGRADED"));
        }
        let cells: Vec<Vec<String>> = group
            .members
            .iter()
            .map(|member| member_cells(group, member, with_instance, verbose, mixed))
            .collect();
        if format == Format::Table {
            let mut table = Table::new(&header);
            cells.into_iter().for_each(|row| table.row(row));
            table.show(console);
            continue;
        }
        let least = |name: &str| match name {
            "GROUP-INSTANCE-ID" => 17,
            "CURRENT-ASSIGNMENT" | "TARGET-ASSIGNMENT" => 20,
            _ => 15,
        };
        let fixed = ["#PARTITIONS", "CURRENT-EPOCH", "TARGET-EPOCH"];
        let mut widths: Vec<usize> = Vec::new();
        for (index, name) in header.iter().enumerate() {
            let column = cells.iter().filter_map(|row| row.get(index)).map(String::as_str);
            widths.push(if fixed.contains(name) { 15 } else { widest(least(name), column) });
        }
        if mixed && verbose {
            widths.pop();
        }
        let header: Vec<String> = header.iter().map(|it| (*it).to_owned()).collect();
        console.line("");
        for row in [header].iter().chain(&cells) {
            let text = line(row, &widths);
            // Without the verbose columns a space stands at the end.
            console.line(if verbose { text } else { format!("{text} ") });
        }
    }
}

fn member_cells(
    group: &Group,
    member: &Member,
    with_instance: bool,
    verbose: bool,
    mixed: bool,
) -> Vec<String> {
    let mut cells = vec![group.id.clone(), member.id.clone()];
    cells.extend(with_instance.then(|| member.instance_id.clone()));
    cells.extend([member.host.clone(), member.client_id.clone(), member.assignment.len().to_string()]);
    if verbose {
        cells.push(shown(member.epoch));
        cells.push(assignment(&member.assignment));
        cells.push(shown(group.assignment_epoch));
        cells.push(assignment(&member.target));
        cells.extend(mixed.then(|| shown(member.upgraded)));
    }
    cells
}

fn member_json(member: &Member) -> Json {
    Json::object([
        ("consumerId", Json::text(&member.id)),
        ("groupInstanceId", Json::text(&member.instance_id)),
        ("host", Json::text(&member.host)),
        ("clientId", Json::text(&member.client_id)),
        ("assignment", Json::text(assignment(&member.assignment))),
    ])
}

/// Shows states.
pub(super) fn states(
    groups: &Groups,
    coordinators: &[(String, i32)],
    verbose: bool,
    format: Format,
    console: &mut Console,
) {
    let mut header = vec!["GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE"];
    if verbose {
        header.extend(["GROUP-EPOCH", "TARGET-ASSIGNMENT-EPOCH"]);
    }
    header.push("#MEMBERS");
    if format == Format::Json {
        let all = groups.values().zip(coordinators).map(|(group, (address, node))| {
            Json::object([
                ("group", Json::text(&group.id)),
                ("coordinator", Json::text(address)),
                ("coordinatorId", Json::Number(i64::from(*node))),
                ("assignmentStrategy", Json::text(&group.assignor)),
                ("state", Json::text(&group.state)),
                ("members", Json::Number(group.members.len() as i64)),
            ])
        });
        console.line(Json::Array(all.collect()).to_string());
        return;
    }
    for (group, (address, node)) in groups.values().zip(coordinators) {
        if !introduce(group, 1, console) {
            continue;
        }
        let coordinator = format!("{address}  ({node})");
        let mut widths = vec![
            widest(15, [group.id.as_str()].into_iter()),
            widest(25, [coordinator.as_str()].into_iter()),
            20,
            20,
        ];
        let mut cells = vec![group.id.clone(), coordinator, or_missing(&group.assignor), group.state.clone()];
        if verbose {
            widths.extend([15, 25]);
            cells.extend([shown(group.epoch), shown(group.assignment_epoch)]);
        }
        cells.push(group.members.len().to_string());
        if format == Format::Table {
            let mut table = Table::new(&header);
            table.row(cells);
            table.show(console);
            continue;
        }
        let header: Vec<String> = header.iter().map(|it| (*it).to_owned()).collect();
        console.line(format!("\n{}\n{}", line(&header, &widths), line(&cells, &widths)));
    }
}
