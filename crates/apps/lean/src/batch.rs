//! Record batches (format v2): some without a producer id, prepared once, and reading those without compression.

use std::io::Write;

use crate::wire::Answer;

/// How a batch is to be.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Records in it.
    pub records: usize,
    /// Bytes of each value.
    pub size: usize,
    /// Keys are drawn from so many; 0 for null keys.
    pub keys: u64,
    /// Values that compress about as log lines do, instead of a row of letters.
    pub text: bool,
    /// How the records are compressed.
    pub codec: Codec,
    /// Batches of different seeds have different keys and texts.
    pub seed: u64,
}

impl Shape {
    /// One record of 100 bytes.
    pub const ONE: Self = Self { records: 1, size: 100, keys: 0, text: false, codec: Codec::None, seed: 1 };
}

/// Compression by the producer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    None,
    Lz4,
    Zstd,
}

impl Codec {
    /// Reads Kafka's name.
    pub fn parse(name: &str) -> Result<Self, String> {
        match name {
            "none" => Ok(Self::None),
            "lz4" => Ok(Self::Lz4),
            "zstd" => Ok(Self::Zstd),
            _ => Err(format!("--codec {name}: none, lz4 or zstd")),
        }
    }

    fn attributes(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Lz4 => 3,
            Self::Zstd => 4,
        }
    }

    fn compress(self, body: Vec<u8>) -> Vec<u8> {
        match self {
            Self::None => body,
            Self::Lz4 => {
                let mut frame = lz4_flex::frame::FrameEncoder::new(Vec::new());
                frame.write_all(&body).expect("memory takes everything");
                frame.finish().expect("memory takes everything")
            }
            Self::Zstd => zstd::encode_all(&body[..], 3).expect("memory takes everything"),
        }
    }
}

/// Builds a batch at `timestamp_ms`.
pub fn build(shape: &Shape, timestamp_ms: i64) -> Vec<u8> {
    let mut random = shape.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut body = Vec::new();
    for delta in 0..shape.records {
        let mut record = vec![0u8]; // attributes
        varint(&mut record, 0); // timestamp delta
        varint(&mut record, i64::try_from(delta).expect("few records"));
        if shape.keys == 0 {
            varint(&mut record, -1); // null key
        } else {
            let key = format!("key-{:012}", next(&mut random) % shape.keys);
            varint(&mut record, i64::try_from(key.len()).expect("small key"));
            record.extend_from_slice(key.as_bytes());
        }
        let value = if shape.text { text(shape.size, &mut random) } else { letters(shape.size) };
        varint(&mut record, i64::try_from(value.len()).expect("small value"));
        record.extend_from_slice(&value);
        varint(&mut record, 0); // headers
        varint(&mut body, i64::try_from(record.len()).expect("small record"));
        body.extend_from_slice(&record);
    }
    let body = shape.codec.compress(body);
    let count = i32::try_from(shape.records).expect("few records");
    let mut checked = Vec::new();
    checked.extend_from_slice(&shape.codec.attributes().to_be_bytes());
    checked.extend_from_slice(&(count - 1).to_be_bytes());
    checked.extend_from_slice(&timestamp_ms.to_be_bytes());
    checked.extend_from_slice(&timestamp_ms.to_be_bytes());
    checked.extend_from_slice(&(-1i64).to_be_bytes()); // producer id
    checked.extend_from_slice(&(-1i16).to_be_bytes()); // producer epoch
    checked.extend_from_slice(&(-1i32).to_be_bytes()); // base sequence
    checked.extend_from_slice(&count.to_be_bytes());
    checked.extend_from_slice(&body);

    let mut batch = Vec::with_capacity(checked.len() + 21);
    batch.extend_from_slice(&0i64.to_be_bytes()); // base offset
    batch.extend_from_slice(&i32::try_from(checked.len() + 9).expect("small batch").to_be_bytes());
    batch.extend_from_slice(&(-1i32).to_be_bytes()); // leader epoch
    batch.push(2); // magic
    batch.extend_from_slice(&crc32c(&checked).to_be_bytes());
    batch.extend_from_slice(&checked);
    batch
}

/// The next of a row of random numbers (xorshift).
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn letters(size: usize) -> Vec<u8> {
    (0..size).map(|i| b'a' + u8::try_from(i * 7 % 26).expect("below 26")).collect()
}

