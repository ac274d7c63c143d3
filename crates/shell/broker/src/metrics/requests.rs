//! What is measured of requests: per API, on each core for itself.
//!
//! A request passes these moments; Kafka's names for the times between them (`kafka.network:type=RequestMetrics`):
//!
//! ```text
//! read ──RequestQueueTime──→ started ──LocalTime──→ handled ──RemoteTime──→ ready ──ResponseQueueTime──→ queued for
//!   └──────────────────────────────── TotalTime ──────────────────────────────── the socket ──ResponseSendTime──→ sent
//! ```
//!
//! There is no queue in front of a handler here: a request waits for those that came with it in one read. An answer waits
//! for those that were asked for before it.

use std::fmt;
use std::sync::OnceLock;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::api::ApiKey;
use headwater_runtime::Tick;

use super::counter::Counter;
use super::histogram::Histogram;

/// API keys are below this.
pub const MAX_KEYS: usize = 128;
/// Versions of an API are below this.
pub const MAX_VERSIONS: usize = 32;
/// Error codes, from −1 on, are fewer than this.
pub const MAX_CODES: usize = 160;

/// The moments of one request.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    /// API key and version, as the header has them.
    pub key: i16,
    /// See `key`.
    pub version: i16,
    /// Bytes of the request.
    pub bytes: u32,
    /// The frame was whole.
    pub read: Tick,
    /// The handler began.
    pub started: Tick,
    /// The handler returned.
    pub handled: Tick,
    /// The answer was there.
    pub ready: Tick,
    /// The answer's turn had come.
    pub queued: Tick,
}

/// How many answers of a kind carried which error codes. Nearly all carry success alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorTally {
    successes: u32,
    others: Vec<(i16, u32)>,
}

impl fmt::Display for ErrorTally {
    /// Names of the errors, each with its number where that is not one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (code, count)) in self.others.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{}", ErrorCode::from_code(*code).name())?;
            if *count > 1 {
                write!(f, "*{count}")?;
            }
        }
        Ok(())
    }
}

impl ErrorTally {
    /// True when there are successes alone.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.others.is_empty()
    }

    /// Counts one code.
    pub fn count(&mut self, code: i16) {
        if code == 0 {
            self.successes += 1;
            return;
        }
        match self.others.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => *count += 1,
            None => self.others.push((code, 1)),
        }
    }
}

/// What one core counts of one API.
#[derive(Debug)]
pub struct ApiMetrics {
    /// Requests by version (`RequestsPerSec`), counted when they begin.
    pub started: [Counter; MAX_VERSIONS],
    /// Requests that nothing more is to be done for.
    pub finished: Counter,
    /// Error codes in answers (`ErrorsPerSec`), by code plus one.
    pub errors: [Counter; MAX_CODES],
    /// `RequestBytes`, together.
    pub request_bytes: Counter,
    /// Bytes of answers, together.
    pub response_bytes: Counter,
    /// The times, in the order of [`Phase::ALL`].
    pub times: [Histogram; Phase::ALL.len()],
}

/// A time between two moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// From the whole frame to the sent answer.
    Total,
    /// Waiting for the requests that came in the same read.
    RequestQueue,
    /// In the handler.
    Local,
    /// Waiting for a sync, for data, for the controller.
    Remote,
    /// Waiting for the answers to earlier requests.
    ResponseQueue,
    /// Waiting for the socket.
    ResponseSend,
}

impl Phase {
    /// All of them.
    pub const ALL: [Phase; 6] = [
        Phase::Total,
        Phase::RequestQueue,
        Phase::Local,
        Phase::Remote,
        Phase::ResponseQueue,
        Phase::ResponseSend,
    ];

    /// Kafka's name of the metric, in small letters.
    #[must_use]
    pub fn metric(self) -> &'static str {
        match self {
            Phase::Total => "totaltimems",
            Phase::RequestQueue => "requestqueuetimems",
            Phase::Local => "localtimems",
            Phase::Remote => "remotetimems",
            Phase::ResponseQueue => "responsequeuetimems",
            Phase::ResponseSend => "responsesendtimems",
        }
    }
}

impl Default for ApiMetrics {
    fn default() -> Self {
        Self {
            started: std::array::from_fn(|_| Counter::default()),
            finished: Counter::default(),
            errors: std::array::from_fn(|_| Counter::default()),
            request_bytes: Counter::default(),
            response_bytes: Counter::default(),
            times: std::array::from_fn(|_| Histogram::default()),
        }
    }
}

