//! Kafka's text checkpoints: a version line, a count line, one line an entry.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;

use headwater_base::{LeaderEpoch, Offset, PartitionIndex, TopicPartition, Uuid};

/// The only version of checkpoints and `partition.metadata` that Kafka has written.
const VERSION: &str = "0";

/// Why a checkpoint cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// Another version than 0.
    Version(String),
    /// A line that is not an entry; its number, from 1.
    Line(usize),
    /// More or fewer entries than the second line says.
    Count {
        /// What the second line says.
        expected: usize,
        /// What is there.
        found: usize,
    },
    /// Not text.
    Utf8,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckpointError::Version(version) => write!(f, "unknown version {version:?}, expected {VERSION}"),
            CheckpointError::Line(line) => write!(f, "line {line} is malformed"),
            CheckpointError::Count { expected, found } => {
                write!(f, "expected {expected} entries, found {found}")
            }
            CheckpointError::Utf8 => f.write_str("not text"),
        }
    }
}

impl std::error::Error for CheckpointError {}

/// Entries of a checkpoint; `parse` gives `None` for a line that is none. An empty file has no entries.
fn parse_lines<T>(bytes: &[u8], parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, CheckpointError> {
    let text = std::str::from_utf8(bytes).map_err(|_| CheckpointError::Utf8)?;
    let mut lines = text.lines();
    let (Some(version), Some(count)) = (lines.next(), lines.next()) else {
        return match text.lines().next() {
            None | Some(VERSION) => Ok(Vec::new()),
            Some(version) => Err(CheckpointError::Version(version.to_owned())),
        };
    };
    if version != VERSION {
        return Err(CheckpointError::Version(version.to_owned()));
    }
    let expected: usize = count.parse().map_err(|_| CheckpointError::Line(2))?;
    let mut entries = Vec::new();
    for (index, line) in lines.enumerate() {
        entries.push(parse(line).ok_or(CheckpointError::Line(index + 3))?);
    }
    if entries.len() == expected {
        Ok(entries)
    } else {
        Err(CheckpointError::Count { expected, found: entries.len() })
    }
}

fn format_lines<T>(
    entries: impl ExactSizeIterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) -> Vec<u8> {
    let mut text = format!("{VERSION}\n{}\n", entries.len());
    for entry in entries {
        write(&mut text, entry);
        text.push('\n');
    }
    text.into_bytes()
}

/// Offsets by partition: the contents of the three checkpoints of a log directory.
pub type OffsetsByPartition = BTreeMap<TopicPartition, Offset>;

/// Reads a checkpoint with lines `topic partition offset`.
///
/// # Errors
/// See [`CheckpointError`].
pub fn parse_offsets(bytes: &[u8]) -> Result<OffsetsByPartition, CheckpointError> {
    let entries = parse_lines(bytes, |line| {
        let mut words = line.split_whitespace();
        let topic = words.next()?.to_owned();
        let partition = PartitionIndex(words.next()?.parse().ok()?);
        let offset = Offset(words.next()?.parse().ok()?);
        words.next().is_none().then_some((TopicPartition { topic, partition }, offset))
    })?;
    Ok(entries.into_iter().collect())
}

/// Writes a checkpoint with lines `topic partition offset`.
#[must_use]
pub fn format_offsets(offsets: &OffsetsByPartition) -> Vec<u8> {
    format_lines(offsets.iter(), |text, (partition, offset)| {
        let _ = write!(text, "{} {} {offset}", partition.topic, partition.partition);
    })
}

/// A leader epoch and the offset of its first batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEntry {
    /// The epoch.
    pub epoch: LeaderEpoch,
    /// Where it starts.
    pub start_offset: Offset,
}

