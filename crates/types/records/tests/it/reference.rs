//! Against Apache Kafka's own classes: their batches are read here, ours there, and both judge the same requests.
//!
//! Runs where the reference's jars are (`$HEADWATER_CACHE/kafka-4.3.1/libs`); with `HEADWATER_REQUIRE_REFERENCE=1` their
//! absence is a failure.

use std::path::{Path, PathBuf};
use std::process::Command;

use headwater_base::{LeaderEpoch, Offset};
use headwater_records::control::TransactionMarker;
use headwater_records::partitioner::murmur2;
use headwater_records::{
    BatchBuilder, BatchOptions, BatchView, Codec, Compression, Header, Scratch, batches,
};

use crate::cases::{self, Reference};
use crate::random::Random;
use crate::show;

fn jars() -> Option<PathBuf> {
    let cache = match std::env::var_os("HEADWATER_CACHE") {
        Some(cache) => PathBuf::from(cache),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".cache/headwater"),
    };
    let libs = cache.join("kafka-4.3.1/libs");
    libs.is_dir().then_some(libs)
}

#[test]
fn agrees_with_the_reference() {
    let Some(jars) = jars() else {
        assert!(
            std::env::var_os("HEADWATER_REQUIRE_REFERENCE").is_none_or(|value| value != "1"),
            "the reference's jars are required but absent"
        );
        eprintln!("skipped: the reference's jars are absent");
        return;
    };
    let seed = 20_261_121;
    let folder = std::env::temp_dir().join(format!("headwater-records-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let expected = write_ours(&folder, seed);
    std::fs::write(folder.join("cases.bin"), cases::encode(&cases::all())).unwrap();
    run(&jars, &folder, seed);

    same("ours.read.txt", &expected, &lines(&folder, "ours.read.txt"));
    same("theirs.txt", &lines(&folder, "theirs.txt"), &read_theirs(&folder));
    compare_verdicts(&lines(&folder, "verdicts.txt"));
    for line in lines(&folder, "murmur2.txt") {
        let (hex, hash) = line.split_once(' ').unwrap();
        let key: Vec<u8> =
            (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
        assert_eq!(murmur2(&key).to_string(), hash, "key {hex}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

fn run(jars: &Path, folder: &Path, seed: u64) {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../conformance/records/RecordChecks.java");
    let output = Command::new("java")
        .args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
        .arg(jars.join("*"))
        .arg(program)
        .arg(folder)
        .arg(seed.to_string())
        .output()
        .expect("java runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn lines(folder: &Path, name: &str) -> Vec<String> {
    std::fs::read_to_string(folder.join(name)).unwrap().lines().map(str::to_owned).collect()
}

fn same(what: &str, expected: &[String], found: &[String]) {
    for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
        assert_eq!(expected, found, "{what}, line {}", at + 1);
    }
    assert_eq!(expected.len(), found.len(), "{what}: number of lines");
}

fn read_theirs(folder: &Path) -> Vec<String> {
    let bytes = std::fs::read(folder.join("theirs.bin")).unwrap();
    let mut out = Vec::new();
    let mut scratch = Scratch::new();
    for batch in batches(&bytes) {
        show::batch(&batch.unwrap(), true, &mut scratch, &mut out);
    }
    out
}

/// Writes random batches of ours and gives the text of what was put into them.
fn write_ours(folder: &Path, seed: u64) -> Vec<String> {
    let mut random = Random::new(seed);
    let (mut bytes, mut out) = (Vec::new(), Vec::new());
    for round in 0..300 {
        if random.one_in(15) {
            let marker = TransactionMarker { commit: random.one_in(2), coordinator_epoch: 7 };
            let batch = marker.batch(Offset(5), LeaderEpoch(3), (9.into(), 2.into()), 1234);
            show::batch(&BatchView::parse(&batch).unwrap(), false, &mut Scratch::new(), &mut out);
            bytes.extend(batch);
        } else {
            bytes.extend(random_batch(&mut random, Codec::ALL[round % 5], &mut out));
        }
    }
    std::fs::write(folder.join("ours.bin"), &bytes).unwrap();
    out.push(format!("read {0} of {0}", bytes.len()));
    out
}

fn random_batch(random: &mut Random, codec: Codec, out: &mut Vec<String>) -> Vec<u8> {
    let now = 1_700_000_000_000 + random.below(1_000_000) as i64;
    let idempotent = random.one_in(2);
    let sequence = match (idempotent, random.one_in(5)) {
        (false, _) => -1,
        (true, true) => i32::MAX - 1,
        (true, false) => random.below(1000) as i32,
    };
    let options = BatchOptions {
        base_offset: Offset(random.below(100_000) as i64),
        leader_epoch: LeaderEpoch(random.below(20) as i32 - 1),
        producer_id: if idempotent { random.below(1 << 40) as i64 } else { -1 }.into(),
        producer_epoch: if idempotent { random.below(32768) as i16 } else { -1 }.into(),
        base_sequence: sequence,
        transactional: idempotent && random.one_in(2),
        control: false,
        compression: Compression { codec, level: random.one_in(2).then(|| 1 + random.below(9) as i32) },
        log_append_time: random.one_in(4).then_some(now),
        delete_horizon_ms: None,
    };
    let mut builder = BatchBuilder::new(options.clone());
    let count = 1 + random.below(20);
    let (mut delta, mut body) = (0, Vec::new());
    for index in 0..count {
        let timestamp = if random.one_in(8) { -1 } else { now + random.below(2_000_000) as i64 - 1_000_000 };
        let (key, value) = (random.field(), random.field());
        let fields: Vec<(String, Option<Vec<u8>>)> = (0..if random.one_in(3) { random.below(6) } else { 0 })
            .map(|_| ("hé世".repeat(random.below(4) as usize), random.field()))
            .collect();
        let headers: Vec<Header<'_>> = fields
            .iter()
            .map(|(key, value)| Header { key: key.as_bytes(), value: value.as_deref() })
            .collect();
        if index > 0 {
            delta += if random.one_in(20) { 7 } else { 1 };
        }
        builder.append_at(delta, timestamp, key.as_deref(), value.as_deref(), &headers);
        body.push(show::record(
            options.base_offset.0 + i64::from(delta),
            options.log_append_time.unwrap_or(timestamp),
            if sequence < 0 { -1 } else { sequence.wrapping_add(delta) & i32::MAX },
            &show::bytes(key.as_deref()),
            &show::bytes(value.as_deref()),
            &show::headers(headers.into_iter()),
        ));
    }
    let batch = builder.build();
    out.push(show::header(BatchView::parse(&batch).unwrap().header()));
    out.extend(body);
    batch
}

fn compare_verdicts(theirs: &[String]) {
    let mut theirs = theirs.iter().peekable();
    let mut wrong = Vec::new();
    for case in cases::all() {
        assert_eq!(theirs.next(), Some(&format!("case {}", case.name)));
        let mut verdict = Vec::new();
        while let Some(line) = theirs.next_if(|line| !line.starts_with("case ")) {
            verdict.push(line.clone());
        }
        let ours = case.judge();
        let code = |lines: &[String]| lines[0].split(':').next().unwrap().to_owned();
        let fits = match case.reference {
            Reference::Same => ours == verdict,
            Reference::SameCode => ours != verdict && code(&ours) == code(&verdict),
            Reference::Differs(begin) => code(&ours) != code(&verdict) && verdict[0].starts_with(begin),
        };
        if !fits {
            wrong.push(format!("{}\n  ours   {ours:?}\n  theirs {verdict:?}", case.name));
        }
    }
    assert_eq!(theirs.next(), None);
    assert!(wrong.is_empty(), "{} cases are not as stated:\n{}", wrong.len(), wrong.join("\n"));
}
