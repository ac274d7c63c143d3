//! A file of fixed-size entries in growing order, of which the newest may still be in memory.

use std::io;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::disk::{Disk, DiskFile, OpenMode};

/// An entry of an index.
pub(crate) trait Entry: Copy {
    /// Bytes on disk.
    const SIZE: usize;
    /// Bytes that an entry has before anything was written there (Kafka preallocates the files of active segments).
    fn is_blank(&self) -> bool;
    fn decode(bytes: &[u8]) -> Self;
    fn encode(&self, out: &mut Vec<u8>);
}

/// Entries in memory before they are written in one go.
const TAIL_LIMIT: usize = 128;
/// Entries that a lookup reads at once when it has come close.
const BLOCK: u32 = 64;

/// See the module.
pub(crate) struct IndexFile<E> {
    disk: Arc<dyn Disk>,
    path: Box<str>,
    file: Option<Arc<dyn DiskFile>>,
    /// Entries in the file that count.
    stored: u32,
    /// Entries that are not in the file yet.
    tail: Vec<E>,
    last: Option<E>,
    /// Whether the file has to be created, or cut to `stored` entries.
    stale: bool,
    entry: PhantomData<E>,
}

impl<E: Entry> IndexFile<E> {
    /// An index that has no file yet, or whose file is to be written anew.
    pub(crate) fn empty(disk: Arc<dyn Disk>, path: String) -> Self {
        IndexFile {
            disk,
            path: path.into(),
            file: None,
            stored: 0,
            tail: Vec::new(),
            last: None,
            stale: true,
            entry: PhantomData,
        }
    }

    /// Opens the file of an index. `None` when there is none, or it is not a whole number of entries.
    pub(crate) fn load(disk: Arc<dyn Disk>, path: String) -> io::Result<Option<Self>> {
        let file = match disk.open(&path, OpenMode::Existing) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let len = file.len()?;
        let count = len / E::SIZE as u64;
        if len % E::SIZE as u64 != 0 || count > u64::from(u32::MAX) {
            return Ok(None);
        }
        let mut index = IndexFile::empty(disk, path);
        index.file = Some(file);
        index.stored = count as u32;
        index.stale = false;
        index.trim_blank()?;
        index.last = index.stored.checked_sub(1).map(|slot| index.read(slot)).transpose()?;
        Ok(Some(index))
    }

    /// Leaves out the blank entries of a preallocated file.
    fn trim_blank(&mut self) -> io::Result<()> {
        if self.stored == 0 || !self.read(self.stored - 1)?.is_blank() {
            return Ok(());
        }
        let (mut low, mut high) = (0, self.stored - 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.read(middle)?.is_blank() { high = middle } else { low = middle + 1 }
        }
        self.stored = low;
        self.stale = true;
        Ok(())
    }

    pub(crate) fn len(&self) -> u32 {
        self.stored + self.tail.len() as u32
    }

    pub(crate) fn last(&self) -> Option<E> {
        self.last
    }

    fn open(&mut self) -> io::Result<&Arc<dyn DiskFile>> {
        if self.file.is_none() {
            self.file = Some(self.disk.open(&self.path, OpenMode::Create)?);
        }
        Ok(self.file.as_ref().expect("just opened"))
    }

    /// The file, created if need be: what a sync has to cover.
    pub(crate) fn file(&mut self) -> io::Result<Arc<dyn DiskFile>> {
        self.open().cloned()
    }

    /// The entry in a slot.
    pub(crate) fn read(&mut self, slot: u32) -> io::Result<E> {
        if let Some(entry) = slot.checked_sub(self.stored).and_then(|slot| self.tail.get(slot as usize)) {
            return Ok(*entry);
        }
        Ok(self.read_block(slot, 1)?[0])
    }

    fn read_block(&mut self, slot: u32, count: u32) -> io::Result<Vec<E>> {
        let mut bytes = vec![0; count as usize * E::SIZE];
        let read = self.open()?.read_at(&mut bytes, u64::from(slot) * E::SIZE as u64)?;
        if read < bytes.len() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the index is shorter than it was"));
        }
        Ok(bytes.chunks_exact(E::SIZE).map(E::decode).collect())
    }

    /// How many entries fulfil `before`, which holds for a prefix of them.
    pub(crate) fn partition_point(&mut self, before: impl Fn(&E) -> bool) -> io::Result<u32> {
        if self.tail.first().is_some_and(&before) {
            return Ok(self.stored + self.tail.partition_point(&before) as u32);
        }
        let (mut low, mut high) = (0, self.stored);
        while high - low > BLOCK {
            let middle = low + (high - low) / 2;
            if before(&self.read(middle)?) { low = middle + 1 } else { high = middle }
        }
        if low == high {
            return Ok(low);
        }
        Ok(low + self.read_block(low, high - low)?.partition_point(&before) as u32)
    }

    /// Whether each entry of the file follows the one before it, the first one `start`.
    pub(crate) fn is_sorted(&mut self, start: E, follows: impl Fn(&E, &E) -> bool) -> io::Result<bool> {
        let mut before = start;
        let mut slot = 0;
        while slot < self.stored {
            let count = (self.stored - slot).min(64 * BLOCK);
            for entry in self.read_block(slot, count)? {
                if !follows(&before, &entry) {
                    return Ok(false);
                }
                before = entry;
            }
            slot += count;
        }
        Ok(true)
    }

    /// Appends an entry; it reaches the file with many others.
    pub(crate) fn push(&mut self, entry: E) {
        self.tail.push(entry);
        self.last = Some(entry);
    }

    /// Whether so many entries wait that they should be written.
    pub(crate) fn wants_flush(&self) -> bool {
        self.tail.len() >= TAIL_LIMIT
    }

    /// Whether the file is not as it should be.
    pub(crate) fn wants_write(&self) -> bool {
        self.stale || !self.tail.is_empty()
    }

    /// Writes the waiting entries, and cuts what lies behind them.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if !self.wants_write() {
            return Ok(());
        }
        let position = u64::from(self.stored) * E::SIZE as u64;
        let mut bytes = Vec::with_capacity(self.tail.len() * E::SIZE);
        for entry in &self.tail {
            entry.encode(&mut bytes);
        }
        let file = self.open()?.clone();
        let end = position + bytes.len() as u64;
        if !bytes.is_empty() {
            file.write_at(&bytes, position)?;
        }
        if self.stale && file.len()? > end {
            file.truncate(end)?;
        }
        self.stored += self.tail.len() as u32;
        self.tail.clear();
        self.stale = false;
        Ok(())
    }

    /// Keeps the first `count` entries. The file follows at the next flush.
    pub(crate) fn truncate(&mut self, count: u32) -> io::Result<()> {
        if count >= self.len() {
            return Ok(());
        }
        if count >= self.stored {
            self.tail.truncate((count - self.stored) as usize);
        } else {
            self.tail.clear();
            self.stored = count;
            self.stale = true;
        }
        self.last = count.checked_sub(1).map(|slot| self.read(slot)).transpose()?;
        Ok(())
    }

    /// Gives the file handle back.
    pub(crate) fn close(&mut self) {
        self.file = None;
        self.tail.shrink_to_fit();
    }
}
