//! Topics and partitions: the only families that grow with a cluster, so their number is bounded and they leave in
//! pieces.

use std::io;
use std::sync::Arc;

use super::text::Kind;
use super::{Out, Sink};
use crate::broker::Broker;
use crate::partition::table::TopicPartitions;
use crate::partition::{Counts, Partition, Standing};

/// Partitions that are looked at in one go.
const LOOK_AT_ONCE: usize = 512;

/// All topics of the node, as they stand.
pub struct Seen {
    /// In the order of names.
    pub topics: Vec<SeenTopic>,
    /// Counts of all topics, those that are gone included.
    pub all: Counts,
}

/// One topic.
pub struct SeenTopic {
    /// What the node has of it.
    pub of: Arc<TopicPartitions>,
    /// Partitions that are here, and how they stand.
    pub partitions: Vec<(Arc<Partition>, Standing)>,
    /// Partitions that should be here and could not be opened.
    pub unopened: usize,
    /// Counts of its partitions.
    pub counts: Counts,
}

/// Looks at every partition, on a thread for files: sizes may have to be asked for.
pub async fn look(broker: &Broker) -> Seen {
    let (topics, gone) = broker.partitions.topics();
    let mut seen = Seen { topics: Vec::with_capacity(topics.len()), all: gone };
    let mut waiting = Vec::new();
    let mut partitions = 0;
    for topic in topics {
        partitions += topic.partitions.len();
        waiting.push(topic);
        if partitions >= LOOK_AT_ONCE {
            partitions = 0;
            look_at(broker, std::mem::take(&mut waiting), &mut seen).await;
        }
    }
    look_at(broker, waiting, &mut seen).await;
    seen
}

async fn look_at(broker: &Broker, topics: Vec<Arc<TopicPartitions>>, seen: &mut Seen) {
    let looked =
        broker.cold_reads.run(move || topics.into_iter().map(SeenTopic::new).collect::<Vec<_>>()).await;
    for topic in looked {
        seen.all += topic.counts;
        seen.topics.push(topic);
    }
}

impl SeenTopic {
    fn new(of: Arc<TopicPartitions>) -> Self {
        let mut counts = Counts::default();
        let partitions: Vec<(Arc<Partition>, Standing)> = of
            .partitions
            .iter()
            .flatten()
            .map(|partition| (Arc::clone(partition), partition.look()))
            .collect();
        partitions.iter().for_each(|(_, standing)| counts += standing.counts);
        Self { unopened: of.partitions.len() - partitions.len(), of, partitions, counts }
    }
}

/// A family of counts by topic.
struct ByTopic {
    name: &'static str,
    help: &'static str,
    count: fn(&Counts) -> u64,
}

const BY_TOPIC: &[ByTopic] = &[
    ByTopic {
        name: "kafka_server_brokertopicmetrics_messagesin_total",
        help: "Records that producers sent; without a topic: of all topics.",
        count: |counts| counts.messages_in,
    },
    ByTopic {
        name: "kafka_server_brokertopicmetrics_bytesin_total",
        help: "Bytes of batches that producers sent; without a topic: of all topics.",
        count: |counts| counts.bytes_in,
    },
    ByTopic {
        name: "kafka_server_brokertopicmetrics_bytesout_total",
        help: "Bytes of batches that consumers got; without a topic: of all topics.",
        count: |counts| counts.bytes_out,
    },
    ByTopic {
        name: "kafka_server_brokertopicmetrics_bytesrejected_total",
        help: "Bytes of batches that were refused; without a topic: of all topics.",
        count: |counts| counts.bytes_rejected,
    },
    ByTopic {
        name: "kafka_server_brokertopicmetrics_totalproducerequests_total",
        help: "Parts of Produce requests, one for each partition; without a topic: of all topics.",
        count: |counts| counts.produce_requests,
    },
    ByTopic {
        name: "kafka_server_brokertopicmetrics_failedproducerequests_total",
        help: "Those that failed for what is not expected of a broker at work, as Kafka counts them.",
        count: |counts| counts.failed_produce_requests,
    },
    ByTopic {
        name: "kafka_server_brokertopicmetrics_totalfetchrequests_total",
        help: "Reads of partitions for fetches; without a topic: of all topics.",
        count: |counts| counts.fetch_requests,
    },
    ByTopic {
        name: "kafka_server_brokertopicmetrics_failedfetchrequests_total",
        help: "Those that the disk failed; without a topic: of all topics.",
        count: |counts| counts.failed_fetch_requests,
    },
];

/// A family of numbers by partition.
struct ByPartition {
    name: &'static str,
    help: &'static str,
    value: fn(&Standing) -> i64,
}

const BY_PARTITION: &[ByPartition] = &[
    ByPartition {
        name: "kafka_log_log_size",
        help: "Bytes of all segments.",
        value: |standing| i64::try_from(standing.size_bytes).unwrap_or(i64::MAX),
    },
    ByPartition {
        name: "kafka_log_log_logstartoffset",
        help: "First offset.",
        value: |standing| standing.log_start_offset.0,
    },
    ByPartition {
        name: "kafka_log_log_logendoffset",
        help: "Offset behind the last record.",
        value: |standing| standing.log_end_offset.0,
    },
    ByPartition {
        name: "kafka_log_log_numlogsegments",
        help: "Segments.",
        value: |standing| standing.segments as i64,
    },
    ByPartition {
        name: "kafka_cluster_partition_underreplicated",
        help: "1 for a partition that has fewer replicas in sync than it should.",
        value: |standing| i64::from(!standing.online),
    },
];

/// Writes all families.
pub(super) async fn write<S: Sink>(out: &mut Out<'_, S>, broker: &Broker, seen: &Seen) -> io::Result<()> {
    let most = broker.config.current().metrics_partitions_max();
    for family in BY_TOPIC {
        out.text.family(family.name, Kind::Counter, family.help);
        out.text.sample(family.name, &[], (family.count)(&seen.all));
        for topic in seen.topics.iter().take(most) {
            out.text.sample(family.name, &[("topic", &topic.of.name)], (family.count)(&topic.counts));
            out.flush().await?;
        }
    }
    let partitions = || seen.topics.iter().flat_map(|topic| &topic.partitions);
    for family in BY_PARTITION {
        out.text.family(family.name, Kind::Gauge, family.help);
        for (partition, standing) in partitions().take(most) {
            let (topic, index) = (&partition.name.topic, partition.name.partition.0.to_string());
            let value = (family.value)(standing);
            out.text.sample(family.name, &[("topic", topic), ("partition", &index)], value);
            out.flush().await?;
        }
    }
    const OMITTED: &str = "headwater_metrics_omitted";
    out.text.family(OMITTED, Kind::Gauge, "Topics and partitions beyond headwater.metrics.partitions.max.");
    for (kind, count) in [("topics", seen.topics.len()), ("partitions", partitions().count())] {
        out.text.sample(OMITTED, &[("of", kind)], count.saturating_sub(most));
    }
    Ok(())
}