/// Reads `leader-epoch-checkpoint`, lines `epoch start_offset`.
///
/// # Errors
/// See [`CheckpointError`].
pub fn parse_epochs(bytes: &[u8]) -> Result<Vec<EpochEntry>, CheckpointError> {
    parse_lines(bytes, |line| {
        let (epoch, offset) = line.split_once(' ')?;
        let entry = EpochEntry {
            epoch: LeaderEpoch(epoch.parse().ok()?),
            start_offset: Offset(offset.parse().ok()?),
        };
        (entry.epoch.0 >= 0 && entry.start_offset.0 >= 0).then_some(entry)
    })
}

/// Writes `leader-epoch-checkpoint`.
#[must_use]
pub fn format_epochs(epochs: &[EpochEntry]) -> Vec<u8> {
    format_lines(epochs.iter(), |text, entry| {
        let _ = write!(text, "{} {}", entry.epoch, entry.start_offset);
    })
}

/// Reads `partition.metadata`; `None` when it is not whole.
#[must_use]
pub fn parse_partition_metadata(bytes: &[u8]) -> Option<Uuid> {
    let mut lines = std::str::from_utf8(bytes).ok()?.lines();
    let version = lines.next()?.strip_prefix("version:")?.trim();
    let topic_id: Uuid = lines.next()?.strip_prefix("topic_id:")?.trim().parse().ok()?;
    (version == VERSION && topic_id != Uuid::ZERO).then_some(topic_id)
}

/// Writes `partition.metadata`.
#[must_use]
pub fn format_partition_metadata(topic_id: Uuid) -> Vec<u8> {
    // As Kafka writes it: no newline at the end.
    format!("version: {VERSION}\ntopic_id: {topic_id}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(entries: &[(&str, i32, i64)]) -> OffsetsByPartition {
        let entry = |&(topic, partition, offset): &(&str, i32, i64)| {
            (TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(partition) }, Offset(offset))
        };
        entries.iter().map(entry).collect()
    }

    #[test]
    fn offsets_there_and_back() {
        let some = offsets(&[("a", 0, 7), ("b.c-d", 12, i64::MAX)]);
        let text = format_offsets(&some);
        assert_eq!(text, b"0\n2\na 0 7\nb.c-d 12 9223372036854775807\n");
        assert_eq!(parse_offsets(&text), Ok(some));
        assert_eq!(parse_offsets(b""), Ok(offsets(&[])));
        assert_eq!(parse_offsets(b"0\n0\n"), Ok(offsets(&[])));
    }

    #[test]
    fn d11_what_is_torn_is_not_believed() {
        assert_eq!(parse_offsets(b"1\n0\n"), Err(CheckpointError::Version("1".into())));
        assert_eq!(parse_offsets(b"0\n2\na 0 7\n"), Err(CheckpointError::Count { expected: 2, found: 1 }));
        assert_eq!(parse_offsets(b"0\n1\na 0\n"), Err(CheckpointError::Line(3)));
        assert_eq!(parse_offsets(b"\0\0\0\0"), Err(CheckpointError::Version("\0\0\0\0".into())));
        assert_eq!(parse_offsets(&[0xff]), Err(CheckpointError::Utf8));
        assert_eq!(parse_epochs(b"0\n1\n-1 5\n"), Err(CheckpointError::Line(3)));
        assert_eq!(parse_partition_metadata(b"version: 0\ntopic_id: "), None);
    }

    #[test]
    fn epochs_and_topic_id_there_and_back() {
        let epochs = [
            EpochEntry { epoch: LeaderEpoch(0), start_offset: Offset(0) },
            EpochEntry { epoch: LeaderEpoch(3), start_offset: Offset(17) },
        ];
        let text = format_epochs(&epochs);
        assert_eq!(text, b"0\n2\n0 0\n3 17\n");
        assert_eq!(parse_epochs(&text).unwrap(), epochs);
        let id = Uuid(0x1234_5678_9abc_def0_1234_5678_9abc_def0);
        assert_eq!(parse_partition_metadata(&format_partition_metadata(id)), Some(id));
    }
}
