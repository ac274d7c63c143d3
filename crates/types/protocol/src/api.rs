//! The table of APIs: keys, names, versions, listeners, and which header goes with which version.

mod table;

pub use table::ApiKey;

/// Where an API may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// Listeners of brokers.
    Broker,
    /// Listeners of controllers.
    Controller,
}

/// What the reference says about one API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiRow {
    /// The key.
    pub key: ApiKey,
    /// Kafka's name, as tools print it.
    pub name: &'static str,
    /// The lowest version.
    pub min_version: i16,
    /// The highest version.
    pub max_version: i16,
    /// True when the highest version is only served with `unstable.api.versions.enable`.
    pub latest_version_unstable: bool,
    /// The first version with compact lengths and tagged fields.
    pub flexible_from: i16,
    /// Where it is served.
    pub listeners: &'static [Listener],
}

const BOTH: &[Listener] = &[Listener::Broker, Listener::Controller];
const BROKER: &[Listener] = &[Listener::Broker];
const CONTROLLER: &[Listener] = &[Listener::Controller];

/// A row in one line of the generated table.
#[allow(clippy::too_many_arguments)]
const fn row(
    key: ApiKey,
    name: &'static str,
    min_version: i16,
    max_version: i16,
    latest_version_unstable: bool,
    flexible_from: i16,
    listeners: &'static [Listener],
) -> ApiRow {
    ApiRow { key, name, min_version, max_version, latest_version_unstable, flexible_from, listeners }
}

/// librdkafka compresses only for brokers that advertise Produce from this version on, though nobody serves it any more
/// (`ApiKeys.PRODUCE_API_VERSIONS_RESPONSE_MIN_VERSION`, KAFKA-18659).
pub const PRODUCE_ADVERTISED_MIN_VERSION: i16 = 0;

impl ApiKey {
    /// Every row, in the order of keys.
    #[must_use]
    pub const fn rows() -> &'static [ApiRow] {
        table::ROWS
    }

    /// The key with this number, if it still exists.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        let at = table::ROWS.binary_search_by_key(&code, |row| row.key as i16).ok()?;
        Some(table::ROWS[at].key)
    }

    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// The row of this key.
    ///
    /// # Panics
    /// Never: every key has a row.
    #[must_use]
    pub fn row(self) -> &'static ApiRow {
        let at = table::ROWS.binary_search_by_key(&self.code(), |row| row.key as i16);
        &table::ROWS[at.expect("keys and rows come from one list")]
    }

    /// True when the reference has this version.
    #[must_use]
    pub fn has_version(self, version: i16) -> bool {
        let row = self.row();
        (row.min_version..=row.max_version).contains(&version)
    }

    /// The lowest version to advertise.
    #[must_use]
    pub fn advertised_min_version(self) -> i16 {
        if self == Self::Produce { PRODUCE_ADVERTISED_MIN_VERSION } else { self.row().min_version }
    }

    /// The version of the request's header: 2 for flexible versions, else 1.
    #[must_use]
    pub fn request_header_version(self, version: i16) -> i16 {
        if version >= self.row().flexible_from { 2 } else { 1 }
    }

    /// The version of the response's header: 1 for flexible versions, else 0. ApiVersions always has 0, so that a
    /// client that asked for too high a version can read the answer.
    #[must_use]
    pub fn response_header_version(self, version: i16) -> i16 {
        i16::from(self != Self::ApiVersions && version >= self.row().flexible_from)
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiKey, PRODUCE_ADVERTISED_MIN_VERSION};

    #[test]
    fn rows_are_sorted_and_found() {
        assert!(ApiKey::rows().is_sorted_by_key(|row| row.key as i16));
        for row in ApiKey::rows() {
            assert_eq!(ApiKey::from_code(row.key.code()), Some(row.key));
            assert_eq!(row.key.row(), row);
        }
        for gone in [-1, 4, 5, 6, 7, 93, i16::MAX] {
            assert_eq!(ApiKey::from_code(gone), None);
        }
    }

    #[test]
    fn headers_follow_the_flexible_versions() {
        assert_eq!(ApiKey::Produce.request_header_version(8), 1);
        assert_eq!(ApiKey::Produce.request_header_version(9), 2);
        assert_eq!(ApiKey::Produce.response_header_version(9), 1);
        assert_eq!(ApiKey::ApiVersions.request_header_version(3), 2);
        assert_eq!(ApiKey::ApiVersions.response_header_version(4), 0);
        assert_eq!(ApiKey::SaslHandshake.request_header_version(1), 1);
    }

    #[test]
    fn produce_is_advertised_from_zero() {
        assert_eq!(ApiKey::Produce.advertised_min_version(), PRODUCE_ADVERTISED_MIN_VERSION);
        assert!(!ApiKey::Produce.has_version(2));
        assert_eq!(ApiKey::Fetch.advertised_min_version(), 4);
    }
}
