//! Cutting the byte stream of a connection into request frames.
//!
//! A frame is a 32-bit length and so many bytes. Reads go into one scratch buffer per core, and frames that lie whole
//! in it are handled there, in place: an idle connection owns no buffer, and a small request costs no allocation.
//! What a read leaves over waits in the connection, at most [`SCRATCH_BYTES`] of it; only a frame of which that much
//! has really arrived gets a buffer of its own size, and the room for it is reserved before. So a peer that announces
//! a hundred megabytes and sends a byte costs a byte. Behind a large frame the next one is expected to be as large: then
//! only its beginning passes through the scratch buffer, and the bytes are copied once less.

use std::cell::RefCell;

/// Size of a core's scratch buffer, and the most that a connection holds of a frame without a reservation.
pub const SCRATCH_BYTES: usize = 64 * 1024;

/// How much is read into the scratch buffer behind a large frame.
pub const BEGINNING_BYTES: usize = 512;

/// Whether a frame of `len` bytes, of which `arrived` are here with its length, gets a buffer of its own: the scratch is
/// full of it, or the frame before it was as large and has come whole.
#[must_use]
pub fn is_real(len: usize, arrived: usize, last_large: usize) -> bool {
    arrived == SCRATCH_BYTES || (arrived >= 4 && len + 4 > SCRATCH_BYTES && len <= last_large)
}

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; SCRATCH_BYTES]);
    /// Buffers of large frames that are free for reuse on this core: their pages are already touched.
    static FREE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Buffers that a core keeps for reuse, and the largest that it keeps.
const FREE_BUFFERS: usize = 8;
const FREE_BUFFER_BYTES: usize = 2 * 1024 * 1024;

/// Runs `f` with this core's scratch buffer.
pub fn with_scratch<T>(f: impl FnOnce(&mut [u8]) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| f(scratch))
}

/// An empty buffer with room for a frame of `len` bytes.
#[must_use]
pub fn frame_buffer(len: usize) -> Vec<u8> {
    let reused = FREE.with_borrow_mut(|free| {
        let fit = free.iter().position(|buffer| buffer.capacity() >= len && buffer.capacity() / 4 <= len);
        fit.map(|i| free.swap_remove(i))
    });
    reused.unwrap_or_else(|| Vec::with_capacity(len))
}

/// Gives a frame's buffer back for reuse.
pub fn recycle(mut buffer: Vec<u8>) {
    if buffer.capacity() <= FREE_BUFFER_BYTES {
        FREE.with_borrow_mut(|free| {
            if free.len() < FREE_BUFFERS {
                buffer.clear();
                free.push(buffer);
            }
        });
    }
}

/// Why a stream cannot be cut into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLength {
    /// The length that the peer announced.
    pub announced: i32,
    /// The largest that is allowed (`socket.request.max.bytes`).
    pub allowed: i32,
}

/// What the bytes at hand begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// Less than a length.
    Nothing,
    /// A frame of this many bytes lies whole behind the length.
    Whole(usize),
    /// A frame of this many bytes is announced, and not whole yet.
    Partial(usize),
}

/// Looks at the beginning of `bytes`.
///
/// # Errors
/// A length of zero or below, or above `allowed`.
pub fn head(bytes: &[u8], allowed: i32) -> Result<Head, BadLength> {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return Ok(Head::Nothing) };
    let announced = i32::from_be_bytes(*length);
    if announced <= 0 || announced > allowed {
        return Err(BadLength { announced, allowed });
    }
    let len = announced as usize;
    Ok(if rest.len() >= len { Head::Whole(len) } else { Head::Partial(len) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p1_lengths_out_of_range_are_refused() {
        let tls_hello = [0x16, 0x03, 0x01, 0x00, 0xA5, 0x01];
        for bytes in
            [&b"\xFF\xFF\xFF\xFF"[..], b"\0\0\0\0", b"\x7F\xFF\xFF\xFF", b"GET / HTTP/1.1", &tls_hello]
        {
            assert!(head(bytes, 100 * 1024 * 1024).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn frames_are_told_apart() {
        assert_eq!(head(b"\0\0\0", 10), Ok(Head::Nothing));
        assert_eq!(head(b"\0\0\0\x02a", 10), Ok(Head::Partial(2)));
        assert_eq!(head(b"\0\0\0\x02abc", 10), Ok(Head::Whole(2)));
    }

    #[test]
    fn a_buffer_is_given_only_for_what_is_real() {
        assert!(!is_real(1 << 20, SCRATCH_BYTES - 1, 0), "announced, not sent");
        assert!(is_real(1 << 20, SCRATCH_BYTES, 0));
        assert!(is_real(1 << 20, 512, 1 << 20), "the one before was as large");
        assert!(!is_real((1 << 20) + 1, 512, 1 << 20));
        assert!(!is_real(SCRATCH_BYTES - 4, 512, 1 << 20), "it fits the scratch");
    }

    #[test]
    fn large_buffers_are_used_again() {
        let buffer = frame_buffer(100_000);
        let address = buffer.as_ptr();
        recycle(buffer);
        let again = frame_buffer(90_000);
        assert_eq!(again.as_ptr(), address);
    }
}
