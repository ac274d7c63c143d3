//! LZ4 frames as Kafka reads and writes them: independent blocks, no content checksum, a correct header checksum
//! (batches of magic 2), 64 KiB blocks when we write.

use super::lz4_hash::xxh32;

const MAGIC: [u8; 4] = 0x184D_2204u32.to_le_bytes();
/// Version 1, blocks independent.
const FLAGS: u8 = 0x60;
/// 64 KiB blocks.
const BLOCK_DESCRIPTOR: u8 = 0x40;
const BLOCK: usize = 64 << 10;
/// Set in a block's length when its bytes are not compressed.
const PLAIN: u32 = 0x8000_0000;
/// The largest factor by which a block can grow: every length byte of 255 stands for as many bytes.
const MAX_FACTOR: usize = 255;

pub(super) fn compress(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&MAGIC);
    let descriptor = [FLAGS, BLOCK_DESCRIPTOR];
    out.extend_from_slice(&descriptor);
    out.push((xxh32(&descriptor) >> 8) as u8);
    let room = lz4_flex::block::get_maximum_output_size(bytes.len().min(BLOCK));
    for block in bytes.chunks(BLOCK) {
        let length_at = out.len();
        let data_at = length_at + 4;
        out.resize(data_at + room, 0);
        let packed = lz4_flex::block::compress_into(block, &mut out[data_at..]);
        let length = match packed {
            Ok(length) if length < block.len() => {
                out.truncate(data_at + length);
                length as u32
            }
            _ => {
                out.truncate(data_at);
                out.extend_from_slice(block);
                block.len() as u32 | PLAIN
            }
        };
        out[length_at..data_at].copy_from_slice(&length.to_le_bytes());
    }
    out.extend_from_slice(&[0; 4]);
}

pub(super) struct Stream<'a> {
    input: &'a [u8],
    block_checksums: bool,
    max_block: usize,
    finished: bool,
    block: &'a mut Vec<u8>,
    /// What of `block` has not been handed out.
    start: usize,
    end: usize,
}

fn u32_at(bytes: &[u8]) -> Option<(u32, &[u8])> {
    bytes.split_first_chunk::<4>().map(|(number, rest)| (u32::from_le_bytes(*number), rest))
}

impl<'a> Stream<'a> {
    pub(super) fn new(input: &'a [u8], block: &'a mut Vec<u8>) -> Result<Stream<'a>, &'static str> {
        const CUT: &str = "stream ended prematurely";
        let descriptor = input.strip_prefix(&MAGIC).ok_or("invalid magic bytes")?;
        let &[flags, sizes, ..] = descriptor else { return Err(CUT) };
        if flags >> 6 != 1 || flags & 0x03 != 0 || sizes & 0x8f != 0 {
            return Err("unsupported frame descriptor");
        }
        if flags & 0x20 == 0 {
            return Err("dependent block stream is unsupported");
        }
        let max_block = match sizes >> 4 {
            4 => 64 << 10,
            5 => 256 << 10,
            6 => 1 << 20,
            7 => 4 << 20,
            _ => return Err("block size is unsupported"),
        };
        let length = if flags & 0x08 != 0 { 10 } else { 2 };
        let hash = *descriptor.get(length).ok_or(CUT)?;
        if (xxh32(&descriptor[..length]) >> 8) as u8 != hash {
            return Err("frame descriptor corrupted");
        }
        Ok(Stream {
            input: &descriptor[length + 1..],
            block_checksums: flags & 0x10 != 0,
            max_block,
            finished: false,
            block,
            start: 0,
            end: 0,
        })
    }

    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, &'static str> {
        while self.start == self.end {
            let Some((packed, plain)) = self.next_block()? else { return Ok(0) };
            let room = if plain { packed.len() } else { self.max_block.min(packed.len() * MAX_FACTOR) };
            let direct = room <= out.len();
            if !direct && room > self.block.len() {
                self.block.resize(room, 0);
            }
            let target = if direct { &mut out[..room] } else { &mut self.block[..room] };
            let length = if plain {
                target.copy_from_slice(packed);
                room
            } else {
                lz4_flex::block::decompress_into(packed, target).map_err(|_| "invalid block")?
            };
            if direct && length > 0 {
                return Ok(length);
            }
            self.start = 0;
            self.end = if direct { 0 } else { length };
        }
        let count = out.len().min(self.end - self.start);
        out[..count].copy_from_slice(&self.block[self.start..self.start + count]);
        self.start += count;
        Ok(count)
    }

    /// The next block's bytes and whether they are plain; `None` after the end mark. What follows the end mark is not
    /// looked at (Kafka does not verify a content checksum either).
    fn next_block(&mut self) -> Result<Option<(&'a [u8], bool)>, &'static str> {
        const CUT: &str = "stream ended prematurely";
        if self.finished {
            return Ok(None);
        }
        let (length, rest) = u32_at(self.input).ok_or(CUT)?;
        let plain = length & PLAIN != 0;
        let length = (length & !PLAIN) as usize;
        if length == 0 {
            self.finished = true;
            return Ok(None);
        }
        if length > self.max_block {
            return Err("block size exceeds the frame's maximum");
        }
        let (block, rest) = rest.split_at_checked(length).ok_or(CUT)?;
        self.input = rest;
        if self.block_checksums {
            let (hash, rest) = u32_at(rest).ok_or(CUT)?;
            if xxh32(block) != hash {
                return Err("block checksum mismatch");
            }
            self.input = rest;
        }
        Ok(Some((block, plain)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::decompress;
    use super::*;
    use crate::header::Codec;

    fn frame(flags: u8, sizes: u8, content_size: Option<u64>, block: &[u8]) -> Vec<u8> {
        let mut descriptor = vec![flags, sizes];
        descriptor.extend(content_size.into_iter().flat_map(u64::to_le_bytes));
        let mut out = MAGIC.to_vec();
        out.extend(&descriptor);
        out.push((xxh32(&descriptor) >> 8) as u8);
        out.extend((block.len() as u32 | PLAIN).to_le_bytes());
        out.extend(block);
        if flags & 0x10 != 0 {
            out.extend(xxh32(block).to_le_bytes());
        }
        out.extend([0; 4]);
        out
    }

    #[test]
    fn reads_sizes_and_checksums_of_others() {
        assert_eq!(decompress(Codec::Lz4, &frame(0x78, 0x70, Some(5), b"12345"), 9).unwrap(), b"12345");
        assert!(decompress(Codec::Lz4, &frame(0x40, 0x40, None, b"12345"), 9).is_err(), "dependent blocks");
        assert!(decompress(Codec::Lz4, &frame(0x60, 0x30, None, b"12345"), 9).is_err(), "block size id 3");
        let mut flipped = frame(0x70, 0x40, None, b"12345");
        flipped[13] ^= 1;
        assert!(decompress(Codec::Lz4, &flipped, 9).is_err(), "block checksum");
        let mut header = frame(0x60, 0x40, None, b"12345");
        header[6] ^= 1;
        assert!(decompress(Codec::Lz4, &header, 9).is_err(), "header checksum");
    }

    #[test]
    fn is_read_by_the_frame_reader_of_the_library() {
        let input: Vec<u8> = (0..200_000u32).map(|n| (n / 50) as u8).collect();
        let mut packed = Vec::new();
        compress(&input, &mut packed);
        let mut out = Vec::new();
        std::io::Read::read_to_end(&mut lz4_flex::frame::FrameDecoder::new(&packed[..]), &mut out).unwrap();
        assert!(out == input);
    }
}
