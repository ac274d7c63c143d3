//! `meta.properties`: whose directory it is.

use std::collections::BTreeMap;
use std::fmt;

use headwater_base::{NodeId, Uuid};

use crate::disk::{Disk, read_whole, replace_whole};
use crate::error::LogError;
use crate::names::META_PROPERTIES;

/// The contents, version 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaProperties {
    /// `cluster.id`.
    pub cluster_id: String,
    /// `node.id`.
    pub node_id: NodeId,
    /// `directory.id`; none before Kafka 3.7.
    pub directory_id: Option<Uuid>,
}

/// Why the file cannot be used.
#[derive(Debug)]
pub enum MetaPropertiesError {
    /// No such file: the directory is not formatted.
    Missing,
    /// A key is missing or has a value that cannot be; the key.
    Key(&'static str),
    /// Not text.
    Utf8,
    /// The disk.
    Log(LogError),
}

impl fmt::Display for MetaPropertiesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MetaPropertiesError::Missing => {
                write!(f, "{META_PROPERTIES} is missing: the directory is not formatted")
            }
            MetaPropertiesError::Key(key) => write!(f, "{META_PROPERTIES}: no usable value for {key}"),
            MetaPropertiesError::Utf8 => write!(f, "{META_PROPERTIES}: not text"),
            MetaPropertiesError::Log(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for MetaPropertiesError {}

impl MetaProperties {
    fn parse(text: &str) -> Result<MetaProperties, MetaPropertiesError> {
        let mut values = BTreeMap::new();
        for line in text.lines().map(str::trim) {
            if !line.starts_with(['#', '!'])
                && let Some((key, value)) = line.split_once(['=', ':'])
            {
                // Java escapes `:` and `=` in values.
                values.insert(key.trim(), value.trim().replace('\\', ""));
            }
        }
        let value = |key: &'static str| values.get(key).ok_or(MetaPropertiesError::Key(key));
        if value("version")? != "1" {
            return Err(MetaPropertiesError::Key("version"));
        }
        let node_id = value("node.id")?.parse().map_err(|_| MetaPropertiesError::Key("node.id"))?;
        let directory_id = match values.get("directory.id") {
            Some(id) => Some(id.parse().map_err(|_| MetaPropertiesError::Key("directory.id"))?),
            None => None,
        };
        Ok(MetaProperties {
            cluster_id: value("cluster.id")?.clone(),
            node_id: NodeId(node_id),
            directory_id,
        })
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("#\n#\ncluster.id={}\n", self.cluster_id);
        if let Some(id) = self.directory_id {
            text.push_str(&format!("directory.id={id}\n"));
        }
        text.push_str(&format!("node.id={}\nversion=1\n", self.node_id));
        text
    }
}

/// Reads the file.
///
/// # Errors
/// See [`MetaPropertiesError`].
pub fn read_meta_properties(disk: &dyn Disk) -> Result<MetaProperties, MetaPropertiesError> {
    let bytes = read_whole(disk, META_PROPERTIES, 1 << 20);
    let bytes = bytes.map_err(|source| MetaPropertiesError::Log(LogError::io(META_PROPERTIES)(source)))?;
    let bytes = bytes.ok_or(MetaPropertiesError::Missing)?;
    MetaProperties::parse(std::str::from_utf8(&bytes).map_err(|_| MetaPropertiesError::Utf8)?)
}

/// Replaces the file, atomically and durably.
///
/// # Errors
/// The disk's.
pub fn write_meta_properties(disk: &dyn Disk, properties: &MetaProperties) -> Result<(), LogError> {
    replace_whole(disk, META_PROPERTIES, properties.text().as_bytes()).map_err(LogError::io(META_PROPERTIES))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::MemDisk;

    #[test]
    fn there_and_back() {
        let disk = MemDisk::new();
        assert!(matches!(read_meta_properties(&disk), Err(MetaPropertiesError::Missing)));
        let some = MetaProperties {
            cluster_id: "4L6g3nShT-eMCtK--X86sw".to_owned(),
            node_id: NodeId(3),
            directory_id: Some(Uuid(0x1234_5678_9abc_def0_1122_3344_5566_7788)),
        };
        write_meta_properties(&disk, &some).unwrap();
        disk.power_loss(1);
        assert_eq!(read_meta_properties(&disk).unwrap(), some);
    }

    #[test]
    fn what_kafka_writes_is_read() {
        let text = "#\n#Sat Nov 21 10:00:00 UTC 2026\nnode.id=1\ndirectory.id=kSpmkMJRTTyXWJm8PyPCrQ\nversion=1\n\
                    cluster.id=5L6g3nShT-eMCtK--X86sw\n";
        let some = MetaProperties::parse(text).unwrap();
        assert_eq!((some.node_id, some.cluster_id.as_str()), (NodeId(1), "5L6g3nShT-eMCtK--X86sw"));
        assert!(some.directory_id.is_some());
        let error = MetaProperties::parse("version=0\nbroker.id=1\n").unwrap_err();
        assert!(matches!(error, MetaPropertiesError::Key("version")));
    }
}
