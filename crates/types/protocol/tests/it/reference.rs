//! The reference's own message classes as oracle, see `conformance/codec/`.

use std::collections::BTreeMap;
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use headwater_protocol::DecodeError;

use crate::entry::{Entry, Recoded};
use crate::generator::sample;
use crate::hostile::hostile;
use crate::notation::{Field, Message};
use crate::random::rounds;
use crate::specification::for_every_version;

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
