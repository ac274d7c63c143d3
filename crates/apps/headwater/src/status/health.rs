//! What is known of a node, and what of it needs somebody.

use super::scrape::Samples;
use crate::failure::Failure;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Worth a look.
    Warning,
    /// The node is not healthy.
    Problem,
}

/// Everything that is shown. What the source does not know is `None`.
#[derive(Debug, Default)]
pub struct Health {
    pub node_id: Option<String>,
    pub version: Option<String>,
    pub cluster_id: String,
    pub roles: String,
    pub uptime_s: Option<f64>,
    pub quorum: Option<Quorum>,
    pub cluster: Cluster,
    pub groups: Option<Groups>,
    pub traffic: Option<Traffic>,
    /// What is measured, and its times.
    pub latencies: Vec<(String, Latency)>,
    pub directories: Vec<Directory>,
    /// Connections by listener.
    pub connections: Vec<(String, u64)>,
    pub process: Option<Process>,
    pub findings: Vec<(Severity, String)>,
}

#[derive(Debug)]
pub struct Quorum {
    pub leader: i64,
    pub epoch: i64,
    pub high_watermark: i64,
}

#[derive(Debug, Default)]
pub struct Cluster {
    pub brokers: u64,
    pub fenced: Option<u64>,
    pub topics: u64,
    pub partitions: u64,
    pub offline: u64,
    pub under_replicated: u64,
}

/// Groups whose coordinator this node is.
#[derive(Debug)]
pub struct Groups {
    pub classic: u64,
    pub consumer: u64,
    /// Those of both that are not at rest.
    pub rebalancing: u64,
    pub offsets: u64,
    /// Members that were put out since the start.
    pub evictions: u64,
}

/// Per second, now.
#[derive(Debug)]
pub struct Traffic {
    pub records_in: f64,
    pub bytes_in: f64,
    pub bytes_out: f64,
    pub requests: f64,
    pub errors: f64,
}

/// Milliseconds; `None` where nothing happened of late.
#[derive(Debug)]
pub struct Latency {
    pub p50: Option<f64>,
    pub p99: Option<f64>,
    pub p999: Option<f64>,
    pub per_second: f64,
}

#[derive(Debug)]
pub struct Directory {
    pub path: String,
    pub online: bool,
    pub log_bytes: u64,
    pub total_bytes: u64,
    pub available_bytes: u64,
}

#[derive(Debug)]
pub struct Process {
    pub resident_bytes: u64,
    pub request_memory_used: u64,
    pub request_memory_total: u64,
    pub open_files: u64,
    pub max_files: u64,
    /// Processors in use; 1.0 is one of them all the time.
    pub cpu: f64,
    /// Share of the time that the threads for connections are idle.
    pub idle: f64,
}

impl Health {
    pub fn is_healthy(&self) -> bool {
        self.findings.iter().all(|(severity, _)| *severity == Severity::Warning)
    }

    /// From two looks at the metrics, `seconds` apart.
    pub fn of_metrics(first: &Samples, second: &Samples, seconds: f64) -> Self {
        let info = |label: &str| second.label("headwater_info", label).map(str::to_owned);
        let rates = Rates { first, second, seconds: seconds.max(0.001) };
        let mut health = Self {
            node_id: info("node_id"),
            version: info("version"),
            cluster_id: info("cluster_id").unwrap_or_default(),
            roles: info("roles").unwrap_or_default(),
            uptime_s: second.plain("headwater_uptime_seconds"),
            quorum: Some(quorum(second)),
            cluster: cluster(second),
            groups: groups(second),
            traffic: Some(rates.traffic()),
            latencies: rates.latencies(),
            directories: directories(second),
            connections: connections(second),
            process: Some(rates.process()),
            findings: Vec::new(),
        };
        health.judge(&rates);
        health
    }

    /// Adds what the same node says in Kafka's protocol.
    pub fn compare(&mut self, other: Result<Health, Failure>, bootstrap: &str) {
        match other {
            Ok(other) if other.cluster_id != self.cluster_id => {
                let why = format!("{bootstrap} belongs to another cluster: {}", other.cluster_id);
                self.problem(why);
            }
            Ok(_) => {}
            Err(failure) => self.problem(format!("clients are not served: {failure}")),
        }
    }

    pub fn problem(&mut self, what: String) {
        self.findings.push((Severity::Problem, what));
    }

    pub fn warning(&mut self, what: String) {
        self.findings.push((Severity::Warning, what));
    }

