//! XXH3, 64 bits, without seed (`hash4j`'s `Hashing.xxh3_64`): the hash in `ConsumerGroupMetadataValue.metadataHash`.
//!
//! Not a hash of this project's choice: Apache Kafka compares the stored one with its own.

/// The secret of the algorithm's authors.
#[rustfmt::skip]
const SECRET: [u8; 192] = [
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
];

const PRIME32: [u64; 3] = [0x9E37_79B1, 0x85EB_CA77, 0xC2B2_AE3D];
const PRIME64: [u64; 5] = [
    0x9E37_79B1_85EB_CA87,
    0xC2B2_AE3D_27D4_EB4F,
    0x1656_67B1_9E37_79F9,
    0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5,
];
const PRIME_MX1: u64 = 0x1656_6791_9E37_79F9;
const PRIME_MX2: u64 = 0x9FB2_1C65_1E98_DF25;

/// Bytes of a stripe, and by how many bytes of the secret the next stripe moves on.
const STRIPE: usize = 64;
const SECRET_STEP: usize = 8;
/// Stripes until the accumulators are scrambled.
const STRIPES_PER_BLOCK: usize = (SECRET.len() - STRIPE) / SECRET_STEP;

fn u32_at(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u64::from(u32::from_le_bytes(word))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

/// The product's two halves, one over the other.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

fn avalanche(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 37)).wrapping_mul(PRIME_MX1);
    hash ^ (hash >> 32)
}

fn avalanche_64(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(PRIME64[1]);
    hash = (hash ^ (hash >> 29)).wrapping_mul(PRIME64[2]);
    hash ^ (hash >> 32)
}

fn mix_16(bytes: &[u8], at: usize, secret_at: usize) -> u64 {
    fold(
        u64_at(bytes, at) ^ u64_at(&SECRET, secret_at),
        u64_at(bytes, at + 8) ^ u64_at(&SECRET, secret_at + 8),
    )
}

/// The hash of these bytes.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    match bytes.len() {
        0..=16 => hash_to_16(bytes),
        17..=128 => hash_to_128(bytes),
        129..=240 => hash_to_240(bytes),
        _ => hash_long(bytes),
    }
}

fn hash_to_16(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    match length {
        0 => avalanche_64(u64_at(&SECRET, 56) ^ u64_at(&SECRET, 64)),
        1..=3 => {
            let (first, middle, last) = (bytes[0], bytes[length >> 1], bytes[length - 1]);
            let combined = (u64::from(first) << 16)
                | (u64::from(middle) << 24)
                | u64::from(last)
                | ((length as u64) << 8);
            avalanche_64(combined ^ (u32_at(&SECRET, 0) ^ u32_at(&SECRET, 4)))
        }
        4..=8 => {
            let keyed = (u32_at(bytes, length - 4) | (u32_at(bytes, 0) << 32))
                ^ (u64_at(&SECRET, 8) ^ u64_at(&SECRET, 16));
            let mut hash = keyed ^ keyed.rotate_left(49) ^ keyed.rotate_left(24);
            hash = hash.wrapping_mul(PRIME_MX2);
            hash ^= (hash >> 35).wrapping_add(length as u64);
            hash = hash.wrapping_mul(PRIME_MX2);
            hash ^ (hash >> 28)
        }
        _ => {
            let low = u64_at(bytes, 0) ^ (u64_at(&SECRET, 24) ^ u64_at(&SECRET, 32));
            let high = u64_at(bytes, length - 8) ^ (u64_at(&SECRET, 40) ^ u64_at(&SECRET, 48));
            let sum = (length as u64).wrapping_add(low.swap_bytes()).wrapping_add(high);
            avalanche(sum.wrapping_add(fold(low, high)))
        }
    }
}

fn hash_to_128(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let mut sum = (length as u64).wrapping_mul(PRIME64[0]);
    // From both ends to the middle.
    for pair in (0..=(length - 1) / 32).rev() {
        sum = sum.wrapping_add(mix_16(bytes, pair * 16, pair * 32));
        sum = sum.wrapping_add(mix_16(bytes, length - 16 * (pair + 1), pair * 32 + 16));
    }
    avalanche(sum)
}

fn hash_to_240(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let mut sum = (length as u64).wrapping_mul(PRIME64[0]);
    for round in 0..8 {
        sum = sum.wrapping_add(mix_16(bytes, round * 16, round * 16));
    }
    sum = avalanche(sum);
    for round in 8..length / 16 {
        sum = sum.wrapping_add(mix_16(bytes, round * 16, (round - 8) * 16 + 3));
    }
    avalanche(sum.wrapping_add(mix_16(bytes, length - 16, 136 - 17)))
}

