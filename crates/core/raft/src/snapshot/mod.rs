//! Checkpoint files: the state at an offset, as record batches (KIP-630, `org.apache.kafka.snapshot`).
//!
//! A checkpoint begins with a control batch (header, and for kraft.version 1 the version and the voters), goes on with
//! batches of the application's records at offsets from 0, and ends with a control batch that holds the footer. A file
//! without its footer is not whole.

mod reader;
pub mod retention;
mod writer;

use std::fmt;

use headwater_base::{LeaderEpoch, Offset};

pub use reader::{SnapshotError, SnapshotErrorKind, SnapshotHeader, SnapshotReader};
pub use writer::{SnapshotOptions, SnapshotWriter};

/// File name of the records that the first controller writes into an empty log; it lies in every log directory.
pub const BOOTSTRAP_FILE_NAME: &str = "bootstrap.checkpoint";

const SUFFIX: &str = ".checkpoint";
const PARTIAL_SUFFIX: &str = ".checkpoint.part";
const DELETED_SUFFIX: &str = ".checkpoint.deleted";
const OFFSET_WIDTH: usize = 20;
const EPOCH_WIDTH: usize = 10;

/// Identity of a snapshot: it stands for all records below `end_offset`, the last of which was written in `epoch`.
/// Ordered as Kafka orders them: by epoch, then by offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotId {
    /// Exclusive.
    pub end_offset: Offset,
    /// Epoch of the last record.
    pub epoch: LeaderEpoch,
}

impl SnapshotId {
    /// The checkpoint that `storage format` writes for kraft.version 1; it holds the first voters and no records.
    pub const BOOTSTRAP: SnapshotId = SnapshotId { end_offset: Offset::ZERO, epoch: LeaderEpoch(0) };

    /// Name of the finished file.
    #[must_use]
    pub fn file_name(self) -> String {
        format!("{self}{SUFFIX}")
    }

    /// Name of the file while it is written.
    #[must_use]
    pub fn partial_file_name(self) -> String {
        format!("{self}{PARTIAL_SUFFIX}")
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}-{:010}", self.end_offset.0, self.epoch.0)
    }
}

impl PartialOrd for SnapshotId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SnapshotId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.epoch, self.end_offset).cmp(&(other.epoch, other.end_offset))
    }
}

/// What the name of a file in the metadata log's folder says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotFile {
    /// A finished checkpoint.
    Complete(SnapshotId),
    /// Writing it was interrupted, or it was on its way out: to be removed at start.
    Leftover,
}

impl SnapshotFile {
    /// Reads a file name; `None` if it is not one of a checkpoint in this folder.
    #[must_use]
    pub fn parse(file_name: &str) -> Option<SnapshotFile> {
        if !file_name.is_ascii() {
            return None;
        }
        let (id, rest) = file_name.split_at_checked(OFFSET_WIDTH + 1 + EPOCH_WIDTH)?;
        let (offset, epoch) = id.split_once('-')?;
        let digits = |text: &str, width| text.len() == width && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(offset, OFFSET_WIDTH) || !digits(epoch, EPOCH_WIDTH) {
            return None;
        }
        let id =
            SnapshotId { end_offset: Offset(offset.parse().ok()?), epoch: LeaderEpoch(epoch.parse().ok()?) };
        match rest {
            SUFFIX => Some(SnapshotFile::Complete(id)),
            DELETED_SUFFIX => Some(SnapshotFile::Leftover),
            // Kafka puts a random number between the id and the suffix.
            rest if rest.ends_with(PARTIAL_SUFFIX) => Some(SnapshotFile::Leftover),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kafkas() {
        let id = SnapshotId { end_offset: Offset(1234), epoch: LeaderEpoch(56) };
        assert_eq!(id.file_name(), "00000000000000001234-0000000056.checkpoint");
        assert_eq!(SnapshotFile::parse(&id.file_name()), Some(SnapshotFile::Complete(id)));
        assert_eq!(SnapshotId::BOOTSTRAP.file_name(), "00000000000000000000-0000000000.checkpoint");
        for leftover in [
            id.partial_file_name().as_str(),
            "00000000000000001234-0000000056-8123456789.checkpoint.part",
            "00000000000000001234-0000000056.checkpoint.deleted",
        ] {
            assert_eq!(SnapshotFile::parse(leftover), Some(SnapshotFile::Leftover), "{leftover}");
        }
        for other in [
            "",
            "bootstrap.checkpoint",
            "00000000000000001234.snapshot",
            "00000000000000001234-0000000056.checkpoint2",
            "00000000000000001234-00000000x6.checkpoint",
            "99999999999999999999-0000000056.checkpoint",
            "0000000000000000é234-0000000056.checkpoint",
        ] {
            assert_eq!(SnapshotFile::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_later_epoch_is_later_whatever_the_offset() {
        let id = |offset, epoch| SnapshotId { end_offset: Offset(offset), epoch: LeaderEpoch(epoch) };
        assert!(id(9, 1) < id(3, 2));
        assert!(id(3, 2) < id(4, 2));
    }
}
