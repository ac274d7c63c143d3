//! Snappy, framed as xerial's Java library does: a 16-byte header, then blocks of a four-byte length and raw snappy.
//! Input without that header is taken as one raw block, as the Java client takes it.

const MAGIC: [u8; 8] = *b"\x82SNAPPY\0";
const HEADER: [u8; 16] = *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";
/// Bytes of input in a block, the Java library's default.
const BLOCK: usize = 32 << 10;
/// The largest factor by which raw snappy can grow: a three-byte copy gives 64 bytes.
const MAX_FACTOR: usize = 22;

pub(super) fn compress(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&HEADER);
    let mut encoder = snap::raw::Encoder::new();
    let mut packed = vec![0; snap::raw::max_compress_len(bytes.len().min(BLOCK))];
    for block in bytes.chunks(BLOCK) {
        let length = encoder.compress(block, &mut packed).expect("the output is as large as it can get");
        out.extend_from_slice(&(length as u32).to_be_bytes());
        out.extend_from_slice(&packed[..length]);
    }
}

pub(super) struct Stream<'a> {
    input: &'a [u8],
    framed: bool,
    block: &'a mut Vec<u8>,
    /// What of `block` has not been handed out.
    start: usize,
    end: usize,
}

impl<'a> Stream<'a> {
    pub(super) fn new(input: &'a [u8], block: &'a mut Vec<u8>) -> Result<Stream<'a>, &'static str> {
        let framed = input.starts_with(&MAGIC);
        let mut stream = Stream { input, framed, block, start: 0, end: 0 };
        if framed {
            stream.skip_header()?;
        }
        Ok(stream)
    }

    fn skip_header(&mut self) -> Result<(), &'static str> {
        let (header, rest) = self.input.split_first_chunk::<16>().ok_or("header ends early")?;
        if header[..8] != MAGIC || header[8..12] < [0, 0, 0, 1][..] {
            return Err("unsupported header");
        }
        self.input = rest;
        Ok(())
    }

    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, &'static str> {
        while self.start == self.end {
            let Some(packed) = self.next_block()? else { return Ok(0) };
            let length = snap::raw::decompress_len(packed).map_err(|_| "block without a length")?;
            if length > packed.len().saturating_mul(MAX_FACTOR) {
                return Err("block claims more than it can hold");
            }
            let mut decoder = snap::raw::Decoder::new();
            if length > 0 && length <= out.len() {
                return decoder.decompress(packed, out).map_err(|_| "invalid block");
            }
            if length > self.block.len() {
                self.block.resize(length, 0);
            }
            self.start = 0;
            self.end = decoder.decompress(packed, &mut self.block[..length]).map_err(|_| "invalid block")?;
        }
        let count = out.len().min(self.end - self.start);
        out[..count].copy_from_slice(&self.block[self.start..self.start + count]);
        self.start += count;
        Ok(count)
    }

    fn next_block(&mut self) -> Result<Option<&'a [u8]>, &'static str> {
        if !self.framed {
            let block = std::mem::take(&mut self.input);
            return Ok((!block.is_empty()).then_some(block));
        }
        // Streams may follow one another, each with its header.
        while self.input.starts_with(&MAGIC[..4]) {
            self.skip_header()?;
        }
        let Some((length, rest)) = self.input.split_first_chunk::<4>() else { return Ok(None) };
        let block = rest.get(..u32::from_be_bytes(*length) as usize).ok_or("block ends early")?;
        self.input = &rest[block.len()..];
        Ok(Some(block))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DecompressError, decompress};
    use super::*;
    use crate::header::Codec;

    #[test]
    fn raw_and_repeated_streams() {
        let raw = snap::raw::Encoder::new().compress_vec(b"raw raw raw raw").unwrap();
        assert_eq!(decompress(Codec::Snappy, &raw, 100).unwrap(), b"raw raw raw raw");
        let mut twice = Vec::new();
        compress(b"one ", &mut twice);
        compress(b"two", &mut twice);
        assert_eq!(decompress(Codec::Snappy, &twice, 100).unwrap(), b"one two");
    }

    #[test]
    fn a_block_cannot_claim_more_than_its_bytes_can_give() {
        // 4 GiB claimed by five bytes.
        let error = decompress(Codec::Snappy, &[0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0], usize::MAX).unwrap_err();
        assert_eq!(error, DecompressError::Damaged(Codec::Snappy, "block claims more than it can hold"));
    }
}
