//! Writes Kafka's primitive types to a buffer.
//!
//! The writer keeps the first error; what it holds is worthless from then on. Lengths of tagged fields and frames are
//! patched when their end is known. Record bytes may be left out, see [`Gap`].

use headwater_base::Uuid;

use crate::{EncodeError, Records};

/// The longest string of the protocol.
const MAX_STRING: usize = i16::MAX as usize;

/// Bytes that belong into the message but are not in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where in the buffer they belong: in front of the byte with this index.
    pub at: usize,
    /// How many they are.
    pub len: u32,
    /// What [`Records::External`] called them.
    pub token: u64,
}

/// A growing message.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    gaps: Vec<Gap>,
    error: Option<EncodeError>,
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer with room for `bytes`.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// A writer that appends to `bytes`, so that a buffer can be used again.
    #[must_use]
    pub fn append_to(bytes: Vec<u8>) -> Self {
        Self { bytes, ..Self::default() }
    }

    /// The first error, if there was one.
    #[must_use]
    pub fn error(&self) -> Option<EncodeError> {
        self.error
    }

    /// How many bytes are in the buffer, without those left out.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// True while nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.gaps.is_empty()
    }

    /// The bytes so far, without those left out.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// What was left out, in the order of positions.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// How many bytes were left out.
    #[must_use]
    pub fn external_len(&self) -> u64 {
        self.gaps.iter().map(|gap| u64::from(gap.len)).sum()
    }

    /// The bytes of a message without gaps.
    ///
    /// # Panics
    /// When something was left out: use [`Writer::into_parts`].
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        assert!(self.gaps.is_empty(), "a message with gaps is not its bytes");
        self.bytes
    }

    /// The bytes, and what was left out of them.
    #[must_use]
    pub fn into_parts(self) -> (Vec<u8>, Vec<Gap>) {
        (self.bytes, self.gaps)
    }

    /// Begins a frame: four bytes for the length of what follows. Gives the position for [`Writer::end_frame`].
    pub fn begin_frame(&mut self) -> usize {
        let at = self.bytes.len();
        self.i32(0);
        at
    }

    /// Ends the frame that began at `at`: its length counts what was left out too.
    pub fn end_frame(&mut self, at: usize) {
        let external: u64 = self.gaps.iter().filter(|gap| gap.at > at).map(|gap| u64::from(gap.len)).sum();
        let length = (self.bytes.len() - at - 4) as u64 + external;
        match i32::try_from(length) {
            Ok(length) => self.bytes[at..at + 4].copy_from_slice(&length.to_be_bytes()),
            Err(_) => self.fail(EncodeError::TooLong),
        }
    }

    /// Keeps the first error.
    #[cold]
    pub(crate) fn fail(&mut self, error: EncodeError) {
        self.error.get_or_insert(error);
    }

    /// Notes that a field cannot be carried unless `holds`.
    pub(crate) fn require(&mut self, holds: bool, field: &'static str) {
        if !holds {
            self.fail(EncodeError::NotInVersion(field));
        }
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// `len` bytes that are left out.
    pub fn external(&mut self, len: u32, token: u64) {
        self.gaps.push(Gap { at: self.bytes.len(), len, token });
    }

    /// One byte, one or zero.
    pub fn bool(&mut self, value: bool) {
        self.bytes.push(u8::from(value));
    }

    /// A signed byte.
    pub fn i8(&mut self, value: i8) {
        self.raw(&value.to_be_bytes());
    }

    /// Two bytes.
    pub fn i16(&mut self, value: i16) {
        self.raw(&value.to_be_bytes());
    }

    /// Two bytes without sign.
    pub fn u16(&mut self, value: u16) {
        self.raw(&value.to_be_bytes());
    }

    /// Four bytes.
    pub fn i32(&mut self, value: i32) {
        self.raw(&value.to_be_bytes());
    }

    /// Four bytes without sign.
    pub fn u32(&mut self, value: u32) {
        self.raw(&value.to_be_bytes());
    }

    /// Eight bytes.
    pub fn i64(&mut self, value: i64) {
        self.raw(&value.to_be_bytes());
    }

    /// An IEEE 754 number of eight bytes.
    pub fn f64(&mut self, value: f64) {
        self.raw(&value.to_be_bytes());
    }

    /// Sixteen bytes.
    pub fn uuid(&mut self, value: Uuid) {
        self.raw(&value.to_bytes());
    }

    /// A number of one to five bytes, seven bits in each, lowest first.
    pub fn unsigned_varint(&mut self, value: u32) {
        if value < 0x80 {
            return self.bytes.push(value as u8);
        }
        let (bytes, len) = varint(value);
        self.raw(&bytes[..len]);
    }

    /// The length of bytes or elements.
    fn length(&mut self, compact: bool, length: usize) {
        match i32::try_from(length) {
            Ok(length) if length < i32::MAX && compact => self.unsigned_varint(length.cast_unsigned() + 1),
            Ok(length) if length < i32::MAX => self.i32(length),
            _ => self.fail(EncodeError::TooLong),
        }
    }

    /// Null in front of bytes or elements; an error unless `nullable`.
    fn null(&mut self, compact: bool, nullable: bool) {
        match (nullable, compact) {
            (false, _) => self.fail(EncodeError::Null),
            (_, true) => self.raw(&[0]),
            (_, false) => self.i32(-1),
        }
    }

    /// A string.
    pub fn string(&mut self, compact: bool, text: &str) {
        match i16::try_from(text.len()) {
            Ok(length) if !compact => self.i16(length),
            Ok(length) => self.unsigned_varint(u32::from(length.cast_unsigned()) + 1),
            Err(_) => return self.fail(EncodeError::StringTooLong),
        }
        debug_assert!(text.len() <= MAX_STRING);
        self.raw(text.as_bytes());
    }

    /// A string or null; null is an error unless `nullable`.
    pub fn nullable_string(&mut self, compact: bool, nullable: bool, text: Option<&str>) {
        match text {
            Some(text) => self.string(compact, text),
            None if compact || !nullable => self.null(compact, nullable),
            None => self.i16(-1),
        }
    }

    /// Bytes behind their length.
    pub fn bytes(&mut self, compact: bool, bytes: &[u8]) {
        self.length(compact, bytes.len());
        self.raw(bytes);
    }

    /// Bytes or null; null is an error unless `nullable`.
    pub fn nullable_bytes(&mut self, compact: bool, nullable: bool, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bytes(compact, bytes),
            None => self.null(compact, nullable),
        }
    }

    /// Record batches, or the gap where they belong.
    pub fn records(&mut self, compact: bool, nullable: bool, records: &Records) {
        match records {
            Records::Null => self.null(compact, nullable),
            Records::Bytes(bytes) => self.bytes(compact, bytes),
            Records::External { len, token } => {
                self.length(compact, *len as usize);
                self.external(*len, *token);
            }
            Records::InPlace { .. } => self.fail(EncodeError::RecordsElsewhere),
        }
    }

    /// An array.
    pub(crate) fn array<T>(
        &mut self,
        compact: bool,
        elements: &[T],
        version: i16,
        put: fn(&T, &mut Writer, i16),
    ) {
        self.length(compact, elements.len());
        for element in elements {
            put(element, self, version);
        }
    }

    /// An array or null; null is an error unless `nullable`.
    pub(crate) fn nullable_array<T>(
        &mut self,
        compact: bool,
        nullable: bool,
        elements: Option<&[T]>,
        version: i16,
        put: fn(&T, &mut Writer, i16),
    ) {
        match elements {
            Some(elements) => self.array(compact, elements, version, put),
            None => self.null(compact, nullable),
        }
    }

    /// A structure behind a byte that says whether it is there.
    pub(crate) fn nullable<T>(
        &mut self,
        nullable: bool,
        structure: Option<&T>,
        version: i16,
        put: fn(&T, &mut Writer, i16),
    ) {
        match structure {
            Some(structure) => {
                self.i8(1);
                put(structure, self, version);
            }
            None if nullable => self.i8(-1),
            None => self.fail(EncodeError::Null),
        }
    }

    /// A structure or null in a tagged field, where null is zero.
    pub(crate) fn nullable_tagged<T>(
        &mut self,
        structure: Option<&T>,
        version: i16,
        put: fn(&T, &mut Writer, i16),
    ) {
        match structure {
            Some(structure) => {
                self.i8(1);
                put(structure, self, version);
            }
            None => self.i8(0),
        }
    }

    /// A section without tagged fields.
    pub(crate) fn no_tags(&mut self) {
        self.raw(&[0]);
    }

    /// Begins a section of tagged fields.
    pub(crate) fn tags(&mut self) -> TagsOut {
        let at = self.bytes.len();
        self.raw(&[0]);
        TagsOut { at, count: 0, content: 0 }
    }
}

