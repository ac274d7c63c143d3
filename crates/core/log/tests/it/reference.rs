//! Folders cross between this log and Apache Kafka's; see `conformance/log/README.md`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use headwater_base::{LeaderEpoch, Offset, PartitionIndex, ProducerEpoch, ProducerId, TopicPartition, Uuid};
use headwater_log::dir::{self, Checkpoint};
use headwater_log::{AppendContext, Disk, Log, LogConfig, OpenContext, Origin};
use headwater_records::{BatchBuilder, BatchOptions, Codec, Compression, Header, Scratch, batches, crc32c};

use crate::std_disk::StdDisk;
use crate::support::{NOW, Rng, marker};

pub const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../..");

/// The reference's jars; a failure when they are required and absent.
pub fn jars() -> Option<PathBuf> {
    let cache = match std::env::var_os("HEADWATER_CACHE") {
        Some(cache) => PathBuf::from(cache),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".cache/headwater"),
    };
    let libs = cache.join("kafka-4.3.1/libs");
    if libs.is_dir() {
        return Some(libs);
    }
    let required = std::env::var_os("HEADWATER_REQUIRE_REFERENCE").is_some_and(|value| value == "1");
    assert!(!required, "the reference's jars are required but absent");
    eprintln!("skipped: the reference's jars are absent");
    None
}

pub fn java(jars: &Path, args: &[&str]) -> String {
    run(jars, args).0
}

/// What a class prints, on both streams.
pub fn run(jars: &Path, args: &[&str]) -> (String, String) {
    let output = Command::new("java")
        .args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
        .arg(jars.join("*"))
        .args(args)
        .output()
        .expect("java runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{args:?}: {out}{err}");
    (out.into_owned(), err.into_owned())
}

/// A folder that goes when it is dropped.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("headwater-log-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn config() -> LogConfig {
    LogConfig { segment_bytes: 64 * 1024, segment_ms: i64::MAX, ..LogConfig::default() }
}

/// Appends batches of every kind; gives how many records that a consumer sees there are.
fn fill(log: &mut Log, epoch: i32, rounds: usize) -> usize {
    let mut rng = Rng(rounds as u64);
    let mut count = 0;
    for round in 0..rounds {
        let codec = Codec::ALL[round % 5];
        let id = 5_000 + (round % 3) as i64;
        let entry = log.producers().get(ProducerId(id));
        let sequence = entry.map_or(0, |entry| entry.last_sequence() + 1);
        let (producer_id, producer_epoch, base_sequence) = match round % 4 {
            0 => (ProducerId(-1), ProducerEpoch(-1), -1),
            _ => (ProducerId(id), ProducerEpoch(0), sequence),
        };
        // The third producer's batches are transactional.
        let transactional = producer_id.0 == 5_002;
        let mut builder = BatchBuilder::new(BatchOptions {
            producer_id,
            producer_epoch,
            base_sequence,
            transactional,
            compression: Compression::of(codec),
            ..BatchOptions::default()
        });
        for index in 0..1 + rng.below(20) {
            let value: Vec<u8> = (0..rng.below(300)).map(|_| rng.below(20) as u8).collect();
            let key = format!("key-{round}-{index}");
            let headers = [Header { key: b"round", value: Some(b"x") }, Header { key: b"none", value: None }];
            let at = 1_700_000_000_000 + round as i64 * 100 + index as i64;
            let value = (index % 5 != 4).then_some(value.as_slice());
            builder.append(at, (index % 3 != 2).then_some(key.as_bytes()), value, &headers);
            count += 1;
        }
        let context = AppendContext::client(LeaderEpoch(epoch), NOW);
        log.append_as_leader(&mut builder.build(), &context).unwrap();
        if transactional && rng.below(2) == 0 {
            let mut bytes = marker(5_002, 0, rng.below(2) == 0, 0);
            let context = AppendContext { origin: Origin::Coordinator, transaction_version: 0, ..context };
            log.append_as_leader(&mut bytes, &context).unwrap();
        }
    }
    count
}

