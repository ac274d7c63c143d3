//! One batch as a view over its bytes, and the walk over a region of batches.

use std::fmt;
use std::ops::Deref;

use crate::checksum::crc32c;
use crate::header::{BatchHeader, HEADER_SIZE, at};

/// Why bytes are not a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchError {
    /// The bytes end before the batch does: a torn tail, or a fetch that was cut at its size limit.
    Truncated {
        /// Bytes of the batch, or of a header when not even that is there.
        needed: usize,
        /// Bytes that are there.
        available: usize,
    },
    /// `batch_length` is smaller than a header.
    Length(i32),
    /// Not magic 2.
    UnsupportedMagic(i8),
    /// The checksum does not fit.
    Crc {
        /// What the header says.
        stored: u32,
        /// What the bytes give.
        computed: u32,
    },
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BatchError::Truncated { needed, available } => {
                write!(f, "batch of {needed} bytes ends after {available}")
            }
            BatchError::Length(length) => write!(f, "batch length {length} is smaller than a batch header"),
            BatchError::UnsupportedMagic(magic) => write!(f, "unsupported magic {magic}"),
            BatchError::Crc { stored, computed } => {
                write!(f, "stored checksum is {stored:#010x}, computed {computed:#010x}")
            }
        }
    }
}

impl std::error::Error for BatchError {}

/// A whole batch in memory. Its header's fields are reached directly: `view.base_offset`, `view.last_offset()`.
#[derive(Clone, Copy, Debug)]
pub struct BatchView<'a> {
    header: BatchHeader,
    bytes: &'a [u8],
}

impl<'a> BatchView<'a> {
    /// The batch at the start of `bytes`; what follows it is left alone. Does not verify the checksum.
    pub fn parse(bytes: &'a [u8]) -> Result<BatchView<'a>, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        match bytes.get(..header.size()) {
            Some(bytes) => Ok(BatchView { header, bytes }),
            None => Err(BatchError::Truncated { needed: header.size(), available: bytes.len() }),
        }
    }

    /// The decoded header.
    #[must_use]
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The bytes of the batch, header included.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes after the header: records, compressed if a codec is set.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        &self.bytes[HEADER_SIZE..]
    }

    /// Checks that the stored checksum is that of the bytes.
    pub fn verify_crc(&self) -> Result<(), BatchError> {
        let computed = crc32c(&self.bytes[at::ATTRIBUTES..]);
        if computed == self.header.crc {
            Ok(())
        } else {
            Err(BatchError::Crc { stored: self.header.crc, computed })
        }
    }
}

impl Deref for BatchView<'_> {
    type Target = BatchHeader;

    fn deref(&self) -> &BatchHeader {
        &self.header
    }
}

/// Walks the batches of `region`, which begins with a batch.
///
/// After an error nothing more comes. A region that ends inside a batch gives [`BatchError::Truncated`] as its last
/// item; [`Batches::position`] is where the last whole batch ended.
#[must_use]
pub fn batches(region: &[u8]) -> Batches<'_> {
    Batches { region, position: 0, failed: false }
}

/// See [`batches`].
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    region: &'a [u8],
    position: usize,
    failed: bool,
}

impl Batches<'_> {
    /// Byte position in the region after the last batch that was returned.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<BatchView<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.region[self.position..];
        if rest.is_empty() || self.failed {
            return None;
        }
        let batch = BatchView::parse(rest);
        match &batch {
            Ok(batch) => self.position += batch.bytes.len(),
            Err(_) => self.failed = true,
        }
        Some(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{BatchBuilder, BatchOptions};
    use headwater_base::Offset;

    fn sample(base: i64, count: usize) -> Vec<u8> {
        let mut builder = BatchBuilder::new(BatchOptions { base_offset: Offset(base), ..Default::default() });
        for index in 0..count {
            builder.append(1_000 + index as i64, None, Some(b"value"), &[]);
        }
        builder.build()
    }

    #[test]
    fn walks_whole_batches_and_names_the_torn_one() {
        let mut region = sample(5, 3);
        region.extend(sample(8, 1));
        let whole = region.len();
        region.extend(&sample(9, 2)[..70]);
        let mut walk = batches(&region);
        let first = walk.next().unwrap().unwrap();
        assert_eq!((first.base_offset.0, first.last_offset().0, first.record_count), (5, 7, 3));
        first.verify_crc().unwrap();
        assert_eq!(walk.next().unwrap().unwrap().base_offset, Offset(8));
        assert!(matches!(walk.next(), Some(Err(BatchError::Truncated { available: 70, .. }))));
        assert_eq!(walk.position(), whole);
        assert!(walk.next().is_none());
    }

    #[test]
    fn refuses_what_is_no_batch() {
        let good = sample(0, 1);
        let mut old = good.clone();
        old[16] = 1;
        assert_eq!(BatchView::parse(&old).unwrap_err(), BatchError::UnsupportedMagic(1));
        let mut short = good.clone();
        short[8..12].copy_from_slice(&48i32.to_be_bytes());
        assert_eq!(BatchView::parse(&short).unwrap_err(), BatchError::Length(48));
        short[8..12].copy_from_slice(&(-5i32).to_be_bytes());
        assert_eq!(BatchView::parse(&short).unwrap_err(), BatchError::Length(-5));
        short[8..12].copy_from_slice(&i32::MAX.to_be_bytes());
        assert!(matches!(BatchView::parse(&short), Err(BatchError::Truncated { .. })));
        let mut flipped = good.clone();
        *flipped.last_mut().unwrap() ^= 1;
        assert!(matches!(BatchView::parse(&flipped).unwrap().verify_crc(), Err(BatchError::Crc { .. })));
    }
}