/// A section of tagged fields that is being written. Fields must come in the order of tags.
pub(crate) struct TagsOut {
    at: usize,
    count: u8,
    content: usize,
}

impl TagsOut {
    /// Begins a field.
    pub(crate) fn open(&mut self, w: &mut Writer, tag: u32) {
        self.count += 1;
        w.unsigned_varint(tag);
        w.raw(&[0]);
        self.content = w.bytes.len();
    }

    /// Ends the field: its length takes the place of the one byte left for it, and more if it needs them.
    pub(crate) fn close(&mut self, w: &mut Writer) {
        let length = w.bytes.len() - self.content;
        let Ok(length) = u32::try_from(length) else { return w.fail(EncodeError::TooLong) };
        let (bytes, len) = varint(length);
        w.bytes[self.content - 1] = bytes[0];
        if len > 1 {
            w.bytes.splice(self.content..self.content, bytes[1..len].iter().copied());
            debug_assert!(
                w.gaps.last().is_none_or(|gap| gap.at < self.content),
                "no tagged field has records"
            );
        }
    }

    /// Ends the section. No message has 128 tagged fields, so that their count fits the byte left for it.
    pub(crate) fn finish(self, w: &mut Writer) {
        w.bytes[self.at] = self.count;
    }
}

/// The bytes of a variable-length number, and how many of them count.
fn varint(mut value: u32) -> ([u8; 5], usize) {
    let mut bytes = [0; 5];
    let mut len = 0;
    while value >= 0x80 {
        bytes[len] = (value & 0x7f) as u8 | 0x80;
        value >>= 7;
        len += 1;
    }
    bytes[len] = value as u8;
    (bytes, len + 1)
}
