//! Why a batch was refused.

use std::fmt;

use headwater_base::error_code::ErrorCode;

use crate::compression::DecompressError;
use crate::record::RecordsError;

/// Most records of a batch that are named in an answer; the rest is only counted.
pub const MAX_RECORD_ERRORS: usize = 10_000;

/// What is wrong with one record (`record_errors` of Produce 8 and later).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// Index of the record in the batch, from 0.
    pub batch_index: i32,
    /// The reference's message.
    pub message: String,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordError(batchIndex={}, message='{}')", self.batch_index, self.message)
    }
}

/// A refused batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The partition's error code in the response.
    pub error: ErrorCode,
    /// For the log; see [`Refusal::wire_message`].
    pub message: String,
    /// The records at fault, if it was single records.
    pub record_errors: Vec<RecordError>,
    /// True for what is seen before the partition is asked (the reference's `ProduceRequest.validateRecords`).
    pub of_request: bool,
}

impl Refusal {
    pub(super) fn new(error: ErrorCode, message: String) -> Refusal {
        Refusal { error, message, record_errors: Vec::new(), of_request: false }
    }

    pub(super) fn decompress(error: DecompressError) -> Refusal {
        let code = match error {
            DecompressError::UnknownCodec(_) => ErrorCode::UnsupportedCompressionType,
            DecompressError::Damaged(..) => ErrorCode::CorruptMessage,
            DecompressError::TooLarge { .. } => ErrorCode::MessageTooLarge,
        };
        Refusal::new(code, error.to_string())
    }

    /// The message in the response. The reference sends one only where single records were at fault, or the frame of
    /// the batch.
    #[must_use]
    pub fn wire_message(&self) -> Option<&str> {
        let frame = self.of_request && self.error == ErrorCode::CorruptMessage;
        (frame || !self.record_errors.is_empty()).then_some(self.message.as_str())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<RecordsError> for Refusal {
    fn from(error: RecordsError) -> Self {
        match error {
            RecordsError::Decompress(error) => Refusal::decompress(error),
            _ => Refusal::new(ErrorCode::InvalidRecord, error.to_string()),
        }
    }
}

impl From<DecompressError> for Refusal {
    fn from(error: DecompressError) -> Self {
        Refusal::decompress(error)
    }
}
