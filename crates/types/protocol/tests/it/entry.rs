//! A message behind function pointers, so that tests can run over all of them.

use headwater_protocol::{DecodeError, EncodeError, Message, Reader, Writer};

/// What decoding gave.
#[derive(Debug, PartialEq)]
pub struct Recoded {
    /// The decoded message, encoded again.
    pub bytes: Vec<u8>,
    /// Bytes behind the message.
    pub remaining: usize,
}

/// One message.
pub struct Entry {
    pub name: &'static str,
    pub min_version: i16,
    pub max_version: i16,
    /// Decodes only.
    pub decode: fn(&[u8], i16) -> Result<usize, DecodeError>,
    /// Decodes and encodes.
    pub recode: fn(&[u8], i16) -> Result<Recoded, DecodeError>,
    /// The bytes of the default value.
    pub default: fn(i16) -> Result<Vec<u8>, EncodeError>,
    /// True when both byte strings are the same message.
    pub same: fn(&[u8], &[u8], i16) -> bool,
}

/// The entry of a message.
pub const fn entry<M: Message>() -> Entry {
    Entry {
        name: M::NAME,
        min_version: M::MIN_VERSION,
        max_version: M::MAX_VERSION,
        decode: decode::<M>,
        recode: recode::<M>,
        default: default::<M>,
        same: same::<M>,
    }
}

fn decode<M: Message>(bytes: &[u8], version: i16) -> Result<usize, DecodeError> {
    let mut r = Reader::new(bytes);
    M::decode_message(&mut r, version).map(|_| r.remaining())
}

fn recode<M: Message>(bytes: &[u8], version: i16) -> Result<Recoded, DecodeError> {
    let mut r = Reader::new(bytes);
    let message = M::decode_message(&mut r, version)?;
    let mut w = Writer::new();
    // What was read in a version can always be written in it, but for strings that grew by replacement characters.
    match message.encode_message(&mut w, version) {
        Ok(()) => Ok(Recoded { bytes: w.into_bytes(), remaining: r.remaining() }),
        Err(EncodeError::StringTooLong) => Ok(Recoded { bytes: Vec::new(), remaining: r.remaining() }),
        Err(error) => panic!("{} version {version} was read but cannot be written: {error}", M::NAME),
    }
}

fn default<M: Message>(version: i16) -> Result<Vec<u8>, EncodeError> {
    let mut w = Writer::new();
    M::default().encode_message(&mut w, version).map(|()| w.into_bytes())
}

fn same<M: Message>(one: &[u8], other: &[u8], version: i16) -> bool {
    let read = |bytes| M::decode_message(&mut Reader::new(bytes), version);
    // The text compares numbers that are none, which are never equal.
    matches!((read(one), read(other)), (Ok(one), Ok(other)) if one == other || format!("{one:?}") == format!("{other:?}"))
}
