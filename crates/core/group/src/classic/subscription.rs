//! The topics in a consumer's metadata (`ConsumerProtocol`). Nobody checked it when the member joined.

use headwater_protocol::Reader;
use headwater_protocol::data::consumer_protocol_subscription::ConsumerProtocolSubscription;

/// The topics, or `None` for bytes that are no subscription.
pub(crate) fn topics(metadata: &[u8]) -> Option<Vec<String>> {
    let mut reader = Reader::new(metadata);
    let version = reader.i16();
    if version < 0 {
        return None;
    }
    // All versions begin with the topics, later ones too.
    let subscription = ConsumerProtocolSubscription::decode(&mut reader, 0).ok()?;
    Some(subscription.topics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p14_lying_metadata_tells_no_topics() {
        assert_eq!(topics(&[]), None);
        assert_eq!(topics(&[0, 1, 127, 255, 255, 255]), None);
        assert_eq!(topics(&[0, 0, 0, 0, 0, 1, 0, 9, b't']), None);
        assert_eq!(topics(&[255, 255, 0, 0, 0, 0]), None);
    }

    #[test]
    fn topics_of_any_version() {
        for version in [0, 1, 3, 9] {
            let bytes = [0, version, 0, 0, 0, 1, 0, 1, b't', 255, 255, 255, 255];
            assert_eq!(topics(&bytes), Some(vec!["t".to_owned()]));
        }
    }
}
