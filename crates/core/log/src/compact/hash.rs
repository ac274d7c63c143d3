//! SipHash-2-4 with 128 bits (Aumasson and Bernstein): a key's place in the map.
//!
//! Two keys with one hash would cost a record. With 128 bits and a secret that nobody outside knows this is as improbable
//! as with MD5, and other than with MD5 nobody can look for such keys.

/// The secret.
pub(super) type HashKey = [u64; 2];

struct State {
    v: [u64; 4],
}

impl State {
    #[inline(always)]
    fn round(&mut self) {
        let [v0, v1, v2, v3] = &mut self.v;
        *v0 = v0.wrapping_add(*v1);
        *v1 = v1.rotate_left(13) ^ *v0;
        *v0 = v0.rotate_left(32);
        *v2 = v2.wrapping_add(*v3);
        *v3 = v3.rotate_left(16) ^ *v2;
        *v0 = v0.wrapping_add(*v3);
        *v3 = v3.rotate_left(21) ^ *v0;
        *v2 = v2.wrapping_add(*v1);
        *v1 = v1.rotate_left(17) ^ *v2;
        *v2 = v2.rotate_left(32);
    }

    #[inline(always)]
    fn take(&mut self, word: u64) {
        self.v[3] ^= word;
        self.round();
        self.round();
        self.v[0] ^= word;
    }

    fn finish(&mut self) -> u64 {
        (0..4).for_each(|_| self.round());
        self.v.iter().fold(0, |all, word| all ^ word)
    }
}

/// The hash of `bytes`.
pub(super) fn hash(key: HashKey, bytes: &[u8]) -> [u64; 2] {
    let [k0, k1] = key;
    let mut state = State {
        v: [
            k0 ^ 0x736f_6d65_7073_6575,
            k1 ^ 0x646f_7261_6e64_6f6d ^ 0xee,
            k0 ^ 0x6c79_6765_6e65_7261,
            k1 ^ 0x7465_6462_7974_6573,
        ],
    };
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().for_each(|word| state.take(u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    state.take(u64::from_le_bytes(last) | (bytes.len() as u64) << 56);
    state.v[2] ^= 0xee;
    let low = state.finish();
    state.v[1] ^= 0xdd;
    [low, state.finish()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_its_authors() {
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        let input: Vec<u8> = (0..64).collect();
        let of = |len: usize| {
            let [low, high] = hash(key, &input[..len]);
            [low.to_le_bytes(), high.to_le_bytes()].concat()
        };
        let hex = |text: &str| -> Vec<u8> {
            (0..16).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap()).collect()
        };
        assert_eq!(of(0), hex("a3817f04ba25a8e66df67214c7550293"));
        assert_eq!(of(1), hex("da87c1d86b99af44347659119b22fc45"));
        assert_eq!(of(2), hex("8177228da4a45dc7fca38bdef60affe4"));
        assert_eq!(of(15), hex("5493e99933b0a8117e08ec0f97cfc3d9"));
    }
}
