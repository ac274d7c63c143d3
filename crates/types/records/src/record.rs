//! Records inside a batch.

use std::fmt;

use headwater_base::Offset;

use crate::batch::BatchView;
use crate::compression::{DecompressError, Scratch};
use crate::header::{BatchHeader, Codec, TimestampType, increment_sequence};
use crate::varint::{get_i32, get_i64};

/// A record's header: a name, which is UTF-8 by convention, and a value that may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Need not be unique.
    pub key: &'a [u8],
    /// `None` is null.
    pub value: Option<&'a [u8]>,
}

/// Why the records of a batch cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordsError {
    /// The compression gave no bytes.
    Decompress(DecompressError),
    /// The header's count is negative.
    Count(i32),
    /// The record with this index is not one.
    Malformed {
        /// From 0.
        index: i32,
        /// What is wrong.
        what: &'static str,
    },
    /// The bytes end before the last record does.
    Premature,
    /// Bytes follow the last record.
    Remaining,
}

impl fmt::Display for RecordsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordsError::Decompress(error) => error.fmt(f),
            RecordsError::Count(count) => write!(f, "Found invalid record count {count} in magic v2 batch"),
            RecordsError::Malformed { index, what } => write!(f, "record {index}: {what}"),
            RecordsError::Premature => f.write_str("Incorrect declared batch size, premature EOF reached"),
            RecordsError::Remaining => {
                f.write_str("Incorrect declared batch size, records still remaining in file")
            }
        }
    }
}

impl std::error::Error for RecordsError {}

impl From<DecompressError> for RecordsError {
    fn from(error: DecompressError) -> Self {
        RecordsError::Decompress(error)
    }
}

/// One record. Borrowed from the batch, or from the scratch it was decompressed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its offset.
    pub offset: Offset,
    /// Milliseconds; −1 for none. The batch's max timestamp when that is the time of the append.
    pub timestamp: i64,
    /// Sequence number, −1 without one.
    pub sequence: i32,
    /// `None` is null.
    pub key: Option<&'a [u8]>,
    /// `None` is null: a tombstone in a compacted topic.
    pub value: Option<&'a [u8]>,
    /// Number of headers.
    pub header_count: i32,
    headers: &'a [u8],
    size: usize,
}

impl<'a> Record<'a> {
    /// Its headers in order.
    #[must_use]
    pub fn headers(&self) -> Headers<'a> {
        Headers { bytes: self.headers, left: self.header_count }
    }

    /// Bytes it takes in the batch, uncompressed, its own length included.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }
}

/// See [`Record::headers`].
#[derive(Clone, Debug)]
pub struct Headers<'a> {
    bytes: &'a [u8],
    left: i32,
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let mut cursor = Cursor { bytes: self.bytes, at: 0 };
        let key = cursor.bytes().ok().flatten()?;
        let value = cursor.bytes().ok()?;
        self.bytes = &self.bytes[cursor.at..];
        Some(Header { key, value })
    }
}

/// A record as it lies in the batch: deltas not resolved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    pub timestamp_delta: i64,
    pub offset_delta: i32,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub header_count: i32,
    pub headers: &'a [u8],
}

/// Why bytes do not begin with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// They end inside it.
    More,
    /// They can never become one.
    Malformed(&'static str),
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

const STRUCTURE: &str = "Found invalid record structure";

impl<'a> Cursor<'a> {
    #[inline(always)]
    fn varint(&mut self) -> Result<i32, &'static str> {
        let (value, size) = get_i32(self.bytes.get(self.at..).unwrap_or_default()).ok_or(STRUCTURE)?;
        self.at += size;
        Ok(value)
    }

    #[inline(always)]
    fn varlong(&mut self) -> Result<i64, &'static str> {
        let (value, size) = get_i64(self.bytes.get(self.at..).unwrap_or_default()).ok_or(STRUCTURE)?;
        self.at += size;
        Ok(value)
    }

    /// A length and so many bytes; any negative length is null, as the reference has it.
    #[inline(always)]
    fn bytes(&mut self) -> Result<Option<&'a [u8]>, &'static str> {
        let length = self.varint()?;
        if length < 0 {
            return Ok(None);
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let bytes = rest.get(..length as usize).ok_or(STRUCTURE)?;
        self.at += bytes.len();
        Ok(Some(bytes))
    }
}

