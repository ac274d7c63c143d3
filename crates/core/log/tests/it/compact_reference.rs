//! The same log compacted by Apache Kafka's own cleaner and by this one, round after round, in
//! `conformance/log/Compact.java`; see `conformance/log/README.md`.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use headwater_base::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Uuid};
use headwater_log::compact::CompactionLimits;
use headwater_log::{AppendContext, Disk, Log, LogConfig, OpenContext, Origin};
use headwater_records::{
    BatchBuilder, BatchOptions, BatchView, Codec, Compression, Header, Scratch, batches, crc32c,
};

use crate::compaction::{compact, durable, read_all_sparse};
use crate::reference::{Folder, REPOSITORY, jars, java, quiet, run};
use crate::std_disk::StdDisk;
use crate::support::{Rng, marker};

/// When the first round happens; each later one half a retention of tombstones later.
const START: i64 = 1_700_000_000_000;
const DELETE_RETENTION_MS: i64 = 60_000;
const ROUNDS: usize = 5;

/// A history that both compact.
struct Case {
    seed: u64,
    config: LogConfig,
    limits: CompactionLimits,
    checkpoint: i64,
}

impl Case {
    fn new(seed: u64) -> Case {
        let mut rng = Rng(seed ^ 0xc0ac);
        let slots = [20, 40, 100_000][rng.below(3) as usize];
        let config = LogConfig {
            segment_bytes: 3_000 + 3_000 * rng.below(3) as u32,
            segment_ms: i64::MAX,
            index_interval_bytes: 300,
            delete_retention_ms: DELETE_RETENTION_MS,
            min_compaction_lag_ms: [0, 0, 5_000][rng.below(3) as usize],
            max_compaction_lag_ms: [i64::MAX, 10_000][rng.below(2) as usize],
            producer_id_expiration_ms: i64::from(i32::MAX),
            ..LogConfig::default()
        };
        let limits = CompactionLimits { slots, load_factor: 0.75, io_bytes: 4_000, hash_key: [seed, 7] };
        Case { seed, config, limits, checkpoint: -1 }
    }

    fn settings(&self) -> String {
        let config = &self.config;
        format!(
            "cleanup.policy=compact,internal.segment.bytes={},index.interval.bytes={},delete.retention.ms={},\
             min.compaction.lag.ms={},max.compaction.lag.ms={},segment.ms={}",
            config.segment_bytes,
            config.index_interval_bytes,
            config.delete_retention_ms,
            config.min_compaction_lag_ms,
            config.max_compaction_lag_ms,
            i64::MAX
        )
    }

    fn open(&self, root: &Path, side: &str) -> (Arc<StdDisk>, Log) {
        let root = root.join(format!("{side}-{}", self.seed));
        let disk = Arc::new(StdDisk(root.clone()));
        let log = if root.exists() {
            let context = OpenContext::clean(START);
            let (log, report) = Log::open(disk.clone(), "t-0", self.config.clone(), &context).unwrap();
            assert!(report.cuts.is_empty() && report.missing_before.is_none(), "{side} {}", self.seed);
            log
        } else {
            std::fs::create_dir_all(&root).unwrap();
            Log::create(disk.clone(), "t-0", self.config.clone(), Some(Uuid(5)), START).unwrap()
        };
        (disk, log)
    }
}

