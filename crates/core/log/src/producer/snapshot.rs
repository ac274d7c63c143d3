//! The `.snapshot` files: version 1 of `ProducerSnapshot`, with a CRC-32C over the entries.

use std::fmt;

use headwater_base::{Offset, ProducerEpoch, ProducerId};
use headwater_records::crc32c;

use super::entry::{BatchMetadata, ProducerEntry};

const VERSION: i16 = 1;
const ENTRIES_AT: usize = 6;
const ENTRY_SIZE: usize = 46;

/// Why a snapshot cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotError {
    /// Fewer bytes than its fields need, or more.
    Length(usize),
    /// Another version than 1.
    Version(i16),
    /// The checksum does not fit.
    Crc {
        /// What the file says.
        stored: u32,
        /// What its bytes give.
        computed: u32,
    },
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotError::Length(length) => write!(f, "a length of {length} bytes does not fit the entries"),
            SnapshotError::Version(version) => write!(f, "unknown version {version}"),
            SnapshotError::Crc { stored, computed } => {
                write!(f, "stored checksum is {stored:#010x}, computed {computed:#010x}")
            }
        }
    }
}

impl std::error::Error for SnapshotError {}

/// Writes the producers of a log; only the newest batch of each is kept in the format.
pub fn encode<'a>(producers: impl ExactSizeIterator<Item = (ProducerId, &'a ProducerEntry)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(ENTRIES_AT + 4 + producers.len() * ENTRY_SIZE);
    out.extend(VERSION.to_be_bytes());
    out.extend([0; 4]);
    out.extend((producers.len() as i32).to_be_bytes());
    for (id, entry) in producers {
        let batch = entry.last_batch();
        out.extend(id.0.to_be_bytes());
        out.extend(entry.epoch.0.to_be_bytes());
        out.extend(entry.last_sequence().to_be_bytes());
        out.extend(batch.map_or(-1, |batch| batch.last_offset.0).to_be_bytes());
        out.extend(batch.map_or(0, |batch| batch.offset_delta).to_be_bytes());
        out.extend(entry.last_timestamp.to_be_bytes());
        out.extend(entry.coordinator_epoch.to_be_bytes());
        out.extend(entry.transaction_first_offset.map_or(-1, |offset| offset.0).to_be_bytes());
    }
    let crc = crc32c(&out[ENTRIES_AT..]);
    out[2..ENTRIES_AT].copy_from_slice(&crc.to_be_bytes());
    out
}

/// Takes `N` bytes off the front; the caller has checked that they are there.
fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (head, rest) = bytes.split_first_chunk::<N>().expect("the length was checked");
    *bytes = rest;
    *head
}

/// Reads a snapshot.
///
/// # Errors
/// See [`SnapshotError`].
pub fn decode(bytes: &[u8]) -> Result<Vec<(ProducerId, ProducerEntry)>, SnapshotError> {
    if bytes.len() < ENTRIES_AT + 4 {
        return Err(SnapshotError::Length(bytes.len()));
    }
    let mut rest = bytes;
    let version = i16::from_be_bytes(take(&mut rest));
    if version != VERSION {
        return Err(SnapshotError::Version(version));
    }
    let stored = u32::from_be_bytes(take(&mut rest));
    let computed = crc32c(&bytes[ENTRIES_AT..]);
    if stored != computed {
        return Err(SnapshotError::Crc { stored, computed });
    }
    let count = i32::from_be_bytes(take(&mut rest));
    if usize::try_from(count).ok().and_then(|count| count.checked_mul(ENTRY_SIZE)) != Some(rest.len()) {
        return Err(SnapshotError::Length(bytes.len()));
    }
    Ok((0..count).map(|_| decode_entry(&mut rest)).collect())
}

fn decode_entry(rest: &mut &[u8]) -> (ProducerId, ProducerEntry) {
    let id = ProducerId(i64::from_be_bytes(take(rest)));
    let epoch = ProducerEpoch(i16::from_be_bytes(take(rest)));
    let last_sequence = i32::from_be_bytes(take(rest));
    let last_offset = Offset(i64::from_be_bytes(take(rest)));
    let offset_delta = i32::from_be_bytes(take(rest));
    let timestamp = i64::from_be_bytes(take(rest));
    let coordinator_epoch = i32::from_be_bytes(take(rest));
    let transaction = i64::from_be_bytes(take(rest));
    let mut entry = ProducerEntry { epoch, ..ProducerEntry::default() };
    if last_offset.0 >= 0 {
        entry.add_batch(epoch, BatchMetadata { last_sequence, last_offset, offset_delta, timestamp });
    }
    entry.last_timestamp = timestamp;
    entry.coordinator_epoch = coordinator_epoch;
    entry.set_incomplete();
    entry.transaction_first_offset = (transaction >= 0).then_some(Offset(transaction));
    (id, entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_and_d11_garbage() {
        let mut some = ProducerEntry { coordinator_epoch: 4, ..ProducerEntry::default() };
        let batch =
            BatchMetadata { last_sequence: 9, last_offset: Offset(99), offset_delta: 9, timestamp: 1_000 };
        some.add_batch(ProducerEpoch(2), batch);
        some.transaction_first_offset = Some(Offset(80));
        let none = ProducerEntry { epoch: ProducerEpoch(1), last_timestamp: 5, ..ProducerEntry::default() };
        let mut producers = vec![(ProducerId(7), some), (ProducerId(8), none)];
        producers.iter_mut().for_each(|(_, entry)| entry.set_incomplete());
        let bytes = encode(producers.iter().map(|(id, entry)| (*id, entry)));
        assert_eq!(decode(&bytes), Ok(producers));
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            assert!(decode(&flipped).is_err(), "flipped at {at}");
        }
        let mut longer = bytes;
        longer.push(0);
        assert!(decode(&longer).is_err());
    }
}
