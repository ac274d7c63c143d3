//! The last offset of each key, for as many keys as memory allows (`SkimpyOffsetMap`).
//!
//! Keys are not kept, only their hashes. Nothing is ever taken out. The table is made once, as large as the keys can
//! need and never larger than allowed.

use headwater_base::Offset;

use super::hash::{HashKey, hash};

/// Bytes of one entry: 16 of the hash and 8 of the offset, as Kafka's have.
pub const BYTES_PER_ENTRY: usize = 24;

/// Places that the hash itself names before the neighbours are tried.
const SPREAD_PROBES: u64 = 8;

/// Hash, and offset plus one; all zero where nothing is.
type Entry = [u64; 3];

/// See the module.
pub(super) struct OffsetMap {
    key: HashKey,
    table: Vec<Entry>,
    entries: usize,
    /// Entries at which it counts as full.
    most: usize,
    latest: Offset,
}

impl OffsetMap {
    /// A map that takes `most` keys, of which no more than `expected` will come.
    pub(super) fn new(key: HashKey, slots: usize, load_factor: f64, expected: usize) -> OffsetMap {
        let most = (slots as f64 * load_factor) as usize;
        // Three quarters full at most, where memory allows.
        let places = slots.min(expected.saturating_add(expected / 3).saturating_add(16));
        OffsetMap { key, table: vec![[0; 3]; places], entries: 0, most, latest: Offset(-1) }
    }

    /// Whether no further record may be put in, not even of a key that it has.
    pub(super) fn is_full(&self) -> bool {
        self.entries >= self.most
    }

    /// Share of the table that is in use, by the number of places that were allowed.
    pub(super) fn len(&self) -> usize {
        self.entries
    }

    /// Up to here all records are in it.
    pub(super) fn latest_offset(&self) -> Offset {
        self.latest
    }

    /// Takes note that everything up to `offset` is in it.
    pub(super) fn set_latest_offset(&mut self, offset: Offset) {
        self.latest = offset;
    }

    /// The place of a hash: where it is, or where it belongs.
    fn find(&self, [low, high]: [u64; 2]) -> usize {
        let places = self.table.len() as u64;
        let mut place = 0;
        for probe in 0..SPREAD_PROBES {
            place = (low.wrapping_add(probe.wrapping_mul(high)) % places) as usize;
            let entry = &self.table[place];
            if entry[2] == 0 || (entry[0] == low && entry[1] == high) {
                return place;
            }
        }
        for _ in 0..self.table.len() {
            place = if place + 1 == self.table.len() { 0 } else { place + 1 };
            let entry = &self.table[place];
            if entry[2] == 0 || (entry[0] == low && entry[1] == high) {
                return place;
            }
        }
        unreachable!("a table is never filled to its last place");
    }

    /// Puts a key's offset in, which is larger than all before. The map is not full.
    pub(super) fn put(&mut self, key: &[u8], offset: Offset) {
        let hash = hash(self.key, key);
        let place = self.find(hash);
        let entry = &mut self.table[place];
        if entry[2] == 0 {
            self.entries += 1;
        }
        *entry = [hash[0], hash[1], offset.0 as u64 + 1];
        self.latest = offset;
    }

    /// The last offset of a key.
    pub(super) fn get(&self, key: &[u8]) -> Option<Offset> {
        let entry = &self.table[self.find(hash(self.key, key))];
        entry[2].checked_sub(1).map(|offset| Offset(offset as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_in_also_when_nearly_full() {
        let mut map = OffsetMap::new([1, 2], 1_000, 0.9, usize::MAX);
        let mut put = 0_u64;
        while !map.is_full() {
            map.put(&put.to_be_bytes(), Offset(put as i64));
            put += 1;
        }
        assert_eq!((put, map.len(), map.table.len()), (900, 900, 1_000));
        map.put(&7_u64.to_be_bytes(), Offset(5_000));
        assert_eq!((map.len(), map.latest_offset()), (900, Offset(5_000)), "an old key takes no place");
        for key in 0..2_000_u64 {
            let expected = match key {
                7 => Some(Offset(5_000)),
                key if key < put => Some(Offset(key as i64)),
                _ => None,
            };
            assert_eq!(map.get(&key.to_be_bytes()), expected, "{key}");
        }
    }

    #[test]
    fn is_as_large_as_the_keys_need_and_never_larger_than_allowed() {
        assert_eq!(OffsetMap::new([0; 2], 1 << 20, 0.9, 300).table.len(), 416);
        assert_eq!(OffsetMap::new([0; 2], 500, 0.9, 1 << 40).table.len(), 500);
        assert_eq!(std::mem::size_of::<Entry>(), BYTES_PER_ENTRY);
        let map = OffsetMap::new([0; 2], 500, 0.9, 0);
        assert_eq!((map.get(b"x"), map.latest_offset()), (None, Offset(-1)));
    }
}
