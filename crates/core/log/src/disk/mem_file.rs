//! An open file of [`MemDisk`]. It dies with the life of the disk in which it was opened.

use std::any::Any;
use std::io::{self, IoSlice};

use super::DiskFile;
use super::mem::{FaultKind, MemDisk, State, not_found};
use super::mem_node::{FileNode, Node, NodeId};

/// See the module.
pub(super) struct MemFile {
    pub(super) disk: MemDisk,
    pub(super) node: NodeId,
    pub(super) life: u64,
    pub(super) path: String,
}

impl MemFile {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.disk.lock();
        if state.life != self.life {
            return Err(io::Error::other(format!("{}: handle of before the crash", self.path)));
        }
        work(&mut state)
    }

    fn file<'a>(&self, state: &'a mut State) -> io::Result<&'a mut FileNode> {
        match state.nodes.get_mut(&self.node) {
            Some(Node::File(file)) => Ok(file),
            _ => Err(not_found(&self.path)),
        }
    }

    fn write(&self, data: &[u8], position: u64) -> io::Result<()> {
        self.with(|state| {
            state.stats.writes += 1;
            state.stats.bytes_written += data.len() as u64;
            let fault = state.fault(FaultKind::Write, &self.path);
            let room = state.room();
            let powered = state.changes_left != Some(0) || fault.is_none();
            let file = self.file(state)?;
            let growth = (position + data.len() as u64).saturating_sub(file.bytes.len() as u64);
            match fault {
                // What a failing disk leaves behind: half of the bytes.
                Some(error) => {
                    if powered {
                        file.write(position as usize, &data[..data.len() / 2]);
                    }
                    Err(error)
                }
                None if growth > room => {
                    let fits = data.len().saturating_sub((growth - room) as usize);
                    file.write(position as usize, &data[..fits]);
                    Err(io::Error::new(io::ErrorKind::StorageFull, format!("{}: no space left", self.path)))
                }
                None => {
                    file.write(position as usize, data);
                    Ok(())
                }
            }
        })
    }
}

impl DiskFile for MemFile {
    fn len(&self) -> io::Result<u64> {
        self.with(|state| Ok(self.file(state)?.bytes.len() as u64))
    }

    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        self.with(|state| {
            if let Some(error) = state.fault(FaultKind::Read, &self.path) {
                return Err(error);
            }
            let bytes = &self.file(state)?.bytes;
            let start = (position as usize).min(bytes.len());
            let count = buf.len().min(bytes.len() - start);
            buf[..count].copy_from_slice(&bytes[start..start + count]);
            state.stats.reads += 1;
            state.stats.bytes_read += count as u64;
            Ok(count)
        })
    }

    fn write_at(&self, data: &[u8], position: u64) -> io::Result<()> {
        self.write(data, position)
    }

    fn write_vectored_at(&self, parts: &[IoSlice<'_>], position: u64) -> io::Result<()> {
        let whole: Vec<u8> = parts.iter().flat_map(|part| part.iter().copied()).collect();
        self.write(&whole, position)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.with(|state| {
            state.change(&self.path)?;
            self.file(state)?.set_len(len as usize);
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.with(|state| {
            state.stats.file_syncs += 1;
            let fault = state.fault(FaultKind::Sync, &self.path);
            let powered = state.changes_left != Some(0);
            let lies = state.lies(&self.path);
            let file = self.file(state)?;
            match fault {
                Some(error) if powered => {
                    file.forget_pending();
                    Err(error)
                }
                Some(error) => Err(error),
                None if lies => Ok(()),
                None => {
                    file.sync();
                    Ok(())
                }
            }
        })
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        self.with(|state| {
            state.change(&self.path)?;
            let room = state.room();
            let file = self.file(state)?;
            let growth = len.saturating_sub(file.bytes.len() as u64);
            if growth > room {
                return Err(io::Error::new(
                    io::ErrorKind::StorageFull,
                    format!("{}: no space left", self.path),
                ));
            }
            if growth > 0 {
                file.set_len(len as usize);
            }
            Ok(())
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