/// `offset timestamp key-hash value-hash` of every record that a consumer sees.
fn lines(log: &Log, committed_only: bool) -> Vec<String> {
    let hash = |bytes: Option<&[u8]>| bytes.map_or("null".to_owned(), |bytes| format!("{:x}", crc32c(bytes)));
    let mut lines = Vec::new();
    let mut from = log.log_start_offset();
    let end = log.log_end_offset();
    let upper = if committed_only { log.last_stable_offset(end) } else { end };
    let aborted = log.aborted_transactions(from, upper).unwrap();
    while let Some(slice) = log.read(from, 100_000, true, upper).unwrap() {
        let mut bytes = vec![0; slice.len as usize];
        slice.file.read_at(&mut bytes, slice.position).unwrap();
        for batch in batches(&bytes).map_while(Result::ok) {
            batch.verify_crc().unwrap();
            from = batch.next_offset();
            let gone = committed_only
                && batch.is_transactional()
                && aborted.iter().any(|entry| {
                    entry.producer_id == batch.producer_id
                        && (entry.first_offset..entry.last_offset).contains(&batch.base_offset)
                });
            if batch.is_control() || gone {
                continue;
            }
            let mut space = Vec::new();
            for record in batch.records(&mut Scratch::new(), &mut space, 1 << 24).unwrap() {
                let record = record.unwrap();
                let (key, value) = (hash(record.key), hash(record.value));
                lines.push(format!("{} {} {key} {value}", record.offset, record.timestamp));
            }
        }
    }
    lines
}

#[test]
fn kafka_dump_log_finds_nothing_wrong() {
    let Some(jars) = jars() else { return };
    let folder = Folder::new("dump");
    let disk = Arc::new(StdDisk(folder.0.clone()));
    let mut log = Log::create(disk.clone(), "dump-0", config(), Some(Uuid(12345)), NOW).unwrap();
    let count = fill(&mut log, 3, 600);
    log.assign_epoch(LeaderEpoch(4));
    let count = count + fill(&mut log, 4, 100);
    log.close().unwrap();
    assert!(log.segment_count() > 5);
    let paths: Vec<String> = disk
        .list("dump-0")
        .unwrap()
        .into_iter()
        .filter(|entry| entry.name.starts_with('0'))
        .map(|entry| folder.0.join("dump-0").join(entry.name).to_str().unwrap().to_owned())
        .collect();
    let tool = "org.apache.kafka.tools.DumpLogSegments";
    let of = |kinds: &[&str]| -> String {
        let wanted = |path: &&String| kinds.iter().any(|kind| path.ends_with(kind));
        paths.iter().filter(wanted).cloned().collect::<Vec<_>>().join(",")
    };
    let (logs, errors) =
        run(&jars, &[tool, "--deep-iteration", "--print-data-log", "--files", &of(&[".log"])]);
    quiet(&errors);
    assert!(!logs.contains("isvalid: false"), "{logs}");
    let records = logs.lines().filter(|line| line.starts_with("| offset:"));
    let data = records.filter(|line| !line.contains("endTxnMarker")).count();
    assert_eq!(data, count, "records that the tool has seen");
    let indexes = of(&[".index", ".timeindex", ".txnindex", ".snapshot"]);
    let found = java(&jars, &[tool, "--files", &indexes]);
    for bad in
        ["ound timestamp mismatch", "ound out of order", "mismatch", "not found", "Exception", "corrupt"]
    {
        assert!(!found.contains(bad), "{found}");
    }
    let entries = found.lines().filter(|line| line.starts_with("offset: ")).count();
    assert!(entries > 50, "{entries} index entries\n{found}");
    let aborted = log.aborted_transactions(Offset(0), log.log_end_offset()).unwrap().len();
    assert_eq!(found.lines().filter(|line| line.contains("lastStableOffset")).count(), aborted);
    assert_eq!(found.matches("producerId: 5001 producerEpoch: 0").count(), log.segment_count());
    let only = of(&[".index", ".timeindex"]);
    let (sane, errors) = run(&jars, &[tool, "--index-sanity-check", "--files", &only]);
    let passed = sane.lines().filter(|line| line.ends_with("passed sanity check.")).count();
    assert_eq!(passed, only.split(',').count(), "{sane}");
    quiet(&errors);
    quiet(&run(&jars, &[tool, "--verify-index-only", "--files", &only]).1);
}

