//! The codecs of batch attributes: compressing a batch's records, and taking compressed ones apart as a bounded stream.
//!
//! Nothing is allocated from a size that the input claims: output is produced piece by piece into space that grows with
//! what has really come out, up to an absolute limit.

mod gzip;
mod lz4;
mod lz4_hash;
mod snappy;
mod zstandard;

use std::fmt;

use crate::header::Codec;

/// A codec and how hard it tries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compression {
    /// The codec.
    pub codec: Codec,
    /// The codec's own scale; `None` is Kafka's default for it (gzip −1, lz4 9, zstd 3). Snappy has none.
    ///
    /// gzip takes −1 or 1–9, zstd −131072–22. lz4 takes 1–17 but compresses the same way at all of them.
    pub level: Option<i32>,
}

impl Compression {
    /// `codec` at its default level.
    #[must_use]
    pub fn of(codec: Codec) -> Compression {
        Compression { codec, level: None }
    }

    /// Appends `bytes`, compressed, to `out`.
    pub fn compress_into(self, bytes: &[u8], out: &mut Vec<u8>) {
        match self.codec {
            Codec::None => out.extend_from_slice(bytes),
            Codec::Gzip => gzip::compress(self.level, bytes, out),
            Codec::Snappy => snappy::compress(bytes, out),
            Codec::Lz4 => lz4::compress(bytes, out),
            Codec::Zstd => zstandard::compress(self.level, bytes, out),
        }
    }

    /// `bytes`, compressed.
    #[must_use]
    pub fn compress(self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        self.compress_into(bytes, &mut out);
        out
    }
}

/// Why compressed bytes gave no records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecompressError {
    /// The codec's number is nobody's (5–7).
    UnknownCodec(u8),
    /// The bytes are not what the codec writes.
    Damaged(Codec, &'static str),
    /// More came out than the caller allows.
    TooLarge {
        /// Bytes allowed.
        limit: usize,
    },
}

impl fmt::Display for DecompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecompressError::UnknownCodec(id) => write!(f, "unknown compression type id: {id}"),
            DecompressError::Damaged(codec, what) => write!(f, "damaged {} data: {what}", codec.name()),
            DecompressError::TooLarge { limit } => write!(f, "decompressed size exceeds {limit} bytes"),
        }
    }
}

impl std::error::Error for DecompressError {}

/// Buffers and codec states that are kept from one batch to the next; one per core is enough.
#[derive(Default)]
pub struct Scratch {
    window: Vec<u8>,
    states: States,
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").field("capacity", &self.window.capacity()).finish_non_exhaustive()
    }
}

/// What single codecs keep.
#[derive(Default)]
struct States {
    /// One block of snappy or lz4 when the reader's space is smaller than it.
    block: Vec<u8>,
    inflate: Option<flate2::Decompress>,
    zstd: Option<zstd::zstd_safe::DCtx<'static>>,
}

/// Bytes that a scratch may keep between uses; more is given back.
const KEEP_BYTES: usize = 4 << 20;

impl Scratch {
    /// Empty; buffers come with the first compressed batch.
    #[must_use]
    pub fn new() -> Scratch {
        Scratch::default()
    }

    /// Gives back what one large batch made grow.
    fn trim(&mut self) {
        for buffer in [&mut self.window, &mut self.states.block] {
            if buffer.len() > KEEP_BYTES {
                *buffer = Vec::new();
            }
        }
        if self.states.zstd.as_ref().is_some_and(|context| context.sizeof() > KEEP_BYTES) {
            self.states.zstd = None;
        }
    }
}

// One at a time, on the stack; a box would be an allocation a batch.
#[allow(clippy::large_enum_variant)]
enum Stream<'a> {
    Gzip(gzip::Stream<'a>),
    Snappy(snappy::Stream<'a>),
    Lz4(lz4::Stream<'a>),
    Zstd(zstandard::Stream<'a>),
}

impl<'a> Stream<'a> {
    /// `None` for [`Codec::None`], which needs no stream.
    fn new(
        codec: Codec,
        input: &'a [u8],
        states: &'a mut States,
    ) -> Result<Option<Stream<'a>>, &'static str> {
        Ok(Some(match codec {
            Codec::None => return Ok(None),
            Codec::Gzip => Stream::Gzip(gzip::Stream::new(input, &mut states.inflate)),
            Codec::Snappy => Stream::Snappy(snappy::Stream::new(input, &mut states.block)?),
            Codec::Lz4 => Stream::Lz4(lz4::Stream::new(input, &mut states.block)?),
            Codec::Zstd => Stream::Zstd(zstandard::Stream::new(input, &mut states.zstd)?),
        }))
    }

    /// Writes the next bytes to the front of `out`, which is not empty. 0 is the proper end.
    fn read(&mut self, out: &mut [u8]) -> Result<usize, &'static str> {
        match self {
            Stream::Gzip(stream) => stream.read(out),
            Stream::Snappy(stream) => stream.read(out),
            Stream::Lz4(stream) => stream.read(out),
            Stream::Zstd(stream) => stream.read(out),
        }
    }
}

/// First size of a window: two of lz4's usual blocks, so that one always fits behind the rest of a record.
const WINDOW_BYTES: usize = 128 << 10;

/// A moving piece of decompressed data: what was consumed is dropped, what is wanted is decompressed.
pub(crate) struct Window<'a> {
    codec: Codec,
    stream: Stream<'a>,
    buffer: &'a mut Vec<u8>,
    start: usize,
    end: usize,
    produced: usize,
    limit: usize,
}

impl Window<'_> {
    /// What is there and not yet consumed.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Drops the first `count` of [`Window::bytes`].
    pub(crate) fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.end - self.start, "only what is there can be consumed");
        self.start += count;
    }

    /// Decompresses more behind what is there. False at the end of the stream.
    pub(crate) fn fill(&mut self) -> Result<bool, DecompressError> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            // Grows only when the window is full of bytes that really came out, and not beyond what shows that they are
            // too many.
            let most = self.limit.saturating_add(1).max(WINDOW_BYTES);
            self.buffer.resize((self.buffer.len() * 2).clamp(WINDOW_BYTES, most), 0);
        }
        let damaged = |what| DecompressError::Damaged(self.codec, what);
        let count = self.stream.read(&mut self.buffer[self.end..]).map_err(damaged)?;
        self.end += count;
        self.produced += count;
        if self.produced > self.limit {
            return Err(DecompressError::TooLarge { limit: self.limit });
        }
        Ok(count > 0)
    }
}

