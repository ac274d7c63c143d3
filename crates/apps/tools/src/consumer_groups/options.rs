//! The options of `kafka-consumer-groups`, and which of them go together.

use crate::command_line::{DISPLAY_VERSION, HELP, exclude, help_or_version, require, usage};
use crate::console::{Console, Stop};
use crate::jopt::{OptionSet, Row, flag, takes, takes_maybe};

/// All options.
pub(super) const OPTIONS: &[Row] = &[
    HELP,
    DISPLAY_VERSION,
    takes(&["bootstrap-server"], "server to connect to", "The server(s) to connect to. REQUIRED for all options except for --validate-regex."),
    takes(&["group"], "consumer group", "The consumer group we wish to act on."),
    takes(&["topic"], "topic", "The topic whose consumer group information should be deleted or topic whose should be included in the reset offset process. In `reset-offsets` case, partitions can be specified using this format: `topic1:0,1,2`, where 0,1,2 are the partition to be included in the process. Reset-offsets also supports multiple topic inputs."),
    flag(&["all-topics"], "Consider all topics assigned to a group in the `reset-offsets` process."),
    flag(&["list"], "List all consumer groups."),
    flag(&["describe"], "Describe consumer group and list offset lag (number of messages not yet processed) related to given group."),
    flag(&["all-groups"], "Apply to all consumer groups."),
    flag(&["delete"], "Pass in groups to delete topic partition offsets and ownership information over the entire consumer group. For instance --group g1 --group g2"),
    takes(&["timeout"], "timeout (ms)", "The timeout that can be set for some use cases. For example, it can be used when describing the group to specify the maximum amount of time in milliseconds to wait before the group stabilizes (when the group is just created, or is going through some changes).").long().defaults(&["30000"]),
    takes(&["command-config"], "command config property file", "Property file containing configs to be passed to Admin Client and Consumer."),
    flag(&["reset-offsets"], "Reset offsets of consumer group. Supports one consumer group at the time, and instances should be inactive\nHas 2 execution options: --dry-run (the default) to plan which offsets to reset, and --execute to update the offsets. Additionally, the --export option is used to export the results to a CSV format.\nYou must choose one of the following reset specifications: --to-datetime, --by-duration, --to-earliest, --to-latest, --shift-by, --from-file, --to-current, --to-offset.\nTo define the scope use --all-topics or --topic. One scope must be specified unless you use '--from-file'."),
    flag(&["delete-offsets"], "Delete offsets of consumer group. Supports one consumer group at the time, and multiple topics."),
    flag(&["dry-run"], "Only show results without executing changes on Consumer Groups. Supported operations: reset-offsets."),
    flag(&["execute"], "Execute operation. Supported operations: reset-offsets."),
    flag(&["export"], "Export operation execution to a CSV file. Supported operations: reset-offsets."),
    takes(&["to-offset"], "offset", "Reset offsets to a specific offset.").long(),
    takes(&["from-file"], "path to CSV file", "Reset offsets to values defined in CSV file."),
    takes(&["to-datetime"], "datetime", "Reset offsets to offset from datetime. Format: 'YYYY-MM-DDThh:mm:ss.sss'"),
    takes(&["by-duration"], "duration", "Reset offsets to offset by duration from current timestamp. Format: 'PnDTnHnMnS'"),
    flag(&["to-earliest"], "Reset offsets to earliest offset."),
    flag(&["to-latest"], "Reset offsets to latest offset."),
    flag(&["to-current"], "Reset offsets to current offset."),
    takes(&["shift-by"], "number-of-offsets", "Reset offsets shifting current offset by 'n', where 'n' can be positive or negative.").long(),
    flag(&["members"], "Describe members of the group. This option may be used with '--describe' and '--bootstrap-server' options only.\nExample: --bootstrap-server localhost:9092 --describe --group group1 --members").available_if(&["describe"]),
    flag(&["verbose"], "Provide additional information, if any, when describing the group. This option may be used with '--offsets'/'--members'/'--state' and '--bootstrap-server' options only.\nExample: --bootstrap-server localhost:9092 --describe --group group1 --members --verbose").available_if(&["describe"]),
    flag(&["offsets"], "Describe the group and list all topic partitions in the group along with their offset lag. This is the default sub-action of and may be used with '--describe' and '--bootstrap-server' options only.\nExample: --bootstrap-server localhost:9092 --describe --group group1 --offsets").available_if(&["describe"]),
    takes_maybe(&["state"], "", "When specified with '--describe', includes the state of the group.\nExample: --bootstrap-server localhost:9092 --describe --group group1 --state\nWhen specified with '--list', it displays the state of all groups. It can also be used to list groups with specific states.\nExample: --bootstrap-server localhost:9092 --list --state stable,empty\nThis option may be used with '--describe', '--list' and '--bootstrap-server' options only.").available_if(&["describe", "list"]),
    takes_maybe(&["type"], "", "When specified with '--list', it displays the types of all the groups. It can also be used to list groups with specific types.\nExample: --bootstrap-server localhost:9092 --list --type classic,consumer\nThis option may be used with the '--list' option only.").available_if(&["list"]),
    takes(&["validate-regex"], "regex", "Validate that the syntax of the provided regular expression is valid according to the RE2 format."),
];