/// The tool says what it finds wrong on the other stream, where else only the logger speaks.
pub fn quiet(errors: &str) {
    let words = ["ismatch", "Found", "Exception", "corrupt", "Non consecutive", "Unexpected"];
    let bad: Vec<&str> = errors.lines().filter(|line| words.iter().any(|word| line.contains(word))).collect();
    assert!(bad.is_empty(), "{errors}");
}

/// An Apache Kafka broker on a folder; stopped in order by [`Broker::stop`], killed when dropped.
struct Broker {
    folder: PathBuf,
    port: String,
    pid: String,
}

impl Broker {
    fn start(folder: &Path) -> Broker {
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        // The port is written into the configuration at the first start.
        let port = std::fs::read_to_string(folder.join("port")).unwrap_or(port);
        let script = format!("{REPOSITORY}/conformance/reference/start");
        let output = Command::new("bash").arg(script).arg(&port).arg(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::write(folder.join("port"), &port).unwrap();
        let pid = std::fs::read_to_string(folder.join("pid")).unwrap().trim().to_owned();
        Broker { folder: folder.to_owned(), port, pid }
    }

    fn client(&self, jars: &Path, what: &str, topic: &str, args: &[&str]) -> String {
        let program = format!("{REPOSITORY}/conformance/log/LogClient.java");
        let bootstrap = format!("127.0.0.1:{}", self.port);
        let settings = format!("-Dlog4j2.configurationFile={}", self.folder.join("log4j2.yaml").display());
        java(jars, &[&[settings.as_str(), program.as_str(), what, bootstrap.as_str(), topic], args].concat())
    }

    fn alive(&self) -> bool {
        Command::new("kill").args(["-0", &self.pid]).output().unwrap().status.success()
    }

    fn stop(self) {
        Command::new("kill").arg(&self.pid).output().unwrap();
        for _ in 0..600 {
            if !self.alive() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("the broker does not stop");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if self.alive() {
            let _ = Command::new("kill").args(["-9", &self.pid]).output();
        }
    }
}

fn texts(output: &str) -> Vec<String> {
    output.lines().map(str::to_owned).collect()
}

/// Opens a partition of a broker that has stopped in order, as a broker would.
fn open_stopped(data: &Path, folder: &str) -> Log {
    let disk = StdDisk(data.to_owned());
    let clean = dir::read_clean_shutdown(&disk).unwrap().expect("a clean shutdown");
    assert!(clean.broker_epoch.is_some());
    assert!(dir::read_meta_properties(&disk).unwrap().directory_id.is_some());
    let partition = |name: &str| {
        let (topic, index) = name.rsplit_once('-').unwrap();
        TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(index.parse().unwrap()) }
    };
    let (points, damage) = Checkpoint::RecoveryPoint.read(&disk).unwrap();
    assert_eq!(damage, None);
    let recovery_point = points.get(&partition(folder)).copied().unwrap_or_default();
    let context = OpenContext { recovery_point, ..OpenContext::clean(NOW) };
    let (log, report) = Log::open(Arc::new(disk), folder, config(), &context).unwrap();
    assert!(report.is_quiet(), "{:?}", report.lines());
    log
}

/// Closes it as a broker would.
fn close_in_order(mut log: Log, data: &Path) {
    log.close().unwrap();
    let disk = StdDisk(data.to_owned());
    let (mut points, _) = Checkpoint::RecoveryPoint.read(&disk).unwrap();
    let (topic, index) = log.dir_name().rsplit_once('-').unwrap();
    let partition =
        TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(index.parse().unwrap()) };
    points.insert(partition, log.recovery_point());
    Checkpoint::RecoveryPoint.write(&disk, &points).unwrap();
    dir::write_clean_shutdown(&disk, 1).unwrap();
}

