//! The reference's own message classes as oracle, see `conformance/codec/`.

use std::collections::BTreeMap;
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use headwater_protocol::api::Listener;
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::{ApiKey, DecodeError, Writer};

use crate::entry::{Entry, Recoded};
use crate::generator::sample;
use crate::hostile::hostile;
use crate::notation::{Field, Message};
use crate::random::rounds;
use crate::specification::{for_every_version, messages};

const ORACLE: &str = "../../../conformance/codec/CodecOracle.java";

/// The reference's jars; `None` when they are not there and need not be.
fn jars() -> Option<PathBuf> {
    let cache = std::env::var_os("HEADWATER_CACHE").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/headwater")));
    let jars = cache.map(|cache| cache.join("kafka-4.3.1/libs")).filter(|jars| jars.is_dir());
    let required = std::env::var("HEADWATER_REQUIRE_REFERENCE").is_ok_and(|required| required == "1");
    assert!(jars.is_some() || !required, "the reference is required, but its jars are not in the cache");
    jars
}

/// Key and value of a coordinator's record, read and written again by the enumerations of a module.
macro_rules! coordinator {
    ($module:ident, $kind:expr, $version:expr, $key:expr, $value:expr) => {{
        use headwater_protocol::$module::{RecordKey, RecordValue};
        let key = RecordKey::decode($key).expect("it is a key");
        let value = RecordValue::decode($kind, $value).expect("it is a value");
        assert_eq!((key.key(), value.key()), ($kind, $kind));
        (key.encode().expect("it can be written"), value.encode($version).expect("it can be written"))
    }};
}

struct Oracle {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    fn start() -> Option<Self> {
        let Some(jars) = jars() else {
            eprintln!("skipped: no reference");
            return None;
        };
        let mut child = Command::new("java")
            .args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
            .arg(jars.join("*"))
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(ORACLE))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("java can be started");
        let input = child.stdin.take().map(BufWriter::new);
        let output = BufReader::new(child.stdout.take().expect("it was asked for"));
        Some(Self { child, input, output })
    }

    fn ask(&mut self, operation: u8, name: &str, version: i16, parts: &[&[u8]]) {
        let input = self.input.as_mut().expect("it is open until the end");
        let mut question = vec![operation];
        question.extend((name.len() as i32).to_be_bytes());
        question.extend(name.as_bytes());
        question.extend(version.to_be_bytes());
        for part in parts {
            question.extend((part.len() as i32).to_be_bytes());
            question.extend(*part);
        }
        input.write_all(&question).expect("the oracle listens");
    }

    /// True when the answer is not a refusal.
    fn is_yes(&mut self) -> bool {
        self.input.as_mut().expect("it is open until the end").flush().expect("the oracle listens");
        let mut answer = [0];
        self.output.read_exact(&mut answer).expect("the oracle answers");
        answer == [1]
    }

    fn bytes(&mut self) -> Vec<u8> {
        let mut bytes = vec![0; self.number()];
        self.output.read_exact(&mut bytes).expect("the oracle answers");
        bytes
    }

    fn number(&mut self) -> usize {
        let mut length = [0; 4];
        self.output.read_exact(&mut length).expect("the oracle answers");
        i32::from_be_bytes(length) as usize
    }

    fn reason(&mut self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    /// Our bytes and JSON: the reference writes the same bytes again.
    fn check_ours(&mut self, entry: &Entry, message: &Message, version: i16, round: u64) {
        let what = format!("{} version {version} round {round}", entry.name);
        let sample = sample(message, version, round);
        let ours = (entry.recode)(&sample.bytes, version).unwrap_or_else(|why| panic!("{what}: {why}")).bytes;
        self.ask(1, entry.name, version, &[&ours, sample.json.as_bytes()]);
        assert!(self.is_yes(), "{what}: {}\n{}", self.reason(), sample.json);
        assert_eq!(self.bytes(), ours, "{what}: read and written again");
        assert_eq!(self.bytes(), ours, "{what}: from {}", sample.json);
        let through_json = self.bytes();
        // The reference's converter writes records as nothing, so that they do not come back.
        if !has_records(&message.fields) {
            assert_eq!(through_json, ours, "{what}: through JSON");
        }
    }

    /// Values of the reference: we write the same bytes again.
    fn check_theirs(&mut self, entry: &Entry, version: i16, round: u64) {
        let what = format!("{} version {version} round {round}", entry.name);
        self.ask(2, entry.name, version, &[]);
        let input = self.input.as_mut().expect("it is open until the end");
        input.write_all(&round.to_be_bytes()).expect("the oracle listens");
        assert!(self.is_yes(), "{what}: {}", self.reason());
        let bytes = self.bytes();
        assert_eq!((entry.recode)(&bytes, version), Ok(Recoded { bytes, remaining: 0 }), "{what}");
    }

    /// Hostile bytes: accepted by both or by none, and read alike. Gives whether they were accepted, and our error
    /// where only we refuse.
    fn check_hostile(
        &mut self,
        entry: &Entry,
        message: &Message,
        version: i16,
        round: u64,
    ) -> (bool, Option<DecodeError>) {
        let what = format!("{} version {version} round {round}", entry.name);
        let bytes = hostile(message, version, round);
        let ours = (entry.recode)(&bytes, version);
        self.ask(3, entry.name, version, &[&bytes]);
        if !self.is_yes() {
            let reason = self.reason();
            assert!(ours.is_err(), "{what}: we accept what the reference refuses, {reason}: {bytes:x?}");
            return (false, None);
        }
        let left = self.number();
        let mut is_written = [0];
        self.output.read_exact(&mut is_written).expect("the oracle answers");
        let theirs = (is_written == [1]).then(|| self.bytes());
        match ours {
            Err(error) => return (true, Some(error)),
            Ok(ours) => {
                assert_eq!(ours.remaining, left, "{what}: bytes left of {bytes:x?}");
                let same = theirs.is_none_or(|theirs| (entry.same)(&bytes, &theirs, version));
                assert!(same, "{what}: another value from {bytes:x?}");
            }
        }
        (true, None)
    }
}

