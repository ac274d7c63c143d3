//! Produce requests and what becomes of them. The named tests hold our verdicts; `reference.rs` sends the same requests
//! through the reference and says where it judges otherwise.

use headwater_base::{LeaderEpoch, PartitionIndex, TopicPartition};
use headwater_records::validate::decompressed_limit;
use headwater_records::{
    BatchBuilder, BatchOptions, Codec, Compression, Header, Rules, Scratch, TimestampType, patch,
    validate_in_place, varint,
};

use crate::random::Random;
use crate::show;

pub const NOW: i64 = 1_790_000_000_000;
const HOUR: i64 = 3_600_000;

/// How the reference judges the same request.
#[derive(Clone, Copy)]
pub enum Reference {
    /// The same in every word.
    Same,
    /// The same error code; it says it in other words, which do not go over the wire.
    SameCode,
    /// Otherwise, beginning like this.
    Differs(&'static str),
}

pub struct Case {
    pub name: String,
    pub version: i16,
    pub max_bytes: i32,
    pub compacted: bool,
    pub append_time: bool,
    pub before: i64,
    pub after: i64,
    pub compression: &'static str,
    pub request: Vec<u8>,
    pub expect: &'static str,
    pub reference: Reference,
}

impl Case {
    fn new(name: &str, request: Vec<u8>, expect: &'static str) -> Case {
        Case {
            name: name.to_owned(),
            version: 12,
            max_bytes: 1_048_588,
            compacted: false,
            append_time: false,
            before: i64::MAX,
            after: HOUR,
            compression: "producer",
            request,
            expect,
            reference: Reference::Same,
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Case)) -> Case {
        change(&mut self);
        self
    }

    fn reference(mut self, reference: Reference) -> Case {
        self.reference = reference;
        self
    }