/// The record at the start of `bytes` and how many of them it takes.
#[inline(always)]
pub(crate) fn parse(bytes: &[u8]) -> Result<(Fields<'_>, usize), Unread> {
    let (length, start) = match get_i32(bytes) {
        Some(read) => read,
        None if bytes.len() < 5 => return Err(Unread::More),
        None => return Err(Unread::Malformed("Varint is too long")),
    };
    if length < 0 {
        return Err(Unread::Malformed("Invalid record size: negative"));
    }
    let body = bytes[start..].get(..length as usize).ok_or(Unread::More)?;
    let fields = parse_body(body).map_err(Unread::Malformed)?;
    Ok((fields, start + body.len()))
}

#[inline(always)]
fn parse_body(body: &[u8]) -> Result<Fields<'_>, &'static str> {
    // The first byte holds attributes that nobody uses.
    let mut cursor = Cursor { bytes: body, at: 1 };
    let timestamp_delta = cursor.varlong()?;
    let offset_delta = cursor.varint()?;
    let key = cursor.bytes()?;
    let value = cursor.bytes()?;
    let header_count = cursor.varint()?;
    let headers = &body[cursor.at..];
    if header_count != 0 {
        skip_headers(&mut cursor, header_count)?;
    }
    if cursor.at != body.len() {
        return Err("Invalid record size: more bytes than its fields take");
    }
    Ok(Fields { timestamp_delta, offset_delta, key, value, header_count, headers })
}

#[inline(never)]
fn skip_headers(cursor: &mut Cursor<'_>, count: i32) -> Result<(), &'static str> {
    if count < 0 {
        return Err("Found invalid number of record headers");
    }
    // A header takes two bytes at least, so a false count ends soon.
    for _ in 0..count {
        if cursor.bytes()?.is_none() {
            return Err("Invalid negative header key size");
        }
        cursor.bytes()?;
    }
    Ok(())
}

/// What a validator wants to know of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Brief {
    pub timestamp_delta: i64,
    pub offset_delta: i32,
    pub has_key: bool,
    /// Where the record ends.
    pub end: usize,
}

/// The record at `start` in `bytes`, if it is well-formed and as most are: fields of lengths that take three bytes or
/// less. On `None` [`parse`] has the say.
#[inline(always)]
pub(crate) fn brief(bytes: &[u8], start: usize) -> Option<Brief> {
    let mut at = start;
    let length = short(bytes, &mut at)?;
    let end = at.checked_add(usize::try_from(length).ok()?)?;
    // The attributes.
    at += 1;
    let timestamp_delta = i64::from(short(bytes, &mut at)?);
    let offset_delta = short(bytes, &mut at)?;
    let key = short(bytes, &mut at)?;
    at = at.checked_add(key.max(0) as usize)?;
    let value = short(bytes, &mut at)?;
    at = at.checked_add(value.max(0) as usize)?;
    let headers = short(bytes, &mut at)?;
    (headers == 0 && at == end).then_some(Brief { timestamp_delta, offset_delta, has_key: key >= 0, end })
}

/// The varint at `at`, if it has three bytes or less.
#[inline(always)]
fn short(bytes: &[u8], at: &mut usize) -> Option<i32> {
    let (value, size) = match *bytes.get(*at..)? {
        [a, ..] if a < 0x80 => (u32::from(a), 1),
        [a, b, ..] if b < 0x80 => (u32::from(a & 0x7f) | u32::from(b) << 7, 2),
        [a, b, c, ..] if c < 0x80 => (u32::from(a & 0x7f) | u32::from(b & 0x7f) << 7 | u32::from(c) << 14, 3),
        _ => return None,
    };
    *at += size;
    Some((value >> 1) as i32 ^ -((value & 1) as i32))
}

/// Iterates over the records of a batch. Ends after the first error.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    header: BatchHeader,
    bytes: &'a [u8],
    index: i32,
}

