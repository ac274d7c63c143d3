//! One connection's side of the protocol: versions are negotiated, requests numbered, answers matched.
//!
//! | state | event | next |
//! | --- | --- | --- |
//! | negotiating | ApiVersions answered | ready |
//! | negotiating | UNSUPPORTED_VERSION | negotiating, with the highest version that the broker offers, or 0 |
//! | negotiating, ready | a deadline passes, an answer that is none | the shell closes it, all that is in flight fails |
//!
//! A broker answers the requests of one connection in their order, so the oldest request in flight is the one that the
//! next frame answers.

use std::collections::{BTreeMap, VecDeque};

use headwater_base::ErrorCode;
use headwater_protocol::messages::api_versions_request::ApiVersionsRequest;
use headwater_protocol::messages::api_versions_response::ApiVersionsResponse;
use headwater_protocol::{ApiKey, Gap, Reader, Writer, header};

use crate::error::{Error, ErrorKind, Result};
use crate::request::Request;

/// How many requests may wait for their answer on one connection.
pub const MAX_IN_FLIGHT: usize = 1024;
/// How large an array of ApiVersions is believed.
const MAX_API_ROWS: usize = 1 << 12;

/// What a broker said about itself.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    ranges: BTreeMap<i16, (i16, i16)>,
    /// The response as it came: also features.
    pub response: ApiVersionsResponse,
}

impl Versions {
    fn new(response: ApiVersionsResponse) -> Versions {
        let rows = response.api_keys.iter().take(MAX_API_ROWS);
        let ranges = rows.map(|row| (row.api_key, (row.min_version, row.max_version))).collect();
        Versions { ranges, response }
    }

    /// The range that the broker offers.
    #[must_use]
    pub fn offered(&self, key: ApiKey) -> Option<(i16, i16)> {
        self.ranges.get(&key.code()).copied()
    }

    /// The highest version that both sides know, within `lowest..=highest`.
    ///
    /// # Errors
    /// When there is none.
    pub fn pick(&self, key: ApiKey, lowest: i16, highest: i16) -> Result<i16> {
        let row = key.row();
        let Some((offered_min, offered_max)) = self.offered(key) else {
            let message = format!("The node does not support {}", row.name);
            return Err(Error::new(ErrorKind::UnsupportedVersion, message));
        };
        let ours = row.max_version - i16::from(row.latest_version_unstable);
        let version = ours.min(highest).min(offered_max);
        if version < row.min_version.max(lowest).max(offered_min) {
            let message = format!(
                "The node does not support {} in versions {lowest} to {highest}: it offers {offered_min} to {offered_max}",
                row.name
            );
            return Err(Error::new(ErrorKind::UnsupportedVersion, message));
        }
        Ok(version)
    }
}

/// A request, ready for the socket. The gaps' tokens name bytes that the sender has.
#[derive(Debug)]
pub struct Outgoing {
    /// The frame without what is left out.
    pub bytes: Vec<u8>,
    /// Where bytes are left out.
    pub gaps: Vec<Gap>,
}

/// What the machine makes of a frame.
#[derive(Debug)]
pub enum Incoming {
    /// The answer to the request with this token: its version, and where its body begins in the frame.
    Answer {
        /// The token that the request was given.
        token: u64,
        /// The version of both.
        version: i16,
        /// Where the body begins.
        body: usize,
    },
    /// Versions are negotiated: requests may be made.
    Ready,
    /// To be sent: versions are asked for again.
    Ask(Outgoing),
}

#[derive(Debug)]
struct InFlight {
    correlation_id: i32,
    key: ApiKey,
    version: i16,
    deadline_ms: u64,
    token: u64,
}

/// The machine of one connection.
#[derive(Debug)]
pub struct ConnectionMachine {
    client_id: String,
    next_correlation_id: i32,
    in_flight: VecDeque<InFlight>,
    versions: Option<Versions>,
    /// How often versions may still be asked for.
    asks_left: u32,
}

/// The token of the machine's own request.
const NEGOTIATION: u64 = u64::MAX;