    /// Our verdict as text.
    pub fn judge(&self) -> Vec<String> {
        let topic_partition = TopicPartition { topic: "topic".to_owned(), partition: PartitionIndex(3) };
        let codec = Codec::ALL.into_iter().find(|codec| codec.name() == self.compression);
        let rules = Rules {
            topic_partition: &topic_partition,
            produce_version: self.version,
            max_message_bytes: self.max_bytes,
            max_decompressed_bytes: decompressed_limit(self.max_bytes),
            compacted: self.compacted,
            timestamp_type: if self.append_time {
                TimestampType::LogAppendTime
            } else {
                TimestampType::CreateTime
            },
            timestamp_before_max_ms: self.before,
            timestamp_after_max_ms: self.after,
            compression: match self.compression {
                "producer" => None,
                "uncompressed" => Some(Compression::default()),
                _ => Some(Compression::of(codec.unwrap())),
            },
            now_ms: NOW,
        };
        let mut request = self.request.clone();
        let mut scratch = Scratch::new();
        let mut out = Vec::new();
        match validate_in_place(&mut request, &rules, &mut scratch) {
            Ok(mut validated) => {
                patch::set_leader_epoch(validated.bytes_mut(&mut request), LeaderEpoch(6));
                show::batch(&validated.view(&request), false, &mut scratch, &mut out);
                assert_eq!(validated.header.crc, validated.view(&request).crc);
                assert_eq!(validated.size, validated.view(&request).bytes().len());
            }
            Err(why) => {
                assert_eq!(request, self.request, "a refusal changes nothing");
                out.push(format!("refused {}: {}", why.error, why.message));
                for error in &why.record_errors {
                    out.push(format!(" {}: {}", error.batch_index, error.message));
                }
                assert!(why.of_request || why.wire_message().is_none() == why.record_errors.is_empty());
            }
        }
        out
    }
}

/// The file that the Java side reads.
pub fn encode(cases: &[Case]) -> Vec<u8> {
    fn text(out: &mut Vec<u8>, text: &str) {
        out.extend((text.len() as u16).to_be_bytes());
        out.extend(text.as_bytes());
    }
    let mut out = (cases.len() as u32).to_be_bytes().to_vec();
    for case in cases {
        text(&mut out, &case.name);
        out.extend(case.version.to_be_bytes());
        out.extend(case.max_bytes.to_be_bytes());
        out.extend([u8::from(case.compacted), u8::from(case.append_time)]);
        out.extend(case.before.to_be_bytes());
        out.extend(case.after.to_be_bytes());
        text(&mut out, case.compression);
        out.extend(NOW.to_be_bytes());
        out.extend((case.request.len() as u32).to_be_bytes());
        out.extend(&case.request);
    }
    out
}

pub fn all() -> Vec<Case> {
    let groups = [accepted(), r1(), r2(), r3(), r4(), r5(), r7(), r8()];
    groups.into_iter().flatten().collect()
}

fn check(cases: Vec<Case>) {
    for case in cases {
        let verdict = case.judge();
        assert!(verdict[0].starts_with(case.expect), "{}: {verdict:?}", case.name);
    }
}

#[test]
fn good_batches_are_accepted() {
    check(accepted());
}

/// The header's max timestamp is what the records or the topic say, whatever the client wrote there.
#[test]
fn max_timestamps_are_set_right() {
    for codec in Codec::ALL {
        let lying = edit(sample(codec), 35, &77i64.to_be_bytes());
        let mut case = Case::new("lying", lying, "");
        assert!(case.judge()[0].ends_with(&format!("max={}", NOW - 1)), "{codec:?}");
        case.append_time = true;
        let verdict = case.judge();
        assert!(
            verdict[0].contains("LogAppendTime") && verdict[0].ends_with(&format!("max={NOW}")),
            "{codec:?}"
        );
        assert!(verdict[1].contains(&format!("ts={NOW} ")), "{codec:?}");
    }
}

/// Records that lie across the edges of the window, and records larger than it, are seen as plain ones are.
#[test]
fn the_window_sees_what_the_slice_sees() {
    let mut random = Random::new(3);
    for round in 0..20 {
        let sizes: Vec<usize> = (0..60)
            .map(|_| {
                let most = [50, 5_000, 60_000, 300_000][random.below(4) as usize];
                random.below(most) as usize
            })
            .collect();
        let noise = random.bytes(300_000);
        let keyless = round % 60;
        let build = |codec| {
            let mut builder = BatchBuilder::new(options(codec));
            for (index, size) in sizes.iter().enumerate() {
                let key = (index != keyless).then_some(&b"key"[..]);
                builder.append(NOW + index as i64, key, Some(&noise[..*size]), &[]);
            }
            builder.build()
        };
        let judge = |codec, compacted| {
            Case::new("window", build(codec), "")
                .with(|case| {
                    case.max_bytes = i32::MAX;
                    case.compacted = compacted;
                })
                .judge()
        };
        let (plain, refused) = (judge(Codec::None, false), judge(Codec::None, true));
        assert_eq!(plain.len(), 61);
        assert!(refused[1].starts_with(&format!(" {keyless}: Compacted topic")));
        let codec = Codec::ALL[1 + round % 4];
        assert_eq!(judge(codec, false)[1..], plain[1..]);
        assert_eq!(judge(codec, true), refused);
    }
}

#[test]
fn r1_wrong_crc_is_corrupt() {
    check(r1());
}

#[test]
fn r2_lengths_and_several_batches() {
    check(r2());
}

#[test]
fn r3_counts_deltas_and_structure() {
    check(r3());
}

#[test]
fn r4_unknown_codecs_and_damaged_data() {
    check(r4());
}

#[test]
fn r5_control_and_transactional_batches() {
    check(r5());
}

#[test]
fn r7_timestamps() {
    check(r7());
}

#[test]
fn r8_keys_sizes_and_old_formats() {
    check(r8());
}

// ---- building requests ----

fn options(codec: Codec) -> BatchOptions {
    BatchOptions { compression: Compression::of(codec), ..BatchOptions::default() }
}

fn batch_of(options: BatchOptions, timestamps: &[i64], keyed: bool) -> Vec<u8> {
    let mut builder = BatchBuilder::new(options);
    for (index, &timestamp) in timestamps.iter().enumerate() {
        let headers = [Header { key: b"name", value: None }, Header { key: b"n", value: Some(b"v") }];
        let key = [b'k', index as u8];
        let value = vec![b'v'; 40 + index];
        builder.append(timestamp, keyed.then_some(&key[..]), Some(&value), &headers[..index % 3]);
    }
    builder.build()
}

fn sample(codec: Codec) -> Vec<u8> {
    batch_of(options(codec), &[NOW - 5, NOW - 1, -1, NOW - 3, NOW - 7], true)
}

/// `bytes` with `value` at `at` and the checksum that follows.
fn edit(mut bytes: Vec<u8>, at: usize, value: &[u8]) -> Vec<u8> {
    bytes[at..at + value.len()].copy_from_slice(value);
    patch::set_crc(&mut bytes);
    bytes
}

/// A batch that claims `count` records and holds `payload` as it is.
fn raw(codec_id: u8, count: i32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = sample(Codec::None);
    bytes.truncate(61);
    bytes.extend(payload);
    let length = bytes.len() as i32 - 12;
    bytes[8..12].copy_from_slice(&length.to_be_bytes());
    bytes[22] = codec_id;
    bytes[23..27].copy_from_slice(&(count - 1).to_be_bytes());
    edit(bytes, 57, &count.to_be_bytes())
}

/// A record with this offset delta; `claim` is added to its length, `tail` follows the value.
fn record(delta: i32, claim: i32, tail: &[u8]) -> Vec<u8> {
    let mut body = vec![0, 0];
    varint::put_i32(&mut body, delta);
    body.extend([2, b'k', 2, b'v']);
    body.extend(tail);
    let mut out = Vec::new();
    varint::put_i32(&mut out, body.len() as i32 + claim);
    out.extend(body);
    out
}

// ---- the cases ----

fn accepted() -> Vec<Case> {
    let mut cases = Vec::new();
    for codec in Codec::ALL {
        for append_time in [false, true] {
            for compression in ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"] {
                let name = format!("accepted {codec:?} append_time={append_time} {compression}");
                cases.push(Case::new(&name, sample(codec), "batch 0..4 epoch=6").with(|case| {
                    case.append_time = append_time;
                    case.compression = compression;
                    case.compacted = true;
                }));
            }
        }
        let producer = BatchOptions {
            producer_id: 44.into(),
            producer_epoch: 2.into(),
            base_sequence: 0,
            ..options(codec)
        };
        let idempotent = batch_of(producer, &[NOW; 300], false);
        cases.push(Case::new(&format!("idempotent {codec:?}"), idempotent, "batch 0..299"));
        let untimed = batch_of(options(codec), &[-1, -1], true);
        cases.push(Case::new(&format!("untimed {codec:?}"), untimed, "batch 0..1"));
        // The header's max timestamp is set right, with its checksum.
        let lying = edit(sample(codec), 35, &77i64.to_be_bytes());
        cases.push(Case::new(&format!("wrong max {codec:?}"), lying, "batch 0..4"));
        // A batch of append time is taken where its time is in bounds, and becomes one of create time.
        let typed = BatchOptions { log_append_time: Some(NOW - 9), ..options(codec) };
        let typed = batch_of(typed, &[NOW - 9, NOW - 3, NOW - 99], true);
        cases.push(Case::new(&format!("append time in bounds {codec:?}"), typed.clone(), "batch 0..2"));
        let other = if codec == Codec::Zstd { "uncompressed" } else { "zstd" };
        let name = format!("append time in bounds {codec:?} to {other}");
        cases.push(Case::new(&name, typed, "batch 0..2").with(|case| case.compression = other));
        let mut torn = sample(codec);
        torn.extend(&sample(codec)[..50]);
        cases.push(Case::new(&format!("torn tail {codec:?}"), torn, "batch 0..4"));
        let mut short_tail = sample(codec);
        short_tail.extend([0; 11]);
        cases.push(Case::new(&format!("short tail {codec:?}"), short_tail, "batch 0..4"));
    }
    cases
}

