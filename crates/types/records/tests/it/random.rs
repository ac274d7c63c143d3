//! Seeded randomness.

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// SplitMix64.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to `end - 1`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// Null, empty, small, sometimes large; noise or text.
    pub fn field(&mut self) -> Option<Vec<u8>> {
        let length = match self.below(12) {
            0 => return None,
            1 => 0,
            2 => 1000 + self.below(5000),
            3 if self.one_in(20) => 200_000,
            _ => self.below(100),
        } as usize;
        Some(if self.one_in(2) {
            self.bytes(length)
        } else {
            (0..length).map(|at| b"headwater"[(at / 3 + length) % 9]).collect()
        })
    }
}