    fn judge(&mut self, rates: &Rates<'_>) {
        let samples = rates.second;
        if samples.plain("kafka_controller_kafkacontroller_activecontrollercount") != Some(1.0) {
            self.problem("there is no active controller".to_owned());
        }
        self.judge_cluster();
        let offline = count(samples, "kafka_server_replicamanager_offlinereplicacount");
        if offline > 0 {
            self.problem(format!("{} of this node cannot be served", things(offline, "replica")));
        }
        self.judge_directories();
        let refused = rates.growth("headwater_connections_refused_total");
        let broken = rates.growth("headwater_connections_broken_total");
        if refused > 0.0 {
            self.warning(format!("{refused:.0} connections were refused just now: a limit is reached"));
        }
        if broken > 0.0 {
            self.warning(format!(
                "{broken:.0} connections were closed just now for bytes that are no requests"
            ));
        }
        self.judge_process();
    }

    /// What is wrong with the cluster as a whole.
    pub fn judge_cluster(&mut self) {
        let Cluster { fenced, offline, under_replicated, .. } = self.cluster;
        if offline > 0 {
            self.problem(format!("{} without a leader", things(offline, "partition")));
        }
        if under_replicated > 0 {
            self.problem(format!("{} with too few replicas in sync", things(under_replicated, "partition")));
        }
        if let Some(fenced) = fenced.filter(|fenced| *fenced > 0) {
            self.problem(format!("{} fenced", things(fenced, "broker")));
        }
    }

    /// What is wrong with the log directories.
    pub fn judge_directories(&mut self) {
        let mut findings = Vec::new();
        for directory in &self.directories {
            let path = &directory.path;
            let free = directory.available_bytes as f64 / (directory.total_bytes as f64).max(1.0);
            if !directory.online {
                findings.push((Severity::Problem, format!("log directory {path} is offline")));
            } else if directory.total_bytes > 0 && free < 0.02 {
                findings.push((Severity::Problem, format!("{path} is full: {:.1} % are free", free * 100.0)));
            } else if directory.total_bytes > 0 && free < 0.1 {
                findings.push((Severity::Warning, format!("{path} has {:.0} % free", free * 100.0)));
            }
        }
        self.findings.append(&mut findings);
    }

    fn judge_process(&mut self) {
        let Some(process) = &self.process else { return };
        let mut warnings = Vec::new();
        let share = |part: u64, whole: u64| part as f64 / (whole as f64).max(1.0);
        if share(process.open_files, process.max_files) > 0.8 {
            warnings
                .push(format!("{} of {} file descriptors are open", process.open_files, process.max_files));
        }
        if share(process.request_memory_used, process.request_memory_total) > 0.9 {
            warnings.push("the memory for large requests is used up: producers wait for it".to_owned());
        }
        if process.idle < 0.1 {
            warnings
                .push(format!("the threads for connections are {:.0} % busy", 100.0 * (1.0 - process.idle)));
        }
        warnings.into_iter().for_each(|warning| self.warning(warning));
    }
}

/// `1 partition`, `2 partitions`.
fn things(count: u64, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

fn count(samples: &Samples, name: &str) -> u64 {
    samples.plain(name).map_or(0, |value| value as u64)
}

fn groups(samples: &Samples) -> Option<Groups> {
    const METRICS: &str = "kafka_server_group_coordinator_metrics";
    const MANAGER: &str = "kafka_coordinator_group_groupmetadatamanager";
    let of = |protocol| samples.get(&format!("{METRICS}_group_count"), &[("protocol", protocol)]);
    let consumer_state = |state| {
        let found = samples.get(&format!("{METRICS}_consumer_group_count"), &[("state", state)]);
        found.map_or(0, |value| value as u64)
    };
    let moving = ["preparingrebalance", "completingrebalance"];
    let classic_moving: u64 =
        moving.iter().map(|state| count(samples, &format!("{MANAGER}_numgroups{state}"))).sum();
    Some(Groups {
        classic: of("classic")? as u64,
        consumer: of("consumer")? as u64,
        rebalancing: classic_moving + consumer_state("assigning") + consumer_state("reconciling"),
        offsets: count(samples, &format!("{MANAGER}_numoffsets")),
        evictions: samples.sum("headwater_group_evictions_total") as u64,
    })
}

fn quorum(samples: &Samples) -> Quorum {
    let of = |name: &str| {
        samples.plain(&format!("kafka_server_raft_metrics_{name}")).map_or(-1, |value| value as i64)
    };
    Quorum { leader: of("current_leader"), epoch: of("current_epoch"), high_watermark: of("high_watermark") }
}

fn cluster(samples: &Samples) -> Cluster {
    let of = |name: &str| count(samples, &format!("kafka_controller_kafkacontroller_{name}"));
    Cluster {
        brokers: of("activebrokercount"),
        fenced: Some(of("fencedbrokercount")),
        topics: of("globaltopiccount"),
        partitions: of("globalpartitioncount"),
        offline: of("offlinepartitionscount"),
        under_replicated: count(samples, "kafka_server_replicamanager_underreplicatedpartitions"),
    }
}

fn directories(samples: &Samples) -> Vec<Directory> {
    let offline = samples.of("kafka_log_logmanager_logdirectoryoffline");
    let paths = offline.iter().filter_map(|(labels, value)| Some((labels.get("logDirectory")?, *value)));
    paths
        .map(|(path, offline)| {
            let of = |name: &str| {
                let name = format!("headwater_log_directory_{name}_bytes");
                samples.get(&name, &[("directory", path)]).map_or(0, |value| value as u64)
            };
            Directory {
                path: path.clone(),
                online: offline == 0.0,
                log_bytes: of("log"),
                total_bytes: of("total"),
                available_bytes: of("available"),
            }
        })
        .collect()
}

fn connections(samples: &Samples) -> Vec<(String, u64)> {
    let known = samples.of("kafka_server_socket_server_metrics_connection_count");
    known
        .iter()
        .filter_map(|(labels, value)| Some((labels.get("listener")?.clone(), *value as u64)))
        .collect()
}

/// Two looks.
struct Rates<'a> {
    first: &'a Samples,
    second: &'a Samples,
    seconds: f64,
}

