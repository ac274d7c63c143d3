//! Walking a segment's batches from the file, header by header or batch by batch.

use std::io;
use std::sync::Arc;

use headwater_base::Offset;
use headwater_records::{BatchError, BatchHeader, BatchView, HEADER_SIZE};

use crate::disk::DiskFile;

/// Why a walk cannot go on at a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    /// No batch begins here, or it does not end before the end of the region.
    NoBatch(BatchError),
    /// The batch's offsets do not follow those before it.
    Offsets { expected: Offset, found: Offset },
}

impl std::fmt::Display for Break {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Break::NoBatch(error) => error.fmt(f),
            Break::Offsets { expected, found } => {
                write!(f, "offset {found} where {expected} or later must come")
            }
        }
    }
}

/// Checks that a header continues a log whose next offset is `expected`.
pub(crate) fn check_offsets(header: &BatchHeader, expected: Offset) -> Result<(), Break> {
    if header.base_offset < expected || header.last_offset_delta < 0 || header.base_offset.0 > i64::MAX / 2 {
        return Err(Break::Offsets { expected, found: header.base_offset });
    }
    Ok(())
}

/// A batch and where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Located {
    pub(crate) position: u64,
    pub(crate) header: BatchHeader,
}

impl Located {
    pub(crate) fn end(&self) -> u64 {
        self.position + self.header.size() as u64
    }
}

/// A window of a file that moves forward.
struct Window {
    file: Arc<dyn DiskFile>,
    start: u64,
    bytes: Vec<u8>,
    /// Bytes to read at once, at least.
    chunk: usize,
}

impl Window {
    /// `len` bytes at `position`, or fewer when the region ends at `end` before.
    fn get(&mut self, position: u64, len: usize, end: u64) -> io::Result<&[u8]> {
        let len = len.min(end.saturating_sub(position) as usize);
        let have = position >= self.start && position + len as u64 <= self.start + self.bytes.len() as u64;
        if !have {
            let want = (len.max(self.chunk) as u64).min(end.saturating_sub(position)) as usize;
            self.bytes.resize(want, 0);
            let read = self.file.read_at(&mut self.bytes, position)?;
            self.bytes.truncate(read);
            self.start = position;
        }
        let from = (position - self.start) as usize;
        Ok(&self.bytes[from..(from + len).min(self.bytes.len())])
    }
}

/// Walks headers without looking at the records.
pub(crate) struct HeaderScan {
    window: Window,
    position: u64,
    end: u64,
}

/// Bytes that a lookup reads at once: about what lies between two index entries.
const LOOKUP_CHUNK: usize = 4096;
/// Bytes that a walk over a whole segment reads at once.
const WALK_CHUNK: usize = 256 * 1024;

impl HeaderScan {
    /// A walk over a few batches.
    pub(crate) fn lookup(file: Arc<dyn DiskFile>, position: u64, end: u64) -> HeaderScan {
        HeaderScan::new(file, position, end, LOOKUP_CHUNK)
    }

    /// A walk over many.
    pub(crate) fn walk(file: Arc<dyn DiskFile>, position: u64, end: u64) -> HeaderScan {
        HeaderScan::new(file, position, end, WALK_CHUNK)
    }

    /// A walk that reads `chunk` bytes at once.
    pub(crate) fn new(file: Arc<dyn DiskFile>, position: u64, end: u64, chunk: usize) -> HeaderScan {
        HeaderScan { window: Window { file, start: 0, bytes: Vec::new(), chunk }, position, end }
    }

    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The next header. `Ok(None)` at the end of the region.
    pub(crate) fn next(&mut self) -> io::Result<Option<Result<Located, Break>>> {
        if self.position >= self.end {
            return Ok(None);
        }
        let left = self.end - self.position;
        let bytes = self.window.get(self.position, HEADER_SIZE, self.end)?;
        let header = match BatchHeader::parse(bytes) {
            Ok(header) => header,
            Err(error) => return Ok(Some(Err(Break::NoBatch(error)))),
        };
        if header.size() as u64 > left {
            let torn = BatchError::Truncated { needed: header.size(), available: left as usize };
            return Ok(Some(Err(Break::NoBatch(torn))));
        }
        let located = Located { position: self.position, header };
        self.position = located.end();
        Ok(Some(Ok(located)))
    }

    /// The whole batch that `next` gave last.
    pub(crate) fn batch(&mut self, located: &Located) -> io::Result<&[u8]> {
        self.window.get(located.position, located.header.size(), self.end)
    }
}

/// Walks batches and verifies checksums and offsets.
pub(crate) struct BatchScan {
    headers: HeaderScan,
    expected: Offset,
}

impl BatchScan {
    pub(crate) fn new(file: Arc<dyn DiskFile>, position: u64, end: u64, expected: Offset) -> BatchScan {
        BatchScan { headers: HeaderScan::new(file, position, end, 4 * WALK_CHUNK), expected }
    }

    /// Where the next batch begins: behind all valid ones so far.
    pub(crate) fn position(&self) -> u64 {
        self.headers.position
    }

    /// The offset that must come next.
    pub(crate) fn expected(&self) -> Offset {
        self.expected
    }

    /// The next valid batch. After a break the walk stays where it is.
    pub(crate) fn next(&mut self) -> io::Result<Option<Result<Located, Break>>> {
        let before = self.headers.position;
        let located = match self.headers.next()? {
            Some(Ok(located)) => located,
            other => return Ok(other),
        };
        let valid = match check_offsets(&located.header, self.expected) {
            Ok(()) => {
                let bytes = self.headers.batch(&located)?;
                BatchView::parse(bytes).and_then(|batch| batch.verify_crc()).map_err(Break::NoBatch)
            }
            Err(broken) => Err(broken),
        };
        if let Err(broken) = valid {
            self.headers.position = before;
            return Ok(Some(Err(broken)));
        }
        self.expected = located.header.next_offset();
        Ok(Some(Ok(located)))
    }
}
