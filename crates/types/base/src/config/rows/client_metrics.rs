//! Keys of subscriptions to client metrics (KIP-714).

use crate::config::definition::{Definition, int, is, list};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    int("interval.ms", is("300000")).client_metrics()
        .doc("Time between two messages of a client with its metrics."),
    list("match", is("")).client_metrics()
        .doc("Which clients, as attribute=pattern."),
    list("metrics", is("")).maybe_empty_list_of(&[]).client_metrics()
        .doc("Prefixes of the names of the metrics that are asked for; * asks for all."),
];
