//! Random numbers from a seed that the driver hands in, so that a decision is a function of its inputs.

use headwater_base::Uuid;

/// Two independent splitmix64 sequences.
#[derive(Clone, Debug)]
pub(crate) struct Random([u64; 2]);

fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Random {
    pub(crate) const fn new(seed: [u64; 2]) -> Self {
        Self(seed)
    }

    /// A random id.
    pub(crate) fn uuid(&mut self) -> Uuid {
        let [high, low] = &mut self.0;
        Uuid::from_random(splitmix(high), splitmix(low))
    }

    /// A number below `end`, which must not be zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        assert!(end > 0, "a range has a number in it");
        let wide = u128::from(splitmix(&mut self.0[0])) * end as u128;
        // The high half of the product is below `end`.
        (wide >> 64) as usize
    }

    /// Puts a list into random order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_below_their_bound_and_reach_all_of_it() {
        let mut random = Random::new([1, 2]);
        let mut seen = [0; 5];
        for _ in 0..1000 {
            seen[random.below(5)] += 1;
        }
        assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
        let mut list = [1, 2, 3, 4, 5, 6, 7, 8];
        random.shuffle(&mut list);
        assert_ne!(list, [1, 2, 3, 4, 5, 6, 7, 8]);
        list.sort_unstable();
        assert_eq!(list, [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn one_seed_one_sequence() {
        assert_eq!(Random::new([7, 8]).uuid(), Random::new([7, 8]).uuid());
        assert_ne!(Random::new([7, 8]).uuid(), Random::new([7, 9]).uuid());
        assert_ne!(Random::new([7, 8]).uuid(), Random::new([6, 8]).uuid());
    }
}
