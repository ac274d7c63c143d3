//! What a freshly formatted log directory holds (`org.apache.kafka.metadata.storage.Formatter`).
//!
//! Every log directory gets `meta.properties` and [`BOOTSTRAP_FILE_NAME`]. The metadata log's directory of a controller
//! gets, for kraft.version 1, the checkpoint at offset 0 with the first voters. With static voters (kraft.version 0) the
//! folder of the metadata log appears at the first start.

use headwater_base::{NodeId, Uuid};

use crate::METADATA_DIR;
use crate::snapshot::{BOOTSTRAP_FILE_NAME, SnapshotId, SnapshotOptions, SnapshotWriter};
use crate::voters::{KRaftVersion, VoterSet};

/// Name of the file that makes a folder a log directory.
pub const META_PROPERTIES_FILE_NAME: &str = "meta.properties";

/// What is the same for all directories of a node.
#[derive(Clone, Debug)]
pub struct Format<'a> {
    /// `cluster.id`, a UUID in base64 by custom.
    pub cluster_id: &'a str,
    /// `node.id`.
    pub node_id: NodeId,
    /// Encoded values of the metadata records with which the first controller begins; that of `metadata.version` first.
    pub bootstrap_records: &'a [Vec<u8>],
    /// The first voters, for kraft.version 1; `None` for static voters or a node that joins later.
    pub initial_voters: Option<&'a VoterSet>,
    /// Wall clock in milliseconds since 1970.
    pub now_ms: i64,
}

/// A file to be written and synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormattedFile {
    /// Relative to the log directory; folders are separated by `/`.
    pub path: String,
    /// The whole content.
    pub content: Vec<u8>,
}

impl Format<'_> {
    /// The files of one log directory, in the order in which they are to be made durable: `meta.properties` comes last,
    /// so a directory that has it is complete.
    ///
    /// `holds_metadata_log` is true for the directory of `metadata.log.dir` on a node that is a controller.
    #[must_use]
    pub fn files(&self, directory_id: Uuid, holds_metadata_log: bool) -> Vec<FormattedFile> {
        let mut files = Vec::new();
        if holds_metadata_log && let Some(voters) = self.initial_voters {
            let path = format!("{METADATA_DIR}/{}", SnapshotId::BOOTSTRAP.file_name());
            files.push(FormattedFile { path, content: self.voters_checkpoint(voters) });
        }
        files.push(FormattedFile {
            path: BOOTSTRAP_FILE_NAME.to_owned(),
            content: self.bootstrap_checkpoint(),
        });
        files.push(FormattedFile {
            path: META_PROPERTIES_FILE_NAME.to_owned(),
            content: meta_properties(self.cluster_id, self.node_id, directory_id).into_bytes(),
        });
        files
    }

    fn voters_checkpoint(&self, voters: &VoterSet) -> Vec<u8> {
        SnapshotWriter::new(&SnapshotOptions {
            id: SnapshotId::BOOTSTRAP,
            last_contained_log_timestamp_ms: self.now_ms,
            kraft_version: KRaftVersion::V1,
            voters: Some(voters),
            now_ms: self.now_ms,
        })
        .finish()
    }

    fn bootstrap_checkpoint(&self) -> Vec<u8> {
        let mut writer = SnapshotWriter::new(&SnapshotOptions {
            id: SnapshotId::BOOTSTRAP,
            last_contained_log_timestamp_ms: 0,
            kraft_version: KRaftVersion::V0,
            voters: None,
            now_ms: self.now_ms,
        });
        for record in self.bootstrap_records {
            writer.append(record);
        }
        writer.finish()
    }
}

/// The content of `meta.properties`, version 1.
#[must_use]
pub fn meta_properties(cluster_id: &str, node_id: NodeId, directory_id: Uuid) -> String {
    let mut text = String::from("#\n");
    for (key, value) in [
        ("node.id", node_id.to_string()),
        ("directory.id", directory_id.to_string()),
        ("version", "1".to_owned()),
        ("cluster.id", escaped(cluster_id)),
    ] {
        text.push_str(key);
        text.push('=');
        text.push_str(&value);
        text.push('\n');
    }
    text
}

/// A value of a Java properties file.
fn escaped(value: &str) -> String {
    let mut text = String::new();
    for (i, c) in value.chars().enumerate() {
        match c {
            '\\' | '=' | ':' | '#' | '!' => text.extend(['\\', c]),
            ' ' if i == 0 => text.push_str("\\ "),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meta_properties_are_kafkas() {
        let text = meta_properties("MkU3OEVBNTcwNTJENDM2Qg", NodeId(1), Uuid::ONE);
        let expected = "#\nnode.id=1\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAQ\nversion=1\ncluster.id=MkU3OEVBNTcwNTJENDM2Qg\n";
        assert_eq!(text, expected);
        assert!(meta_properties(" a=b\\", NodeId(1), Uuid::ONE).ends_with("cluster.id=\\ a\\=b\\\\\n"));
    }

    #[test]
    fn which_files_a_directory_gets() {
        let voters = VoterSet::default();
        let format = |initial_voters| Format {
            cluster_id: "c",
            node_id: NodeId(1),
            bootstrap_records: &[],
            initial_voters,
            now_ms: 5,
        };
        let names = |files: Vec<FormattedFile>| files.into_iter().map(|file| file.path).collect::<Vec<_>>();
        let plain = ["bootstrap.checkpoint", "meta.properties"];
        let checkpoint = "__cluster_metadata-0/00000000000000000000-0000000000.checkpoint";
        assert_eq!(names(format(None).files(Uuid::ONE, true)), plain);
        assert_eq!(names(format(Some(&voters)).files(Uuid::ONE, false)), plain);
        assert_eq!(names(format(Some(&voters)).files(Uuid::ONE, true)), [checkpoint, plain[0], plain[1]]);
    }
}
