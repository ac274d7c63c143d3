//! Metrics and plug-ins.

use crate::config::definition::{Definition, int, is, list, long, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    list("metric.reporters", is("org.apache.kafka.common.metrics.JmxReporter")).maybe_empty_list_of(&[]).low().cluster_wide()
        .doc("Java classes that receive metrics."),
    int("metrics.num.samples", is("2")).at_least(1.0).low()
        .doc("Samples over which a metric is computed."),
    text("metrics.recording.level", is("INFO")).low()
        .doc("Level of detail of metrics."),
    long("metrics.sample.window.ms", is("30000")).at_least(1.0).low()
        .doc("Length of a sample."),
    list("kafka.metrics.reporters", is("")).maybe_empty_list_of(&[]).low()
        .doc("Java classes that receive the older kind of metrics."),
    int("kafka.metrics.polling.interval.secs", is("10")).at_least(1.0).low()
        .doc("Time between two reports of the older kind."),
    int("telemetry.max.bytes", is("1048576")).at_least(1.0).low()
        .doc("Largest metrics message of a client."),
    list("config.providers", is("")).maybe_empty_list_of(&[]).low().cluster_wide()
        .doc("Java classes that resolve placeholders in values."),
];
