//! The options of `kafka-console-producer`, and what they say of the producer and of the lines.

use std::collections::BTreeMap;

use headwater_client::config::Properties;

use crate::cluster::load_properties;
use crate::command_line::{DISPLAY_VERSION, HELP, help_or_version, key_values, require, usage};
use crate::console::{Console, Stop};
use crate::jopt::{OptionSet, Row, flag, takes, takes_maybe};

/// The one class of a reader that there is.
pub(super) const LINE_READER: &str = "org.apache.kafka.tools.LineMessageReader";

/// All options.
pub(super) const OPTIONS: &[Row] = &[
    HELP,
    DISPLAY_VERSION,
    takes(&["topic"], "topic", "REQUIRED: The topic name to produce messages to."),
    takes(&["bootstrap-server"], "server to connect to", "REQUIRED: The server(s) to connect to. The broker list string in the form HOST1:PORT1,HOST2:PORT2."),
    flag(&["sync"], "If set message send requests to the brokers are synchronously, one at a time as they arrive."),
    takes_maybe(&["compression-codec"], "compression-codec", "The compression codec: either 'none', 'gzip', 'snappy', 'lz4', or 'zstd'.If specified without value, then it defaults to 'gzip'"),
    takes(&["batch-size"], "size", "The buffer size in bytes allocated for a partition. When records are received which are smaller than this size the producer will attempt to optimistically group them together until this size is reached. This is the option to control batch.size in producer configs. Please note that this option will be replaced if max-partition-memory-bytes is also set.").integer().defaults(&["16384"]),
    takes(&["message-send-max-retries"], "", "Brokers can fail receiving the message for multiple reasons, and being unavailable transiently is just one of them. This property specifies the number of retries before the producer give up and drop this message. This is the option to control `retries` in producer configs.").integer().defaults(&["3"]),
    takes(&["retry-backoff-ms"], "", "Before each retry, the producer refreshes the metadata of relevant topics. Since leader election takes a bit of time, this property specifies the amount of time that the producer waits before refreshing the metadata. This is the option to control `retry.backoff.ms` in producer configs.").long().defaults(&["100"]),
    takes(&["timeout"], "timeout_ms", "If set and the producer is running in asynchronous mode, this gives the maximum amount of time a message will queue awaiting sufficient batch size. The value is given in ms. This is the option to control `linger.ms` in producer configs.").long().defaults(&["1000"]),
    takes(&["request-required-acks"], "request required acks", "The required `acks` of the producer requests").defaults(&["-1"]),
    takes(&["request-timeout-ms"], "request timeout ms", "The ack timeout of the producer requests. Value must be non-negative and non-zero.").integer().defaults(&["1500"]),
    takes(&["metadata-expiry-ms"], "metadata expiration interval", "The period of time in milliseconds after which we force a refresh of metadata even if we haven't seen any leadership changes. This is the option to control `metadata.max.age.ms` in producer configs.").long().defaults(&["300000"]),
    takes(&["max-block-ms"], "max block on send", "The max time that the producer will block for during a send request.").long().defaults(&["60000"]),
    takes(&["max-memory-bytes"], "total memory in bytes", "The total memory used by the producer to buffer records waiting to be sent to the server. This is the option to control `buffer.memory` in producer configs.").long().defaults(&["33554432"]),
    takes(&["max-partition-memory-bytes"], "memory in bytes per partition", "(Deprecated) The buffer size in bytes allocated for a partition. When records are received which are smaller than this size the producer will attempt to optimistically group them together until this size is reached. This is the option to control batch.size in producer configs. This option will be removed in Apache Kafka 5.0. Use --batch-size instead.").integer().defaults(&["16384"]),
    takes(&["line-reader"], "reader_class", "The class name of the class to use for reading lines from standard in. By default each line is read as a separate message.").defaults(&[LINE_READER]),
    takes(&["socket-buffer-size"], "size", "The size of the tcp RECV size. This is the option to control `send.buffer.bytes` in producer configs.").integer().defaults(&["102400"]),
    takes(&["property"], "prop", "(DEPRECATED) A mechanism to pass user-defined properties in the form key=value to the message reader. This allows custom configuration for a user-defined message reader.\nDefault properties include:\n parse.key=false\n parse.headers=false\n ignore.error=false\n key.separator=\\t\n headers.delimiter=\\t\n headers.separator=,\n headers.key.separator=:\n null.marker=   When set, any fields (key, value and headers) equal to this will be replaced by null\nDefault parsing pattern when:\n parse.headers=true and parse.key=true:\n  \"h1:v1,h2:v2...\\tkey\\tvalue\"\n parse.key=true:\n  \"key\\tvalue\"\n parse.headers=true:\n  \"h1:v1,h2:v2...\\tvalue\"\n This option will be removed in a future version. Use --reader-property instead."),
    takes(&["reader-property"], "prop", "A mechanism to pass user-defined properties in the form key=value to the message reader. This allows custom configuration for a user-defined message reader.\nDefault properties include:\n parse.key=false\n parse.headers=false\n ignore.error=false\n key.separator=\\t\n headers.delimiter=\\t\n headers.separator=,\n headers.key.separator=:\n null.marker=   When set, any fields (key, value and headers) equal to this will be replaced by null\nDefault parsing pattern when:\n parse.headers=true and parse.key=true:\n  \"h1:v1,h2:v2...\\tkey\\tvalue\"\n parse.key=true:\n  \"key\\tvalue\"\n parse.headers=true:\n  \"h1:v1,h2:v2...\\tvalue\""),
    takes(&["reader-config"], "config file", "Config properties file for the message reader. Note that [reader-property] takes precedence over this config."),
    takes(&["producer-property"], "producer_prop", "(DEPRECATED) Producer config properties in the form key=value. This option will be removed in a future version. Use --command-property instead."),
    takes(&["command-property"], "producer_prop", "Producer config properties in the form key=value."),
    takes(&["producer.config"], "config file", "(DEPRECATED) Producer config properties file. Note that [command-property] takes precedence over this config. This option will be removed in a future version. Use --command-config instead."),
    takes(&["command-config"], "config file", "Producer config properties file. Note that [command-property] takes precedence over this config."),
];