fn r1() -> Vec<Case> {
    let mut cases = Vec::new();
    for codec in Codec::ALL {
        let good = sample(codec);
        for at in [17, 21, 30, 50, 60, 61, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 0x40;
            cases.push(Case::new(
                &format!("r1 {codec:?} byte {at}"),
                bad,
                "refused CORRUPT_MESSAGE: Record is corrupt",
            ));
        }
    }
    cases
}

fn r2() -> Vec<Case> {
    let good = sample(Codec::None);
    let length = |length: i32| {
        let mut bytes = good.clone();
        bytes[8..12].copy_from_slice(&length.to_be_bytes());
        bytes
    };
    let exact = good.len() as i32 - 12;
    let mut two = good.clone();
    two.extend(&good);
    let mut garbage = good.clone();
    garbage.extend([0xff; 20]);
    let mut small = length(30);
    small.truncate(42);
    let mut smallest = length(14);
    smallest.truncate(26);
    const NONE: &str =
        "refused INVALID_RECORD: Produce requests with version 12 must have at least one record batch";
    vec![
        Case::new("r2 negative", length(-1), "refused CORRUPT_MESSAGE: Record size -1 is less"),
        Case::new("r2 zero", length(0), "refused CORRUPT_MESSAGE: Record size 0 is less"),
        Case::new("r2 thirteen", length(13), "refused CORRUPT_MESSAGE: Record size 13 is less"),
        Case::new("r2 smaller than a header", small, "refused CORRUPT_MESSAGE: Record is corrupt"),
        Case::new("r2 smallest", smallest, "refused CORRUPT_MESSAGE")
            .reference(Reference::Differs("refused UNKNOWN_SERVER_ERROR")),
        Case::new("r2 one byte beyond", length(exact + 1), NONE),
        Case::new("r2 far beyond", length(i32::MAX), NONE)
            .reference(Reference::Differs("refused UNKNOWN_SERVER_ERROR")),
        // What is left over is not a whole batch, so it is dropped, but the checksum fails.
        Case::new("r2 one byte less", length(exact - 1), "refused CORRUPT_MESSAGE: Record is corrupt"),
        Case::new("r2 empty", vec![], NONE),
        Case::new("r2 ten bytes", vec![0; 10], NONE),
        Case::new(
            "r2 two batches",
            two,
            "refused INVALID_RECORD: Produce requests with version 12 are only allowed to contain exactly",
        ),
        Case::new("r2 garbage behind", garbage, "refused CORRUPT_MESSAGE: Record size -1 is less"),
    ]
}

