//! `kafka-topics`: makes, removes, describes and changes topics (`org.apache.kafka.tools.TopicCommand`).
//!
//! Different from the reference: configurations are checked by the broker, not here, so that ours are accepted too.

mod create;
mod describe;
mod options;

use headwater_base::Uuid;
use headwater_client::Admin;
use headwater_client::admin::NewPartitions;

use crate::cluster::{admin, admin_config, block_on, client_properties};
use crate::console::{Console, Stop, Thrown};
use crate::filter::{INTERNAL_TOPICS, IncludeList};
use crate::jopt::{OptionSet, parse};

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
    let options = parse(options::OPTIONS, false, &arguments)?;
    options::check(console, &options, &arguments)?;
    let file = options.value("command-config")?;
    let properties = client_properties(file.as_deref(), options.value("bootstrap-server")?.as_deref())?;
    let config = admin_config(&properties)?;
    let outcome = block_on(async |runtime| {
        let admin = admin(&runtime, config);
        let outcome = act(&admin, &options, format, console).await;
        admin.close();
        outcome
    });
    match outcome {
        Ok(()) => Ok(0),
        Err(Stop::Exit(code)) => Err(Stop::Exit(code)),
        Err(Stop::Thrown(thrown)) => {
            console.line(format!("Error while executing topic command : {}", thrown.text()));
            Ok(1)
        }
    }
}

async fn act(
    admin: &Admin,
    options: &OptionSet<'_>,
    format: crate::format::Format,
    console: &mut Console,
) -> Result<(), Stop> {
    if options.has("create") {
        create::create(admin, options, console).await
    } else if options.has("alter") {
        alter(admin, options).await
    } else if options.has("list") {
        let names = topics(admin, options).await?;
        format.names("topic", &names, console);
        Ok(())
    } else if options.has("describe") {
        describe::describe(admin, options, format, console).await
    } else {
        delete(admin, options).await
    }
}

/// The topics that `--topic` and `--exclude-internal` leave, by name.
async fn topics(admin: &Admin, options: &OptionSet<'_>) -> Result<Vec<String>, Stop> {
    let exclude_internal = options.has("exclude-internal");
    let all = admin.list_topics(!exclude_internal).await?;
    let filter = match options.value("topic")? {
        Some(topic) => Some(IncludeList::new(&topic)?),
        None => None,
    };
    let mut names: Vec<String> = all.into_iter().map(|topic| topic.name).collect();
    names.sort();
    names.retain(|name| match &filter {
        Some(filter) => filter.allows(name, exclude_internal),
        None => !(exclude_internal && INTERNAL_TOPICS.contains(&name.as_str())),
    });
    Ok(names)
}

fn ensure_exists(found: bool, options: &OptionSet<'_>) -> Result<(), Stop> {
    let requested = options.value("topic")?.unwrap_or_default();
    if !found && !requested.is_empty() && !options.has("if-exists") {
        let message = format!("Topic '{requested}' does not exist as expected");
        return Err(Thrown::illegal_argument(message).into());
    }
    Ok(())
}

async fn delete(admin: &Admin, options: &OptionSet<'_>) -> Result<(), Stop> {
    let names = topics(admin, options).await?;
    ensure_exists(!names.is_empty(), options)?;
    for (_, result) in admin.delete_topics(&names).await? {
        result?;
    }
    Ok(())
}

async fn alter(admin: &Admin, options: &OptionSet<'_>) -> Result<(), Stop> {
    let wanted = create::Wanted::of(options)?;
    let names = topics(admin, options).await?;
    ensure_exists(!names.is_empty(), options)?;
    if names.is_empty() {
        return Ok(());
    }
    let total = wanted.partitions.unwrap_or_default();
    let mut changes = Vec::new();
    for name in &names {
        let mut assignments = None;
        if !wanted.assignments.is_empty() {
            let described = admin.describe_topics(std::slice::from_ref(name)).await?;
            let mut present = 0;
            for (_, topic) in described {
                present = topic.map_err(Thrown::from)?.partitions.len();
            }
            assignments =
                Some(wanted.assignments.iter().skip(present).map(|(_, replicas)| replicas.clone()).collect());
        }
        changes.push(NewPartitions { topic: name.clone(), total, assignments });
    }
    for (_, result) in admin.create_partitions(changes, false).await? {
        result?;
    }
    Ok(())
}

/// The id that `--topic-id` names, unless it is the zero id.
fn topic_id(options: &OptionSet<'_>) -> Result<Option<Uuid>, Stop> {
    let Some(text) = options.value("topic-id")? else { return Ok(None) };
    let id = crate::java::parse_uuid(&text).map_err(Thrown::illegal_argument)?;
    Ok(Some(id).filter(|id| !id.is_zero()))
}
