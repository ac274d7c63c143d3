//! `kafka-consumer-groups`: lists, describes and removes groups, and sets their offsets
//! (`org.apache.kafka.tools.consumer.group.ConsumerGroupCommand`).

mod delete;
mod describe;
mod list;
mod options;
mod print;
mod reset;
mod targets;

pub use list::all_groups;

use headwater_client::Admin;
use headwater_group::regex::Pattern;

use crate::cluster::{admin, admin_config, block_on, client_properties};
use crate::command_line::usage;
use crate::console::{Console, Stop, Thrown};
use crate::format::Format;
use crate::jopt::{OptionError, OptionSet, parse};

/// Runs the tool.
pub fn main(arguments: &[String], console: &mut Console) -> i32 {
    match run(arguments, console) {
        Ok(()) => 0,
        Err(Stop::Exit(code)) => code,
        Err(Stop::Thrown(thrown)) => thrown.uncaught(console),
    }
}

fn run(arguments: &[String], console: &mut Console) -> Result<(), Stop> {
    let (format, arguments) = crate::format::take(arguments)?;
    let options = parse(options::OPTIONS, false, &arguments)?;
    options::check(console, &options, &arguments)?;
    if options::ACTIONS.iter().filter(|action| options.has(action)).count() != 1 {
        let actions: Vec<String> = options::ACTIONS.iter().map(|action| format!("--{action}")).collect();
        let message = format!("Command must include exactly one action: {}", actions.join(", "));
        return Err(usage(console, options.rows(), &message));
    }
    let outcome = act(&options, format, console);
    match outcome {
        // What cannot be meant is answered with the help page.
        Err(Stop::Thrown(thrown)) if thrown.class == Thrown::illegal_argument("").class => {
            Err(usage(console, options.rows(), thrown.text()))
        }
        Err(Stop::Thrown(thrown)) => {
            print_error(
                console,
                &format!("Executing consumer group command failed due to {}", thrown.text()),
            );
            console.error_line(thrown.described());
            Ok(())
        }
        other => other,
    }
}

fn act(options: &OptionSet<'_>, format: Format, console: &mut Console) -> Result<(), Stop> {
    if let Some(regex) = given(options, "validate-regex")? {
        validate(&regex, console);
        return Ok(());
    }
    let file = options.value("command-config")?;
    let mut properties = client_properties(file.as_deref(), options.value("bootstrap-server")?.as_deref())
        .map_err(|thrown| thrown.wrapped("java.lang.RuntimeException"))?;
    let timeout_ms = options.long("timeout")?.unwrap_or_default();
    let request_ms: i64 =
        properties.get("request.timeout.ms").and_then(|text| text.parse().ok()).unwrap_or(30_000);
    admin_config(&properties)?;
    properties.insert("default.api.timeout.ms".to_owned(), timeout_ms.max(0).to_string());
    properties.insert("request.timeout.ms".to_owned(), request_ms.min(timeout_ms).max(0).to_string());
    let config = admin_config(&properties)?;
    block_on(async |runtime| {
        let admin = admin(&runtime, config);
        let outcome = act_on(&admin, options, format, console).await;
        admin.close();
        outcome
    })
}

async fn act_on(
    admin: &Admin,
    options: &OptionSet<'_>,
    format: Format,
    console: &mut Console,
) -> Result<(), Stop> {
    if options.has("list") {
        list::list(admin, options, format, console).await
    } else if options.has("describe") {
        describe::describe(admin, options, format, console).await
    } else if options.has("delete") {
        delete::groups(admin, options, console).await
    } else if options.has("reset-offsets") {
        reset::reset(admin, options, console).await
    } else {
        delete::offsets(admin, options, console).await
    }
}

/// The value of an option, if it was given.
fn given(options: &OptionSet<'_>, name: &str) -> Result<Option<String>, OptionError> {
    if options.has(name) { options.value(name) } else { Ok(None) }
}

/// The groups that the options name.
async fn groups(admin: &Admin, options: &OptionSet<'_>) -> Result<Vec<String>, Stop> {
    if options.has("all-groups") {
        return Ok(list::consumer_groups(admin).await?);
    }
    Ok(options.values("group")?)
}

fn print_error(console: &mut Console, message: &str) {
    console.line(format!("\nError: {message}"));
}

fn validate(regex: &str, console: &mut Console) {
    match Pattern::compile(regex) {
        Ok(_) => console.line(format!("The regular expression `{regex}` is valid.")),
        Err(message) => {
            let prefix = format!("SubscribedTopicRegex `{regex}` is not a valid regular expression: ");
            let why = message.strip_prefix(&prefix).unwrap_or(&message);
            console.line(format!("The regular expression `{regex}` is invalid: {why}"));
        }
    }
}
