//! A record batch (format v2, no compression, no producer id), prepared once.

/// Builds a batch of `records` records with values of `size` bytes, all at `timestamp_ms`.
pub fn build(records: usize, size: usize, timestamp_ms: i64) -> Vec<u8> {
    let value: Vec<u8> = (0..size).map(|i| b'a' + u8::try_from(i * 7 % 26).expect("below 26")).collect();
    let mut body = Vec::new();
    for delta in 0..records {
        let mut record = vec![0u8]; // attributes
        varint(&mut record, 0); // timestamp delta
        varint(&mut record, i64::try_from(delta).expect("few records"));
        varint(&mut record, -1); // null key
        varint(&mut record, i64::try_from(value.len()).expect("small value"));
        record.extend_from_slice(&value);
        varint(&mut record, 0); // headers
        varint(&mut body, i64::try_from(record.len()).expect("small record"));
        body.extend_from_slice(&record);
    }
    let count = i32::try_from(records).expect("few records");
    let mut checked = Vec::new();
    checked.extend_from_slice(&0i16.to_be_bytes()); // attributes
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

fn varint(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// CRC-32C, bit by bit: a batch is built once for a whole run.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
        }
    }
    !crc
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
        let batch = build(3, 100, 1);
        assert_eq!(walk(&batch), (Some(3), 3, batch.len()));
        assert_eq!(walk(&batch[..batch.len() - 1]), (None, 0, 0));
    }
}
