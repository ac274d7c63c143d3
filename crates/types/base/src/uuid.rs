//! 128-bit identifiers in Kafka's notation: base64 with the URL alphabet, without padding, 22 characters
//! (`org.apache.kafka.common.Uuid`).

use std::fmt;
use std::str::FromStr;

/// Identifier of a topic, directory, cluster or incarnation.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub u128);

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Uuid {
    /// All bits zero: "none"; for log directories "from a time without ids".
    pub const ZERO: Uuid = Uuid(0);
    /// The id of `__cluster_metadata`; for log directories "not assigned yet".
    pub const ONE: Uuid = Uuid(1);
    /// The topic id of `__cluster_metadata`.
    pub const METADATA_TOPIC: Uuid = Uuid::ONE;

    /// The sixteen bytes in network order, as they travel on the wire.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// From the sixteen bytes in network order.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// A version 4 identifier from 128 random bits. Ids that Kafka reserves (the first hundred) or that would begin
    /// with a dash, which command lines take for an option, are turned into their neighbours by fixed rules.
    #[must_use]
    pub const fn from_random(high: u64, low: u64) -> Self {
        let high = (high & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000;
        let low = (low & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000;
        // The first base64 character is the top six bits; 62 is the dash.
        let high = if high >> 58 == 62 { high & !(1 << 58) & !(1 << 63) } else { high };
        Self(((high as u128) << 64) | low as u128)
    }

    /// True for the all-zero value.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 128 bits are 21 groups of six and two bits, which become the top of the last group.
        let mut text = [0u8; 22];
        for (i, slot) in text.iter_mut().enumerate() {
            let group = if i < 21 { self.0 >> (122 - 6 * i) } else { self.0 << 4 };
            *slot = ALPHABET[(group & 63) as usize];
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseUuidError(pub String);

impl fmt::Display for ParseUuidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a UUID of 22 base64 characters", self.0)
    }
}

impl std::error::Error for ParseUuidError {}

impl FromStr for Uuid {
    type Err = ParseUuidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseUuidError(text.to_owned());
        let body = text.trim_end_matches('=');
        if body.len() != 22 {
            return Err(error());
        }
        let mut value = 0u128;
        for (i, byte) in body.bytes().enumerate() {
            let group = ALPHABET.iter().position(|c| *c == byte).ok_or_else(error)? as u128;
            value = if i < 21 { (value << 6) | group } else { (value << 2) | (group >> 4) };
        }
        Ok(Self(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_is_kafkas() {
        assert_eq!(Uuid::ZERO.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(Uuid::ONE.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        let id: Uuid = "MkU3OEVBNTcwNTJENDM2Qg".parse().expect("valid");
        assert_eq!(id.to_string(), "MkU3OEVBNTcwNTJENDM2Qg");
        assert_eq!(&id.to_bytes(), b"2E78EA57052D436B");
    }

    #[test]
    fn bad_texts_are_refused() {
        for text in ["", "short", "MkU3OEVBNTcwNTJENDM2Q!", "MkU3OEVBNTcwNTJENDM2QgAA"] {
            assert!(text.parse::<Uuid>().is_err(), "{text}");
        }
    }

    #[test]
    fn random_ids_never_begin_with_a_dash_nor_are_reserved() {
        for high in [0, u64::MAX, 0xF800_0000_0000_0000, 0xFBFF_FFFF_FFFF_FFFF] {
            let id = Uuid::from_random(high, 0);
            assert!(!id.to_string().starts_with('-'));
            assert!(id.0 > 100);
        }
    }
}
