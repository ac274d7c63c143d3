//! Why a node does not start or did not stop as it should.

use std::fmt;
use std::io;

use headwater_log::LogError;

use crate::data::DataError;
use crate::quorum::QuorumError;

/// See the module.
#[derive(Debug)]
pub enum NodeError {
    /// The directories cannot be used.
    Data(DataError),
    /// An address cannot be listened on.
    Listen(String, io::Error),
    /// The metadata cannot be loaded.
    Quorum(QuorumError),
    /// The controller did not take the broker.
    Registration(String),
    /// A log failed.
    Log(LogError),
    /// Something else failed.
    Io(String, io::Error),
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeError::Data(error) => error.fmt(f),
            NodeError::Listen(listener, source) if source.kind() == io::ErrorKind::AddrInUse => write!(
                f,
                "{listener}: the port is taken by another process; stop it, or choose another port (port 0 lets the \
                 system choose)"
            ),
            NodeError::Listen(listener, source) => write!(f, "{listener}: cannot listen: {source}"),
            NodeError::Quorum(error) => error.fmt(f),
            NodeError::Registration(why) => write!(f, "the controller refused this broker: {why}"),
            NodeError::Log(error) => error.fmt(f),
            NodeError::Io(what, source) => write!(f, "{what}: {source}"),
        }
    }
}

impl std::error::Error for NodeError {}

impl From<DataError> for NodeError {
    fn from(error: DataError) -> Self {
        NodeError::Data(error)
    }
}

impl From<QuorumError> for NodeError {
    fn from(error: QuorumError) -> Self {
        NodeError::Quorum(error)
    }
}