/// One of them has to be given.
pub(super) const ACTIONS: [&str; 6] =
    ["list", "describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"];

/// Where offsets are reset to.
const SCENARIOS: [&str; 8] = [
    "to-offset",
    "to-datetime",
    "by-duration",
    "to-earliest",
    "to-latest",
    "to-current",
    "shift-by",
    "from-file",
];

/// Refuses what does not go together.
pub(super) fn check(
    console: &mut Console,
    options: &OptionSet<'_>,
    arguments: &[String],
) -> Result<(), Stop> {
    let about = "This tool helps to list all consumer groups, describe a consumer group, delete consumer group info, or reset \
                 consumer group offsets.";
    help_or_version(console, options, arguments, about)?;
    if !options.has("validate-regex") {
        require(console, options, &["bootstrap-server"])?;
    }
    let refuse = |console: &mut Console, message: &str| Err(usage(console, options.rows(), message));
    let no_group = !options.has("group") && !options.has("all-groups");
    if options.has("describe") {
        if no_group {
            return refuse(console, "Option [describe] takes one of these options: [group], [all-groups]");
        }
        if ["members", "offsets", "state"].iter().filter(|name| options.has(name)).count() > 1 {
            let message =
                "Option [describe] takes at most one of these options: [members], [offsets], [state]";
            return refuse(console, message);
        }
        if options.has("state") && options.value("state")?.is_some() {
            return refuse(console, "Option [describe] does not take a value for [state]");
        }
    }
    if options.has("delete") {
        if no_group {
            return refuse(console, "Option [delete] takes one of these options: [group], [all-groups]");
        }
        if options.has("topic") {
            let message =
                "The consumer does not support topic-specific offset deletion from a consumer group.";
            return refuse(console, message);
        }
    }
    if options.has("delete-offsets") && !(options.has("group") && options.has("topic")) {
        return refuse(console, "Option [delete-offsets] takes the following options: [group], [topic]");
    }
    if options.has("reset-offsets") {
        check_reset(console, options, no_group)?;
    }
    exclude(console, options, "group", &["all-groups"])?;
    exclude(console, options, "group", &["list"])?;
    exclude(console, options, "topic", &["list", "describe"])
}

fn check_reset(console: &mut Console, options: &OptionSet<'_>, no_group: bool) -> Result<(), Stop> {
    let refuse = |console: &mut Console, message: &str| Err(usage(console, options.rows(), message));
    if options.has("dry-run") && options.has("execute") {
        return refuse(console, "Option [reset-offsets] only accepts one of [execute] and [dry-run]");
    }
    if !options.has("dry-run") && !options.has("execute") {
        console.error_line(
            "WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will require \
             either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if you are scripting \
             this command and want to keep the current default behavior without prompting.",
        );
    }
    if no_group {
        return refuse(console, "Option [reset-offsets] takes one of these options: [group], [all-groups]");
    }
    for scenario in SCENARIOS {
        let others: Vec<&str> = SCENARIOS.into_iter().filter(|it| *it != scenario).collect();
        exclude(console, options, scenario, &others)?;
    }
    Ok(())
}
