//! Why bytes are not a message, and why a message is not bytes.

use std::fmt;

/// Why bytes could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes end inside of the message, or a length points behind their end.
    Truncated,
    /// A length below zero, or null, where neither is allowed.
    Null,
    /// A variable-length number of more than five bytes.
    Varint,
    /// A string longer than 32,767 bytes.
    StringTooLong,
    /// More elements than the bytes that remain could hold.
    ArrayTooLong,
    /// A known tagged field that does not fill its length, or one that the version does not have.
    Tag,
    /// The decoded form would exceed the memory that was granted to the reader.
    OverBudget,
    /// A version that the message does not have.
    Version(i16),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the bytes end inside of the message"),
            Self::Null => f.write_str("null or a negative length where none is allowed"),
            Self::Varint => f.write_str("a variable-length number of more than five bytes"),
            Self::StringTooLong => f.write_str("a string of more than 32767 bytes"),
            Self::ArrayTooLong => f.write_str("more elements than the remaining bytes could hold"),
            Self::Tag => f.write_str("a tagged field of the wrong length or version"),
            Self::OverBudget => f.write_str("the decoded message exceeds the memory granted to it"),
            Self::Version(version) => write!(f, "version {version} does not exist"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Why a message could not be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The field has another value than its default, but the version does not carry it.
    NotInVersion(&'static str),
    /// Null in a field that cannot be null in this version.
    Null,
    /// A string longer than 32,767 bytes.
    StringTooLong,
    /// An array, bytes or records of more than 2^31 - 2 bytes or elements.
    TooLong,
    /// Records of which only the place in another message is known.
    RecordsElsewhere,
    /// A version that the message does not have.
    Version(i16),
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInVersion(field) => write!(f, "the version does not carry the value of {field}"),
            Self::Null => f.write_str("null where the version allows none"),
            Self::StringTooLong => f.write_str("a string of more than 32767 bytes"),
            Self::RecordsElsewhere => f.write_str("records that lie in another message"),
            Self::TooLong => f.write_str("more than 2^31 - 2 bytes or elements"),
            Self::Version(version) => write!(f, "version {version} does not exist"),
        }
    }
}

impl std::error::Error for EncodeError {}
