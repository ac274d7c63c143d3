//! A file of fixed-size entries in growing order, of which the newest may still be in memory.
//!
//! In memory are the tail that is not written yet, every [`BLOCK`]th entry, and the block that was looked at last. So a
//! lookup costs at most one read, and the memory for a gigabyte of log is some KiB.

use std::io;
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
/// Entries that are read at once.
const BLOCK: u32 = 512;

/// See the module.
pub(crate) struct IndexFile<E> {
    disk: Arc<dyn Disk>,
    path: Box<str>,
    file: Option<Arc<dyn DiskFile>>,
    /// Entries in the file that count.
    stored: u32,
    /// The first entry of each block of the file.
    samples: Vec<E>,
    /// The block that was read last, by its number.
    block: Option<(u32, Vec<E>)>,
    /// Entries that are not in the file yet.
    tail: Vec<E>,
    last: Option<E>,
    /// Whether the file has to be created, or cut to `stored` entries.
    stale: bool,
}

impl<E: Entry> IndexFile<E> {
    /// An index that has no file yet, or whose file is to be written anew.
    pub(crate) fn empty(disk: Arc<dyn Disk>, path: String) -> Self {
        IndexFile {
            disk,
            path: path.into(),
            file: None,
            stored: 0,
            samples: Vec::new(),
            block: None,
            tail: Vec::new(),
            last: None,
            stale: true,
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
        index.last = index.last_stored()?;
        for block in 0..index.stored.div_ceil(BLOCK) {
            let first = index.read_entries(block * BLOCK, 1)?[0];
            index.samples.push(first);
        }
        Ok(Some(index))
    }

    fn last_stored(&mut self) -> io::Result<Option<E>> {
        match self.stored.checked_sub(1) {
            Some(slot) => Ok(Some(self.read_entries(slot, 1)?[0])),
            None => Ok(None),
        }
    }

    /// Leaves out the blank entries of a preallocated file.
    fn trim_blank(&mut self) -> io::Result<()> {
        if !self.last_stored()?.is_some_and(|last| last.is_blank()) {
            return Ok(());
        }
        let (mut low, mut high) = (0, self.stored - 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.read_entries(middle, 1)?[0].is_blank() { high = middle } else { low = middle + 1 }
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

    fn read_entries(&mut self, slot: u32, count: u32) -> io::Result<Vec<E>> {
        let mut bytes = vec![0; count as usize * E::SIZE];
        let read = self.open()?.read_at(&mut bytes, u64::from(slot) * E::SIZE as u64)?;
        if read < bytes.len() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the index is shorter than it was"));
        }
        Ok(bytes.chunks_exact(E::SIZE).map(E::decode).collect())
    }

    /// The entries of a block of the file.
    fn block(&mut self, number: u32) -> io::Result<&[E]> {
        if self.block.as_ref().is_none_or(|(known, _)| *known != number) {
            let start = number * BLOCK;
            let entries = self.read_entries(start, BLOCK.min(self.stored - start))?;
            self.block = Some((number, entries));
        }
        Ok(self.block.as_ref().map_or(&[], |(_, entries)| entries))
    }

    /// The entry in a slot.
    pub(crate) fn read(&mut self, slot: u32) -> io::Result<E> {
        match slot.checked_sub(self.stored) {
            Some(slot) => Ok(self.tail[slot as usize]),
            None => Ok(self.block(slot / BLOCK)?[(slot % BLOCK) as usize]),
        }
    }

    /// How many entries fulfil `before`, which holds for a prefix of them.
    pub(crate) fn partition_point(&mut self, before: impl Fn(&E) -> bool) -> io::Result<u32> {
        if self.tail.first().is_some_and(&before) {
            return Ok(self.stored + self.tail.partition_point(&before) as u32);
        }
        let Some(number) = (self.samples.partition_point(&before) as u32).checked_sub(1) else {
            return Ok(0);
        };
        Ok(number * BLOCK + self.block(number)?.partition_point(&before) as u32)
    }

    /// Whether each entry of the file follows the one before it, the first one `start`.
    pub(crate) fn is_sorted(&mut self, start: E, follows: impl Fn(&E, &E) -> bool) -> io::Result<bool> {
        let mut before = start;
        for number in 0..self.stored.div_ceil(BLOCK) {
            for entry in self.block(number)? {
                if !follows(&before, entry) {
                    return Ok(false);
                }
                before = *entry;
            }
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
        for entry in self.tail.drain(..) {
            if self.stored.is_multiple_of(BLOCK) {
                self.samples.push(entry);
            }
            self.stored += 1;
        }
        self.block = None;
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
            self.samples.truncate(count.div_ceil(BLOCK) as usize);
            self.block = None;
            self.stale = true;
        }
        self.last = match count.checked_sub(1) {
            Some(slot) => Some(self.read(slot)?),
            None => None,
        };
        Ok(())
    }

    /// Writes the waiting entries and gives the file handle back, also when they cannot be written: then they wait on.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        let flushed = self.flush();
        self.close();
        flushed
    }

    pub(crate) fn is_open(&self) -> bool {
        self.file.is_some()
    }

    /// Gives the file handle back, and what only saves reading.
    pub(crate) fn close(&mut self) {
        self.file = None;
        self.block = None;
        self.tail.shrink_to_fit();
    }
}
