//! Frames around records of the metadata log and of the coordinators' topics, and the enumerations over them.

use std::fmt;

use crate::{DecodeError, Message, Reader, Writer};

/// The only version of the frame around records (`AbstractApiMessageSerde`).
const FRAME_VERSION: u32 = 1;

/// Why the bytes of a record could not be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// A frame version that is not known.
    FrameVersion(u32),
    /// A kind of record that is not known. Readers of coordinator topics skip such a record.
    UnknownKey(u32),
    /// The message inside of the frame.
    Message {
        /// The kind of record.
        key: i16,
        /// The version it says it has.
        version: i16,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// Bytes behind the message.
    Trailing(usize),
    /// The frame itself is cut off.
    Frame(DecodeError),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FrameVersion(version) => write!(f, "record frame version {version} is not known"),
            Self::UnknownKey(key) => write!(f, "record kind {key} is not known"),
            Self::Message { key, version, error } => {
                write!(f, "record kind {key} version {version}: {error}")
            }
            Self::Trailing(bytes) => write!(f, "{bytes} bytes behind the record's message"),
            Self::Frame(error) => write!(f, "record frame: {error}"),
        }
    }
}

impl std::error::Error for FrameError {}

/// Reads frame version, key and version.
pub(crate) fn open_frame(r: &mut Reader<'_>) -> Result<(u32, i16), FrameError> {
    let frame = r.unsigned_varint();
    if r.error().is_none() && frame != FRAME_VERSION {
        return Err(FrameError::FrameVersion(frame));
    }
    let key = r.unsigned_varint();
    let version = i16::try_from(r.unsigned_varint()).unwrap_or(i16::MAX);
    r.error().map_or(Ok((key, version)), |error| Err(FrameError::Frame(error)))
}

/// Writes frame version, key and version.
pub(crate) fn put_frame(w: &mut Writer, key: i16, version: i16) {
    w.unsigned_varint(FRAME_VERSION);
    w.unsigned_varint(u32::from(key.cast_unsigned()));
    w.unsigned_varint(u32::from(version.cast_unsigned()));
}

/// Reads the message inside of a frame, which must fill it.
pub(crate) fn whole<M: Message>(r: &mut Reader<'_>, version: i16) -> Result<M, FrameError> {
    let message =
        M::decode_message(r, version).map_err(|error| FrameError::Message { key: M::KEY, version, error })?;
    match r.remaining() {
        0 => Ok(message),
        bytes => Err(FrameError::Trailing(bytes)),
    }
}

/// Reads a coordinator's message. Bytes behind it are ignored, as the reference does.
pub(crate) fn leading<M: Message>(r: &mut Reader<'_>, version: i16) -> Result<M, FrameError> {
    M::decode_message(r, version).map_err(|error| FrameError::Message { key: M::KEY, version, error })
}

/// Reads the number in front of a coordinator's key or value.
pub(crate) fn open_short(r: &mut Reader<'_>) -> Result<i16, FrameError> {
    let number = r.i16();
    r.error().map_or(Ok(number), |error| Err(FrameError::Frame(error)))
}

