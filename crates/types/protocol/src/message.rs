//! What every message can do.

use crate::{DecodeError, EncodeError, Reader, Writer};

/// A message of the protocol. Every message also has `decode` and `encode` of its own, so that only generic code needs
/// this trait.
pub trait Message: Sized + Default + Clone + std::fmt::Debug + PartialEq {
    /// Kafka's name.
    const NAME: &'static str;
    /// The API key or the kind of record, -1 when it has none.
    const KEY: i16;
    /// The lowest version.
    const MIN_VERSION: i16;
    /// The highest version.
    const MAX_VERSION: i16;
    /// The first version with compact lengths and tagged fields; `i16::MAX` when there is none.
    const FLEXIBLE_FROM: i16;

    /// Reads the fields; errors stay in the reader.
    #[doc(hidden)]
    fn get_fields(r: &mut Reader<'_>, version: i16) -> Self;

    /// Writes the fields; errors stay in the writer.
    #[doc(hidden)]
    fn put_fields(&self, w: &mut Writer, version: i16);

    /// Calls `visit` with every error code that the message holds, success included; in a response without any, and in
    /// everything that is no response, with none (`AbstractResponse.errorCounts`).
    fn visit_error_codes(&self, visit: &mut dyn FnMut(i16)) {
        let _ = visit;
    }

    /// Reads the message. Bytes behind it stay in the reader.
    fn decode_message(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        if version < Self::MIN_VERSION || version > Self::MAX_VERSION {
            return Err(DecodeError::Version(version));
        }
        let message = Self::get_fields(r, version);
        r.error().map_or(Ok(message), Err)
    }

    /// Writes the message behind what the writer holds already.
    fn encode_message(&self, w: &mut Writer, version: i16) -> Result<(), EncodeError> {
        if version < Self::MIN_VERSION || version > Self::MAX_VERSION {
            return Err(EncodeError::Version(version));
        }
        self.put_fields(w, version);
        w.error().map_or(Ok(()), Err)
    }
}

/// Makes a generated structure a message.
macro_rules! message {
    ($name:ident, $text:literal, $key:literal, $first:literal..=$last:literal, $flexible:expr $(, $errors:ident)?) => {
        impl $crate::Message for $name {
            const NAME: &'static str = $text;
            const KEY: i16 = $key;
            const MIN_VERSION: i16 = $first;
            const MAX_VERSION: i16 = $last;
            const FLEXIBLE_FROM: i16 = $flexible;

            fn get_fields(r: &mut $crate::Reader<'_>, version: i16) -> Self {
                Self::get(r, version)
            }

            fn put_fields(&self, w: &mut $crate::Writer, version: i16) {
                self.put(w, version);
            }

            $(fn visit_error_codes(&self, visit: &mut dyn FnMut(i16)) {
                self.$errors(visit);
            })?
        }

        impl $name {
            /// Reads the message. Bytes behind it stay in the reader.
            pub fn decode(r: &mut $crate::Reader<'_>, version: i16) -> Result<Self, $crate::DecodeError> {
                $crate::Message::decode_message(r, version)
            }

            /// Writes the message behind what the writer holds already.
            pub fn encode(&self, w: &mut $crate::Writer, version: i16) -> Result<(), $crate::EncodeError> {
                $crate::Message::encode_message(self, w, version)
            }
        }
    };
}
pub(crate) use message;

#[cfg(test)]
mod tests {
    use super::Message;
    use crate::messages::metadata_request::MetadataRequest;
    use crate::messages::metadata_response::{
        MetadataResponse, MetadataResponsePartition, MetadataResponseTopic,
    };

    #[test]
    fn every_error_code_of_a_response_is_visited() {
        let partition = MetadataResponsePartition { error_code: 5, ..MetadataResponsePartition::default() };
        let topic = |error_code, partitions| MetadataResponseTopic {
            error_code,
            partitions,
            ..MetadataResponseTopic::default()
        };
        let message = MetadataResponse {
            topics: vec![topic(0, vec![partition.clone(), partition]), topic(3, Vec::new())],
            error_code: 35,
            ..MetadataResponse::default()
        };
        let mut seen = Vec::new();
        message.visit_error_codes(&mut |code| seen.push(code));
        seen.sort_unstable();
        assert_eq!(seen, [0, 3, 5, 5, 35]);
        MetadataRequest::default().visit_error_codes(&mut |_| panic!("a request has none"));
    }
}