/// Something like a line of a service's log: about half of it repeats.
fn text(size: usize, random: &mut u64) -> Vec<u8> {
    const VERBS: [&str; 8] = ["GET", "PUT", "POST", "HEAD", "LIST", "SCAN", "DROP", "SYNC"];
    let mut line = String::new();
    while line.len() < size {
        let (a, b) = (next(random), next(random));
        let verb = VERBS[(a % 8) as usize];
        line += &format!("{{\"op\":\"{verb}\",\"user\":{},\"ms\":{},\"id\":\"{b:x}\"}}", a % 9_000, a % 997);
    }
    line.truncate(size);
    line.into_bytes()
}

fn varint(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// CRC-32C of each single byte.
const CRC_TABLE: [u32; 256] = {
    let mut table = [0u32; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

fn crc32c(bytes: &[u8]) -> u32 {
    let next = |crc: u32, byte: &u8| CRC_TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8);
    !bytes.iter().fold(!0u32, next)
}

/// A record as it was read.
pub struct Record<'a> {
    pub offset: i64,
    pub value: &'a [u8],
}

/// Reads the records of the whole batches in `bytes`, whose checksums must be right, and gives the offset behind them.
/// Control records are passed over.
pub fn records<'a>(bytes: &'a [u8], mut each: impl FnMut(&Record<'a>)) -> Result<Option<i64>, String> {
    let (mut next, mut at) = (None, 0);
    while bytes.len() - at >= 61 {
        let mut fields = Answer(&bytes[at..]);
        let (base, length) = (fields.i64()?, fields.i32()?);
        let length = usize::try_from(length).map_err(|_| "a negative length")? + 12;
        if bytes.len() - at < length || length < 61 {
            break;
        }
        let batch = &bytes[at..at + length];
        fields.i32()?;
        fields.i8()?;
        if fields.i32()?.cast_unsigned() != crc32c(&batch[21..]) {
            return Err(format!("the batch at offset {base} has a wrong checksum"));
        }
        let (attributes, last_delta) = (fields.i16()?, fields.i32()?);
        if attributes & 7 != 0 {
            return Err(format!("the batch at offset {base} is compressed"));
        }
        if attributes & 0x20 == 0 {
            let mut body = Answer(&batch[61..]);
            for _ in 0..i32::from_be_bytes(batch[57..61].try_into().expect("four bytes")) {
                body.varint()?;
                body.i8()?;
                body.varint()?;
                let offset = base + body.varint()?;
                let key = body.varint()?;
                body.take(usize::try_from(key).unwrap_or(0))?;
                let value = body.varint()?;
                each(&Record { offset, value: body.take(usize::try_from(value).unwrap_or(0))? });
                for _ in 0..body.varint()? * 2 {
                    let part = body.varint()?;
                    body.take(usize::try_from(part).unwrap_or(0))?;
                }
            }
        }
        next = Some(base + i64::from(last_delta) + 1);
        at += length;
    }
    Ok(next)
}

/// Walks the batches in `bytes`: (offset after the last whole batch, records seen, bytes of whole batches).
pub fn walk(bytes: &[u8]) -> (Option<i64>, u64, usize) {
    let (mut next, mut records, mut at) = (None, 0, 0);
    while bytes.len() - at >= 61 {
        let int =
            |from: usize| i32::from_be_bytes(bytes[at + from..at + from + 4].try_into().expect("four bytes"));
        let base = i64::from_be_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        let Some(length) = usize::try_from(int(8)).ok().map(|length| length + 12) else { break };
        if bytes.len() - at < length {
            break;
        }
        next = Some(base + i64::from(int(23)) + 1);
        records += u64::try_from(int(57)).unwrap_or(0);
        at += length;
    }
    (next, records, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32c_of_the_check_word() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn a_built_batch_is_walked_as_one() {
        let shape = Shape { records: 3, size: 100, keys: 10, text: true, codec: Codec::None, seed: 1 };
        let batch = build(&shape, 1);
        assert_eq!(walk(&batch), (Some(3), 3, batch.len()));
        assert_eq!(walk(&batch[..batch.len() - 1]), (None, 0, 0));
    }

    #[test]
    fn a_built_batch_is_read_record_by_record() {
        let mut batch = build(&Shape { records: 3, ..Shape::ONE }, 1);
        let mut found = Vec::new();
        let next = records(&batch, |record| found.push((record.offset, record.value.len())));
        assert_eq!((next, found), (Ok(Some(3)), vec![(0, 100), (1, 100), (2, 100)]));
        *batch.last_mut().expect("bytes") ^= 1;
        assert!(records(&batch, |_| {}).is_err());
    }
}
