//! Group coordinators: groups by protocol and state, offsets, rebalances, evictions, and how busy the shards are.

use super::requests::summary;
use super::text::{Kind, Text};
use crate::broker::Broker;
use crate::coordinator::{Census, Tally};
use crate::metrics::windows::Look;
use crate::metrics::{Counter, Distribution, Histogram};

const METRICS: &str = "kafka_server_group_coordinator_metrics";
const CONSUMER_STATES: [&str; 5] = ["Empty", "Assigning", "Reconciling", "Stable", "Dead"];
const CLASSIC_STATES: [&str; 5] = ["PreparingRebalance", "CompletingRebalance", "Stable", "Empty", "Dead"];

/// Writes all families.
pub(super) fn write(text: &mut Text, broker: &Broker, census: &Census, look: &mut Look<'_>) {
    groups(text, census);
    let tally = &broker.groups.tally;
    counters(text, tally);
    events(text, tally);
    shards(text, census);
    times(text, tally, look);
}

fn groups(text: &mut Text, census: &Census) {
    let count = |protocol: &str, state: &str| {
        let of =
            census.groups.iter().filter(|((p, s), _)| *p == protocol && (state.is_empty() || *s == state));
        of.map(|(_, count)| *count).sum::<usize>()
    };
    let name = format!("{METRICS}_group_count");
    text.family(&name, Kind::Gauge, "Groups, by protocol.");
    for protocol in ["classic", "consumer"] {
        text.sample(&name, &[("protocol", protocol)], count(protocol, ""));
    }
    let name = format!("{METRICS}_consumer_group_count");
    text.family(&name, Kind::Gauge, "Groups of the consumer protocol, by state.");
    for state in CONSUMER_STATES {
        text.sample(&name, &[("state", &*state.to_lowercase())], count("consumer", state));
    }
    // Older dashboards know these, of classic groups.
    let manager = "kafka_coordinator_group_groupmetadatamanager";
    let all: usize = census.groups.values().sum();
    text.single(&format!("{manager}_numgroups"), Kind::Gauge, "Groups.", all);
    text.single(&format!("{manager}_numoffsets"), Kind::Gauge, "Committed offsets.", census.offsets);
    for state in CLASSIC_STATES {
        let name = format!("{manager}_numgroups{}", state.to_lowercase());
        text.single(&name, Kind::Gauge, "Classic groups in this state.", count("classic", state));
    }
}

fn counters(text: &mut Text, tally: &Tally) {
    let rows: [(&str, &str, &Counter); 5] = [
        ("offset_commit_count", "Offsets that were committed.", &tally.offset_commits),
        ("offset_deletion_count", "Offsets that were deleted by request.", &tally.offset_deletions),
        ("offset_expiration_count", "Offsets that were too old.", &tally.offset_expirations),
        (
            "group_completed_rebalance_count",
            "Rebalances of classic groups that ended.",
            &tally.classic_rebalances,
        ),
        (
            "consumer_group_rebalance_count",
            "Rebalances of groups of the consumer protocol.",
            &tally.consumer_rebalances,
        ),
    ];
    for (name, help, counter) in rows {
        text.single(&format!("{METRICS}_{name}_total"), Kind::Counter, help, counter.get());
    }
}

fn events(text: &mut Text, tally: &Tally) {
    let events = tally.events();
    let name = "headwater_group_events_total";
    text.family(name, Kind::Counter, "What happened to groups; each with its reason is a line of the log.");
    let kinds = ["rebalance", "generation", "stable", "evicted", "left", "empty", "migrated"];
    for protocol in ["classic", "consumer"] {
        for kind in kinds {
            let of = events.iter().filter(|((p, k, _), _)| *p == protocol && *k == kind);
            text.sample(
                name,
                &[("protocol", protocol), ("event", kind)],
                of.map(|(_, count)| *count).sum::<u64>(),
            );
        }
    }
    let name = "headwater_group_evictions_total";
    text.family(name, Kind::Counter, "Members that were put out, by the limit that they passed.");
    for limit in ["session", "rebalance", "sync", "first join"] {
        let of = events.iter().filter(|((_, _, passed), _)| *passed == limit);
        text.sample(name, &[("limit", limit)], of.map(|(_, count)| *count).sum::<u64>());
    }
}

fn shards(text: &mut Text, census: &Census) {
    let name = format!("{METRICS}_num_partitions");
    text.family(&name, Kind::Gauge, "Partitions of __consumer_offsets on this node, by state.");
    for (state, count) in [("active", census.active), ("loading", census.loading), ("failed", census.failed)]
    {
        text.sample(&name, &[("state", state)], count);
    }
    text.single(
        &format!("{METRICS}_event_queue_size"),
        Kind::Gauge,
        "Requests that wait for a coordinator.",
        census.queued,
    );
    let sum: u64 = census.load_ms.iter().sum();
    let average = sum as f64 / census.load_ms.len().max(1) as f64;
    let most = census.load_ms.iter().max().copied().unwrap_or(0);
    text.single(
        &format!("{METRICS}_partition_load_time_avg"),
        Kind::Gauge,
        "Time in which the partitions were read, in milliseconds.",
        average,
    );
    text.single(&format!("{METRICS}_partition_load_time_max"), Kind::Gauge, "The longest of them.", most);
}

fn times(text: &mut Text, tally: &Tally, look: &mut Look<'_>) {
    let rows: [(&str, &str, &'static str, &Histogram); 2] = [
        (
            "event_queue_time_ms",
            "Wait for the coordinator, in milliseconds, of late.",
            "group queue",
            &tally.queue_time,
        ),
        (
            "event_processing_time_ms",
            "Decisions of the coordinator, of late.",
            "group work",
            &tally.processing_time,
        ),
    ];
    for (name, help, key, histogram) in rows {
        let mut all = Distribution::default();
        histogram.add_to(&mut all);
        let lately = look.lately((key, 0), &all);
        let name = format!("{METRICS}_{name}");
        text.family(&name, Kind::Summary, help);
        summary(text, &name, &[], &lately, &all);
    }
}