#[test]
fn folders_go_to_apache_kafka_and_back() {
    let Some(jars) = jars() else { return };
    let folder = Folder::new("crossing");
    let data = folder.0.join("data");
    let broker = Broker::start(&folder.0);
    broker.client(
        &jars,
        "create",
        "theirs",
        &["segment.bytes=1048576", "segment.index.bytes=1024", "retention.ms=-1"],
    );
    broker.client(&jars, "create", "ours", &["retention.ms=-1"]);
    let written: usize = broker.client(&jars, "write", "theirs", &["900"]).trim().parse().unwrap();
    let all = texts(&broker.client(&jars, "read", "theirs", &["read_uncommitted"]));
    let committed = texts(&broker.client(&jars, "read", "theirs", &["read_committed"]));
    assert_eq!(all.len(), written);
    assert!(committed.len() < all.len());
    broker.stop();

    let mut log = open_stopped(&data, "theirs-0");
    assert!(log.segment_count() > 1);
    assert_eq!(lines(&log, false), all);
    assert_eq!(lines(&log, true), committed);
    assert!(log.producers().len() >= 5, "every producer is known");
    let epoch = log.latest_epoch().unwrap().0;
    fill(&mut log, epoch, 300);
    end_transactions(&mut log, epoch);
    let (all, committed) = (lines(&log, false), lines(&log, true));
    let times: BTreeMap<i64, String> =
        [0, 1_700_000_000_000, 1_700_000_005_005, 1_700_000_012_345, 1_800_000_000_000]
            .into_iter()
            .map(|at| {
                let found = log.offset_for_timestamp(at).unwrap();
                (at, found.map_or(-1, |(found, _)| found.offset.0).to_string())
            })
            .collect();
    close_in_order(log, &data);
    let ours = replace_folder(&data);

    let broker = Broker::start(&folder.0);
    assert_eq!(texts(&broker.client(&jars, "read", "theirs", &["read_uncommitted"])), all);
    assert_eq!(texts(&broker.client(&jars, "read", "theirs", &["read_committed"])), committed);
    let at: Vec<String> = times.keys().map(i64::to_string).collect();
    let at: Vec<&str> = at.iter().map(String::as_str).collect();
    let found = broker.client(&jars, "offsets", "theirs", &at);
    assert_eq!(found.trim(), times.values().cloned().collect::<Vec<_>>().join(" "));
    assert_eq!(texts(&broker.client(&jars, "read", "ours", &["read_uncommitted"])), ours.0);
    assert_eq!(texts(&broker.client(&jars, "read", "ours", &["read_committed"])), ours.1);
    broker.client(&jars, "write", "theirs", &["60"]);
    broker.client(&jars, "write", "ours", &["90"]);
    let all = texts(&broker.client(&jars, "read", "theirs", &["read_uncommitted"]));
    let committed = texts(&broker.client(&jars, "read", "ours", &["read_committed"]));
    broker.stop();

    assert_eq!(lines(&open_stopped(&data, "theirs-0"), false), all);
    assert_eq!(lines(&open_stopped(&data, "ours-0"), true), committed);
}

/// An open transaction would hold back consumers for ever: nobody would end it.
fn end_transactions(log: &mut Log, epoch: i32) {
    let open: Vec<(i64, i16)> = log
        .producers()
        .iter()
        .filter(|(_, entry)| entry.transaction_first_offset.is_some())
        .map(|(id, entry)| (id.0, entry.epoch.0))
        .collect();
    for (id, producer_epoch) in open {
        let mut bytes = marker(id, producer_epoch, true, 0);
        let context = AppendContext {
            origin: Origin::Coordinator,
            transaction_version: 0,
            ..AppendContext::client(LeaderEpoch(epoch), NOW)
        };
        log.append_as_leader(&mut bytes, &context).unwrap();
    }
}

/// Puts a log of ours where the broker has an empty topic; gives what consumers must see.
fn replace_folder(data: &Path) -> (Vec<String>, Vec<String>) {
    let topic_id = open_stopped(data, "ours-0").topic_id().expect("the broker has written it");
    let disk = Arc::new(StdDisk(data.to_owned()));
    dir::remove_folder(disk.as_ref(), "ours-0").unwrap();
    let mut log = Log::create(disk, "ours-0", config(), Some(topic_id), NOW).unwrap();
    fill(&mut log, 0, 500);
    end_transactions(&mut log, 0);
    let lines = (lines(&log, false), lines(&log, true));
    close_in_order(log, data);
    lines
}
