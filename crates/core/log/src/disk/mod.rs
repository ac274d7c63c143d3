//! The only way out of this crate: a small synchronous view of one directory tree.
//!
//! Paths are relative to the root that the implementation was made for (one of `log.dirs`), with `/` between names;
//! `""` is the root itself. An implementation answers exactly like a POSIX file system: what was written is visible at
//! once to every handle, but survives a power loss only after `sync_data` (contents and length) and `sync_dir` of the
//! parent folder (names: create, rename, remove).

mod mem;
mod mem_file;
mod mem_node;

use std::any::Any;
use std::io::{self, IoSlice};
use std::sync::Arc;

pub use mem::{DiskStats, Fault, FaultKind, MemDisk};

/// How [`Disk::open`] treats a file that exists or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// The file must exist (`NotFound` otherwise).
    Existing,
    /// The file is created empty when it does not exist.
    Create,
    /// The file must not exist (`AlreadyExists` otherwise).
    CreateNew,
}

/// One name inside a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirEntry {
    /// The last part of the path.
    pub name: String,
    /// True for a folder, false for a file.
    pub is_dir: bool,
}

/// How large a file system is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Of the whole.
    pub total: u64,
    /// What this process may still take.
    pub free: u64,
}

/// A directory tree that holds logs.
pub trait Disk: Send + Sync {
    /// Opens a file for reading and writing.
    fn open(&self, path: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>>;
    /// The names in a folder, sorted by name.
    fn list(&self, dir: &str) -> io::Result<Vec<DirEntry>>;
    /// Whether a file or folder of that name exists.
    fn exists(&self, path: &str) -> io::Result<bool>;
    /// Creates one folder; its parent must exist, itself must not.
    fn create_dir(&self, path: &str) -> io::Result<()>;
    /// Renames a file or folder inside one parent folder, atomically replacing a file of the new name.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file; open handles keep working, as in POSIX.
    fn remove_file(&self, path: &str) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_dir(&self, path: &str) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_dir(&self, dir: &str) -> io::Result<()>;
    /// The room on the file system; `None` where nobody keeps that.
    fn space(&self) -> io::Result<Option<Space>> {
        Ok(None)
    }
}

/// An open file. All methods take positions, so one handle may serve many threads.
pub trait DiskFile: Send + Sync {
    /// Length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Whether the file has no bytes.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Fills `buf` from `position` on; fewer bytes than asked only at the end of the file.
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize>;
    /// Writes all of `data` at `position`, or fails; after a failure any prefix may have been written.
    fn write_at(&self, data: &[u8], position: u64) -> io::Result<()>;
    /// Writes all parts one after another at `position`, or fails like [`DiskFile::write_at`].
    fn write_vectored_at(&self, parts: &[IoSlice<'_>], position: u64) -> io::Result<()>;
    /// Cuts the file to `len` bytes, or extends it with zeros.
    fn truncate(&self, len: u64) -> io::Result<()>;
    /// Makes contents and length durable. After a failure the caller must treat the file's unsynced bytes as lost.
    fn sync_data(&self) -> io::Result<()>;
    /// Reserves space up to `len` bytes and extends the file to it with zeros, so that later writes below `len` change
    /// no length. Never shrinks.
    fn allocate(&self, len: u64) -> io::Result<()>;
    /// When it was last written, in milliseconds since 1970; `None` where nobody keeps that.
    fn modified_ms(&self) -> io::Result<Option<i64>> {
        Ok(None)
    }
    /// The concrete file, for those who know what it is (`sendfile`).
    fn as_any(&self) -> &dyn Any;
}

/// Reads a whole file of at most `limit` bytes; `None` when there is none.
///
/// # Errors
/// `InvalidData` when the file is longer than `limit`; otherwise what the disk answers.
pub fn read_whole(disk: &dyn Disk, path: &str, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match disk.open(path, OpenMode::Existing) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let len = file.len()?;
    if len > limit {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{path}: {len} bytes, at most {limit} expected"),
        ));
    }
    let mut bytes = vec![0; len as usize];
    let read = file.read_at(&mut bytes, 0)?;
    bytes.truncate(read);
    Ok(Some(bytes))
}

/// Replaces a file's contents atomically and durably: a temporary file (`<path>.tmp`) is written and synced, renamed
/// over `path`, and the folder is synced.
///
/// # Errors
/// What the disk answers; the old contents stay in place unless the error came from the last step.
pub fn replace_whole(disk: &dyn Disk, path: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = format!("{path}.tmp");
    let file = disk.open(&temporary, OpenMode::Create)?;
    file.truncate(0)?;
    file.write_at(bytes, 0)?;
    file.sync_data()?;
    disk.rename(&temporary, path)?;
    disk.sync_dir(parent(path))
}

/// The folder that a path lies in.
pub fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..slash])
}
