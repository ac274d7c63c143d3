//! Fetched bytes into records: checksums, decompression, aborted transactions, positions.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::rc::Rc;

use headwater_records::control::TransactionMarker;
use headwater_records::{BatchError, BatchView, Codec, Record, Scratch, TimestampType};

use crate::error::{Error, ErrorKind, Result};

/// The most bytes that one batch may have when it is decompressed.
const MAX_BATCH: usize = 1 << 30;

/// Where a record lies in its source.
#[derive(Clone, Debug)]
pub struct Located {
    /// Its offset.
    pub offset: i64,
    /// Epoch of the leader that wrote it, −1 when unknown.
    pub leader_epoch: i32,
    /// Its timestamp in milliseconds.
    pub timestamp: i64,
    /// Whether the timestamp is the broker's.
    pub log_append_time: bool,
    /// The key in the source.
    pub key: Option<Range<usize>>,
    /// The value in the source.
    pub value: Option<Range<usize>>,
    /// Headers in the source.
    pub headers: Vec<(Range<usize>, Option<Range<usize>>)>,
    /// The bytes.
    pub source: Rc<Vec<u8>>,
}

/// What a fetch brought for one partition, being read.
#[derive(Debug)]
pub struct Fetched {
    source: Rc<Vec<u8>>,
    rest: Range<usize>,
    /// The next offset to hand out.
    position: i64,
    /// The offset behind all that is here.
    end: i64,
    /// Ids of producers whose transactions are aborted, with the first offset of each, in order; `None` when
    /// transactions are not looked at.
    aborted: Option<VecDeque<(i64, i64)>>,
    aborting: BTreeSet<i64>,
    records: VecDeque<Located>,
    check_crcs: bool,
}

impl Fetched {
    /// Reads the batches that lie at `range` in `source` from `position` on. With `aborted` the records of aborted
    /// transactions are left out (`read_committed`).
    #[must_use]
    pub fn new(
        source: Rc<Vec<u8>>,
        range: Range<usize>,
        position: i64,
        aborted: Option<Vec<(i64, i64)>>,
        check_crcs: bool,
    ) -> Fetched {
        let aborted = aborted.map(|mut aborted| {
            aborted.sort_by_key(|(_, first_offset)| *first_offset);
            VecDeque::from(aborted)
        });
        let walk = headwater_records::batches(&source[range.clone()]);
        let end = walk.map_while(|batch| batch.ok()).last().map_or(position, |batch| batch.next_offset().0);
        Fetched {
            source,
            rest: range,
            position,
            end: end.max(position),
            aborted,
            aborting: BTreeSet::new(),
            records: VecDeque::new(),
            check_crcs,
        }
    }

