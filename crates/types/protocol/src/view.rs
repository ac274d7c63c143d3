//! Hot requests read without copying what they carry.
//!
//! A broker patches offsets into a producer's batches where they lie and writes them to its log from there. So this view
//! gives the place of the records in the input, not the records.

use std::ops::Range;

use headwater_base::Uuid;

use crate::messages::produce_request::ProduceRequest;
use crate::{DecodeError, Message, Reader};

/// A Produce request whose records stay in the frame.
#[derive(Clone, Debug, PartialEq)]
pub struct ProduceRequestView {
    /// `transactional.id` of the producer, if it has one.
    pub transactional_id: Option<String>,
    /// −1 (all), 0 or 1; anything else is the client's mistake.
    pub acks: i16,
    /// How long to wait for the acknowledgement, in milliseconds.
    pub timeout_ms: i32,
    /// By topic.
    pub topics: Vec<TopicProduceView>,
}

/// One topic of the request.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicProduceView {
    /// Its name up to version 12, else empty.
    pub name: String,
    /// Its id since version 13, else zero.
    pub topic_id: Uuid,
    /// By partition.
    pub partitions: Vec<PartitionProduceView>,
}

/// One partition of the request.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionProduceView {
    /// Index inside the topic.
    pub index: i32,
    /// Where its batches lie in the input; `None` if there is no such field.
    pub records: Option<Range<usize>>,
}

impl ProduceRequestView {
    /// Reads the request that `bytes` begin with.
    ///
    /// # Errors
    /// As [`ProduceRequest::decode`].
    pub fn parse(bytes: &[u8], version: i16) -> Result<Self, DecodeError> {
        if !(ProduceRequest::MIN_VERSION..=ProduceRequest::MAX_VERSION).contains(&version) {
            return Err(DecodeError::Version(version));
        }
        let mut reader = Reader::new(bytes);
        let view = Self::get(&mut reader, version);
        reader.error().map_or(Ok(view), Err)
    }

    fn get(r: &mut Reader<'_>, version: i16) -> Self {
        let flexible = version >= ProduceRequest::FLEXIBLE_FROM;
        let view = Self {
            transactional_id: r.nullable_string(flexible, true),
            acks: r.i16(),
            timeout_ms: r.i32(),
            topics: r.view_array(flexible, 3, |r| topic(r, version)),
        };
        if flexible {
            r.skip_tags();
        }
        view
    }
}

fn topic(r: &mut Reader<'_>, version: i16) -> TopicProduceView {
    let flexible = version >= ProduceRequest::FLEXIBLE_FROM;
    let view = TopicProduceView {
        name: if version <= 12 { r.string(flexible) } else { String::new() },
        topic_id: if version >= 13 { r.uuid() } else { Uuid::ZERO },
        partitions: r.view_array(flexible, 6, |r| partition(r, flexible)),
    };
    if flexible {
        r.skip_tags();
    }
    view
}

fn partition(r: &mut Reader<'_>, flexible: bool) -> PartitionProduceView {
    let view = PartitionProduceView { index: r.i32(), records: r.records_range(flexible) };
    if flexible {
        r.skip_tags();
    }
    view
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::produce_request::{PartitionProduceData, TopicProduceData};
    use crate::{Records, Writer};

    #[test]
    fn the_view_says_what_the_request_says() {
        let partition = |index, records| PartitionProduceData { index, records };
        let topic = TopicProduceData {
            name: "t".to_owned(),
            topic_id: Uuid(7),
            partition_data: vec![partition(0, Records::Bytes(b"abc".to_vec())), partition(5, Records::Null)],
        };
        for version in ProduceRequest::MIN_VERSION..=ProduceRequest::MAX_VERSION {
            let by_id = version >= 13;
            let request = ProduceRequest {
                transactional_id: Some("x".to_owned()),
                acks: -1,
                timeout_ms: 9,
                topic_data: vec![TopicProduceData {
                    name: if by_id { String::new() } else { "t".to_owned() },
                    topic_id: if by_id { Uuid(7) } else { Uuid::ZERO },
                    ..topic.clone()
                }],
            };
            let mut writer = Writer::new();
            request.encode(&mut writer, version).expect("encodes");
            let bytes = writer.into_bytes();
            let view = ProduceRequestView::parse(&bytes, version).expect("parses");
            assert_eq!((view.acks, view.timeout_ms, view.topics.len()), (-1, 9, 1));
            let partitions = &view.topics[0].partitions;
            assert_eq!(partitions[0].records.clone().map(|range| &bytes[range]), Some(&b"abc"[..]));
            assert_eq!((partitions[1].index, &partitions[1].records), (5, &None));
            for cut in 0..bytes.len() {
                assert!(ProduceRequestView::parse(&bytes[..cut], version).is_err(), "{version} cut at {cut}");
            }
        }
    }
}