impl<'a> Records<'a> {
    /// Over `bytes`, the plain records that belong to `header`.
    pub(crate) fn new(header: &BatchHeader, bytes: &'a [u8]) -> Result<Records<'a>, RecordsError> {
        if header.record_count < 0 {
            return Err(RecordsError::Count(header.record_count));
        }
        Ok(Records { header: *header, bytes, index: 0 })
    }

    fn resolve(&self, fields: Fields<'a>, size: usize) -> Record<'a> {
        let header = &self.header;
        Record {
            offset: Offset(header.base_offset.0.wrapping_add(i64::from(fields.offset_delta))),
            timestamp: match header.timestamp_type() {
                TimestampType::CreateTime => header.base_timestamp.wrapping_add(fields.timestamp_delta),
                TimestampType::LogAppendTime => header.max_timestamp,
            },
            sequence: match header.base_sequence {
                base if base >= 0 => increment_sequence(base, fields.offset_delta),
                _ => -1,
            },
            key: fields.key,
            value: fields.value,
            header_count: fields.header_count,
            headers: fields.headers,
            size,
        }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, RecordsError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.index >= self.header.record_count {
            return None;
        }
        let index = self.index;
        let result = parse(self.bytes).map(|(fields, size)| {
            self.bytes = &self.bytes[size..];
            self.resolve(fields, size)
        });
        self.index += 1;
        let result = match result {
            Ok(_) if self.index == self.header.record_count && !self.bytes.is_empty() => {
                Err(RecordsError::Remaining)
            }
            Ok(record) => return Some(Ok(record)),
            Err(Unread::More) => Err(RecordsError::Premature),
            Err(Unread::Malformed(what)) => Err(RecordsError::Malformed { index, what }),
        };
        self.index = self.header.record_count;
        Some(result)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // A record takes seven bytes at least; the header's count is only a claim.
        let left = (self.header.record_count - self.index) as usize;
        (0, Some(left.min(self.bytes.len() / 7 + 1)))
    }
}

impl<'a> BatchView<'a> {
    /// The records. Uncompressed ones are read where they lie; others are decompressed into `space`, whose old content
    /// is lost, as far as `limit` bytes allow.
    pub fn records<'s>(
        &self,
        scratch: &mut Scratch,
        space: &'s mut Vec<u8>,
        limit: usize,
    ) -> Result<Records<'s>, RecordsError>
    where
        'a: 's,
    {
        let codec = self.codec().ok_or(DecompressError::UnknownCodec(self.attributes.codec_id()))?;
        if codec == Codec::None || self.record_count == 0 {
            return Records::new(self.header(), self.payload());
        }
        space.clear();
        crate::compression::decompress_into(codec, self.payload(), limit, scratch, space)?;
        Records::new(self.header(), space)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{BatchBuilder, BatchOptions};
    use crate::compression::Compression;

    const HEADERS: [Header<'static>; 3] = [
        Header { key: b"a", value: Some(b"1") },
        Header { key: b"", value: None },
        Header { key: b"a", value: Some(b"") },
    ];

    fn sample(codec: Codec) -> Vec<u8> {
        let options = BatchOptions {
            base_offset: Offset(100),
            base_sequence: i32::MAX - 1,
            producer_id: 5.into(),
            producer_epoch: 0.into(),
            compression: Compression::of(codec),
            ..Default::default()
        };
        let mut builder = BatchBuilder::new(options);
        builder.append(1000, Some(b"key"), Some(b"value"), &HEADERS);
        builder.append(900, None, Some(&[7; 100_000]), &[]);
        builder.append(-1, Some(b""), None, &HEADERS[..1]);
        builder.build()
    }

    #[test]
    fn reads_what_was_built_with_every_codec() {
        let (mut scratch, mut space) = (Scratch::new(), Vec::new());
        for codec in Codec::ALL {
            let bytes = sample(codec);
            let batch = BatchView::parse(&bytes).unwrap();
            batch.verify_crc().unwrap();
            assert_eq!((batch.codec(), batch.max_timestamp), (Some(codec), 1000));
            let records: Vec<Record<'_>> =
                batch.records(&mut scratch, &mut space, 1 << 20).unwrap().map(Result::unwrap).collect();
            let brief: Vec<_> = records.iter().map(|r| (r.offset.0, r.timestamp, r.sequence)).collect();
            assert_eq!(brief, [(100, 1000, i32::MAX - 1), (101, 900, i32::MAX), (102, -1, 0)]);
            assert_eq!((records[0].key, records[0].value), (Some(&b"key"[..]), Some(&b"value"[..])));
            assert_eq!(records[0].headers().collect::<Vec<_>>(), HEADERS);
            assert_eq!((records[1].key, records[1].value), (None, Some(&[7; 100_000][..])));
            assert_eq!((records[2].key, records[2].value), (Some(&b""[..]), None));
            assert_eq!(records[2].headers().count(), 1);
        }
    }

    #[test]
    fn a_wrong_count_is_noticed() {
        let (mut scratch, mut space) = (Scratch::new(), Vec::new());
        let mut last = |count: i32| {
            let mut bytes = sample(Codec::None);
            bytes[57..61].copy_from_slice(&count.to_be_bytes());
            let batch = BatchView::parse(&bytes).unwrap();
            batch
                .records(&mut scratch, &mut space, 0)?
                .last()
                .unwrap_or(Err(RecordsError::Count(0)))
                .map(|_| ())
        };
        assert_eq!(last(3), Ok(()));
        assert_eq!(last(2), Err(RecordsError::Remaining));
        assert_eq!(last(4), Err(RecordsError::Premature));
        assert_eq!(last(i32::MAX), Err(RecordsError::Premature));
        assert_eq!(last(-1), Err(RecordsError::Count(-1)));
    }
}
