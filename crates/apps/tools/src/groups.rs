//! `kafka-groups`: lists groups of all kinds (`org.apache.kafka.tools.GroupsCommand`).

use headwater_client::Admin;
use headwater_protocol::messages::list_groups_response::ListedGroup;

use crate::cluster::{admin, admin_config, block_on, client_properties};
use crate::command_line::{DISPLAY_VERSION, HELP, exclude, help_or_version, usage};
use crate::console::{Console, Stop, Thrown};
use crate::consumer_groups::all_groups;
use crate::format::{Format, Table};
use crate::java::{hash_order, string_hash};
use crate::jopt::{OptionSet, Row, flag, parse, takes};
use crate::json::Json;

const OPTIONS: &[Row] = &[
    HELP,
    DISPLAY_VERSION,
    takes(&["bootstrap-server"], "server to connect to", "REQUIRED: The Kafka server to connect to.")
        .required(),
    takes(
        &["command-config"],
        "command config property file",
        "Property file containing configs to be passed to Admin Client.",
    ),
    flag(&["list"], "List the groups."),
    takes(
        &["group-type"],
        "type",
        "Filter the groups based on group type. Valid types are: 'classic', 'consumer', 'share' and 'streams'.",
    ),
    takes(&["protocol"], "protocol", "Filter the groups based on protocol type."),
    flag(
        &["consumer"],
        "Filter the groups to show all kinds of consumer groups, including classic and simple consumer groups. This matches group type 'consumer', and group type 'classic' where the protocol type is 'consumer' or empty.",
    ),
    flag(&["share"], "Filter the groups to show share groups."),
    flag(&["streams"], "Filter the groups to show streams groups."),
];

const TYPES: [&str; 4] = ["Classic", "Consumer", "Share", "Streams"];

/// Runs the tool.
pub fn main(arguments: &[String], console: &mut Console) -> i32 {
    match run(arguments, console) {
        Ok(code) | Err(Stop::Exit(code)) => code,
        Err(Stop::Thrown(thrown)) => {
            console.error_line(thrown.text());
            1
        }
    }
}

fn run(arguments: &[String], console: &mut Console) -> Result<i32, Stop> {
    let (format, arguments) = crate::format::take(arguments)?;
    let options = match parse(OPTIONS, false, &arguments) {
        Ok(options) => options,
        Err(error) => return Err(usage(console, OPTIONS, &error.to_string())),
    };
    let about = "This tool helps to list groups of all types.";
    help_or_version(console, &options, &arguments, about)?;
    if !options.has("list") {
        return Err(usage(console, OPTIONS, "Command must include exactly one action: --list."));
    }
    let kind = match options.value("group-type")? {
        Some(text) => Some(
            *TYPES
                .iter()
                .find(|it| it.eq_ignore_ascii_case(&text))
                .ok_or_else(|| Thrown::illegal_argument("--group-type must be a valid group type."))?,
        ),
        None => None,
    };
    exclude(console, &options, "consumer", &["group-type", "protocol", "share", "streams"])?;
    exclude(console, &options, "share", &["consumer", "group-type", "protocol", "streams"])?;
    exclude(console, &options, "streams", &["consumer", "group-type", "protocol", "share"])?;
    let file = options.value("command-config")?;
    let properties = client_properties(file.as_deref(), options.value("bootstrap-server")?.as_deref())?;
    let outcome = admin_config(&properties).map_err(Stop::from).and_then(|config| {
        block_on(async |runtime| {
            let admin = admin(&runtime, config);
            let outcome = list(&admin, &options, kind, format, console).await;
            admin.close();
            outcome
        })
    });
    match outcome {
        Err(Stop::Thrown(thrown)) => {
            console.line(format!("Error while executing groups command : {}", thrown.text()));
            Ok(1)
        }
        other => other.map(|()| 0),
    }
}

async fn list(
    admin: &Admin,
    options: &OptionSet<'_>,
    kind: Option<&str>,
    format: Format,
    console: &mut Console,
) -> Result<(), Stop> {
    let mut groups = all_groups(admin, &[], &[]).await?;
    for group in &mut groups {
        if let Some(name) = TYPES.iter().find(|name| name.eq_ignore_ascii_case(&group.group_type)) {
            group.group_type = (*name).to_owned();
        }
    }
    let protocol = options.value("protocol")?;
    let wanted = |group: &ListedGroup| {
        let of = |name: &str| group.group_type == name;
        let fits = protocol.as_ref().is_none_or(|protocol| *protocol == group.protocol_type);
        if let Some(kind) = kind {
            of(kind) && fits
        } else if protocol.is_some() {
            fits
        } else if options.has("consumer") {
            group.protocol_type == "consumer" || group.protocol_type.is_empty() || of("Consumer")
        } else if options.has("share") {
            of("Share")
        } else if options.has("streams") {
            of("Streams")
        } else {
            true
        }
    };
    let mut groups = hash_order(groups, |group| string_hash(&group.group_id));
    groups.retain(wanted);
    let cells =
        |group: &ListedGroup| [group.group_id.clone(), group.group_type.clone(), group.protocol_type.clone()];
    let header = ["GROUP", "TYPE", "PROTOCOL"];
    match format {
        Format::Json => {
            let all = groups.iter().map(|group| {
                let [id, kind, protocol] = cells(group);
                let (id, kind, protocol) = (Json::text(id), Json::text(kind), Json::text(protocol));
                Json::object([("group", id), ("type", kind), ("protocol", protocol)])
            });
            console.line(Json::Array(all.collect()).to_string());
        }
        Format::Table => {
            let mut table = Table::new(&header);
            groups.iter().for_each(|group| table.row(cells(group)));
            table.show(console);
        }
        Format::Kafka => {
            let lengths = groups.iter().flat_map(cells).map(|cell| cell.chars().count());
            let width = lengths.chain([20]).max().unwrap_or(20);
            let line = header.map(|name| format!("{name:width$}"));
            console.line(line.join(" "));
            for group in &groups {
                console.line(cells(group).map(|cell| format!("{cell:width$} ")).concat());
            }
        }
    }
    Ok(())
}
