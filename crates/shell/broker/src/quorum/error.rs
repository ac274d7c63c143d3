//! What can go wrong in the quorum's driver.

use std::fmt;
use std::io;

use headwater_base::{ErrorCode, Offset};
use headwater_controller::ApiError;
use headwater_controller::missing::{self, Missing};
use headwater_log::LogError;
use headwater_raft::{QuorumStateError, SnapshotId, StartError};

/// Why the metadata log could not be loaded or the node could not become its leader. Nothing was served.
#[derive(Debug)]
pub enum QuorumError {
    /// A file operation failed.
    Io {
        /// What was done, with the path below the log directory.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// The log itself is damaged or cannot be read.
    Log(LogError),
    /// `quorum-state` is damaged: this replica's promises are unknown.
    QuorumState(QuorumStateError),
    /// The log begins behind offset 0 and no snapshot reaches its start.
    NoSnapshot {
        /// Where the log begins.
        log_start_offset: Offset,
        /// The snapshots that are there but cannot be used, each with the reason.
        damaged: Vec<(SnapshotId, String)>,
    },
    /// Nothing says who votes.
    NoVoters,
    /// This replica cannot take part.
    Raft(StartError),
    /// A record cannot be read or contradicts those before it.
    Record {
        /// Where it is.
        offset: Offset,
        /// What is wrong.
        why: String,
    },
    /// The cluster relies on what this version does not have; at least one.
    Missing(Vec<Missing>),
    /// The first records of a new cluster, or those of a new leader, cannot be decided.
    Activation(String),
    /// The log stopped taking records.
    Storage(String),
}

impl QuorumError {
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> QuorumError {
        let what = what.into();
        move |source| QuorumError::Io { what, source }
    }
}

impl fmt::Display for QuorumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QuorumError::Io { what, source } => write!(f, "metadata quorum: {what}: {source}"),
            QuorumError::Log(error) => write!(f, "metadata log: {error}"),
            QuorumError::QuorumState(error) => error.fmt(f),
            QuorumError::NoSnapshot { log_start_offset, damaged } => {
                write!(f, "the metadata log begins at offset {log_start_offset} and no usable snapshot reaches it")?;
                damaged.iter().try_for_each(|(id, why)| write!(f, "; {}: {why}", id.file_name()))
            }
            QuorumError::NoVoters => f.write_str(
                "nothing says who votes in the metadata quorum: format the directory with --standalone, or set \
                 controller.quorum.voters",
            ),
            QuorumError::Raft(error) => error.fmt(f),
            QuorumError::Record { offset, why } => write!(f, "metadata record at offset {offset}: {why}"),
            QuorumError::Missing(missing) => {
                missing.iter().try_for_each(|one| writeln!(f, "{one}"))?;
                f.write_str(&missing::advice(missing))
            }
            QuorumError::Activation(why) => write!(f, "the controller cannot become active: {why}"),
            QuorumError::Storage(why) => write!(f, "the metadata log failed: {why}"),
        }
    }
}

impl std::error::Error for QuorumError {}

impl From<LogError> for QuorumError {
    fn from(error: LogError) -> Self {
        QuorumError::Log(error)
    }
}

/// Why an input to the controller got no answer. It changed nothing, except where a variant says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmitError {
    /// The controller does not run, or stopped before the input was committed: whether it takes effect is unknown.
    NotController,
    /// The controller did not get to it in time.
    TimedOut,
    /// The records could not be appended.
    Storage(String),
    /// A bug: the decision panicked or cannot be applied.
    Unexpected(String),
}

impl SubmitError {
    /// The controller's code.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        match self {
            SubmitError::NotController => ErrorCode::NotController,
            SubmitError::TimedOut => ErrorCode::RequestTimedOut,
            SubmitError::Storage(_) => ErrorCode::KafkaStorageError,
            SubmitError::Unexpected(_) => ErrorCode::UnknownServerError,
        }
    }
}

impl SubmitError {
    /// What a client of a broker is told. It never hears that there is no controller: brokers look for one until the
    /// time is up (`ForwardingManager`). Without a word of its own, as the reference's timeouts are.
    #[must_use]
    pub fn told_to_clients(&self) -> ApiError {
        match self {
            SubmitError::NotController | SubmitError::TimedOut => ApiError::of(ErrorCode::RequestTimedOut),
            SubmitError::Storage(_) => ApiError::new(self.error_code(), self.to_string()),
            SubmitError::Unexpected(_) => ApiError::of(self.error_code()),
        }
    }
}

impl fmt::Display for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SubmitError::NotController => f.write_str("the controller is not active"),
            SubmitError::TimedOut => f.write_str("the controller did not get to it in time"),
            SubmitError::Storage(why) => write!(f, "the metadata log took no record: {why}"),
            SubmitError::Unexpected(why) => write!(f, "unexpected: {why}"),
        }
    }
}

impl std::error::Error for SubmitError {}
