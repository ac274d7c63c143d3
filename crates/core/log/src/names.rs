//! Names of files and folders below a log directory, as Kafka gives them.

use headwater_base::{Offset, PartitionIndex, TopicPartition};

/// The kinds of files that carry a segment's base offset (or, for snapshots, the offset of the state) in their name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// The batches.
    Log,
    /// Offset index.
    Index,
    /// Time index.
    TimeIndex,
    /// Index of aborted transactions.
    TransactionIndex,
    /// State of the producers before the offset in the name.
    Snapshot,
}

impl FileKind {
    /// All kinds.
    pub const ALL: [FileKind; 5] =
        [FileKind::Log, FileKind::Index, FileKind::TimeIndex, FileKind::TransactionIndex, FileKind::Snapshot];

    /// The suffix, dot included.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            FileKind::Log => ".log",
            FileKind::Index => ".index",
            FileKind::TimeIndex => ".timeindex",
            FileKind::TransactionIndex => ".txnindex",
            FileKind::Snapshot => ".snapshot",
        }
    }
}

/// What is appended to a file's name while it is on its way in or out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// In use.
    Final,
    /// Written by compaction, not yet complete.
    Cleaned,
    /// Complete, about to replace what it was made from.
    Swap,
    /// About to be removed.
    Deleted,
}

impl Stage {
    /// All stages.
    pub const ALL: [Stage; 4] = [Stage::Final, Stage::Cleaned, Stage::Swap, Stage::Deleted];
}

const STAGES: [(Stage, &str); 3] =
    [(Stage::Cleaned, ".cleaned"), (Stage::Swap, ".swap"), (Stage::Deleted, ".deleted")];

/// What stands behind a file's name at a stage; nothing for those in use.
#[must_use]
pub fn stage_suffix(stage: Stage) -> &'static str {
    STAGES.iter().find(|(of, _)| *of == stage).map_or("", |(_, suffix)| suffix)
}

/// File of epochs in a partition's folder.
pub const LEADER_EPOCH_CHECKPOINT: &str = "leader-epoch-checkpoint";
/// File that says up to where compaction may have left offsets without a batch, in a partition's folder. Kafka has none,
/// and passes over it.
pub const COMPACTED: &str = "headwater-compacted";
/// File with the topic's id in a partition's folder.
pub const PARTITION_METADATA: &str = "partition.metadata";
/// Offsets up to which logs were flushed, per log directory.
pub const RECOVERY_POINT_CHECKPOINT: &str = "recovery-point-offset-checkpoint";
/// Start offsets of logs that are higher than their first segment, per log directory.
pub const LOG_START_OFFSET_CHECKPOINT: &str = "log-start-offset-checkpoint";
/// High watermarks, per log directory.
pub const HIGH_WATERMARK_CHECKPOINT: &str = "replication-offset-checkpoint";
/// Where the compaction of each log goes on, per log directory.
pub const CLEANER_OFFSET_CHECKPOINT: &str = "cleaner-offset-checkpoint";
/// Marker of an orderly stop, per log directory.
pub const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
/// Identity of a log directory.
pub const META_PROPERTIES: &str = "meta.properties";
/// The file whose lock says that a process uses the directory.
pub const LOCK: &str = ".lock";
/// Suffix of partition folders that are being deleted.
pub const DELETE_FOLDER_SUFFIX: &str = "-delete";
/// Suffix of partition folders that are being moved between log directories.
pub const FUTURE_FOLDER_SUFFIX: &str = "-future";
/// Suffix of partition folders that no broker owns.
pub const STRAY_FOLDER_SUFFIX: &str = "-stray";

/// `00000000000000000042.log`.
#[must_use]
pub fn file_name(offset: Offset, kind: FileKind) -> String {
    format!("{:020}{}", offset.0, kind.suffix())
}

/// The parts of a name that [`file_name`] gave, with the stage behind it. `None` for all other names.
#[must_use]
pub fn parse_file_name(name: &str) -> Option<(Offset, FileKind, Stage)> {
    let found = STAGES.iter().find_map(|&(stage, suffix)| Some((name.strip_suffix(suffix)?, stage)));
    let (name, stage) = found.unwrap_or((name, Stage::Final));
    let (digits, suffix) = name.split_at_checked(20)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kind = FileKind::ALL.into_iter().find(|kind| kind.suffix() == suffix)?;
    Some((Offset(digits.parse().ok()?), kind, stage))
}

