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
    ($name:ident, $text:literal, $key:literal, $first:literal..=$last:literal, $flexible:expr) => {
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
