//! ApiVersions (key 18), versions 0–4: what is served here, and which features are finalized.
//!
//! v3 client software, features; flexible, but the answer's header never is · v4 feature ranges may begin at 0.
//!
//! A version that is not served is answered all the same: in version 0, with UNSUPPORTED_VERSION and the versions of
//! this very API, so that the client can ask again.

use headwater_base::error_code::ErrorCode;
use headwater_controller::features;
use headwater_metadata::Image;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::api_versions_request::ApiVersionsRequest;
use headwater_protocol::messages::api_versions_response::{
    ApiVersion, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};

use super::{Answerer, Close, ROWS, Reply, Request, Row, Scope};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::ApiVersions, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: ApiVersionsRequest = request.decode(body)?;
    let named = |name: &str| request.version < 3 || is_software_name(name);
    if !named(&message.client_software_name) || !named(&message.client_software_version) {
        let error_code = ErrorCode::InvalidRequest.code();
        return Ok(request
            .answerer
            .now(&ApiVersionsResponse { error_code, ..ApiVersionsResponse::default() }));
    }
    let image = request.broker.image();
    Ok(request.answerer.now(&answer(
        request.peer.scope,
        request.version,
        &image,
        request.broker.quorum.kraft_version(),
    )))
}

/// The answer to a version that is not served.
pub(super) fn unsupported_version(answerer: Answerer) -> Reply {
    let answer = ApiVersionsResponse {
        error_code: ErrorCode::UnsupportedVersion.code(),
        api_keys: vec![advertised(&ROW)],
        ..ApiVersionsResponse::default()
    };
    Answerer { version: 0, ..answerer }.now(&answer)
}

fn advertised(row: &Row) -> ApiVersion {
    let (_, max_version) = row.versions();
    ApiVersion { api_key: row.key.code(), min_version: row.key.advertised_min_version(), max_version }
}

fn answer(scope: Scope, version: i16, image: &Image, kraft_version: i16) -> ApiVersionsResponse {
    let supported = features::stated().map(|(name, range)| SupportedFeatureKey {
        name: name.to_owned(),
        // Clients before version 4 take a range that begins at 0 for an error.
        min_version: if version < 4 { range.min.max(1) } else { range.min },
        max_version: range.max,
    });
    let levels = image.features.iter().chain([(features::KRAFT_VERSION, kraft_version)]);
    let finalized = levels.filter(|(_, level)| *level > 0).map(|(name, level)| FinalizedFeatureKey {
        name: name.to_owned(),
        max_version_level: level,
        min_version_level: level,
    });
    ApiVersionsResponse {
        api_keys: ROWS.iter().filter(|row| row.serves(scope)).map(advertised).collect(),
        supported_features: supported.collect(),
        finalized_features_epoch: image.provenance.offset.0,
        finalized_features: finalized.collect(),
        ..ApiVersionsResponse::default()
    }
}

/// Kafka's rule for the name and version of a client's software: letters, digits, dots and dashes, the last two not at
/// the ends (`ApiVersionsRequest.SOFTWARE_NAME_VERSION_PATTERN`).
fn is_software_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    matches!((bytes.first(), bytes.last()), (Some(first), Some(last))
        if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() && bytes.iter().all(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_row_is_advertised_and_nothing_else() {
        let answer = answer(Scope::Broker, 4, &Image::default(), 1);
        let keys: Vec<i16> = answer.api_keys.iter().map(|api| api.api_key).collect();
        assert_eq!(keys, ROWS.iter().map(|row| row.key.code()).collect::<Vec<_>>());
        assert!(keys.is_sorted());
        assert!(!keys.iter().any(|key| (4..=7).contains(key)));
        let produce = answer.api_keys.iter().find(|api| api.api_key == 0).expect("Produce");
        assert_eq!((produce.min_version, produce.max_version), (0, 13));
        let init = answer.api_keys.iter().find(|api| api.api_key == 22).expect("InitProducerId");
        assert_eq!(init.max_version, 5, "6 is unstable");
        let finalized = answer.finalized_features.iter().map(|it| (it.name.as_str(), it.max_version_level));
        assert_eq!(finalized.collect::<Vec<_>>(), [("kraft.version", 1)]);
    }

    #[test]
    fn software_names_follow_kafkas_pattern() {
        for good in ["a", "librdkafka", "2.16.1", "apache-kafka-java"] {
            assert!(is_software_name(good), "{good}");
        }
        for bad in ["", "-a", "a.", "a b", "a_b"] {
            assert!(!is_software_name(bad), "{bad}");
        }
    }
}