fn r3() -> Vec<Case> {
    let good = sample(Codec::None);
    let mut cases = vec![
        Case::new(
            "r3 base offset",
            edit(good.clone(), 0, &5i64.to_be_bytes()),
            "refused INVALID_RECORD: The baseOffset",
        ),
        Case::new(
            "r3 count 0",
            edit(good.clone(), 57, &0i32.to_be_bytes()),
            "refused INVALID_RECORD: Invalid reported count",
        ),
        Case::new(
            "r3 count -1",
            edit(good.clone(), 57, &(-1i32).to_be_bytes()),
            "refused INVALID_RECORD: Invalid reported count",
        ),
        Case::new(
            "r3 count 4",
            edit(good.clone(), 57, &4i32.to_be_bytes()),
            "refused INVALID_RECORD: Inconsistent batch offset range [0, 4] and count of records 4",
        ),
        Case::new(
            "r3 delta -1",
            edit(good.clone(), 23, &(-1i32).to_be_bytes()),
            "refused INVALID_RECORD: Batch has an invalid offset range",
        ),
        Case::new(
            "r3 delta min",
            edit(good.clone(), 23, &i32::MIN.to_be_bytes()),
            "refused INVALID_RECORD: Batch has an invalid offset range",
        ),
        Case::new(
            "r3 delta max",
            edit(good, 23, &i32::MAX.to_be_bytes()),
            "refused INVALID_RECORD: Inconsistent",
        ),
    ];
    const STORES: Reference = Reference::Differs("batch");
    const GIVES_UP: Reference = Reference::Differs("refused UNKNOWN_SERVER_ERROR");
    for codec in Codec::ALL {
        let plain = codec == Codec::None;
        let mut add = |name: &str, count: i32, records: &[Vec<u8>], reference| {
            let payload = Compression::of(codec).compress(&records.concat());
            let request = raw(codec.id(), count, &payload);
            let name = format!("r3 {codec:?} {name}");
            cases.push(Case::new(&name, request, "refused INVALID_RECORD").reference(reference));
        };
        let pair = [record(0, 0, &[0]), record(1, 0, &[0])];
        add("one too few", 3, &pair, Reference::Same);
        add("one too many", 1, &pair, Reference::Same);
        let not_sequential = if plain { STORES } else { GIVES_UP };
        add("same delta twice", 2, &[record(0, 0, &[0]), record(0, 0, &[0])], not_sequential);
        add("deltas from 1", 2, &[record(1, 0, &[0]), record(2, 0, &[0])], not_sequential);
        add("negative delta", 2, &[record(0, 0, &[0]), record(-1, 0, &[0])], not_sequential);
        let sizes = if plain { Reference::SameCode } else { STORES };
        add("size too small", 2, &[record(0, -1, &[0]), record(1, 0, &[0])], sizes);
        add("size negative", 2, &[record(0, 0, &[0]), record(1, -100, &[0])], sizes);
        add("headers negative", 1, &[record(0, 0, &[1])], Reference::SameCode);
        add("header key null", 1, &[record(0, 0, &[2, 1, 1])], Reference::SameCode);
        add("headers beyond", 1, &[record(0, 0, &[40])], Reference::SameCode);
        add("empty record", 1, &[vec![0]], Reference::SameCode);
        let endless = if plain { GIVES_UP } else { Reference::SameCode };
        add("endless varint", 1, &[vec![0xff; 12]], endless);
    }
    cases
}

