//! The log's disk in memory, bound to a node's life and entered into the trace.

use super::trace::{Kind, hash_bytes};
use super::world::SimNode;
use headwater_log::disk::{DirEntry, Disk, DiskFile, MemDisk, OpenMode};
use std::any::Any;
use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) struct SimDisk {
    inner: MemDisk,
    node: SimNode,
}

struct SimFile {
    inner: Arc<dyn DiskFile>,
    node: SimNode,
    path: String,
}

/// The right to a folder, given back when dropped within the same life.
pub(crate) struct SimLock {
    node: SimNode,
    root: PathBuf,
}

impl std::fmt::Debug for SimLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SimLock({})", self.root.display())
    }
}

impl Drop for SimLock {
    fn drop(&mut self) {
        if let Some(mut world) = self.node.alive() {
            world.node(self.node.node).locks.retain(|root| *root != self.root);
        }
    }
}

fn dead() -> io::Error {
    io::Error::other("the node of this handle is dead")
}

impl SimNode {
    pub(crate) fn disk(&self, root: &Path) -> io::Result<SimDisk> {
        let mut world = self.alive().ok_or_else(dead)?;
        match world.node(self.node).disks.get(root) {
            Some(disk) => Ok(SimDisk { inner: disk.clone(), node: self.clone() }),
            None => Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("open folder {}: no such folder", root.display()),
            )),
        }
    }

    pub(crate) fn create_root(&self, root: &Path) -> io::Result<()> {
        let mut world = self.alive().ok_or_else(dead)?;
        world.node(self.node).disks.entry(root.to_owned()).or_default();
        Ok(())
    }

    pub(crate) fn lock_dir(&self, root: &Path) -> io::Result<SimLock> {
        let mut world = self.alive().ok_or_else(dead)?;
        let node = world.node(self.node);
        if !node.disks.contains_key(root) {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("lock {}: no such folder", root.display()),
            ));
        }
        if node.locks.iter().any(|locked| locked == root) {
            let words = format!("lock {}: another process holds it", root.display());
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, words));
        }
        node.locks.push(root.to_owned());
        Ok(SimLock { node: self.clone(), root: root.to_owned() })
    }

    /// Enters a disk operation into the trace; an error for the dead.
    fn record_disk(&self, kind: Kind, what: &str, path: &str, position: u64, detail: u64) -> io::Result<()> {
        let mut world = self.alive().ok_or_else(dead)?;
        let subject = hash_bytes(path.as_bytes()) ^ hash_bytes(what.as_bytes());
        world.record(self.node, kind, subject, position, detail);
        world.trace.say(world.now, self.node, format_args!("  {what} {path}"));
        Ok(())
    }

    fn change(&self, what: &str, path: &str, position: u64, detail: u64) -> io::Result<()> {
        self.record_disk(Kind::DiskChange, what, path, position, detail)
    }
}

impl Disk for SimDisk {
    fn open(&self, path: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        self.node.change("open", path, mode as u64, 0)?;
        let inner = self.inner.open(path, mode)?;
        Ok(Arc::new(SimFile { inner, node: self.node.clone(), path: path.to_owned() }))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<DirEntry>> {
        drop(self.node.alive().ok_or_else(dead)?);
        self.inner.list(dir)
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        drop(self.node.alive().ok_or_else(dead)?);
        self.inner.exists(path)
    }

    fn create_dir(&self, path: &str) -> io::Result<()> {
        self.node.change("create folder", path, 0, 0)?;
        self.inner.create_dir(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.node.change("rename", from, 0, hash_bytes(to.as_bytes()))?;
        self.inner.rename(from, to)
    }

    fn remove_file(&self, path: &str) -> io::Result<()> {
        self.node.change("remove", path, 0, 0)?;
        self.inner.remove_file(path)
    }

    fn remove_dir(&self, path: &str) -> io::Result<()> {
        self.node.change("remove folder", path, 0, 0)?;
        self.inner.remove_dir(path)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        self.node.record_disk(Kind::DiskSync, "sync folder", dir, 0, 0)?;
        self.inner.sync_dir(dir)
    }
}

impl DiskFile for SimFile {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        self.inner.read_at(buf, position)
    }

    fn write_at(&self, data: &[u8], position: u64) -> io::Result<()> {
        self.node.change("write", &self.path, position, hash_bytes(data))?;
        self.inner.write_at(data, position)
    }

    fn write_vectored_at(&self, parts: &[IoSlice<'_>], position: u64) -> io::Result<()> {
        let detail = parts.iter().fold(0_u64, |hash, part| hash.rotate_left(5) ^ hash_bytes(part));
        self.node.change("write", &self.path, position, detail)?;
        self.inner.write_vectored_at(parts, position)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.node.change("truncate", &self.path, len, 0)?;
        self.inner.truncate(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.node.record_disk(Kind::DiskSync, "sync", &self.path, 0, 0)?;
        self.inner.sync_data()
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        self.node.change("allocate", &self.path, len, 0)?;
        self.inner.allocate(len)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
