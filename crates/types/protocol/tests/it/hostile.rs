//! Seeded hostile bytes for every message and version: no panic, little memory, little time.

use std::time::{Duration, Instant};

use headwater_protocol::messages::produce_request::ProduceRequest;
use headwater_protocol::view::ProduceRequestView;
use headwater_protocol::{Message as _, Reader};

use crate::allocations::peak_of;
use crate::generator::sample;
use crate::mutate::{EVIL, mutate};
use crate::notation::Message;
use crate::random::{Random, rounds};
use crate::specification::{for_every_version, messages};

/// What a decoder may allocate for each byte of input, and beyond that.
pub const BYTES_PER_BYTE: usize = 16;
pub const FREE_BYTES: usize = 1 << 20;
const LONGEST: Duration = Duration::from_millis(100);

/// Bytes that began as a message and no longer are one.
pub fn hostile(message: &Message, version: i16, round: u64) -> Vec<u8> {
    let mut bytes = sample(message, version, round).bytes;
    let mut random = Random::of(&message.name, version, round ^ 0x5eed);
    for _ in 0..=random.below(3) {
        mutate(&mut bytes, &mut random);
    }
    bytes
}

/// What `work` gives and how long it takes; the best of three, because a busy machine may stop us for that long.
pub fn timed<T>(work: impl Fn() -> T) -> (T, Duration) {
    let once = || {
        let begin = Instant::now();
        (work(), begin.elapsed())
    };
    let mut best = once();
    for _ in 0..2 {
        if best.1 >= LONGEST {
            let again = once();
            best = if again.1 < best.1 { again } else { best };
        }
    }
    best
}

#[test]
fn hostile_bytes_cost_little() {
    let mut refused = 0;
    let mut total = 0;
    for_every_version(|entry, message, version| {
        for round in 0..rounds(200) {
            let bytes = hostile(message, version, round);
            let ((result, peak), time) = timed(|| peak_of(|| (entry.decode)(&bytes, version)));
            let what = format!("{} version {version} round {round}", entry.name);
            assert!(
                peak <= BYTES_PER_BYTE * bytes.len() + FREE_BYTES,
                "{what}: {peak} bytes for {}",
                bytes.len()
            );
            assert!(time < LONGEST, "{what}: {time:?} for {} bytes", bytes.len());
            refused += usize::from(result.is_err());
            total += 1;
        }
    });
    // A mutation that is never noticed would test nothing.
    assert!(refused > total / 3, "only {refused} of {total} were refused");
}

#[test]
fn whatever_is_accepted_can_be_written_again() {
    for_every_version(|entry, message, version| {
        for round in 0..rounds(50) {
            let bytes = hostile(message, version, round);
            let Ok(recoded) = (entry.recode)(&bytes, version) else { continue };
            let holds = recoded.bytes.is_empty() || (entry.same)(&bytes, &recoded.bytes, version);
            assert!(holds, "{} version {version} round {round}", entry.name);
        }
    });
}

#[test]
fn every_place_survives_every_evil_length() {
    for_every_version(|entry, message, version| {
        let bytes = sample(message, version, 3).bytes;
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 40) {
            for evil in EVIL {
                let mut bytes = bytes.clone();
                let end = (at + evil.len()).min(bytes.len());
                bytes.splice(at..end, evil.iter().copied());
                let (_, peak) = peak_of(|| (entry.decode)(&bytes, version));
                assert!(
                    peak <= BYTES_PER_BYTE * bytes.len() + FREE_BYTES,
                    "{} version {version}: {peak} bytes for {} with {evil:x?} at {at}",
                    entry.name,
                    bytes.len()
                );
            }
        }
    });
}

#[test]
fn the_view_of_produce_refuses_what_the_owned_form_refuses() {
    let messages = messages();
    let message = &messages["ProduceRequest"];
    for version in ProduceRequest::MIN_VERSION..=ProduceRequest::MAX_VERSION {
        for round in 0..rounds(2000) {
            let bytes = hostile(message, version, round);
            let (view, peak) = peak_of(|| ProduceRequestView::parse(&bytes, version));
            assert!(
                peak <= BYTES_PER_BYTE * bytes.len() + FREE_BYTES,
                "version {version} round {round}: {peak}"
            );
            let owned = ProduceRequest::decode(&mut Reader::new(&bytes), version);
            assert_eq!(view.as_ref().err(), owned.as_ref().err(), "version {version} round {round}");
            let (Ok(view), Ok(owned)) = (view, owned) else { continue };
            assert_eq!(view.topics.len(), owned.topic_data.len());
            for (view, owned) in view.topics.iter().zip(&owned.topic_data) {
                assert_eq!((&view.name, view.topic_id), (&owned.name, owned.topic_id));
                let records =
                    view.partitions.iter().map(|p| (p.index, p.records.clone().map(|at| &bytes[at])));
                let expected = owned.partition_data.iter().map(|p| (p.index, p.records.bytes()));
                assert!(records.eq(expected), "version {version} round {round}");
            }
        }
    }
}
