//! Frames around records, headers, and responses with bytes left out.

use crate::allocations::peak_of;
use headwater_protocol::data::request_header::RequestHeader;
use headwater_protocol::group::{RecordKey, RecordValue, offset_commit_key, offset_commit_value};
use headwater_protocol::header::{self, ParsedHeader};
use headwater_protocol::messages::fetch_response::{FetchResponse, FetchableTopicResponse, PartitionData};
use headwater_protocol::metadata::{MetadataRecord, topic_record::TopicRecord};
use headwater_protocol::{ApiKey, DecodeError, EncodeError, FrameError, Gap, Reader, Records, Writer};

fn topic() -> MetadataRecord {
    TopicRecord { name: "t".to_string(), ..TopicRecord::default() }.into()
}

#[test]
fn metadata_records_have_a_frame() {
    let value = topic().to_value().expect("a topic can be written");
    // Frame version 1, key 2, version 0, compact "t".
    assert_eq!(value[..5], [1, 2, 0, 2, b't']);
    assert_eq!(MetadataRecord::decode_value(&value), Ok(topic()));
}

#[test]
fn frames_that_are_not_known_are_named() {
    let value = topic().to_value().expect("a topic can be written");
    let with = |at: usize, byte: u8| {
        let mut value = value.clone();
        value[at] = byte;
        MetadataRecord::decode_value(&value)
    };
    assert_eq!(with(0, 0), Err(FrameError::FrameVersion(0)));
    assert_eq!(with(1, 6), Err(FrameError::UnknownKey(6)));
    let version = DecodeError::Version(9);
    assert_eq!(with(2, 9), Err(FrameError::Message { key: 2, version: 9, error: version }));
    assert_eq!(MetadataRecord::decode_value(&[1]), Err(FrameError::Frame(DecodeError::Truncated)));
    let long = [value, vec![0]].concat();
    assert_eq!(MetadataRecord::decode_value(&long), Err(FrameError::Trailing(1)));
}

#[test]
fn coordinator_records_have_kind_and_version() {
    let key: RecordKey =
        offset_commit_key::OffsetCommitKey { group: "g".to_string(), topic: "t".to_string(), partition: 3 }
            .into();
    let bytes = key.encode().expect("a key can be written");
    assert_eq!(bytes, [0, 1, 0, 1, b'g', 0, 1, b't', 0, 0, 0, 3]);
    assert_eq!(RecordKey::decode(&bytes), Ok(key));
    let value: RecordValue =
        offset_commit_value::OffsetCommitValue { offset: 7, ..Default::default() }.into();
    let bytes = value.encode(3).expect("a value can be written");
    assert_eq!(bytes[..10], [0, 3, 0, 0, 0, 0, 0, 0, 0, 7]);
    assert_eq!(RecordValue::decode(1, &bytes), Ok(value));
    assert_eq!(RecordKey::decode(&[0, 99, 0]), Err(FrameError::UnknownKey(99)));
}

#[test]
fn request_headers_find_their_version() {
    for (key, version) in [(ApiKey::Produce, 8), (ApiKey::Produce, 9), (ApiKey::ApiVersions, 99)] {
        let mut w = Writer::new();
        header::write_request_header(&mut w, key, version, 77, Some("me")).expect("it can be written");
        let bytes = w.into_bytes();
        let mut r = Reader::new(&bytes);
        let expected = RequestHeader {
            request_api_key: key.code(),
            request_api_version: version,
            correlation_id: 77,
            client_id: Some("me".to_string()),
        };
        let parsed = header::read_request_header(&mut r);
        assert_eq!(parsed, Ok(ParsedHeader::Known { key, header: expected }));
        assert_eq!(r.remaining(), 0);
    }
    let mut r = Reader::new(&[0, 4, 0, 0, 0, 0]);
    assert_eq!(header::read_request_header(&mut r), Ok(ParsedHeader::UnknownKey(4)));
    assert_eq!(header::read_request_header(&mut Reader::new(&[0, 4, 0])), Err(DecodeError::Truncated));
}

fn response(records: [Records; 2]) -> FetchResponse {
    let partitions = records.map(|records| PartitionData { records, ..PartitionData::default() });
    let topic =
        FetchableTopicResponse { partitions: partitions.to_vec(), ..FetchableTopicResponse::default() };
    FetchResponse { responses: vec![topic], ..FetchResponse::default() }
}

#[test]
fn external_records_leave_gaps() {
    for version in 4..=18 {
        let (one, two) = (vec![1u8; 300], vec![2u8; 5]);
        let external = |bytes: &Vec<u8>, token| Records::External { len: bytes.len() as u32, token };
        let mut inside = Writer::new();
        let frame = inside.begin_frame();
        let whole = response([Records::Bytes(one.clone()), Records::Bytes(two.clone())]);
        whole.encode(&mut inside, version).expect("it can be written");
        inside.end_frame(frame);

        let mut outside = Writer::new();
        let frame = outside.begin_frame();
        let pieces = response([external(&one, 10), external(&two, 20)]);
        pieces.encode(&mut outside, version).expect("it can be written");
        outside.end_frame(frame);
        assert_eq!(outside.external_len(), 305);

        let (bytes, gaps) = outside.into_parts();
        let mut joined: Vec<u8> = Vec::new();
        let mut from = 0;
        for Gap { at, len, token } in gaps {
            joined.extend(&bytes[from..at]);
            let records = if token == 10 { &one } else { &two };
            assert_eq!(records.len(), len as usize);
            joined.extend(records);
            from = at;
        }
        joined.extend(&bytes[from..]);
        assert_eq!(joined, inside.into_bytes(), "version {version}");
    }
}

#[test]
fn what_a_version_cannot_carry_is_refused() {
    let mut response = response([Records::Bytes(Vec::new()), Records::Null]);
    response.session_id = 5;
    assert_eq!(response.encode(&mut Writer::new(), 6), Err(EncodeError::NotInVersion("SessionId")));
    assert_eq!(response.encode(&mut Writer::new(), 7), Ok(()));
    // Ignorable: left out without a word.
    response.session_id = 0;
    response.error_code = 3;
    assert_eq!(response.encode(&mut Writer::new(), 6), Ok(()));
    assert_eq!(response.encode(&mut Writer::new(), 19), Err(EncodeError::Version(19)));
}

#[test]
fn records_can_stay_in_place() {
    let whole = response([Records::Bytes(vec![7; 300]), Records::Null]);
    for version in 4..=18 {
        let mut w = Writer::new();
        whole.encode(&mut w, version).expect("it can be written");
        let bytes = w.into_bytes();
        let mut r = Reader::new(&bytes).records_in_place();
        let (read, peak) = peak_of(|| FetchResponse::decode(&mut r, version).expect("it can be read"));
        assert!(peak < 1000, "the structures only, not {peak} bytes");
        let partitions = &read.responses[0].partitions;
        assert_eq!(partitions[0].records.range().map(|range| &bytes[range]), Some(&[7; 300][..]));
        assert_eq!(partitions[1].records, Records::Null);
        assert_eq!(read.encode(&mut Writer::new(), version), Err(EncodeError::RecordsElsewhere));
    }
}