fn has_records(fields: &[Field]) -> bool {
    fields.iter().any(|field| field.ty == "records" || has_records(&field.fields))
}

impl Drop for Oracle {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}

#[test]
fn the_reference_writes_the_same_bytes() {
    let Some(mut oracle) = Oracle::start() else { return };
    for_every_version(|entry, message, version| {
        for round in 0..rounds(40) {
            oracle.check_ours(entry, message, version, round);
            oracle.check_theirs(entry, version, round);
        }
    });
}

#[test]
fn p6_the_reference_refuses_the_same_bytes() {
    let Some(mut oracle) = Oracle::start() else { return };
    let mut accepted = 0;
    let mut refused = 0;
    let mut only_we_refuse: BTreeMap<String, usize> = BTreeMap::new();
    for_every_version(|entry, message, version| {
        for round in 0..rounds(100) {
            let (theirs, ours) = oracle.check_hostile(entry, message, version, round);
            accepted += usize::from(theirs);
            refused += usize::from(!theirs);
            if let Some(error) = ours {
                *only_we_refuse.entry(format!("{error:?}")).or_default() += 1;
            }
        }
    });
    eprintln!("{accepted} accepted, {refused} refused, only by us: {only_we_refuse:?}");
    // The reference does not look at the length of a tagged field that it knows; we refuse a wrong one. That is all.
    let known = ["ArrayTooLong", "Tag", "Truncated"];
    assert!(only_we_refuse.keys().all(|error| known.contains(&error.as_str())), "{only_we_refuse:?}");
    let only_ours: usize = only_we_refuse.values().sum();
    assert!(only_ours * 100 < accepted, "{only_we_refuse:?} of {accepted}");
}

#[test]
fn the_table_of_apis_is_the_references() {
    let Some(mut oracle) = Oracle::start() else { return };
    oracle.ask(4, "", 0, &[]);
    assert!(oracle.is_yes(), "{}", oracle.reason());
    let theirs = String::from_utf8(oracle.bytes()).expect("the oracle writes text");
    let mut ours = String::new();
    for row in ApiKey::rows() {
        let serves = |listener| row.listeners.contains(&listener);
        ours += &format!(
            "{} {} {} {} {} {} {}",
            row.key.code(),
            row.name,
            row.min_version,
            row.max_version,
            row.latest_version_unstable,
            serves(Listener::Broker),
            serves(Listener::Controller)
        );
        for version in row.min_version..=row.max_version {
            let (request, response) =
                (row.key.request_header_version(version), row.key.response_header_version(version));
            ours += &format!(" {request}/{response}");
        }
        ours.push('\n');
    }
    assert_eq!(ours, theirs);
}

#[test]
fn frames_of_metadata_records_are_the_references() {
    let Some(mut oracle) = Oracle::start() else { return };
    for_every_version(|entry, message, version| {
        let Some(key) = message.key.filter(|_| message.kind == "metadata") else { return };
        // Storage has records of this kind too, with keys of their own.
        if entry.name.starts_with("Remote") {
            return;
        }
        let framed = [vec![1, key as u8, version as u8], sample(message, version, 0).bytes].concat();
        let record = MetadataRecord::decode_value(&framed).expect("it is a record");
        assert_eq!((record.key(), record.name()), (key, entry.name));
        let mut w = Writer::new();
        record.encode_value(&mut w, version).expect("it can be written");
        oracle.ask(5, "metadata", version, &[&[], w.as_slice()]);
        assert!(oracle.is_yes(), "{} version {version}: {}", entry.name, oracle.reason());
        oracle.bytes();
        assert_eq!(oracle.bytes(), framed, "{} version {version}", entry.name);
    });
}

#[test]
fn frames_of_coordinator_records_are_the_references() {
    let Some(mut oracle) = Oracle::start() else { return };
    let messages = messages();
    for_every_version(|entry, value, version| {
        if value.kind != "coordinator-value" {
            return;
        }
        let kind = value.key.expect("every coordinator record has a kind");
        let key = &messages[&entry.name.replace("Value", "Key")];
        let log =
            ["Transaction", "ShareSnapshot", "ShareUpdate"].iter().position(|p| entry.name.starts_with(p));
        let name = ["transaction", "share", "share", "group"][log.unwrap_or(3)];
        let key = [kind.to_be_bytes().to_vec(), sample(key, 0, 0).bytes].concat();
        let bytes = [version.to_be_bytes().to_vec(), sample(value, version, 0).bytes].concat();
        let (ours_key, ours) = match name {
            "group" => coordinator!(group, kind, version, &key, &bytes),
            "share" => coordinator!(share, kind, version, &key, &bytes),
            _ => coordinator!(transaction, kind, version, &key, &bytes),
        };
        oracle.ask(5, name, version, &[&ours_key, &ours]);
        assert!(oracle.is_yes(), "{} version {version}: {}", entry.name, oracle.reason());
        assert_eq!((oracle.bytes(), oracle.bytes()), (key, bytes), "{} version {version}", entry.name);
    });
}
