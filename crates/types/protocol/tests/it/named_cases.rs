//! Named cases of reliability: counts, nested arrays and tagged fields that would exhaust memory.

use std::time::Duration;

use headwater_protocol::messages::api_versions_request::ApiVersionsRequest;
use headwater_protocol::messages::fetch_request::FetchRequest;
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::{DecodeError, Reader};

use crate::allocations::peak_of;
use crate::generator::put_varint;
use crate::hostile::{BYTES_PER_BYTE, FREE_BYTES, timed};
use crate::specification::for_every_version;

#[test]
fn p3_a_count_of_two_billion_in_twenty_bytes() {
    let mut classic = vec![0x7f, 0xff, 0xff, 0xff];
    classic.resize(20, 0);
    let mut compact = vec![0xff, 0xff, 0xff, 0xff, 0x07];
    compact.resize(20, 0);
    for (bytes, versions) in [(classic, 0..=8), (compact, 9..=13)] {
        for version in versions {
            let (result, peak) = peak_of(|| MetadataRequest::decode(&mut Reader::new(&bytes), version));
            assert_eq!(result, Err(DecodeError::ArrayTooLong), "version {version}");
            assert!(peak <= FREE_BYTES, "version {version}: {peak} bytes");
        }
    }
}

#[test]
fn p3_counts_are_bounded_in_every_message() {
    for_every_version(|entry, _, version| {
        for filler in [&[0x7f, 0xff, 0xff, 0xff][..], &[0xff, 0xff, 0xff, 0xff, 0x07]] {
            for lead in 0..16 {
                let mut bytes = vec![0; lead];
                bytes.extend(filler.iter().cycle().take(20));
                let (_, peak) = peak_of(|| (entry.decode)(&bytes, version));
                assert!(peak <= FREE_BYTES, "{} version {version}: {peak} bytes", entry.name);
            }
        }
    });
}

/// A fetch request whose topics have no name and no partitions: three bytes each on the wire.
fn nested_empty_arrays(topics: usize) -> Vec<u8> {
    let mut bytes = vec![0; 4 + 4 + 4 + 4 + 1 + 4 + 4];
    put_varint(&mut bytes, topics + 1);
    for _ in 0..topics {
        bytes.extend([1, 1, 0]);
    }
    bytes.extend([1, 1, 0]);
    bytes
}

#[test]
fn p4_nested_empty_arrays_are_charged() {
    let small = nested_empty_arrays(1000);
    assert!(FetchRequest::decode(&mut Reader::new(&small), 12).is_ok(), "a small one is only odd");
    let large = nested_empty_arrays(3_000_000);
    let (result, peak) = peak_of(|| FetchRequest::decode(&mut Reader::new(&large), 12));
    assert_eq!(result, Err(DecodeError::OverBudget));
    assert!(peak <= BYTES_PER_BYTE * large.len() + FREE_BYTES, "{peak} bytes");
}

#[test]
fn p4_the_budget_is_the_callers() {
    let bytes = nested_empty_arrays(1000);
    let decode = |budget| {
        let mut r = Reader::with_budget(&bytes, budget);
        let (result, peak) = peak_of(|| FetchRequest::decode(&mut r, 12).map(drop));
        (result, budget - r.budget(), peak)
    };
    let (result, charged, peak) = decode(1 << 20);
    assert_eq!(result, Ok(()));
    assert_eq!(charged, peak, "what is charged is what is allocated");
    assert_eq!(decode(charged).0, Ok(()));
    assert_eq!(decode(charged - 1).0, Err(DecodeError::OverBudget));
}

fn tagged(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    // ApiVersions version 3: two compact strings, then tagged fields.
    let mut bytes = vec![1, 1];
    write(&mut bytes);
    bytes
}

#[test]
fn p5_a_million_unknown_tagged_fields_are_skipped() {
    let bytes = tagged(|bytes| {
        put_varint(bytes, 1_000_000);
        for tag in 0..1_000_000 {
            put_varint(bytes, tag + 10);
            bytes.push(0);
        }
    });
    let decode = || peak_of(|| ApiVersionsRequest::decode(&mut Reader::new(&bytes), 3));
    let ((result, peak), time) = timed(decode);
    assert_eq!(result, Ok(ApiVersionsRequest::default()));
    assert_eq!(peak, 0, "nothing is retained");
    assert!(time < Duration::from_secs(1), "{time:?}");
}

#[test]
fn p5_a_huge_unknown_tagged_field_is_skipped() {
    let bytes = tagged(|bytes| {
        bytes.extend([1, 99]);
        put_varint(bytes, 90 << 20);
        bytes.resize(bytes.len() + (90 << 20), 0xab);
    });
    let (result, peak) = peak_of(|| ApiVersionsRequest::decode(&mut Reader::new(&bytes), 3));
    assert_eq!((result, peak), (Ok(ApiVersionsRequest::default()), 0));
}

#[test]
fn p5_tagged_fields_that_are_not_there_are_refused() {
    for (bytes, expected) in [
        (vec![0xff, 0xff, 0xff, 0xff, 0x07], DecodeError::ArrayTooLong),
        (vec![1, 99, 5, 0], DecodeError::Truncated),
        (vec![2, 99, 0], DecodeError::ArrayTooLong),
        (vec![1, 99, 0xff, 0xff, 0xff, 0xff, 0x7f], DecodeError::Truncated),
    ] {
        let bytes = tagged(|all| all.extend(bytes));
        assert_eq!(ApiVersionsRequest::decode(&mut Reader::new(&bytes), 3), Err(expected), "{bytes:x?}");
    }
}

#[test]
fn p6_numbers_of_six_bytes_are_refused() {
    let bytes = [0x80, 0x80, 0x80, 0x80, 0x80, 0x01];
    assert_eq!(MetadataRequest::decode(&mut Reader::new(&bytes), 9), Err(DecodeError::Varint));
    // Five bytes are enough even when they say little: the reference reads them too.
    let mut r = Reader::new(&[0x81, 0x80, 0x80, 0x80, 0x00]);
    assert_eq!((r.unsigned_varint(), r.error()), (1, None));
}

#[test]
fn p6_null_is_refused_where_it_is_not_allowed() {
    let null = [0xff; 4];
    assert_eq!(MetadataRequest::decode(&mut Reader::new(&null), 0), Err(DecodeError::Null));
    let version_one = MetadataRequest::decode(&mut Reader::new(&null), 1).expect("null means all topics");
    assert_eq!(version_one.topics, None);
    // The name of a topic: null only from version 10 on.
    assert_eq!(MetadataRequest::decode(&mut Reader::new(&[2, 0, 0, 0, 0, 0, 0]), 9), Err(DecodeError::Null));
}

#[test]
fn p6_bytes_that_are_no_text_become_replacement_characters() {
    let bytes = [4, b'a', 0xff, b'b', 1, 0];
    let request =
        ApiVersionsRequest::decode(&mut Reader::new(&bytes), 3).expect("the reference reads it too");
    assert_eq!(request.client_software_name, "a\u{fffd}b");
}
