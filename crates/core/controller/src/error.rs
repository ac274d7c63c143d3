//! An error that is told to a client.

use headwater_base::ErrorCode;

/// Error code and message of an answer (`org.apache.kafka.common.requests.ApiError`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The code.
    pub code: ErrorCode,
    /// The message; `None` travels as null, and clients then show the code's default.
    pub message: Option<String>,
}

impl ApiError {
    /// A code with a message of its own.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()) }
    }

    /// A code with its default message, where the reference sends it along.
    #[must_use]
    pub fn with_default_message(code: ErrorCode) -> Self {
        Self::new(code, code.message())
    }

    /// A code alone.
    #[must_use]
    pub const fn of(code: ErrorCode) -> Self {
        Self { code, message: None }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message.as_deref().unwrap_or(self.code.message()))
    }
}

impl std::error::Error for ApiError {}
