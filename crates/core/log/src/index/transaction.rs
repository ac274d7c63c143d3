//! The index of aborted transactions (`.txnindex`), in the order of their markers.

use headwater_base::{Offset, ProducerId};

use crate::producer::AbortedTransaction;

/// Bytes of an entry.
pub(crate) const ENTRY_SIZE: usize = 34;
const VERSION: i16 = 0;

/// Appends an entry to `out`.
pub(crate) fn encode(transaction: &AbortedTransaction, out: &mut Vec<u8>) {
    out.extend(VERSION.to_be_bytes());
    out.extend(transaction.producer_id.0.to_be_bytes());
    out.extend(transaction.first_offset.0.to_be_bytes());
    out.extend(transaction.last_offset.0.to_be_bytes());
    out.extend(transaction.last_stable_offset.0.to_be_bytes());
}

/// Reads a whole index of the segment that begins at `base`. `None` when it cannot be one.
pub(crate) fn decode(bytes: &[u8], base: Offset) -> Option<Vec<AbortedTransaction>> {
    if !bytes.len().is_multiple_of(ENTRY_SIZE) {
        return None;
    }
    let mut entries: Vec<AbortedTransaction> = Vec::with_capacity(bytes.len() / ENTRY_SIZE);
    for bytes in bytes.chunks_exact(ENTRY_SIZE) {
        let word = |at: usize| bytes[at..].first_chunk::<8>().map(|word| i64::from_be_bytes(*word));
        let entry = AbortedTransaction {
            producer_id: ProducerId(word(2)?),
            first_offset: Offset(word(10)?),
            last_offset: Offset(word(18)?),
            last_stable_offset: Offset(word(26)?),
        };
        let after = entries.last().map_or(base + -1, |entry| entry.last_offset);
        let sane = bytes[..2] == VERSION.to_be_bytes()
            && entry.first_offset.0 >= 0
            // A marker lies behind what it ends.
            && entry.first_offset < entry.last_offset
            && entry.last_offset > after
            && entry.last_stable_offset <= entry.last_offset + 1;
        if !sane {
            return None;
        }
        entries.push(entry);
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_and_d11_garbage() {
        let entry = |first, last| AbortedTransaction {
            producer_id: ProducerId(7),
            first_offset: Offset(first),
            last_offset: Offset(last),
            last_stable_offset: Offset(last + 1),
        };
        let entries = vec![entry(100, 110), entry(105, 120)];
        let mut bytes = Vec::new();
        entries.iter().for_each(|entry| encode(entry, &mut bytes));
        assert_eq!(bytes.len(), 2 * ENTRY_SIZE);
        assert_eq!(decode(&bytes, Offset(100)), Some(entries));
        assert_eq!(decode(&bytes, Offset(111)), None, "before the segment");
        assert_eq!(decode(&bytes[..40], Offset(100)), None);
        assert_eq!(decode(&[0x5a; 68], Offset(100)), None);
        assert_eq!(decode(&[], Offset(100)), Some(Vec::new()));
    }
}