impl ConnectionMachine {
    /// A connection that was just opened.
    #[must_use]
    pub fn new(client_id: &str) -> ConnectionMachine {
        ConnectionMachine {
            client_id: client_id.to_owned(),
            next_correlation_id: 0,
            in_flight: VecDeque::new(),
            versions: None,
            asks_left: 3,
        }
    }

    /// The first request, to be sent before all others.
    ///
    /// # Errors
    /// When a client id is too long for the protocol.
    pub fn start(&mut self, deadline_ms: u64) -> Result<Outgoing> {
        let row = ApiKey::ApiVersions.row();
        self.ask_versions(row.max_version - i16::from(row.latest_version_unstable), deadline_ms)
    }

    fn ask_versions(&mut self, version: i16, deadline_ms: u64) -> Result<Outgoing> {
        self.asks_left = self.asks_left.checked_sub(1).ok_or_else(|| {
            Error::new(ErrorKind::UnsupportedVersion, "the node answers no version of ApiVersions")
        })?;
        let request = if version >= 3 {
            ApiVersionsRequest {
                client_software_name: "headwater".to_owned(),
                client_software_version: env!("CARGO_PKG_VERSION").to_owned(),
            }
        } else {
            ApiVersionsRequest::default()
        };
        self.encode(NEGOTIATION, version, &request, Some(deadline_ms))
    }

    /// What the broker offers, once it is known.
    #[must_use]
    pub fn versions(&self) -> Option<&Versions> {
        self.versions.as_ref()
    }

    /// How many requests wait for their answer.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// A request in a version that was picked. Without a deadline there is no answer (`acks=0`).
    ///
    /// # Errors
    /// When the version cannot carry what the request says, or too many requests are in flight.
    pub fn request<R: Request>(
        &mut self,
        token: u64,
        version: i16,
        request: &R,
        deadline_ms: Option<u64>,
    ) -> Result<Outgoing> {
        if self.in_flight.len() >= MAX_IN_FLIGHT {
            return Err(Error::new(ErrorKind::IllegalState, "too many requests wait for their answer"));
        }
        self.encode(token, version, request, deadline_ms)
    }

    fn encode<R: Request>(
        &mut self,
        token: u64,
        version: i16,
        request: &R,
        deadline_ms: Option<u64>,
    ) -> Result<Outgoing> {
        let correlation_id = self.next_correlation_id;
        let refused =
            |error| Error::new(ErrorKind::UnsupportedVersion, format!("{}: {error}", R::API.row().name));
        let mut writer = Writer::new();
        let frame = writer.begin_frame();
        header::write_request_header(&mut writer, R::API, version, correlation_id, Some(&self.client_id))
            .and_then(|()| request.encode_message(&mut writer, version))
            .map_err(refused)?;
        writer.end_frame(frame);
        self.next_correlation_id = correlation_id.checked_add(1).unwrap_or(0);
        if let Some(deadline_ms) = deadline_ms {
            self.in_flight.push_back(InFlight { correlation_id, key: R::API, version, deadline_ms, token });
        }
        let (bytes, gaps) = writer.into_parts();
        Ok(Outgoing { bytes, gaps })
    }

    /// Takes a frame, with the four bytes of its length.
    ///
    /// # Errors
    /// When it answers nothing that was asked, or cannot be read: the connection is of no use any more.
    pub fn received(&mut self, frame: &[u8]) -> Result<Incoming> {
        let body = frame.get(4..).unwrap_or_default();
        let request = self
            .in_flight
            .pop_front()
            .ok_or_else(|| Error::new(ErrorKind::Protocol, "an answer to no request"))?;
        let mut reader = Reader::new(body);
        let correlation_id = header::read_response_header(&mut reader, request.key, request.version)
            .map_err(|error| Error::new(ErrorKind::Protocol, format!("response header: {error}")))?;
        if correlation_id != request.correlation_id {
            let message = format!("answer {correlation_id} came where {} was due", request.correlation_id);
            return Err(Error::new(ErrorKind::Protocol, message));
        }
        if request.token == NEGOTIATION {
            return self.negotiated(&request, body);
        }
        let body = 4 + reader.position();
        Ok(Incoming::Answer { token: request.token, version: request.version, body })
    }

