//! An answer on its way to the socket: bytes, and ranges of log files that leave without being copied.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use headwater_log::disk::DiskFile;

use crate::metrics::requests::ErrorTally;

/// A part of an answer.
pub enum Piece {
    /// Encoded bytes.
    Bytes(Vec<u8>),
    /// A range of a file, sent by the kernel straight from the page cache.
    File {
        /// The segment.
        file: Arc<dyn DiskFile>,
        /// First byte.
        position: u64,
        /// How many bytes.
        len: u64,
    },
}

impl Piece {
    /// Bytes that the piece puts on the wire.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::File { len, .. } => *len,
        }
    }

    /// True if nothing is left of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Piece::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Piece::File { position, len, .. } => write!(f, "File({position}+{len})"),
        }
    }
}

/// A whole answer, its length prefix and header included.
#[derive(Debug)]
pub struct Response {
    /// The parts in the order of the wire.
    pub pieces: Vec<Piece>,
    /// What errors it tells of.
    pub errors: ErrorTally,
}

impl Response {
    /// An answer that is bytes alone.
    #[must_use]
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self::pieces(vec![Piece::Bytes(bytes)])
    }

    /// An answer of these parts.
    #[must_use]
    pub fn pieces(pieces: Vec<Piece>) -> Self {
        Self { pieces, errors: ErrorTally::default() }
    }

    /// Bytes that the answer puts on the wire.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.pieces.iter().map(Piece::len).sum()
    }

    /// True for an answer without a byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a connection still has to write.
#[derive(Debug, Default)]
pub struct Output {
    pieces: VecDeque<Piece>,
    /// Bytes of the first piece that are written already, where it is bytes.
    written: usize,
    pending: u64,
    /// All bytes that were ever queued.
    queued: u64,
}

/// Small answers are joined in one buffer up to this size, so that pipelined requests cost one write.
const JOIN_BYTES: usize = 32 * 1024;

impl Output {
    /// Bytes not written yet.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.pending
    }

    /// All bytes that were ever queued; those written are [`Output::pending`] fewer.
    #[must_use]
    pub fn queued(&self) -> u64 {
        self.queued
    }

    /// True once everything is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Queues an answer behind the others.
    pub fn push(&mut self, response: Response) {
        for piece in response.pieces {
            self.pending += piece.len();
            self.queued += piece.len();
            match (self.pieces.back_mut(), piece) {
                (Some(Piece::Bytes(last)), Piece::Bytes(bytes)) if last.len() + bytes.len() <= JOIN_BYTES => {
                    last.extend_from_slice(&bytes);
                }
                (_, piece) if piece.is_empty() => {}
                (_, piece) => self.pieces.push_back(piece),
            }
        }
    }

    /// The next thing to write: the unwritten rest of the first piece, and whether a file range follows it.
    #[must_use]
    pub fn front(&self) -> Option<(Front<'_>, bool)> {
        let more = matches!(self.pieces.get(1), Some(Piece::File { .. }));
        match self.pieces.front()? {
            Piece::Bytes(bytes) => Some((Front::Bytes(&bytes[self.written..]), more)),
            Piece::File { file, position, len } => Some((Front::File(file, *position, *len), more)),
        }
    }

    /// Whether the next thing to write is a file range.
    #[must_use]
    pub fn is_at_file(&self) -> bool {
        matches!(self.pieces.front(), Some(Piece::File { .. }))
    }

    /// Takes note that `n` bytes of the front were written.
    pub fn advance(&mut self, n: u64) {
        self.pending -= n;
        let done = match self.pieces.front_mut() {
            Some(Piece::Bytes(bytes)) => {
                self.written += n as usize;
                self.written == bytes.len()
            }
            Some(Piece::File { position, len, .. }) => {
                *position += n;
                *len -= n;
                *len == 0
            }
            None => false,
        };
        if done {
            self.pieces.pop_front();
            self.written = 0;
        }
    }
}

/// What stands at the front of the output.
pub enum Front<'a> {
    /// Bytes to write.
    Bytes(&'a [u8]),
    /// File, position and length to send.
    File(&'a Arc<dyn DiskFile>, u64, u64),
}
