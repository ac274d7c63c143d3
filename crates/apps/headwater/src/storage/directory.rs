//! Log directories on disk: reading `meta.properties` (`MetaProperties`), writing files so that they last.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use headwater_base::{Uuid, properties};
use headwater_raft::format::FormattedFile;

/// The file that makes a folder a log directory.
pub const META_PROPERTIES: &str = "meta.properties";

/// What `meta.properties` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaProperties {
    /// 0 is the format of the time before KRaft.
    pub version: i32,
    /// `cluster.id`.
    pub cluster_id: Option<String>,
    /// `node.id`, or `broker.id` in version 0.
    pub node_id: Option<i32>,
    /// `directory.id`.
    pub directory_id: Option<Uuid>,
}

impl MetaProperties {
    /// Reads the entries; the error is the reference's message.
    fn of(entries: &BTreeMap<String, String>) -> Result<Self, String> {
        let number = |key: &str| match entries.get(key) {
            None => Err(format!("Failed to find {key}")),
            Some(text) => {
                text.trim().parse::<i32>().map_err(|_| format!("Unable to read {key} as a base-10 number."))
            }
        };
        let version = if entries.contains_key("version") { number("version")? } else { 0 };
        if !(0..=1).contains(&version) {
            return Err(format!("Unknown meta.properties version number {version}"));
        }
        let node_key = if version == 0 { "broker.id" } else { "node.id" };
        let node_id = match number(node_key) {
            Ok(id) => Some(id),
            Err(_) if version == 0 && !entries.contains_key(node_key) => None,
            Err(error) => return Err(error),
        };
        let cluster_id = entries.get("cluster.id").cloned();
        if version == 1 && cluster_id.is_none() {
            return Err("Failed to find cluster.id".to_owned());
        }
        let directory_id =
            match entries.get("directory.id") {
                None => None,
                Some(text) => Some(text.parse().map_err(|_| {
                    "Unable to read directory.id as a Uuid: Illegal base64 character".to_owned()
                })?),
            };
        Ok(Self { version, cluster_id, node_id, directory_id })
    }

    /// The entries in the order of their names, as kafka-storage shows them.
    pub fn shown(&self) -> String {
        let node_key = if self.version == 0 { "broker.id" } else { "node.id" };
        let mut entries = BTreeMap::from([("version", self.version.to_string())]);
        entries.extend(self.cluster_id.clone().map(|id| ("cluster.id", id)));
        entries.extend(self.node_id.map(|id| (node_key, id.to_string())));
        entries.extend(self.directory_id.map(|id| ("directory.id", id.to_string())));
        let texts: Vec<String> = entries.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{{{}}}", texts.join(", "))
    }
}

/// Reads a directory's `meta.properties`; `None` when there is none. The error is a message without the file's name.
pub fn read_meta_properties(directory: &Path) -> Result<Option<MetaProperties>, String> {
    let text = match fs::read_to_string(directory.join(META_PROPERTIES)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let entries = properties::parse(&text).map_err(|error| error.to_string())?;
    MetaProperties::of(&entries).map(Some)
}

/// Writes the files of a directory in the given order, each of them whole or not at all, and on disk before the next.
pub fn write_files(directory: &Path, files: &[FormattedFile]) -> io::Result<()> {
    create_synced(directory)?;
    for file in files {
        let path = directory.join(&file.path);
        let parent = path.parent().unwrap_or(directory);
        create_synced(parent)?;
        let temporary = path.with_extension("tmp");
        let mut handle = File::create(&temporary)?;
        handle.write_all(&file.content)?;
        handle.sync_all()?;
        fs::rename(&temporary, &path)?;
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// Creates a folder and those above it, and makes their names last.
fn create_synced(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create_synced(parent)?;
        if let Err(error) = fs::create_dir(folder)
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error);
        }
        File::open(parent)?.sync_all()
    } else {
        fs::create_dir_all(folder)
    }
}
