//! Reads Kafka's primitive types from a slice.
//!
//! The reader keeps the first error; from then on every read gives a zero value and nothing remains to be read, so that
//! loops end. Every length is compared with the bytes that remain before anything is allocated, and what is allocated
//! is charged to a budget.

use std::ops::Range;

use headwater_base::Uuid;

use crate::{DecodeError, Records};

/// What a decoded message may allocate for each byte of input, beyond [`FREE_BYTES`].
const BYTES_PER_BYTE: usize = 15;
/// What a decoded message may allocate however small its input is.
const FREE_BYTES: usize = 1 << 20;
/// The longest string of the protocol.
const MAX_STRING: usize = i16::MAX as usize;

/// A cursor over one message.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
    budget: usize,
    error: Option<DecodeError>,
    in_place: bool,
}

impl<'a> Reader<'a> {
    /// Reads `bytes` with the default budget: fifteen bytes of memory for each byte of input, and 1 MiB.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::with_budget(bytes, bytes.len().saturating_mul(BYTES_PER_BYTE).saturating_add(FREE_BYTES))
    }

    /// Reads `bytes`; what is decoded may allocate at most `budget` bytes.
    #[must_use]
    pub fn with_budget(bytes: &'a [u8], budget: usize) -> Self {
        Self { bytes, at: 0, end: bytes.len(), budget, error: None, in_place: false }
    }

    /// Records are not copied from now on: they become [`Records::InPlace`]. A follower writes a response's batches to
    /// its log from the frame in which they came.
    #[must_use]
    pub fn records_in_place(mut self) -> Self {
        self.in_place = true;
        self
    }

    /// The first error, if there was one.
    #[must_use]
    pub fn error(&self) -> Option<DecodeError> {
        self.error
    }

    /// How many bytes were read so far: the position of the next one.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.end - self.at
    }

    /// The memory that is still granted, in bytes.
    #[must_use]
    pub fn budget(&self) -> usize {
        self.budget
    }

    /// Keeps the first error and ends the input.
    #[cold]
    pub(crate) fn fail(&mut self, error: DecodeError) {
        self.error.get_or_insert(error);
        self.at = self.end;
    }

    /// Takes `bytes` of memory from the budget; false (and an error) when they are not there.
    fn charge(&mut self, bytes: usize) -> bool {
        match self.budget.checked_sub(bytes) {
            Some(left) => {
                self.budget = left;
                true
            }
            None => {
                self.fail(DecodeError::OverBudget);
                false
            }
        }
    }

    fn fixed<const N: usize>(&mut self) -> [u8; N] {
        match self.bytes[self.at..self.end].first_chunk::<N>() {
            Some(bytes) => {
                self.at += N;
                *bytes
            }
            None => {
                self.fail(DecodeError::Truncated);
                [0; N]
            }
        }
    }

    /// The next `len` bytes, borrowed.
    pub(crate) fn take(&mut self, len: usize) -> &'a [u8] {
        match self.bytes[self.at..self.end].get(..len) {
            Some(bytes) => {
                self.at += len;
                bytes
            }
            None => {
                self.fail(DecodeError::Truncated);
                &[]
            }
        }
    }

    /// The first two numbers of two bytes each, which stay to be read.
    pub(crate) fn peek_two_shorts(&self) -> Result<(i16, i16), DecodeError> {
        match self.bytes[self.at..self.end] {
            [a, b, c, d, ..] => Ok((i16::from_be_bytes([a, b]), i16::from_be_bytes([c, d]))),
            _ => Err(DecodeError::Truncated),
        }
    }

    /// One byte: zero is false, everything else true.
    pub fn bool(&mut self) -> bool {
        self.i8() != 0
    }

    /// A signed byte.
    pub fn i8(&mut self) -> i8 {
        i8::from_be_bytes(self.fixed())
    }

    /// Two bytes.
    pub fn i16(&mut self) -> i16 {
        i16::from_be_bytes(self.fixed())
    }

    /// Two bytes without sign.
    pub fn u16(&mut self) -> u16 {
        u16::from_be_bytes(self.fixed())
    }

    /// Four bytes.
    pub fn i32(&mut self) -> i32 {
        i32::from_be_bytes(self.fixed())
    }

    /// Four bytes without sign.
    pub fn u32(&mut self) -> u32 {
        u32::from_be_bytes(self.fixed())
    }

    /// Eight bytes.
    pub fn i64(&mut self) -> i64 {
        i64::from_be_bytes(self.fixed())
    }

    /// An IEEE 754 number of eight bytes.
    pub fn f64(&mut self) -> f64 {
        f64::from_be_bytes(self.fixed())
    }

    /// Sixteen bytes.
    pub fn uuid(&mut self) -> Uuid {
        Uuid::from_bytes(self.fixed())
    }

    /// A number of one to five bytes, seven bits in each, lowest first. Bits beyond the 32nd are dropped and a sixth
    /// byte is an error (`ByteUtils.readUnsignedVarint`).
    #[inline]
    pub fn unsigned_varint(&mut self) -> u32 {
        match self.bytes[self.at..self.end].first() {
            Some(byte) if *byte < 0x80 => {
                self.at += 1;
                u32::from(*byte)
            }
            _ => self.long_varint(),
        }
    }

    #[inline(never)]
    fn long_varint(&mut self) -> u32 {
        let mut value = 0u32;
        for shift in (0..35).step_by(7) {
            let [byte] = self.fixed();
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return value;
            }
        }
        self.fail(DecodeError::Varint);
        0
    }

    /// A length in front of bytes or elements; `None` is null, which is an error unless `nullable`. As in the
    /// reference every negative length means null.
    fn length(&mut self, compact: bool, nullable: bool) -> Option<usize> {
        let length = if compact {
            // One more than the length; above 2^31 the reference's arithmetic gives a negative number.
            self.unsigned_varint().wrapping_sub(1).cast_signed()
        } else {
            self.i32()
        };
        self.checked_length(length, nullable)
    }

    fn checked_length(&mut self, length: i32, nullable: bool) -> Option<usize> {
        match usize::try_from(length) {
            Ok(length) => Some(length),
            Err(_) => {
                if !nullable {
                    self.fail(DecodeError::Null);
                }
                None
            }
        }
    }

    fn string_or_null(&mut self, compact: bool, nullable: bool) -> Option<String> {
        let length = if compact {
            self.length(true, nullable)?
        } else {
            let length = i32::from(self.i16());
            self.checked_length(length, nullable)?
        };
        if length > MAX_STRING {
            self.fail(DecodeError::StringTooLong);
            return None;
        }
        let bytes = self.take(length);
        match std::str::from_utf8(bytes) {
            Ok(text) => self.charge(bytes.len()).then(|| text.to_string()),
            // Each byte that is no UTF-8 may become the three bytes of a replacement character.
            Err(_) => self.charge(bytes.len() * 3).then(|| replace_invalid(bytes)),
        }
    }

    /// A string that is not null.
    pub fn string(&mut self, compact: bool) -> String {
        self.string_or_null(compact, false).unwrap_or_default()
    }

    /// A string or null; null is an error unless `nullable`.
    pub fn nullable_string(&mut self, compact: bool, nullable: bool) -> Option<String> {
        self.string_or_null(compact, nullable)
    }

    /// Bytes that are not null.
    pub fn bytes(&mut self, compact: bool) -> Vec<u8> {
        self.nullable_bytes(compact, false).unwrap_or_default()
    }

    /// Bytes or null; null is an error unless `nullable`.
    pub fn nullable_bytes(&mut self, compact: bool, nullable: bool) -> Option<Vec<u8>> {
        let length = self.length(compact, nullable)?;
        let bytes = self.take(length);
        self.charge(bytes.len()).then(|| bytes.to_vec())
    }

    /// Where the record batches lie in the input, which stay there.
    pub(crate) fn records_range(&mut self, compact: bool) -> Option<Range<usize>> {
        let length = self.length(compact, true)?;
        let taken = self.take(length).len();
        Some(self.at - taken..self.at)
    }

    /// An array whose elements are read by a closure; see [`Reader::array`].
    pub(crate) fn view_array<T>(
        &mut self,
        compact: bool,
        smallest: usize,
        mut element: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        let Some((length, mut elements)) = self.elements(compact, false, smallest) else { return Vec::new() };
        while elements.len() < length && self.error.is_none() {
            elements.push(element(self));
        }
        elements
    }

    /// Record batches, copied unless they are to stay in place.
    pub fn records(&mut self, compact: bool, nullable: bool) -> Records {
        if self.in_place {
            let Some(length) = self.length(compact, nullable) else { return Records::Null };
            let start = self.at;
            return Records::InPlace { start, len: self.take(length).len() };
        }
        self.nullable_bytes(compact, nullable).map_or(Records::Null, Records::Bytes)
    }

    /// An array that is not null. `smallest` is the fewest bytes that an element takes.
    pub(crate) fn array<T>(
        &mut self,
        compact: bool,
        smallest: usize,
        version: i16,
        element: fn(&mut Reader<'a>, i16) -> T,
    ) -> Vec<T> {
        self.nullable_array(compact, false, smallest, version, element).unwrap_or_default()
    }

    /// An array or null; null is an error unless `nullable`.
    pub(crate) fn nullable_array<T>(
        &mut self,
        compact: bool,
        nullable: bool,
        smallest: usize,
        version: i16,
        element: fn(&mut Reader<'a>, i16) -> T,
    ) -> Option<Vec<T>> {
        let (length, mut elements) = self.elements(compact, nullable, smallest)?;
        while elements.len() < length && self.error.is_none() {
            elements.push(element(self, version));
        }
        Some(elements)
    }

    /// The length of an array, and room for its elements, which is charged.
    fn elements<T>(&mut self, compact: bool, nullable: bool, smallest: usize) -> Option<(usize, Vec<T>)> {
        let length = self.length(compact, nullable)?;
        if length > self.remaining() / smallest {
            self.fail(DecodeError::ArrayTooLong);
            return None;
        }
        self.charge(length.saturating_mul(size_of::<T>())).then(|| (length, Vec::with_capacity(length)))
    }

    /// A structure behind a byte that says whether it is there.
    pub(crate) fn nullable<T>(
        &mut self,
        nullable: bool,
        version: i16,
        structure: fn(&mut Reader<'a>, i16) -> T,
    ) -> Option<T> {
        if self.i8() >= 0 {
            return Some(structure(self, version));
        }
        if !nullable {
            self.fail(DecodeError::Null);
        }
        None
    }

    /// A structure or null in a tagged field, where the byte in front is a variable-length number and zero is null.
    pub(crate) fn nullable_tagged<T>(
        &mut self,
        version: i16,
        structure: fn(&mut Reader<'a>, i16) -> T,
    ) -> Option<T> {
        let marker = self.unsigned_varint().cast_signed();
        (marker > 0).then(|| structure(self, version))
    }

    /// Begins a section of tagged fields.
    pub(crate) fn tags(&mut self) -> Tags {
        // Above 2^31 the reference sees a negative number of fields, which is none.
        let left = self.unsigned_varint();
        let left = if left.cast_signed() < 0 { 0 } else { left };
        // A tagged field has a tag and a length, so at least two bytes.
        if left as usize > self.remaining() / 2 {
            self.fail(DecodeError::ArrayTooLong);
        }
        Tags { left, outer_end: self.end }
    }

    /// Skips a section of tagged fields of which none is known.
    pub(crate) fn skip_tags(&mut self) {
        let mut tags = self.tags();
        while tags.next(self).is_some() {
            tags.skip(self);
        }
    }

    /// A tag that is known, but not in this version.
    #[cold]
    pub(crate) fn refuse_tag(&mut self) {
        self.fail(DecodeError::Tag);
    }
}

/// A section of tagged fields that is being read. The reader ends where the current field ends.
pub(crate) struct Tags {
    left: u32,
    outer_end: usize,
}

impl Tags {
    /// Ends the current field and begins the next one, whose tag it gives.
    pub(crate) fn next(&mut self, r: &mut Reader<'_>) -> Option<u32> {
        if r.at != r.end && r.end != self.outer_end {
            r.fail(DecodeError::Tag);
        }
        r.end = self.outer_end;
        if r.error.is_some() {
            r.at = r.end;
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        let tag = r.unsigned_varint();
        let length = r.unsigned_varint() as usize;
        if length > r.remaining() {
            r.fail(DecodeError::Truncated);
            return None;
        }
        r.end = r.at + length;
        Some(tag)
    }

    /// Skips the current field.
    pub(crate) fn skip(&self, r: &mut Reader<'_>) {
        r.at = r.end;
    }
}

/// The text with a replacement character for each part that is no UTF-8.
#[cold]
fn replace_invalid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}