    /// The offset to fetch next.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.end
    }

    /// The offset that the reader of all that was taken goes on with.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.records.front().map_or(self.position, |record| record.offset)
    }

    /// Takes up to `most` records. Fewer come only at the end.
    ///
    /// # Errors
    /// A damaged batch; the position stays before it.
    pub fn take(&mut self, most: usize, scratch: &mut Scratch, out: &mut Vec<Located>) -> Result<()> {
        let goal = out.len() + most;
        while out.len() < goal {
            if let Some(record) = self.records.pop_front() {
                out.push(record);
            } else if !self.next_batch(scratch)? {
                break;
            }
        }
        Ok(())
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.records.is_empty() && self.rest.is_empty()
    }

    /// Reads the next batch; false at the end.
    fn next_batch(&mut self, scratch: &mut Scratch) -> Result<bool> {
        let source = self.source.clone();
        let bytes = &source[self.rest.clone()];
        if bytes.is_empty() {
            return Ok(false);
        }
        let batch = match BatchView::parse(bytes) {
            Ok(batch) => batch,
            // The broker cut it at the size that was asked for.
            Err(BatchError::Truncated { .. }) => {
                self.rest.start = self.rest.end;
                return Ok(false);
            }
            Err(error) => return Err(self.corrupt(&error)),
        };
        if self.check_crcs {
            batch.verify_crc().map_err(|error| self.corrupt(&error))?;
        }
        if !self.skips(&batch, scratch)? {
            self.read_batch(&batch, scratch)?;
        }
        self.rest.start += batch.bytes().len();
        self.position = self.position.max(batch.next_offset().0);
        Ok(true)
    }

    fn corrupt(&self, why: &dyn std::fmt::Display) -> Error {
        let message = format!("Record batch at offset {} is invalid, cause: {why}", self.position);
        Error::new(ErrorKind::CorruptRecord, message)
    }

    /// Whether a batch has nothing for the reader: control records, aborted transactions.
    fn skips(&mut self, batch: &BatchView<'_>, scratch: &mut Scratch) -> Result<bool> {
        let producer = batch.producer_id.0;
        if let Some(aborted) = &mut self.aborted {
            while aborted.front().is_some_and(|(_, first)| *first <= batch.last_offset().0) {
                self.aborting.extend(aborted.pop_front().map(|(producer, _)| producer));
            }
        }
        if batch.is_control() {
            let mut space = Vec::new();
            let mut records =
                batch.records(scratch, &mut space, MAX_BATCH).map_err(|error| self.corrupt(&error))?;
            let marker = records.next().and_then(|record| record.ok()).and_then(|record| {
                TransactionMarker::parse(record.key.unwrap_or_default(), record.value.unwrap_or_default())
            });
            if marker.is_some_and(|marker| !marker.commit) {
                self.aborting.remove(&producer);
            }
            return Ok(true);
        }
        Ok(self.aborted.is_some() && batch.is_transactional() && self.aborting.contains(&producer))
    }

    fn read_batch(&mut self, batch: &BatchView<'_>, scratch: &mut Scratch) -> Result<()> {
        let mut space = Vec::new();
        let position = self.position;
        let log_append_time = batch.timestamp_type() == TimestampType::LogAppendTime;
        let mut found = Vec::new();
        let compressed = batch.codec() != Some(Codec::None);
        {
            let records =
                batch.records(scratch, &mut space, MAX_BATCH).map_err(|error| self.corrupt(&error))?;
            for record in records {
                let record = record.map_err(|error| self.corrupt(&error))?;
                if record.offset.0 >= position {
                    found.push(Borrowed::of(&record));
                }
            }
        }
        let source = if compressed { Rc::new(space) } else { self.source.clone() };
        let base = source.as_ptr() as usize;
        let leader_epoch = batch.leader_epoch.0;
        self.records
            .extend(found.into_iter().map(|it| it.locate(base, &source, leader_epoch, log_append_time)));
        Ok(())
    }
}

/// A record by the addresses of its parts, before its source may be shared.
struct Borrowed {
    offset: i64,
    timestamp: i64,
    key: Option<Range<usize>>,
    value: Option<Range<usize>>,
    headers: Vec<(Range<usize>, Option<Range<usize>>)>,
}

/// Where a slice lies in memory.
fn place(bytes: &[u8]) -> Range<usize> {
    let start = bytes.as_ptr() as usize;
    start..start + bytes.len()
}

impl Borrowed {
    fn of(record: &Record<'_>) -> Borrowed {
        Borrowed {
            offset: record.offset.0,
            timestamp: record.timestamp,
            key: record.key.map(place),
            value: record.value.map(place),
            headers: record.headers().map(|header| (place(header.key), header.value.map(place))).collect(),
        }
    }