/// An enumeration of records in frames.
macro_rules! framed_records {
    ($name:ident $($key:literal => $variant:ident($message:ident),)*) => {
        /// One record, by its kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name { $($variant($message),)* }

        impl $name {
            /// The number of the kind.
            #[must_use]
            pub const fn key(&self) -> i16 {
                match self { $(Self::$variant(_) => $key,)* }
            }

            /// Kafka's name of the message.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => stringify!($message),)* }
            }

            /// The highest version that the kind has.
            #[must_use]
            pub const fn max_version(&self) -> i16 {
                match self { $(Self::$variant(_) => <$message as $crate::Message>::MAX_VERSION,)* }
            }

            /// Reads a record's value: frame version, kind, version, message.
            pub fn decode_value(bytes: &[u8]) -> Result<Self, $crate::FrameError> {
                let mut r = $crate::Reader::new(bytes);
                let (key, version) = $crate::framing::open_frame(&mut r)?;
                match key {
                    $($key => $crate::framing::whole(&mut r, version).map(Self::$variant),)*
                    _ => Err($crate::FrameError::UnknownKey(key)),
                }
            }

            /// Writes a record's value in `version`: frame version, kind, version, message.
            pub fn encode_value(&self, w: &mut $crate::Writer, version: i16) -> Result<(), $crate::EncodeError> {
                $crate::framing::put_frame(w, self.key(), version);
                match self { $(Self::$variant(message) => message.encode(w, version),)* }
            }

            /// The value as bytes, in the highest version.
            pub fn to_value(&self) -> Result<Vec<u8>, $crate::EncodeError> {
                let mut w = $crate::Writer::new();
                self.encode_value(&mut w, self.max_version())?;
                Ok(w.into_bytes())
            }
        }

        $(impl From<$message> for $name {
            fn from(message: $message) -> Self {
                Self::$variant(message)
            }
        })*
    };
}

/// The enumeration of a coordinator's keys.
macro_rules! record_keys {
    ($($key:literal => $variant:ident($message:ident),)*) => {
        /// The key of a record, by its kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum RecordKey { $($variant($message),)* }

        impl RecordKey {
            /// The number of the kind.
            #[must_use]
            pub const fn key(&self) -> i16 {
                match self { $(Self::$variant(_) => $key,)* }
            }

            /// Reads a record's key: kind, message.
            pub fn decode(bytes: &[u8]) -> Result<Self, $crate::FrameError> {
                let mut r = $crate::Reader::new(bytes);
                let key = $crate::framing::open_short(&mut r)?;
                match key {
                    $($key => $crate::framing::leading(&mut r, <$message as $crate::Message>::MAX_VERSION)
                        .map(Self::$variant),)*
                    _ => Err($crate::FrameError::UnknownKey(u32::from(key.cast_unsigned()))),
                }
            }

            /// Writes a record's key: kind, message.
            pub fn encode(&self) -> Result<Vec<u8>, $crate::EncodeError> {
                let mut w = $crate::Writer::new();
                w.i16(self.key());
                match self {
                    $(Self::$variant(message) => {
                        message.encode(&mut w, <$message as $crate::Message>::MAX_VERSION)?;
                    })*
                }
                Ok(w.into_bytes())
            }
        }

        $(impl From<$message> for RecordKey {
            fn from(message: $message) -> Self {
                Self::$variant(message)
            }
        })*
    };
}

/// The enumeration of a coordinator's values.
macro_rules! record_values {
    ($($key:literal => $variant:ident($message:ident),)*) => {
        /// The value of a record, by its kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum RecordValue { $($variant($message),)* }

        impl RecordValue {
            /// The number of the kind.
            #[must_use]
            pub const fn key(&self) -> i16 {
                match self { $(Self::$variant(_) => $key,)* }
            }

            /// Reads the value of a record of kind `key`: version, message.
            pub fn decode(key: i16, bytes: &[u8]) -> Result<Self, $crate::FrameError> {
                let mut r = $crate::Reader::new(bytes);
                let version = $crate::framing::open_short(&mut r)?;
                match key {
                    $($key => $crate::framing::leading(&mut r, version).map(Self::$variant),)*
                    _ => Err($crate::FrameError::UnknownKey(u32::from(key.cast_unsigned()))),
                }
            }

            /// Writes a record's value in `version`: version, message.
            pub fn encode(&self, version: i16) -> Result<Vec<u8>, $crate::EncodeError> {
                let mut w = $crate::Writer::new();
                w.i16(version);
                match self { $(Self::$variant(message) => message.encode(&mut w, version)?,)* }
                Ok(w.into_bytes())
            }
        }

        $(impl From<$message> for RecordValue {
            fn from(message: $message) -> Self {
                Self::$variant(message)
            }
        })*
    };
}

pub(crate) use {framed_records, record_keys, record_values};
