//! Which partition a key goes to, as the clients of the reference decide it (`BuiltInPartitioner`).

const MULTIPLIER: i32 = 0x5bd1_e995;
const SEED: i32 = 0x9747_b28c_u32 as i32;

fn mix(word: i32) -> i32 {
    let word = word.wrapping_mul(MULTIPLIER);
    (word ^ ((word as u32) >> 24) as i32).wrapping_mul(MULTIPLIER)
}

/// MurmurHash2 of `bytes` with the seed that Kafka uses.
#[must_use]
pub fn murmur2(bytes: &[u8]) -> i32 {
    let (words, tail) = bytes.as_chunks::<4>();
    let mut hash = words.iter().fold(SEED ^ bytes.len() as i32, |hash, word| {
        hash.wrapping_mul(MULTIPLIER) ^ mix(i32::from_le_bytes(*word))
    });
    for (index, &byte) in tail.iter().enumerate().rev() {
        hash ^= i32::from(byte) << (8 * index);
    }
    if !tail.is_empty() {
        hash = hash.wrapping_mul(MULTIPLIER);
    }
    hash = (hash ^ ((hash as u32) >> 13) as i32).wrapping_mul(MULTIPLIER);
    hash ^ ((hash as u32) >> 15) as i32
}

/// The partition of a record with this key among `partition_count`, which is positive.
#[must_use]
pub fn partition_for_key(key: &[u8], partition_count: i32) -> i32 {
    (murmur2(key) & i32::MAX) % partition_count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed by the reference's `Utils.murmur2`.
    #[test]
    fn golden_values() {
        let golden: [(&[u8], i32); 8] = [
            (b"", 275646681),
            (b"k", -1567496736),
            (b"21", -973932308),
            (b"UA1", -1014899528),
            (b"carrier", 1269185677),
            (b"headwater", 2077856671),
            (b"rivers begin at their headwaters", 1512617074),
            (&[0xff, 0x80, 0xfe, 0, 1, 0x90, 0xab], 785122439),
        ];
        for (bytes, hash) in golden {
            assert_eq!(murmur2(bytes), hash, "{bytes:?}");
        }
        assert_eq!(partition_for_key(b"21", 100), (-973932308 & i32::MAX) % 100);
    }
}