fn r4() -> Vec<Case> {
    let mut cases = Vec::new();
    const GIVES_UP: Reference = Reference::Differs("refused UNKNOWN_SERVER_ERROR");
    for id in 5..8 {
        let request = raw(id, 1, &record(0, 0, &[0]));
        let expect = "refused UNSUPPORTED_COMPRESSION_TYPE: Unknown compression type id";
        cases.push(Case::new(&format!("r4 codec {id}"), request, expect).reference(GIVES_UP));
    }
    let old = Case::new(
        "r4 zstd in 6",
        sample(Codec::Zstd),
        "refused UNSUPPORTED_COMPRESSION_TYPE: Produce requests with version 6",
    );
    cases.push(old.with(|case| case.version = 6));
    for codec in &Codec::ALL[1..] {
        let noise = raw(codec.id(), 2, b"these bytes are no frame of any codec");
        let name = format!("r4 {codec:?} noise");
        cases.push(Case::new(&name, noise, "refused CORRUPT_MESSAGE").reference(GIVES_UP));
        let records: Vec<u8> = (0..50).flat_map(|delta| record(delta, 0, &[0])).collect();
        let packed = Compression::of(*codec).compress(&records);
        let cut = raw(codec.id(), 50, &packed[..packed.len() - 9]);
        let name = format!("r4 {codec:?} cut");
        cases.push(Case::new(&name, cut, "refused CORRUPT_MESSAGE").reference(GIVES_UP));
    }
    cases
}

fn r5() -> Vec<Case> {
    let control = BatchOptions { control: true, ..options(Codec::None) };
    let lost = BatchOptions { transactional: true, ..options(Codec::None) };
    let unsequenced =
        BatchOptions { producer_id: 3.into(), producer_epoch: 0.into(), ..options(Codec::None) };
    vec![
        Case::new(
            "r5 control",
            batch_of(control, &[NOW], true),
            "refused INVALID_RECORD: Clients are not allowed",
        ),
        Case::new(
            "r5 transactional without producer",
            batch_of(lost, &[NOW], true),
            "refused INVALID_TXN_STATE",
        )
        .reference(Reference::Differs("batch")),
        Case::new(
            "r5 no sequence",
            batch_of(unsequenced, &[NOW], true),
            "refused INVALID_RECORD: Invalid sequence number -1",
        ),
    ]
}

