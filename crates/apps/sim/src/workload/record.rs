//! Records that know who made them and where they belong.

use headwater_base::{ProducerEpoch, ProducerId, Uuid};
use headwater_records::{
    BatchBuilder, BatchError, BatchOptions, BatchView, Codec, Compression, Header, RecordsError, Scratch,
    batches, crc32c,
};
use headwater_runtime::Random;

use crate::history::{Place, RecordId, Seen};

const CODECS: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];
/// Topic id, partition, producer, number.
const IDENTITY: usize = 16 + 4 + 4 + 8;
/// Bytes that a batch may have when it is taken apart.
const MAX_BATCH: usize = 16 << 20;

/// A record before it is put into a batch.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Key, or null.
    pub key: Option<Vec<u8>>,
    /// Value: identity and padding. Without one, a header has the identity.
    pub value: Option<Vec<u8>>,
    /// Identity.
    pub identity: Vec<u8>,
    /// Has a header.
    pub header: bool,
    /// Milliseconds.
    pub timestamp: i64,
}

impl Draft {
    /// A record with random key and padding.
    #[must_use]
    pub fn random(place: Place, id: RecordId, timestamp: i64, random: &mut Random) -> Self {
        let mut value = identity_of(place, id);
        let identity = value.clone();
        let padding = match random.below(20) {
            0 => random.below(3_000),
            1..=9 => random.below(400),
            _ => random.below(40),
        };
        // Half of it compresses well.
        let compressible = random.chance(2);
        for _ in 0..padding / 8 {
            let word = if compressible { 0x6865_6164 } else { random.next_u64() };
            value.extend_from_slice(&word.to_be_bytes());
        }
        let key = (!random.chance(4)).then(|| random.below(1_000).to_be_bytes().to_vec());
        Self { key, value: Some(value), identity, header: random.chance(5), timestamp }
    }

    /// A record for a compacted topic: of one of a few keys, now and then without a value.
    #[must_use]
    pub fn keyed(place: Place, id: RecordId, timestamp: i64, random: &mut Random) -> Self {
        let draft = Self::random(place, id, timestamp, random);
        let value = draft.value.filter(|_| !random.chance(6));
        Self { key: Some(random.below(30).to_be_bytes().to_vec()), value, ..draft }
    }

    /// What a consumer's copy must have.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        checksum(self.key.as_deref(), self.value.as_deref())
    }

    /// What stands for its key in the history.
    #[must_use]
    pub fn key_checksum(&self) -> Option<u32> {
        self.key.as_deref().map(crc32c)
    }
}

fn identity_of(place: Place, id: RecordId) -> Vec<u8> {
    let mut identity = Vec::with_capacity(IDENTITY);
    identity.extend_from_slice(&place.topic.0.to_be_bytes());
    identity.extend_from_slice(&place.partition.to_be_bytes());
    identity.extend_from_slice(&id.producer.to_be_bytes());
    identity.extend_from_slice(&id.number.to_be_bytes());
    identity
}

fn checksum(key: Option<&[u8]>, value: Option<&[u8]>) -> u32 {
    let key = key.map_or(1, crc32c);
    value.map_or(2, crc32c).rotate_left(7) ^ key
}

/// Who a producer is to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// −1 without idempotence.
    pub producer_id: i64,
    /// −1 without idempotence.
    pub producer_epoch: i16,
}

impl Identity {
    /// A producer without idempotence.
    pub const NONE: Identity = Identity { producer_id: -1, producer_epoch: -1 };
}

/// A batch as a producer sends it.
#[must_use]
pub fn encode(drafts: &[Draft], identity: Identity, base_sequence: i32, codec: Codec) -> Vec<u8> {
    let mut builder = BatchBuilder::new(BatchOptions {
        producer_id: ProducerId(identity.producer_id),
        producer_epoch: ProducerEpoch(identity.producer_epoch),
        base_sequence,
        compression: Compression::of(codec),
        ..BatchOptions::default()
    });
    for draft in drafts {
        let headers = [
            Header { key: b"id", value: Some(&draft.identity) },
            Header { key: b"trace", value: Some(b"1") },
        ];
        let first = usize::from(draft.value.is_some());
        let headers = &headers[first..1 + usize::from(draft.header)];
        builder.append(draft.timestamp, draft.key.as_deref(), draft.value.as_deref(), headers);
    }
    builder.build()
}

/// Any codec.
pub fn random_codec(random: &mut Random, with_zstd: bool) -> Codec {
    let count = if with_zstd { CODECS.len() } else { CODECS.len() - 1 };
    CODECS[random.below(count as u64) as usize]
}

/// Takes apart what a fetch gave: whole batches, of which the last may be cut off. Also gives the offset behind them, which
/// compaction may leave without a record.
///
/// # Errors
/// What is wrong with the bytes, in words.
pub fn decode(bytes: &[u8], place: Place, life: usize) -> Result<(Vec<Seen>, i64), String> {
    let (mut seen, mut next) = (Vec::new(), 0);
    let mut scratch = Scratch::new();
    let mut space = Vec::new();
    for batch in batches(bytes) {
        let batch = match batch {
            Ok(batch) => batch,
            // As Kafka does, an answer ends where its bytes are used up.
            Err(BatchError::Truncated { .. }) => break,
            Err(error) => return Err(error.to_string()),
        };
        batch.verify_crc().map_err(|error| format!("batch at {}: {error}", batch.base_offset))?;
        records(&batch, place, life, &mut scratch, &mut space, &mut seen)
            .map_err(|error| format!("batch at {}: {error}", batch.base_offset))?;
        next = batch.next_offset().0;
    }
    Ok((seen, next))
}

fn records(
    batch: &BatchView<'_>,
    place: Place,
    life: usize,
    scratch: &mut Scratch,
    space: &mut Vec<u8>,
    seen: &mut Vec<Seen>,
) -> Result<(), RecordsError> {
    for record in batch.records(scratch, space, MAX_BATCH)? {
        let record = record?;
        let of_tombstone = || record.headers().find(|header| header.key == b"id")?.value;
        seen.push(Seen {
            life,
            offset: record.offset.0,
            id: record.value.or_else(of_tombstone).and_then(|value| identity(value, place)),
            checksum: checksum(record.key, record.value),
            key: record.key.map(crc32c),
            timestamp: record.timestamp,
            leader_epoch: batch.leader_epoch.0,
        });
    }
    Ok(())
}

/// Who made a record, if it belongs to this partition.
fn identity(value: &[u8], place: Place) -> Option<RecordId> {
    let (topic, rest) = value.split_first_chunk::<16>()?;
    let (partition, rest) = rest.split_first_chunk::<4>()?;
    let (producer, rest) = rest.split_first_chunk::<4>()?;
    let (number, _) = rest.split_first_chunk::<8>()?;
    let found = Place { topic: Uuid(u128::from_be_bytes(*topic)), partition: i32::from_be_bytes(*partition) };
    (found == place)
        .then(|| RecordId { producer: u32::from_be_bytes(*producer), number: u64::from_be_bytes(*number) })
}
