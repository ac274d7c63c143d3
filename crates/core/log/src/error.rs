//! What can go wrong with a log.

use std::fmt;
use std::io;

use headwater_base::{Offset, Uuid};

/// A failure of the disk or of what is on it. The partition, or its whole directory, cannot go on.
#[derive(Debug)]
pub enum LogError {
    /// The disk answered an operation with an error.
    Io {
        /// The file or folder, relative to the log directory.
        path: String,
        /// The error.
        source: io::Error,
    },
    /// Bytes that were complete once are damaged, and good ones follow: cutting there would lose what was promised.
    Corrupt {
        /// The file, relative to the log directory.
        file: String,
        /// Byte position of the damage.
        position: u64,
        /// The offset that belongs there.
        offset: Offset,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The folder belongs to another topic of the same name.
    InconsistentTopicId {
        /// The folder.
        folder: String,
        /// Id that the metadata say.
        expected: Uuid,
        /// Id in `partition.metadata`.
        found: Uuid,
    },
    /// The file's segment was replaced or taken out since somebody began to look at it: the log has to be asked again.
    Replaced(String),
    /// An earlier failure left the log in a state that only a new start can clear.
    Poisoned(String),
}

impl LogError {
    pub(crate) fn io(path: &str) -> impl FnOnce(io::Error) -> LogError + '_ {
        move |source| LogError::Io { path: path.to_owned(), source }
    }

    /// Whether the disk had no room for it.
    #[must_use]
    pub fn is_no_space(&self) -> bool {
        matches!(self, LogError::Io { source, .. }
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }
}

impl LogError {
    /// Whether the failure may be gone at the next try and says nothing against the disk: no room, no free file
    /// descriptor, no memory. A failed sync never is one: it is not tried again.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        self.is_no_space() || matches!(self, LogError::Io { source, .. } if is_exhaustion(source))
    }
}

/// Whether the process or the system had no descriptor or no memory left for an operation.
fn is_exhaustion(error: &io::Error) -> bool {
    /// `ENOMEM`, `ENFILE` and `EMFILE`, for which there are no stable kinds.
    const EXHAUSTED: [i32; 3] = [12, 23, 24];
    let is = |error: &io::Error| error.raw_os_error().is_some_and(|code| EXHAUSTED.contains(&code));
    let mut inner = error.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static));
    let mut found = is(error);
    while let Some(error) = inner.filter(|_| !found) {
        found = error.downcast_ref::<io::Error>().is_some_and(is);
        inner = error.source();
    }
    found
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogError::Io { path, source } => write!(f, "{path}: {source}"),
            LogError::Corrupt { file, position, offset, expected, found } => {
                write!(
                    f,
                    "{file}: damaged at byte {position}, offset {offset}: expected {expected}, found {found}"
                )
            }
            LogError::InconsistentTopicId { folder, expected, found } => {
                write!(f, "{folder}: expected topic id {expected}, found {found}")
            }
            LogError::Replaced(file) => write!(f, "{file}: the segment has been replaced"),
            LogError::Poisoned(why) => write!(f, "closed after an earlier failure: {why}"),
        }
    }
}

impl std::error::Error for LogError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            LogError::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Why a read gives nothing.
#[derive(Debug)]
pub enum ReadError {
    /// OFFSET_OUT_OF_RANGE: before the log's start or behind its end.
    OffsetOutOfRange {
        /// The offset that was asked for.
        requested: Offset,
        /// The first offset there is.
        log_start_offset: Offset,
        /// One more than the last.
        log_end_offset: Offset,
    },
    /// The disk.
    Log(LogError),
}

impl From<LogError> for ReadError {
    fn from(error: LogError) -> Self {
        ReadError::Log(error)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::OffsetOutOfRange { requested, log_start_offset, log_end_offset } => {
                write!(f, "offset {requested} is outside {log_start_offset}..{log_end_offset}")
            }
            ReadError::Log(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_stays() {
        let of = |source| LogError::Io { path: "f".to_owned(), source };
        let wrapped = |code| {
            let inner = io::Error::from_raw_os_error(code);
            io::Error::new(inner.kind(), inner)
        };
        for code in [12, 23, 24, 28, 122] {
            assert!(of(io::Error::from_raw_os_error(code)).is_passing(), "{code}");
            assert!(of(wrapped(code)).is_passing(), "{code} with its context");
        }
        for code in [2, 5, 13, 20, 30] {
            assert!(!of(io::Error::from_raw_os_error(code)).is_passing(), "{code}");
            assert!(!of(wrapped(code)).is_passing(), "{code} with its context");
        }
        assert!(!LogError::Poisoned("a failed sync".to_owned()).is_passing());
    }
}