    fn negotiated(&mut self, request: &InFlight, body: &[u8]) -> Result<Incoming> {
        let decode = |version| {
            let mut reader = Reader::new(body);
            header::read_response_header(&mut reader, ApiKey::ApiVersions, version)?;
            ApiVersionsResponse::decode(&mut reader, version)
        };
        // A broker that does not know the version answers in version 0.
        let response = decode(request.version)
            .or_else(|error| decode(0).map_err(|_| error))
            .map_err(|error| Error::new(ErrorKind::Protocol, format!("ApiVersions: {error}")))?;
        match ErrorCode::from_code(response.error_code) {
            ErrorCode::None => {
                self.versions = Some(Versions::new(response));
                Ok(Incoming::Ready)
            }
            ErrorCode::UnsupportedVersion if request.version > 0 => {
                let response = decode(0)
                    .map_err(|error| Error::new(ErrorKind::Protocol, format!("ApiVersions: {error}")))?;
                let offered = response.api_keys.iter().find(|row| row.api_key == ApiKey::ApiVersions.code());
                let version = offered.map_or(0, |row| row.max_version).clamp(0, request.version - 1);
                self.ask_versions(version, request.deadline_ms).map(Incoming::Ask)
            }
            code => Err(Error::api(code, None)),
        }
    }

    /// The moment at which the first request in flight will have waited too long.
    #[must_use]
    pub fn next_deadline_ms(&self) -> Option<u64> {
        self.in_flight.iter().map(|request| request.deadline_ms).min()
    }