/// What a folder in a log directory is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Folder {
    /// `topic-0`.
    Partition(TopicPartition),
    /// `topic-0.<uuid>-delete`.
    Deleting(TopicPartition),
    /// `topic-0.<uuid>-future`.
    Future(TopicPartition),
    /// `topic-0.<uuid>-stray`.
    Stray(TopicPartition),
    /// None of Kafka's.
    Other,
}

/// Reads a folder's name.
#[must_use]
pub fn parse_folder_name(name: &str) -> Folder {
    type Make = fn(TopicPartition) -> Folder;
    let marked: [(&str, Make); 3] = [
        (DELETE_FOLDER_SUFFIX, Folder::Deleting),
        (FUTURE_FOLDER_SUFFIX, Folder::Future),
        (STRAY_FOLDER_SUFFIX, Folder::Stray),
    ];
    for (suffix, make) in marked {
        if let Some((partition, id)) = name.strip_suffix(suffix).and_then(|rest| rest.rsplit_once('.'))
            && id.len() == 32
            && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        {
            return parse_topic_partition(partition).map_or(Folder::Other, make);
        }
    }
    parse_topic_partition(name).map_or(Folder::Other, Folder::Partition)
}

fn parse_topic_partition(name: &str) -> Option<TopicPartition> {
    let (topic, partition) = name.rsplit_once('-')?;
    if topic.is_empty() || partition.is_empty() || !partition.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(partition.parse().ok()?) })
}

/// The name that a partition's folder gets before it is deleted. `unique` is the random part, 32 hexadecimal digits on
/// disk; a long topic name is cut so that the folder's name stays within 255 bytes.
#[must_use]
pub fn delete_folder_name(partition: &TopicPartition, unique: u128) -> String {
    marked_folder_name(partition, unique, DELETE_FOLDER_SUFFIX)
}

/// The name that a folder gets when the metadata knows no such partition, so that it is in nobody's way; built like
/// [`delete_folder_name`], but never removed by itself.
#[must_use]
pub fn stray_folder_name(partition: &TopicPartition, unique: u128) -> String {
    marked_folder_name(partition, unique, STRAY_FOLDER_SUFFIX)
}

/// The name of the folder in which a partition arrives in another log directory; built like [`delete_folder_name`].
/// `None` when it is too long for a file system, because it must not be cut: it is read again after a restart.
#[must_use]
pub fn future_folder_name(partition: &TopicPartition, unique: u128) -> Option<String> {
    let name = format!("{partition}.{unique:032x}{FUTURE_FOLDER_SUFFIX}");
    (name.len() <= 255).then_some(name)
}

fn marked_folder_name(partition: &TopicPartition, unique: u128, mark: &str) -> String {
    let suffix = format!("-{}.{unique:032x}{mark}", partition.partition);
    let room = 255usize.saturating_sub(suffix.len());
    let topic = partition.topic.get(..room.min(partition.topic.len())).unwrap_or(&partition.topic);
    format!("{topic}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(topic: &str, index: i32) -> TopicPartition {
        TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(index) }
    }

    #[test]
    fn files() {
        assert_eq!(file_name(Offset(42), FileKind::TimeIndex), "00000000000000000042.timeindex");
        let parse = parse_file_name;
        assert_eq!(parse("00000000000000000042.log.swap"), Some((Offset(42), FileKind::Log, Stage::Swap)));
        assert_eq!(
            parse("09223372036854775807.snapshot.deleted"),
            Some((Offset(i64::MAX), FileKind::Snapshot, Stage::Deleted))
        );
        for other in ["x", "0.log", "00000000000000000042.tmp", "00000000000000000042-0000000001.checkpoint"]
        {
            assert_eq!(parse(other), None, "{other}");
        }
        assert_eq!(parse("99999999999999999999.log"), None, "beyond 63 bits");
    }

    #[test]
    fn folders() {
        assert_eq!(parse_folder_name("a-b.c-12"), Folder::Partition(partition("a-b.c", 12)));
        let name = delete_folder_name(&partition("flights", 3), 0xabc);
        assert_eq!(name, "flights-3.00000000000000000000000000000abc-delete");
        assert_eq!(parse_folder_name(&name), Folder::Deleting(partition("flights", 3)));
        assert_eq!(parse_folder_name("t-0.x-delete"), Folder::Other);
        for other in ["t", "-1", "t-", "t-x", "cluster.id", "t-99999999999"] {
            assert_eq!(parse_folder_name(other), Folder::Other, "{other}");
        }
        let long = partition(&"x".repeat(249), 1234);
        assert_eq!(delete_folder_name(&long, 0).len(), 255);
    }
}