/// Appends a random history. The same seed and round give the same bytes.
fn fill(log: &mut Log, seed: u64, round: usize, now: i64) {
    let mut rng = Rng(seed * 1_000 + round as u64);
    let epoch = LeaderEpoch(round as i32);
    let mut sequences: Vec<(i64, i16, i32)> = (0..5)
        .map(|id| (8_000 + id, (round / 2) as i16, next_sequence(log, 8_000 + id, (round / 2) as i16)))
        .collect();
    let keys = 5 + rng.below(40);
    for step in 0..60 {
        let who = rng.below(8) as usize;
        // The last two have transactions.
        let transactional = who == 3 || who == 4;
        if transactional && rng.below(3) == 0 {
            let (id, producer_epoch, _) = sequences[who];
            let mut bytes = marker(id, producer_epoch, rng.below(2) == 0, 0);
            let context = AppendContext {
                origin: Origin::Coordinator,
                transaction_version: 0,
                ..AppendContext::client(epoch, now)
            };
            // Without a transaction there is nothing to end.
            let _ = log.append_as_leader(&mut bytes, &context);
            continue;
        }
        let producer = (who < 5).then(|| sequences[who]);
        let count = 1 + rng.below(6);
        let bytes = batch(&mut rng, producer, transactional, count, keys, now - 20_000 + step * 100);
        let context = AppendContext::client(epoch, now);
        log.append_as_leader(&mut bytes.clone(), &context).unwrap();
        if let Some((_, _, sequence)) = sequences.get_mut(who) {
            *sequence += count as i32;
        }
        if rng.below(25) == 0 {
            log.roll(now).unwrap();
        }
    }
    if rng.below(2) == 0 {
        log.roll(now).unwrap();
    }
}

fn next_sequence(log: &Log, id: i64, epoch: i16) -> i32 {
    let entry = log.producers().get(ProducerId(id));
    entry.filter(|entry| entry.epoch == ProducerEpoch(epoch)).map_or(0, |entry| entry.last_sequence() + 1)
}

fn batch(
    rng: &mut Rng,
    producer: Option<(i64, i16, i32)>,
    transactional: bool,
    count: u64,
    keys: u64,
    at: i64,
) -> Vec<u8> {
    let (id, epoch, sequence) = producer.unwrap_or((-1, -1, -1));
    let mut builder = BatchBuilder::new(BatchOptions {
        producer_id: ProducerId(id),
        producer_epoch: ProducerEpoch(epoch),
        base_sequence: sequence,
        transactional,
        compression: Compression::of(Codec::ALL[rng.below(5) as usize]),
        log_append_time: (rng.below(6) == 0).then_some(at + 7),
        ..BatchOptions::default()
    });
    for index in 0..count {
        let key = format!("key-{}", rng.below(keys));
        let key = (rng.below(40) != 0).then_some(key.as_bytes());
        let value: Vec<u8> = (0..rng.below(120)).map(|_| rng.below(30) as u8).collect();
        let headers = [Header { key: b"h", value: Some(b"x") }, Header { key: b"none", value: None }];
        let headers = &headers[..rng.below(3) as usize];
        let value = (rng.below(5) != 0).then_some(value.as_slice());
        builder.append(at + (index as i64 * 13) % 40, key, value, headers);
    }
    builder.build()
}

/// Every batch and record, without what depends on how a compressor works.
fn listing(log: &Log) -> String {
    let mut text = String::new();
    for batch in batches(&read_all_sparse(log)) {
        describe(&batch.unwrap(), &mut text);
    }
    for (id, entry) in log.producers().iter() {
        let _ = writeln!(
            text,
            "{id:?} {:?} {:?} {:?}",
            entry.epoch,
            entry.last_batch(),
            entry.transaction_first_offset
        );
    }
    let _ = writeln!(text, "{:?}", log.segment_bases().collect::<Vec<_>>());
    text
}

fn describe(batch: &BatchView<'_>, text: &mut String) {
    batch.verify_crc().unwrap();
    let header = batch.header();
    let plain = batch.codec() == Some(Codec::None);
    let exact = plain.then_some((header.crc, header.batch_length));
    let _ = writeln!(
        text,
        "{} {:?} {:?} {:?} {} {} {} {:?} {:?} {} {} {exact:?}",
        header.base_offset,
        header.last_offset(),
        header.leader_epoch,
        header.attributes,
        header.last_offset_delta,
        header.base_timestamp,
        header.max_timestamp,
        header.producer_id,
        header.producer_epoch,
        header.base_sequence,
        header.record_count,
    );
    let mut space = Vec::new();
    for record in batch.records(&mut Scratch::new(), &mut space, 1 << 24).unwrap() {
        let record = record.unwrap();
        let value = record.value.map(crc32c);
        let headers: Vec<_> = record.headers().collect();
        let _ = writeln!(
            text,
            "  {} {} {} {:?} {value:?} {headers:?}",
            record.offset, record.timestamp, record.sequence, record.key
        );
    }
}