/// What one core counts of all APIs. Those that nobody uses take a pointer.
#[derive(Debug)]
pub struct Requests {
    apis: [OnceLock<Box<ApiMetrics>>; MAX_KEYS],
}

impl Default for Requests {
    fn default() -> Self {
        Self { apis: std::array::from_fn(|_| OnceLock::new()) }
    }
}

impl Requests {
    /// An API's metrics, if it was ever asked for on this core.
    #[must_use]
    pub fn of(&self, key: ApiKey) -> Option<&ApiMetrics> {
        self.apis[slot(key.code())].get().map(|api| &**api)
    }

    fn at(&self, key: i16) -> &ApiMetrics {
        self.apis[slot(key)].get_or_init(Box::default)
    }

    /// A request's handler was called.
    pub fn started(&self, key: i16, version: i16, bytes: u32) {
        let api = self.at(key);
        api.started[usize::try_from(version).unwrap_or(0).min(MAX_VERSIONS - 1)].add(1);
        api.request_bytes.add(u64::from(bytes));
    }

    /// An answer is there.
    pub fn answered(&self, key: i16, bytes: u64, errors: &ErrorTally) {
        let api = self.at(key);
        api.response_bytes.add(bytes);
        let code = |code: i16| &api.errors[usize::try_from(code + 1).unwrap_or(0).min(MAX_CODES - 1)];
        code(0).add(u64::from(errors.successes));
        for (number, count) in &errors.others {
            // A code that has no name counts as what clients take it for.
            code(ErrorCode::from_code(*number).code()).add(u64::from(*count));
        }
    }

    /// The connection of a request has ended before its answer.
    pub fn abandoned(&self, key: i16) {
        self.at(key).finished.add(1);
    }

    /// Nothing is left to be done for a request.
    pub fn finished(&self, moments: &Moments, sent: Tick) {
        let api = self.at(moments.key);
        api.finished.add(1);
        let between = [
            (moments.read, sent),
            (moments.read, moments.started),
            (moments.started, moments.handled),
            (moments.handled, moments.ready),
            (moments.ready, moments.queued),
            (moments.queued, sent),
        ];
        for (time, (from, to)) in api.times.iter().zip(between) {
            time.record(to.0.saturating_sub(from.0));
        }
    }
}

fn slot(key: i16) -> usize {
    usize::try_from(key).unwrap_or(0).min(MAX_KEYS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_version_and_code_has_a_place() {
        for row in ApiKey::rows() {
            assert!((row.key.code() as usize) < MAX_KEYS && (row.max_version as usize) < MAX_VERSIONS);
        }
        for code in ErrorCode::ALL {
            assert!(((code.code() + 1) as usize) < MAX_CODES);
        }
    }

    #[test]
    fn a_request_is_counted_on_its_way() {
        let requests = Requests::default();
        assert!(requests.of(ApiKey::Produce).is_none());
        requests.started(0, 12, 100);
        let mut errors = ErrorTally::default();
        [0, 0, 3, 3, -1].into_iter().for_each(|code| errors.count(code));
        assert_eq!(errors.to_string(), "UNKNOWN_TOPIC_OR_PARTITION*2,UNKNOWN_SERVER_ERROR");
        requests.answered(0, 50, &errors);
        let at = |micros: u64| Tick(micros * 1_000);
        let moments = Moments {
            key: 0,
            version: 12,
            bytes: 100,
            read: at(0),
            started: at(1),
            handled: at(11),
            ready: at(111),
            queued: at(112),
        };
        requests.finished(&moments, at(1112));
        let api = requests.of(ApiKey::Produce).expect("counted");
        assert_eq!((api.started[12].get(), api.finished.get()), (1, 1));
        assert_eq!((api.errors[1].get(), api.errors[4].get(), api.errors[0].get()), (2, 2, 1));
        let sums: Vec<f64> = api
            .times
            .iter()
            .map(|time| {
                let mut all = super::super::histogram::Distribution::default();
                time.add_to(&mut all);
                (all.sum_seconds() * 1e6).round()
            })
            .collect();
        assert_eq!(sums, [1112.0, 1.0, 10.0, 100.0, 1.0, 1000.0]);
    }
}
