//! Cuts a stream of bytes into frames.

use crate::error::{Error, ErrorKind, Result};

/// Bytes of the length in front of a frame.
const PREFIX: usize = 4;
/// What is asked of a socket at once when the size of the frame is not known.
const SMALL_READ: usize = 16 << 10;
/// What is asked of a socket at once at most: memory grows with the bytes that come, not with what a length says.
const LARGE_READ: usize = 1 << 20;

/// A stream that is being cut. Bytes are appended to [`Frames::buffer`]; frames come out of [`Frames::next_frame`].
#[derive(Debug)]
pub struct Frames {
    buffer: Vec<u8>,
    limit: usize,
}

impl Frames {
    /// A stream of frames of at most `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Frames {
        Frames { buffer: Vec::new(), limit }
    }

    /// Where bytes are to be appended, and how many at most.
    pub fn buffer(&mut self) -> (&mut Vec<u8>, usize) {
        let wanted = match self.length() {
            Some(length) => (PREFIX + length).saturating_sub(self.buffer.len()),
            None => 0,
        };
        let limit = wanted.clamp(SMALL_READ, LARGE_READ);
        (&mut self.buffer, limit)
    }

    fn length(&self) -> Option<usize> {
        let prefix = self.buffer.first_chunk::<PREFIX>()?;
        Some(u32::from_be_bytes(*prefix) as usize)
    }

    /// The next whole frame, with the four bytes of its length in front.
    ///
    /// # Errors
    /// When a length is negative or above the limit.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(length) = self.length() else { return Ok(None) };
        if length > self.limit {
            let message = format!("a frame of {length} bytes, of which at most {} are taken", self.limit);
            return Err(Error::new(ErrorKind::Protocol, message));
        }
        let end = PREFIX + length;
        if self.buffer.len() < end {
            return Ok(None);
        }
        let rest = self.buffer.split_off(end);
        Ok(Some(std::mem::replace(&mut self.buffer, rest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_whole_however_the_bytes_come() {
        let mut stream = Vec::new();
        for size in [0_usize, 1, 5, 70_000, 3] {
            stream.extend((size as u32).to_be_bytes());
            stream.extend(std::iter::repeat_n(7, size));
        }
        for step in [1, 2, 3, 1000, 1 << 20] {
            let mut frames = Frames::new(1 << 20);
            let mut sizes = Vec::new();
            for chunk in stream.chunks(step) {
                frames.buffer().0.extend_from_slice(chunk);
                while let Some(frame) = frames.next_frame().expect("good frames") {
                    assert!(frame[4..].iter().all(|byte| *byte == 7));
                    sizes.push(frame.len() - 4);
                }
            }
            assert_eq!(sizes, [0, 1, 5, 70_000, 3]);
        }
    }

    #[test]
    fn a_length_above_the_limit_is_refused_before_its_bytes_come() {
        for length in [101_u32, u32::MAX, 1 << 31] {
            let mut frames = Frames::new(100);
            frames.buffer().0.extend(length.to_be_bytes());
            assert!(frames.next_frame().is_err());
        }
        let mut frames = Frames::new(1 << 30);
        frames.buffer().0.extend((1_u32 << 30).to_be_bytes());
        assert!(frames.next_frame().expect("allowed").is_none());
        assert!(frames.buffer().1 <= LARGE_READ && frames.buffer.capacity() < 1 << 10);
    }
}
