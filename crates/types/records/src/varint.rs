//! Variable-length integers as records carry them: zig-zag, seven bits a byte, lowest group first.
//!
//! Kafka's `ByteUtils`: at most five bytes for 32 bits and ten for 64.

/// Appends `value` as an unsigned varint.
pub fn put_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends `value` as a zig-zag varint of at most five bytes.
pub fn put_i32(out: &mut Vec<u8>, value: i32) {
    put_unsigned(out, u64::from(((value << 1) ^ (value >> 31)) as u32));
}

/// Appends `value` as a zig-zag varint of at most ten bytes.
pub fn put_i64(out: &mut Vec<u8>, value: i64) {
    put_unsigned(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Bytes that [`put_i32`] writes.
#[must_use]
pub fn size_i32(value: i32) -> usize {
    size_unsigned(u64::from(((value << 1) ^ (value >> 31)) as u32))
}

/// Bytes that [`put_i64`] writes.
#[must_use]
pub fn size_i64(value: i64) -> usize {
    size_unsigned(((value << 1) ^ (value >> 63)) as u64)
}

fn size_unsigned(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Reads an unsigned varint of at most `most` bytes: the value and how many bytes it took.
#[inline(always)]
fn get_unsigned(bytes: &[u8], most: usize) -> Option<(u64, usize)> {
    // Nearly all numbers in a record have one or two bytes; told apart by branches that are predicted well.
    match *bytes {
        [a, ..] if a < 0x80 => Some((u64::from(a), 1)),
        [a, b, ..] if b < 0x80 => Some((u64::from(a & 0x7f) | u64::from(b) << 7, 2)),
        [a, b, c, ..] if c < 0x80 => {
            Some((u64::from(a & 0x7f) | u64::from(b & 0x7f) << 7 | u64::from(c) << 14, 3))
        }
        _ => get_long(bytes, most),
    }
}

#[inline(never)]
fn get_long(bytes: &[u8], most: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (index, &byte) in bytes.iter().take(most).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Some((value, index + 1));
        }
    }
    None
}

/// Reads a 32-bit zig-zag varint at the start of `bytes`: the value and how many bytes it took.
///
/// `None` when the bytes end first or the number has more than five of them.
#[inline(always)]
#[must_use]
pub fn get_i32(bytes: &[u8]) -> Option<(i32, usize)> {
    let (value, size) = get_unsigned(bytes, 5)?;
    let value = value as u32;
    Some(((value >> 1) as i32 ^ -((value & 1) as i32), size))
}

/// Reads a 64-bit zig-zag varint at the start of `bytes`: the value and how many bytes it took.
///
/// `None` when the bytes end first or the number has more than ten of them.
#[inline(always)]
#[must_use]
pub fn get_i64(bytes: &[u8]) -> Option<(i64, usize)> {
    let (value, size) = get_unsigned(bytes, 10)?;
    Some(((value >> 1) as i64 ^ -((value & 1) as i64), size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_sizes_agree() {
        let mut values = vec![0i64, 1, -1, 63, 64, -64, -65, i64::MAX, i64::MIN];
        values.extend((0..63).flat_map(|bit| [1i64 << bit, -(1i64 << bit), (1i64 << bit) - 1]));
        for value in values {
            let mut out = Vec::new();
            put_i64(&mut out, value);
            assert_eq!(out.len(), size_i64(value));
            assert_eq!(get_i64(&out), Some((value, out.len())));
            assert_eq!(get_i64(&out[..out.len() - 1]), None);
            let small = value as i32;
            out.clear();
            put_i32(&mut out, small);
            assert_eq!(out.len(), size_i32(small));
            assert_eq!(get_i32(&out), Some((small, out.len())));
        }
    }

    #[test]
    fn too_long_is_refused() {
        assert_eq!(get_i32(&[0x80; 5]), None);
        assert_eq!(get_i32(&[0x80, 0x80, 0x80, 0x80, 0x80, 0]), None);
        assert_eq!(get_i64(&[0x80; 11]), None);
    }
}