/// Options with an old and a new name.
const RENAMED: [(&str, &str); 3] = [
    ("command-config", "producer.config"),
    ("command-property", "producer-property"),
    ("reader-property", "property"),
];

/// Refuses what does not go together, and warns of old names.
pub(super) fn check(
    console: &mut Console,
    options: &OptionSet<'_>,
    arguments: &[String],
) -> Result<(), Stop> {
    let about = "This tool helps to read data from standard input and publish it to Kafka.";
    help_or_version(console, options, arguments, about)?;
    require(console, options, &["topic"])?;
    for (new, old) in RENAMED {
        if options.has(new) && options.has(old) {
            let message = format!("Options --{new} and --{old} cannot be specified together.");
            return Err(usage(console, options.rows(), &message));
        }
    }
    for (new, old) in [RENAMED[1], RENAMED[0], RENAMED[2]] {
        if options.has(old) {
            console.line(format!(
                "Warning: --{old} is deprecated and will be removed in a future version. Use --{new} instead."
            ));
        }
    }
    if options.has("max-partition-memory-bytes") {
        console.line(
            "Warning: --max-partition-memory-bytes is deprecated and will be removed in Apache Kafka 5.0. Use --batch-size \
             instead.",
        );
    }
    let bootstrap = options.value("bootstrap-server")?.unwrap_or_default();
    if bootstrap.trim().is_empty() {
        return Err(usage(console, options.rows(), "Error while validating the bootstrap address\n"));
    }
    if !bootstrap.trim_end_matches(',').split(',').all(has_port) {
        let message = "Please provide valid host:port like host1:9091,host2:9092\n";
        return Err(usage(console, options.rows(), message));
    }
    Ok(())
}

/// Whether an address ends with a port (`Utils.getPort`).
fn has_port(address: &str) -> bool {
    let Some((host, port)) = address.rsplit_once(':') else { return false };
    let digits = !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit());
    digits && !host.contains(['\n', '\r'])
}

/// The option by its new name, or by its old one where that is given.
fn renamed(options: &OptionSet<'_>, at: usize) -> &'static str {
    let (new, old) = RENAMED[at];
    if options.has(old) { old } else { new }
}

/// How lines are read.
pub(super) fn reader(options: &OptionSet<'_>) -> Result<BTreeMap<String, String>, Stop> {
    let mut properties = BTreeMap::new();
    if options.has("reader-config") {
        properties.extend(load_properties(&options.value("reader-config")?.unwrap_or_default())?);
    }
    properties.extend(key_values(&options.values(renamed(options, 2))?, true)?);
    Ok(properties)
}

/// How the producer writes.
pub(super) fn producer(options: &OptionSet<'_>) -> Result<Properties, Stop> {
    let mut properties = Properties::new();
    let file = renamed(options, 0);
    if options.has(file) {
        properties.extend(load_properties(&options.value(file)?.unwrap_or_default())?);
    }
    properties.extend(key_values(&options.values(renamed(options, 1))?, true)?);
    let mut set = |key: &str, value: String| properties.insert(key.to_owned(), value);
    set("bootstrap.servers", options.value("bootstrap-server")?.unwrap_or_default());
    let codec = if options.has("compression-codec") {
        options
            .value("compression-codec")?
            .filter(|codec| !codec.is_empty())
            .unwrap_or_else(|| "gzip".to_owned())
    } else {
        "none".to_owned()
    };
    set("compression.type", codec);
    properties.entry("client.id".to_owned()).or_insert_with(|| "console-producer".to_owned());
    let merged = [
        ("linger.ms", "timeout"),
        ("acks", "request-required-acks"),
        ("request.timeout.ms", "request-timeout-ms"),
        ("retries", "message-send-max-retries"),
        ("retry.backoff.ms", "retry-backoff-ms"),
        ("send.buffer.bytes", "socket-buffer-size"),
        ("buffer.memory", "max-memory-bytes"),
        ("batch.size", "batch-size"),
        ("batch.size", "max-partition-memory-bytes"),
        ("metadata.max.age.ms", "metadata-expiry-ms"),
        ("max.block.ms", "max-block-ms"),
    ];
    for (key, option) in merged {
        if (options.has(option) || !properties.contains_key(key))
            && let Some(value) = options.value(option)?
        {
            properties.insert(key.to_owned(), value);
        }
    }
    Ok(properties)
}