fn r7() -> Vec<Case> {
    const LATE: i64 = 253_402_300_799_000;
    const EXPECT: &str =
        "refused INVALID_TIMESTAMP: One or more records have been rejected due to invalid timestamp";
    let mut cases = Vec::new();
    for codec in Codec::ALL {
        let mut add = |name: &str, timestamps: &[i64], change: fn(&mut Case)| {
            let request = batch_of(options(codec), timestamps, true);
            cases.push(Case::new(&format!("r7 {codec:?} {name}"), request, EXPECT).with(change));
        };
        add("year 9999", &[NOW, LATE], |_| {});
        add("just too late", &[NOW, NOW + HOUR + 1, NOW], |_| {});
        add("just in time", &[NOW, NOW + HOUR], |case| case.expect = "batch");
        add("largest", &[i64::MAX], |_| {});
        add("largest allowed", &[i64::MAX], |case| {
            case.after = i64::MAX;
            case.expect = "batch";
        });
        add("smallest", &[i64::MIN], |_| {});
        add("just too early", &[NOW - 1001, NOW], |case| case.before = 1000);
        add("early enough", &[NOW - 1000, NOW, -1], |case| {
            case.before = 1000;
            case.expect = "batch";
        });
        add("many", &[LATE, NOW, LATE, LATE + 1, LATE, LATE], |_| {});
        add("any in append time", &[LATE, 5], |case| {
            case.append_time = true;
            case.before = 1;
            case.expect = "batch";
        });
        add("negative", &[NOW, -5], |case| case.reference = Reference::Differs("batch"));
        let typed = BatchOptions { log_append_time: Some(NOW), ..options(codec) };
        let request = batch_of(typed, &[NOW; 2], codec != Codec::Gzip);
        let name = format!("r7 {codec:?} type set by the client");
        cases.push(Case::new(&name, request, EXPECT).with(|case| case.append_time = true));
        let typed = BatchOptions { log_append_time: Some(-1), ..options(codec) };
        let name = format!("r7 {codec:?} type set without a time");
        cases.push(Case::new(&name, batch_of(typed, &[NOW; 2], false), EXPECT));
    }
    cases
}

fn r8() -> Vec<Case> {
    let mut cases = Vec::new();
    for codec in Codec::ALL {
        for count in [1, 2, 3, 5] {
            let request = batch_of(options(codec), &vec![NOW; count], false);
            let expect = "refused INVALID_RECORD: One or more records have been rejected due to";
            let name = format!("r8 {codec:?} {count} without keys");
            cases.push(Case::new(&name, request, expect).with(|case| case.compacted = true));
        }
        let mixed = batch_of(options(codec), &[NOW, NOW + 2 * HOUR], false);
        let name = format!("r8 {codec:?} keys and timestamps");
        cases.push(Case::new(&name, mixed, "refused INVALID_RECORD").with(|case| case.compacted = true));
        let size = sample(codec).len() as i32;
        let expect = "refused MESSAGE_TOO_LARGE: The record batch size in the append to topic-3 is";
        let large = Case::new(&format!("r8 {codec:?} one too large"), sample(codec), expect);
        cases.push(large.with(|case| case.max_bytes = size - 1));
        let exact = Case::new(&format!("r8 {codec:?} largest"), sample(codec), "batch");
        cases.push(exact.with(|case| case.max_bytes = size));
    }
    let packed = batch_of(options(Codec::Zstd), &[NOW; 200], true);
    let expect = "refused MESSAGE_TOO_LARGE: Message batch size is";
    cases.push(Case::new("r8 too large uncompressed", packed, expect).with(|case| {
        case.compression = "uncompressed";
        case.max_bytes = case.request.len() as i32;
    }));
    for magic in [-1i8, 0, 1, 3, 127] {
        let mut request = sample(Codec::None);
        request[16] = magic as u8;
        let expect = match magic {
            0 | 1 => {
                "refused INVALID_RECORD: Produce requests with version 12 are only allowed to contain record batches with magic version 2"
            }
            _ => "refused CORRUPT_MESSAGE: Invalid magic found in record",
        };
        cases.push(Case::new(&format!("r8 magic {magic}"), request, expect));
    }
    cases
}