impl Rates<'_> {
    fn growth(&self, name: &str) -> f64 {
        (self.second.sum(name) - self.first.sum(name)).max(0.0)
    }

    /// Growth per second of the samples that are wanted.
    fn rate(&self, name: &str, wanted: impl Fn(&dyn Fn(&str) -> Option<String>) -> bool) -> f64 {
        let sum = |samples: &Samples| -> f64 {
            let each = samples.of(name).iter();
            each.filter(|(labels, _)| wanted(&|label| labels.get(label).cloned()))
                .map(|(_, value)| value)
                .sum()
        };
        (sum(self.second) - sum(self.first)).max(0.0) / self.seconds
    }

    fn traffic(&self) -> Traffic {
        let topics = |name: &str| {
            let name = format!("kafka_server_brokertopicmetrics_{name}_total");
            self.rate(&name, |label| label("topic").is_none())
        };
        // Fetches are listed twice, once as those of consumers.
        let once =
            |label: &dyn Fn(&str) -> Option<String>| label("request").is_none_or(|it| it != "FetchConsumer");
        let error = |label: &dyn Fn(&str) -> Option<String>| {
            once(label) && label("error").is_some_and(|error| error != "NONE")
        };
        Traffic {
            records_in: topics("messagesin"),
            bytes_in: topics("bytesin"),
            bytes_out: topics("bytesout"),
            requests: self.rate("kafka_network_requestmetrics_requests_total", once),
            errors: self.rate("kafka_network_requestmetrics_errors_total", error),
        }
    }

    fn latencies(&self) -> Vec<(String, Latency)> {
        const TOTAL: &str = "kafka_network_requestmetrics_totaltimems";
        const SYNCS: &str = "kafka_log_logflushstats_logflushrateandtimems";
        let of = |name: &str, labels: &[(&str, &str)]| {
            let quantile = |q| {
                let wanted = [labels, &[("quantile", q)]].concat();
                self.second.get(name, &wanted).filter(|value| !value.is_nan())
            };
            let counted = format!("{name}_count");
            let count = |samples: &Samples| samples.get(&counted, labels).unwrap_or(0.0);
            Latency {
                p50: quantile("0.50"),
                p99: quantile("0.99"),
                p999: quantile("0.999"),
                per_second: (count(self.second) - count(self.first)).max(0.0) / self.seconds,
            }
        };
        let mut latencies: Vec<(String, Latency)> = ["Produce", "Fetch", "Metadata"]
            .into_iter()
            .map(|request| (request.to_owned(), of(TOTAL, &[("request", request)])))
            .collect();
        latencies.push(("sync".to_owned(), of(SYNCS, &[])));
        latencies
    }

    fn process(&self) -> Process {
        let of = |name: &str| count(self.second, name);
        let (used, free) = (
            of("kafka_network_socketserver_memorypoolused"),
            of("kafka_network_socketserver_memorypoolavailable"),
        );
        let idle = "kafka_network_socketserver_networkprocessoravgidle_percent";
        Process {
            resident_bytes: of("process_resident_memory_bytes"),
            request_memory_used: used,
            request_memory_total: used + free,
            open_files: of("process_open_fds"),
            max_files: of("process_max_fds"),
            cpu: self.growth("process_cpu_seconds_total") / self.seconds,
            idle: self.second.plain(idle).unwrap_or(1.0),
        }
    }
}