/// The transaction indexes that are not empty, as they are on disk.
fn aborted(root: &Path, side: &str, case: &Case) -> Vec<(String, Vec<u8>)> {
    let dir = root.join(format!("{side}-{}", case.seed)).join("t-0");
    let entries = StdDisk(dir.clone()).list("").unwrap().into_iter().map(|entry| entry.name);
    let indexes = entries.filter(|name| name.ends_with(".txnindex"));
    let read = indexes.map(|name| (name.clone(), std::fs::read(dir.join(name)).unwrap()));
    read.filter(|(_, bytes)| !bytes.is_empty()).collect()
}

/// Compacts all folders of one side with the reference; its lines.
fn compact_with_reference(jars: &Path, root: &Path, side: &str, cases: &[Case], now: i64) -> Vec<String> {
    let mut jobs = String::new();
    for case in cases {
        let folder = root.join(format!("{side}-{}", case.seed)).join("t-0");
        let (limits, settings) = (case.limits, case.settings());
        let (slots, load_factor) = (limits.slots, limits.load_factor);
        let _ =
            writeln!(jobs, "{} {now} {} {slots} {load_factor} {settings}", folder.display(), case.checkpoint);
    }
    let file = root.join("jobs");
    std::fs::write(&file, jobs).unwrap();
    let program = format!("{REPOSITORY}/conformance/log/Compact.java");
    let lines = java(jars, &[&program, file.to_str().unwrap()]);
    lines.lines().map(str::to_owned).collect()
}

/// Compacts with ours, and tells the same.
fn compact_with_ours(case: &Case, disk: &StdDisk, log: &mut Log, now: i64) -> String {
    durable(log, disk);
    let end = log.log_end_offset();
    log.on_high_watermark(end);
    let checkpoint = (case.checkpoint >= 0).then_some(Offset(case.checkpoint));
    let range = log.extent(end).cleanable(checkpoint, now).unwrap().unwrap();
    let done = compact(log, disk, checkpoint, case.limits, now).unwrap();
    let next = done.map_or("-".to_owned(), |(_, outcome)| outcome.first_dirty.to_string());
    format!(
        "{} {} {} {} {} {} {next}",
        range.first_dirty,
        range.first_uncleanable,
        range.reset.is_some(),
        range.clean_bytes,
        range.cleanable_bytes,
        range.overdue_ms
    )
}

/// What a line says but for the bytes, which depend on the compressors.
fn offsets(line: &str) -> Vec<&str> {
    line.split(' ').enumerate().filter(|(at, _)| !(3..5).contains(at)).map(|(_, word)| word).collect()
}

/// The rounds of all cases; `cases` have where they stand afterwards.
fn play(jars: &Path, root: &Path, cases: &mut [Case]) {
    for round in 0..ROUNDS {
        let now = START + round as i64 * DELETE_RETENTION_MS / 2;
        for case in cases.iter() {
            for side in ["kafka", "ours"] {
                let (_, mut log) = case.open(root, side);
                fill(&mut log, case.seed, round, now);
                log.close().unwrap();
            }
        }
        let theirs = compact_with_reference(jars, root, "kafka", cases, now);
        assert_eq!(theirs.len(), cases.len(), "{theirs:?}");
        let their_aborted: Vec<_> = cases.iter().map(|case| aborted(root, "kafka", case)).collect();
        let mut their_aborted = their_aborted.into_iter();
        for (case, theirs) in cases.iter_mut().zip(theirs) {
            let (disk, mut log) = case.open(root, "ours");
            let what = format!("seed {} round {round}", case.seed);
            let ours = compact_with_ours(case, &disk, &mut log, now);
            assert_eq!(offsets(&ours), offsets(&theirs), "{what}: {ours} {theirs}");
            log.close().unwrap();
            assert_eq!(Some(aborted(root, "ours", case)), their_aborted.next(), "{what}");
            let (_, log) = case.open(root, "ours");
            let (_, reference) = case.open(root, "kafka");
            let (ours_all, theirs_all) = (listing(&log), listing(&reference));
            if ours_all != theirs_all {
                let differs = ours_all.lines().zip(theirs_all.lines()).find(|(ours, theirs)| ours != theirs);
                panic!("{what}: {differs:?}\nours\n{ours_all}\ntheirs\n{theirs_all}");
            }
            if let Ok(next) = ours.rsplit(' ').next().unwrap_or_default().parse() {
                case.checkpoint = next;
            }
        }
    }
}