    /// The name of a request that has waited too long at `now_ms`.
    #[must_use]
    pub fn expired(&self, now_ms: u64) -> Option<&'static str> {
        self.in_flight.iter().find(|it| it.deadline_ms <= now_ms).map(|it| it.key.row().name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headwater_protocol::Message;
    use headwater_protocol::messages::api_versions_response::ApiVersion;
    use headwater_protocol::messages::metadata_request::MetadataRequest;

    fn frame(
        key: ApiKey,
        version: i16,
        correlation_id: i32,
        body: &impl Message,
        body_version: i16,
    ) -> Vec<u8> {
        let mut writer = Writer::new();
        let at = writer.begin_frame();
        header::write_response_header(&mut writer, key, version, correlation_id).expect("encodes");
        body.encode_message(&mut writer, body_version).expect("encodes");
        writer.end_frame(at);
        writer.into_bytes()
    }

    fn offers(error: ErrorCode, rows: &[(ApiKey, i16, i16)]) -> ApiVersionsResponse {
        let row = |(key, min_version, max_version): &(ApiKey, i16, i16)| ApiVersion {
            api_key: key.code(),
            min_version: *min_version,
            max_version: *max_version,
        };
        ApiVersionsResponse {
            error_code: error.code(),
            api_keys: rows.iter().map(row).collect(),
            ..ApiVersionsResponse::default()
        }
    }

    fn version_of(outgoing: &Outgoing) -> i16 {
        i16::from_be_bytes([outgoing.bytes[6], outgoing.bytes[7]])
    }

    fn ready(rows: &[(ApiKey, i16, i16)]) -> ConnectionMachine {
        let mut machine = ConnectionMachine::new("c");
        let first = machine.start(10).expect("starts");
        let version = version_of(&first);
        let answer = frame(ApiKey::ApiVersions, version, 0, &offers(ErrorCode::None, rows), version);
        assert!(matches!(machine.received(&answer), Ok(Incoming::Ready)));
        machine
    }

    #[test]
    fn falls_back_to_what_an_older_broker_offers() {
        for (offered, expected) in [(Some(3), 3), (Some(2), 2), (Some(99), 3), (None, 0)] {
            let mut machine = ConnectionMachine::new("c");
            assert_eq!(version_of(&machine.start(10).expect("starts")), 4);
            let rows: Vec<_> = offered.map(|max| (ApiKey::ApiVersions, 0, max)).into_iter().collect();
            let refusal = offers(ErrorCode::UnsupportedVersion, &rows);
            let answer = frame(ApiKey::ApiVersions, 4, 0, &refusal, 0);
            let Ok(Incoming::Ask(again)) = machine.received(&answer) else { panic!("asks again") };
            assert_eq!(version_of(&again), expected);
            let good = offers(ErrorCode::None, &[(ApiKey::Metadata, 0, 9)]);
            let answer = frame(ApiKey::ApiVersions, expected, 1, &good, expected);
            assert!(matches!(machine.received(&answer), Ok(Incoming::Ready)));
            assert_eq!(machine.versions().expect("ready").pick(ApiKey::Metadata, 0, 99), Ok(9));
        }
    }

    #[test]
    fn a_broker_that_refuses_for_ever_is_given_up() {
        let mut machine = ConnectionMachine::new("c");
        machine.start(10).expect("starts");
        for round in 0.. {
            let refusal =
                frame(ApiKey::ApiVersions, 0, round, &offers(ErrorCode::UnsupportedVersion, &[]), 0);
            if machine.received(&refusal).is_err() {
                return;
            }
            assert!(round < 4);
        }
    }

    #[test]
    fn versions_are_the_highest_both_know() {
        let machine = ready(&[(ApiKey::Metadata, 2, 5), (ApiKey::Fetch, 90, 99)]);
        let versions = machine.versions().expect("ready");
        assert_eq!(versions.pick(ApiKey::Metadata, 0, 99), Ok(5));
        assert_eq!(versions.pick(ApiKey::Metadata, 0, 3), Ok(3));
        for (key, lowest, highest) in [
            (ApiKey::Metadata, 6, 99),
            (ApiKey::Metadata, 0, 1),
            (ApiKey::Fetch, 0, 99),
            (ApiKey::Produce, 0, 99),
        ] {
            let error = versions.pick(key, lowest, highest).expect_err("no version");
            assert_eq!(error.kind(), ErrorKind::UnsupportedVersion);
        }
    }

    #[test]
    fn answers_are_matched_in_order() {
        let mut machine = ready(&[(ApiKey::Metadata, 0, 12)]);
        for token in [70, 71] {
            machine.request(token, 12, &MetadataRequest::default(), Some(500 + token)).expect("encodes");
        }
        assert_eq!((machine.in_flight(), machine.next_deadline_ms()), (2, Some(570)));
        assert_eq!((machine.expired(569), machine.expired(570)), (None, Some("Metadata")));
        let empty = headwater_protocol::messages::metadata_response::MetadataResponse::default();
        let answer = frame(ApiKey::Metadata, 12, 1, &empty, 12);
        let Ok(Incoming::Answer { token: 70, version: 12, body }) = machine.received(&answer) else {
            panic!("the first answer")
        };
        assert_eq!(body, 9);
        // The second one has another number than was given.
        let wrong = frame(ApiKey::Metadata, 12, 5, &empty, 12);
        assert_eq!(machine.received(&wrong).expect_err("wrong number").kind(), ErrorKind::Protocol);
        assert_eq!(machine.received(&answer).expect_err("nothing asked").kind(), ErrorKind::Protocol);
    }

    #[test]
    fn any_bytes_are_an_answer_or_an_error() {
        let mut random = headwater_runtime::Random::new(5);
        for _ in 0..2_000 {
            let mut machine = ready(&[(ApiKey::Metadata, 0, 12)]);
            machine.request(1, 12, &MetadataRequest::default(), Some(9)).expect("encodes");
            let bytes: Vec<u8> = (0..random.below(40)).map(|_| random.below(256) as u8).collect();
            let _ = machine.received(&bytes);
            let mut fresh = ConnectionMachine::new("c");
            fresh.start(1).expect("starts");
            let _ = fresh.received(&bytes);
        }
    }
}
