//! Why something failed, and what a caller may do about it.

use std::fmt;

use headwater_base::ErrorCode;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A broker's answer carries this code.
    Api(ErrorCode),
    /// No connection could be made, or it ended before the answer came.
    Disconnected,
    /// The time allowed was over.
    Timeout,
    /// The broker does not offer the API, or no version of it that can carry what was asked.
    UnsupportedVersion,
    /// What came is not what Kafka's protocol says. The connection was closed.
    Protocol,
    /// A configuration or an argument that cannot be.
    Config,
    /// A record that is larger than the producer's limits.
    RecordTooLarge,
    /// The bytes of a record do not fit what the topic's type says.
    Serialization,
    /// The client, or this part of it, was closed.
    Closed,
    /// The call does not fit the state: no group, a partition that is not assigned, another call under way.
    IllegalState,
    /// There is no committed offset and the reset policy is `none`.
    NoOffset,
    /// A batch whose checksum or content is damaged.
    CorruptRecord,
}

/// A failure of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    written: bool,
}

/// What the client's functions give.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A failure with words of its own.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), written: false }
    }

    /// A broker's error code, with the broker's message where it sent one and Kafka's default message otherwise.
    #[must_use]
    pub fn api(code: ErrorCode, message: Option<String>) -> Error {
        let message = message.unwrap_or_else(|| code.message().to_owned());
        Error { kind: ErrorKind::Api(code), message, written: false }
    }

    /// The same failure, of a request whose bytes may have reached the broker.
    #[must_use]
    pub(crate) fn with_written(mut self, written: bool) -> Error {
        self.written = written;
        self
    }

    pub(crate) fn timeout(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Timeout, message)
    }

    pub(crate) fn closed() -> Error {
        Error::new(ErrorKind::Closed, "the client is closed")
    }

    /// What kind of failure it was.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The broker's error code, where a broker gave one.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self.kind {
            ErrorKind::Api(code) => Some(code),
            _ => None,
        }
    }

    /// Whether this is that error code of a broker.
    #[must_use]
    pub fn is(&self, code: ErrorCode) -> bool {
        self.kind == ErrorKind::Api(code)
    }

    /// The sentence without the kind.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the same call may succeed later (`RetriableException`). The client has then already tried for as long as
    /// it was allowed to.
    #[must_use]
    pub fn retriable(&self) -> bool {
        match self.kind {
            ErrorKind::Api(code) => code.is_retriable(),
            ErrorKind::Disconnected | ErrorKind::Timeout | ErrorKind::CorruptRecord => true,
            _ => false,
        }
    }

    /// Whether what was to be written may have been written although this error says that it failed: the request left,
    /// and no answer says that it was refused. False means that it was certainly not written.
    #[must_use]
    pub fn may_have_been_written(&self) -> bool {
        self.written
            || matches!(
                self.kind,
                ErrorKind::Api(ErrorCode::NotEnoughReplicasAfterAppend | ErrorCode::RequestTimedOut)
            )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<headwater_base::config::ConfigError> for Error {
    fn from(error: headwater_base::config::ConfigError) -> Error {
        Error::new(ErrorKind::Config, error.0)
    }
}

/// Nothing, or the error that a code stands for.
pub(crate) fn check(code: i16) -> Result<()> {
    check_with(code, None)
}

/// As [`check`], with the broker's message.
pub(crate) fn check_with(code: i16, message: Option<&str>) -> Result<()> {
    match ErrorCode::from_code(code) {
        ErrorCode::None => Ok(()),
        code => Err(Error::api(code, message.map(str::to_owned))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_may_be_done() {
        let refused = Error::api(ErrorCode::InvalidTopicException, None);
        assert!(!refused.retriable() && !refused.may_have_been_written());
        let after = Error::api(ErrorCode::NotEnoughReplicasAfterAppend, None);
        assert!(after.retriable() && after.may_have_been_written());
        let lost = Error::new(ErrorKind::Disconnected, "gone").with_written(true);
        assert!(lost.retriable() && lost.may_have_been_written());
        assert!(!Error::new(ErrorKind::Disconnected, "gone").may_have_been_written());
        assert_eq!(check(0), Ok(()));
        assert_eq!(check_with(36, Some("there")).unwrap_err().to_string(), "there");
    }
}