    /// Addresses into positions; the source has not moved since.
    fn locate(self, base: usize, source: &Rc<Vec<u8>>, leader_epoch: i32, log_append_time: bool) -> Located {
        let within = |range: Range<usize>| range.start - base..range.end - base;
        Located {
            offset: self.offset,
            leader_epoch,
            timestamp: self.timestamp,
            log_append_time,
            key: self.key.map(within),
            value: self.value.map(within),
            headers: self.headers.into_iter().map(|(key, value)| (within(key), value.map(within))).collect(),
            source: source.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headwater_base::{Offset, ProducerEpoch, ProducerId};
    use headwater_records::control::ControlType;
    use headwater_records::{BatchBuilder, BatchOptions, Compression, Header};

    fn batch(base: i64, count: i64, codec: Codec, producer: i64) -> Vec<u8> {
        let mut builder = BatchBuilder::new(BatchOptions {
            base_offset: Offset(base),
            producer_id: ProducerId(producer),
            producer_epoch: ProducerEpoch(0),
            base_sequence: if producer >= 0 { 0 } else { -1 },
            transactional: producer >= 0,
            compression: Compression::of(codec),
            ..BatchOptions::default()
        });
        for index in base..base + count {
            let headers = [Header { key: b"h", value: None }, Header { key: b"", value: Some(b"w") }];
            builder.append(index * 10, Some(b"key"), Some(format!("v{index}").as_bytes()), &headers);
        }
        builder.build()
    }

    fn marker(base: i64, producer: i64, kind: ControlType) -> Vec<u8> {
        let mut builder = BatchBuilder::new(BatchOptions {
            base_offset: Offset(base),
            producer_id: ProducerId(producer),
            producer_epoch: ProducerEpoch(0),
            transactional: true,
            control: true,
            ..BatchOptions::default()
        });
        let value = TransactionMarker { commit: kind == ControlType::Commit, coordinator_epoch: 0 }.value();
        builder.append(1, Some(&kind.key()), Some(&value), &[]);
        builder.build()
    }

    fn offsets(fetched: &mut Fetched) -> Vec<i64> {
        let mut out = Vec::new();
        fetched.take(usize::MAX >> 1, &mut Scratch::new(), &mut out).unwrap();
        out.iter().map(|record| record.offset).collect()
    }

    #[test]
    fn records_of_every_codec_come_from_the_position_on() {
        for codec in Codec::ALL {
            let bytes = [
                vec![9; 7],
                batch(5, 4, codec, -1),
                batch(20, 2, codec, -1),
                batch(22, 1, codec, -1)[..30].to_vec(),
            ]
            .concat();
            let range = 7..bytes.len();
            let mut fetched = Fetched::new(Rc::new(bytes), range, 7, None, true);
            assert_eq!((fetched.end(), fetched.position()), (22, 7));
            let mut out = Vec::new();
            fetched.take(1, &mut Scratch::new(), &mut out).unwrap();
            assert_eq!((fetched.position(), out.len(), fetched.is_done()), (8, 1, false));
            let record = &out[0];
            assert_eq!(&record.source[record.value.clone().unwrap()], b"v7");
            assert_eq!(&record.source[record.key.clone().unwrap()], b"key");
            assert_eq!(record.headers.len(), 2);
            assert_eq!(&record.source[record.headers[1].1.clone().unwrap()], b"w");
            assert_eq!(offsets(&mut fetched), [8, 20, 21]);
            assert_eq!((fetched.position(), fetched.is_done()), (22, true));
        }
    }

    #[test]
    fn damage_stops_before_the_batch() {
        let mut bytes = [batch(0, 2, Codec::None, -1), batch(2, 2, Codec::None, -1)].concat();
        *bytes.last_mut().unwrap() ^= 1;
        let range = 0..bytes.len();
        let source = Rc::new(bytes);
        let mut fetched = Fetched::new(source.clone(), range.clone(), 0, None, true);
        let mut out = Vec::new();
        let error = fetched.take(10, &mut Scratch::new(), &mut out).unwrap_err();
        assert_eq!((error.kind(), out.len(), fetched.position()), (ErrorKind::CorruptRecord, 2, 2));
        assert!(fetched.take(10, &mut Scratch::new(), &mut out).is_err(), "and stays there");
        let mut trusting = Fetched::new(source, range, 0, None, false);
        assert_eq!(offsets(&mut trusting).len(), 4);
    }

    #[test]
    fn aborted_transactions_are_left_out_for_those_who_ask() {
        let bytes = [
            batch(0, 2, Codec::None, 1),
            batch(2, 2, Codec::None, 2),
            marker(4, 1, ControlType::Abort),
            marker(5, 2, ControlType::Commit),
            batch(6, 1, Codec::None, 1),
            marker(7, 1, ControlType::Commit),
        ]
        .concat();
        let (source, range) = (Rc::new(bytes.clone()), 0..bytes.len());
        let mut all = Fetched::new(source.clone(), range.clone(), 0, None, true);
        assert_eq!(offsets(&mut all), [0, 1, 2, 3, 6]);
        let mut committed = Fetched::new(source, range, 0, Some(vec![(1, 0)]), true);
        assert_eq!(offsets(&mut committed), [2, 3, 6]);
        assert_eq!(committed.position(), 8, "control records count for the position");
    }

    #[test]
    fn any_bytes_are_records_or_an_error() {
        let mut random = headwater_runtime::Random::new(11);
        let good = [batch(0, 5, Codec::Lz4, 3), batch(5, 5, Codec::None, -1)].concat();
        for _ in 0..3_000 {
            let mut bytes = good.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len() as u64) as usize;
                bytes[at] = random.below(256) as u8;
            }
            bytes.truncate(random.between(1, bytes.len() as u64) as usize);
            let range = 0..bytes.len();
            let mut fetched = Fetched::new(Rc::new(bytes), range, 0, Some(Vec::new()), random.chance(2));
            let mut out = Vec::new();
            let _ = fetched.take(1_000, &mut Scratch::new(), &mut out);
        }
    }
}