type Accumulators = [u64; 8];

fn accumulate(sums: &mut Accumulators, stripe: &[u8], secret: &[u8]) {
    for lane in 0..8 {
        let data = u64_at(stripe, lane * 8);
        let keyed = data ^ u64_at(secret, lane * 8);
        sums[lane ^ 1] = sums[lane ^ 1].wrapping_add(data);
        let product = (keyed & 0xFFFF_FFFF).wrapping_mul(keyed >> 32);
        sums[lane] = sums[lane].wrapping_add(product);
    }
}

fn scramble(sums: &mut Accumulators) {
    let secret = &SECRET[SECRET.len() - STRIPE..];
    for (lane, sum) in sums.iter_mut().enumerate() {
        *sum = ((*sum ^ (*sum >> 47)) ^ u64_at(secret, lane * 8)).wrapping_mul(PRIME32[0]);
    }
}

fn hash_long(bytes: &[u8]) -> u64 {
    let mut sums: Accumulators =
        [PRIME32[2], PRIME64[0], PRIME64[1], PRIME64[2], PRIME64[3], PRIME32[1], PRIME64[4], PRIME32[0]];
    let length = bytes.len();
    // The last stripe is taken from the end, whole, and is not among these.
    for stripe in 0..(length - 1) / STRIPE {
        let in_block = stripe % STRIPES_PER_BLOCK;
        accumulate(&mut sums, &bytes[stripe * STRIPE..], &SECRET[in_block * SECRET_STEP..]);
        if in_block + 1 == STRIPES_PER_BLOCK {
            scramble(&mut sums);
        }
    }
    accumulate(&mut sums, &bytes[length - STRIPE..], &SECRET[SECRET.len() - STRIPE - 7..]);
    let mut sum = (length as u64).wrapping_mul(PRIME64[0]);
    for pair in 0..4 {
        let at = 11 + pair * 16;
        let mixed = fold(sums[pair * 2] ^ u64_at(&SECRET, at), sums[pair * 2 + 1] ^ u64_at(&SECRET, at + 8));
        sum = sum.wrapping_add(mixed);
    }
    avalanche(sum)
}

#[cfg(test)]
mod tests {
    /// Lengths and what `hash4j` 0.22 makes of that many bytes, byte `i` being `7 i + 3`.
    const REFERENCE: [(usize, i64); 42] = [
        (0, 3_244_421_341_483_603_138),
        (1, 1_433_843_135_270_481_901),
        (2, 2_058_273_368_586_827_884),
        (3, -6_266_602_912_829_716_452),
        (4, 7_895_465_118_229_274_323),
        (5, -7_384_178_388_048_917_705),
        (8, 6_941_064_856_527_638_883),
        (9, -72_226_354_546_400_344),
        (15, -7_007_203_045_674_962_495),
        (16, -5_131_753_158_909_839_995),
        (17, 8_163_341_949_877_205_007),
        (31, -1_350_609_124_411_935_565),
        (32, 1_873_302_701_886_544_469),
        (33, 4_486_878_507_168_070_088),
        (64, 2_917_965_298_538_373_825),
        (65, -9_038_134_159_117_547_962),
        (96, -1_115_511_928_276_236_477),
        (97, 2_137_665_177_113_230_204),
        (128, 7_440_608_504_995_537_343),
        (129, -4_150_982_730_466_284_604),
        (130, -6_475_952_254_391_226_709),
        (143, -8_416_885_203_798_395_993),
        (144, 6_947_391_739_561_490_738),
        (160, -2_950_444_285_678_012_285),
        (200, 8_389_308_914_288_017_243),
        (239, 2_127_415_575_477_209_850),
        (240, 7_229_805_477_010_515_663),
        (241, -8_364_630_114_420_064_745),
        (255, -5_297_528_147_452_990_407),
        (256, 4_339_360_625_268_998_362),
        (257, 3_039_943_168_460_295_846),
        (511, -2_018_556_248_204_038_629),
        (512, -756_038_794_506_822_371),
        (513, -5_670_242_283_123_228_026),
        (1023, -3_284_946_428_344_021_948),
        (1024, -7_241_394_453_710_343_503),
        (1025, -9_192_937_061_388_044_938),
        (1088, 3_424_848_841_118_183_642),
        (2047, -2_058_199_134_975_759_174),
        (2048, -6_060_151_295_482_384_687),
        (2049, 6_174_105_427_284_153_526),
        (5000, 8_762_507_191_635_236_893),
    ];

    #[test]
    fn hashes_as_the_reference() {
        for (length, expected) in REFERENCE {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 7 + 3) as u8).collect();
            assert_eq!(super::hash(&bytes) as i64, expected, "{length} bytes");
        }
    }
}
