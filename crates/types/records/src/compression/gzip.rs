//! gzip members (RFC 1952) around deflate, read as `java.util.zip.GZIPInputStream` does: several members follow one
//! another, checksum and size of each are checked, and what follows the last and is no member is ignored.

use std::io::Write;

use crc_fast::{CrcAlgorithm, Digest};
use flate2::write::GzEncoder;
use flate2::{Decompress, FlushDecompress, Status};

const FLAG_HEADER_CRC: u8 = 2;
const FLAG_EXTRA: u8 = 4;
const FLAG_NAME: u8 = 8;
const FLAG_COMMENT: u8 = 16;

pub(super) fn compress(level: Option<i32>, bytes: &[u8], out: &mut Vec<u8>) {
    let level = match level.and_then(|level| u32::try_from(level).ok()) {
        Some(level) => flate2::Compression::new(level.min(9)),
        None => flate2::Compression::default(),
    };
    let mut encoder = GzEncoder::new(out, level);
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory does not fail");
}

pub(super) struct Stream<'a> {
    input: &'a [u8],
    state: &'a mut Decompress,
    crc: Digest,
    /// Bytes of the member so far, modulo 2³².
    size: u32,
    in_member: bool,
    members: usize,
}

/// Length of the member header at the start of `input`.
fn header_length(input: &[u8]) -> Result<usize, &'static str> {
    const CUT: &str = "header ends early";
    let fixed = input.first_chunk::<10>().ok_or(CUT)?;
    if fixed[..3] != [0x1f, 0x8b, 8] {
        return Err("not in gzip format");
    }
    let flags = fixed[3];
    let mut at = 10;
    if flags & FLAG_EXTRA != 0 {
        let length = input.get(at..at + 2).ok_or(CUT)?;
        at += 2 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    }
    for flag in [FLAG_NAME, FLAG_COMMENT] {
        if flags & flag != 0 {
            let rest = input.get(at..).ok_or(CUT)?;
            at += rest.iter().position(|&byte| byte == 0).ok_or(CUT)? + 1;
        }
    }
    if flags & FLAG_HEADER_CRC != 0 {
        at += 2;
    }
    if at > input.len() { Err(CUT) } else { Ok(at) }
}

impl<'a> Stream<'a> {
    pub(super) fn new(input: &'a [u8], state: &'a mut Option<Decompress>) -> Stream<'a> {
        let state = state.get_or_insert_with(|| Decompress::new(false));
        Stream {
            input,
            state,
            crc: Digest::new(CrcAlgorithm::Crc32IsoHdlc),
            size: 0,
            in_member: false,
            members: 0,
        }
    }

    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, &'static str> {
        loop {
            if !self.in_member {
                match header_length(self.input) {
                    Ok(length) => self.input = &self.input[length..],
                    Err(_) if self.members > 0 => return Ok(0),
                    Err(what) => return Err(what),
                }
                self.state.reset(false);
                self.crc.reset();
                self.size = 0;
                self.in_member = true;
                self.members += 1;
            }
            let (before_in, before_out) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(self.input, out, FlushDecompress::None);
            let used = (self.state.total_in() - before_in) as usize;
            let made = (self.state.total_out() - before_out) as usize;
            self.input = &self.input[used..];
            self.crc.update(&out[..made]);
            self.size = self.size.wrapping_add(made as u32);
            match status {
                Ok(Status::StreamEnd) => self.end_member()?,
                Ok(_) if used == 0 && made == 0 => return Err("unexpected end of input"),
                Ok(_) => {}
                Err(_) => return Err("invalid deflate stream"),
            }
            if made > 0 {
                return Ok(made);
            }
        }
    }

    fn end_member(&mut self) -> Result<(), &'static str> {
        let (trailer, rest) = self.input.split_first_chunk::<8>().ok_or("trailer ends early")?;
        let [c0, c1, c2, c3, s0, s1, s2, s3] = *trailer;
        if u64::from(u32::from_le_bytes([c0, c1, c2, c3])) != self.crc.finalize()
            || u32::from_le_bytes([s0, s1, s2, s3]) != self.size
        {
            return Err("checksum or size of a member does not fit");
        }
        self.input = rest;
        self.in_member = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::decompress;
    use super::*;
    use crate::header::Codec;

    #[test]
    fn several_members_and_a_tail_that_is_none() {
        let mut packed = Vec::new();
        compress(None, b"one, ", &mut packed);
        compress(Some(9), b"two", &mut packed);
        packed.extend(b"tail");
        assert_eq!(decompress(Codec::Gzip, &packed, 100).unwrap(), b"one, two");
    }

    #[test]
    fn optional_header_fields_are_skipped() {
        let mut plain = Vec::new();
        compress(None, b"value", &mut plain);
        let mut packed = vec![0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 0, 3, 0, 1, 2, 3];
        packed.extend(b"name\0comment\0\xff\xff");
        packed.extend(&plain[10..]);
        assert_eq!(decompress(Codec::Gzip, &packed, 100).unwrap(), b"value");
    }
}