impl Scratch {
    /// Calls `use_window` with a window over what `input` decompresses to. `codec` is not [`Codec::None`].
    pub(crate) fn with_window<T, E: From<DecompressError>>(
        &mut self,
        codec: Codec,
        input: &[u8],
        limit: usize,
        use_window: impl FnOnce(&mut Window<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Scratch { window, states } = self;
        let result = match Stream::new(codec, input, states) {
            Err(what) => Err(DecompressError::Damaged(codec, what).into()),
            Ok(None) => unreachable!("plain records are read where they are"),
            Ok(Some(stream)) => use_window(&mut Window {
                codec,
                stream,
                buffer: window,
                start: 0,
                end: 0,
                produced: 0,
                limit,
            }),
        };
        self.trim();
        result
    }
}

/// Appends to `out` what `input` decompresses to, at most `limit` bytes of it; more is an error.
pub fn decompress_into(
    codec: Codec,
    input: &[u8],
    limit: usize,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Result<(), DecompressError> {
    if codec == Codec::None {
        if input.len() > limit {
            return Err(DecompressError::TooLarge { limit });
        }
        out.extend_from_slice(input);
        return Ok(());
    }
    scratch.with_window(codec, input, limit, |window| {
        while window.fill()? {
            out.extend_from_slice(window.bytes());
            window.consume(window.bytes().len());
        }
        Ok(())
    })
}

/// What `input` decompresses to, at most `limit` bytes.
pub fn decompress(codec: Codec, input: &[u8], limit: usize) -> Result<Vec<u8>, DecompressError> {
    let mut out = Vec::new();
    decompress_into(codec, input, limit, &mut Scratch::new(), &mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Vec<Vec<u8>> {
        let text: Vec<u8> =
            b"stream of words, words of streams; ".iter().copied().cycle().take(300_000).collect();
        let mut state = 1u64;
        let noise: Vec<u8> = (0..200_000)
            .map(|_| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (state >> 56) as u8
            })
            .collect();
        vec![vec![], vec![7], vec![0; 1 << 20], text, noise]
    }

    #[test]
    fn what_goes_in_comes_out() {
        let mut scratch = Scratch::new();
        for input in inputs() {
            for codec in Codec::ALL {
                for level in [None, Some(1), Some(9)] {
                    let packed = Compression { codec, level }.compress(&input);
                    let mut out = Vec::new();
                    decompress_into(codec, &packed, input.len(), &mut scratch, &mut out).unwrap();
                    assert!(out == input, "{codec:?} {level:?}");
                }
            }
        }
    }

    #[test]
    fn the_limit_is_absolute() {
        for codec in Codec::ALL {
            let packed = Compression::of(codec).compress(&vec![0; 1 << 20]);
            let error = decompress(codec, &packed, (1 << 20) - 1).unwrap_err();
            assert_eq!(error, DecompressError::TooLarge { limit: (1 << 20) - 1 });
        }
    }

    #[test]
    fn cut_and_flipped_input_is_an_error_or_other_bytes_but_no_panic() {
        let mut scratch = Scratch::new();
        let input: Vec<u8> = (0..3000u32).flat_map(|n| (n / 7).to_be_bytes()).collect();
        for codec in &Codec::ALL[1..] {
            let packed = Compression::of(*codec).compress(&input);
            for cut in 0..packed.len() {
                let mut out = Vec::new();
                let result = decompress_into(*codec, &packed[..cut], 1 << 20, &mut scratch, &mut out);
                assert!(result.is_err() || out.len() < input.len(), "{codec:?} cut at {cut}");
            }
            for flip in 0..packed.len() {
                let mut bad = packed.clone();
                bad[flip] ^= 0x55;
                let mut out = Vec::new();
                let _ = decompress_into(*codec, &bad, 1 << 20, &mut scratch, &mut out);
                assert!(out.len() <= 1 << 20);
            }
        }
    }
}