#[test]
fn what_stays_is_what_the_reference_keeps() {
    let Some(jars) = jars() else { return };
    let folder = Folder::new("compact");
    let count = std::env::var("HEADWATER_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(8);
    let mut cases: Vec<Case> = (0..count.min(150)).map(Case::new).collect();
    play(&jars, &folder.0, &mut cases);
    assert!(
        cases.iter().filter(|case| case.checkpoint > 0).count() * 4 > cases.len() * 3,
        "most were compacted"
    );
    go_on_crosswise(&jars, &folder.0, &cases);
    let logs = dumped(&jars, &folder.0, "ours", &cases);
    let theirs = dumped(&jars, &folder.0, "kafka", &cases);
    assert_eq!(logs.lines().count(), theirs.lines().count());
    assert!(logs.contains("isvalid: true") && !logs.contains("isvalid: false"));
    assert!(logs.contains("deleteHorizonMs: OptionalLong["), "tombstones that wait");
}

/// One more round, in which each opens and compacts what the other has left.
fn go_on_crosswise(jars: &Path, root: &Path, cases: &[Case]) {
    let now = START + ROUNDS as i64 * DELETE_RETENTION_MS / 2;
    for case in cases {
        for side in ["kafka", "ours"] {
            let (_, mut log) = case.open(root, side);
            fill(&mut log, case.seed, ROUNDS, now);
            log.close().unwrap();
        }
    }
    let theirs = compact_with_reference(jars, root, "ours", cases, now);
    for (case, theirs) in cases.iter().zip(theirs) {
        let (disk, mut log) = case.open(root, "kafka");
        let ours = compact_with_ours(case, &disk, &mut log, now);
        assert_eq!(offsets(&ours), offsets(&theirs), "seed {}: {ours} {theirs}", case.seed);
        log.close().unwrap();
        let (_, log) = case.open(root, "kafka");
        let (_, reference) = case.open(root, "ours");
        assert_eq!(listing(&log), listing(&reference), "seed {}", case.seed);
    }
}

/// What the reference's tool says of all segments and indexes.
fn dumped(jars: &Path, root: &Path, side: &str, cases: &[Case]) -> String {
    let mut paths = Vec::new();
    for case in cases {
        let dir = root.join(format!("{side}-{}", case.seed)).join("t-0");
        for entry in StdDisk(dir.clone()).list("").unwrap() {
            if [".log", ".index", ".timeindex", ".txnindex"].iter().any(|kind| entry.name.ends_with(kind)) {
                paths.push(dir.join(entry.name).display().to_string());
            }
        }
    }
    let tool = "org.apache.kafka.tools.DumpLogSegments";
    let (logs, errors) =
        run(jars, &[tool, "--deep-iteration", "--print-data-log", "--files", &paths.join(",")]);
    if side == "ours" {
        quiet(&errors);
        for bad in
            ["ound timestamp mismatch", "ound out of order", "ismatch", "not found", "Exception", "corrupt"]
        {
            assert!(!logs.contains(bad), "{logs}");
        }
    }
    logs.lines().filter(|line| line.starts_with("| offset") || line.starts_with("baseOffset")).fold(
        String::new(),
        |mut all, line| {
            all.push_str(line);
            all.push('\n');
            all
        },
    )
}
