//! The fields of a batch that a leader or follower changes in place.
//!
//! `batch` is a whole batch of magic 2 that was parsed before. Base offset and leader epoch lie outside the checksum;
//! the others cost a new one.

use headwater_base::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

use crate::checksum::crc32c;
use crate::header::{Attributes, TimestampType, at};

fn put<const N: usize>(batch: &mut [u8], at: usize, value: [u8; N]) {
    batch[at..at + N].copy_from_slice(&value);
}

/// Sets the offset of the first record.
pub fn set_base_offset(batch: &mut [u8], offset: Offset) {
    put(batch, at::BASE_OFFSET, offset.0.to_be_bytes());
}

/// Sets the partition leader's epoch.
pub fn set_leader_epoch(batch: &mut [u8], epoch: LeaderEpoch) {
    put(batch, at::LEADER_EPOCH, epoch.0.to_be_bytes());
}

/// Sets timestamp type and max timestamp (ms) and the checksum that follows from them. With `LogAppendTime` the max
/// timestamp becomes the timestamp of every record.
pub fn set_max_timestamp_and_type(batch: &mut [u8], timestamps: TimestampType, max_timestamp: i64) {
    let attributes = Attributes(i16::from_be_bytes([batch[at::ATTRIBUTES], batch[at::ATTRIBUTES + 1]]));
    put(batch, at::ATTRIBUTES, attributes.with_timestamp_type(timestamps).0.to_be_bytes());
    put(batch, at::MAX_TIMESTAMP, max_timestamp.to_be_bytes());
    set_crc(batch);
}

/// Sets the producer's identity and the first sequence number, and the checksum that follows.
pub fn set_producer(batch: &mut [u8], id: ProducerId, epoch: ProducerEpoch, base_sequence: i32) {
    put(batch, at::PRODUCER_ID, id.0.to_be_bytes());
    put(batch, at::PRODUCER_EPOCH, epoch.0.to_be_bytes());
    put(batch, at::BASE_SEQUENCE, base_sequence.to_be_bytes());
    set_crc(batch);
}

/// Computes the checksum of the batch and stores it.
pub fn set_crc(batch: &mut [u8]) {
    let crc = crc32c(&batch[at::ATTRIBUTES..]);
    put(batch, at::CRC, crc.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::BatchView;
    use crate::builder::{BatchBuilder, BatchOptions};

    #[test]
    fn what_is_set_is_read_and_the_checksum_holds() {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        builder.append(7, Some(b"k"), None, &[]);
        let mut batch = builder.build();
        set_base_offset(&mut batch, Offset(1 << 40));
        set_leader_epoch(&mut batch, LeaderEpoch(9));
        BatchView::parse(&batch).unwrap().verify_crc().unwrap();
        set_max_timestamp_and_type(&mut batch, TimestampType::LogAppendTime, 99);
        set_producer(&mut batch, ProducerId(4), ProducerEpoch(3), 17);
        let view = BatchView::parse(&batch).unwrap();
        view.verify_crc().unwrap();
        assert_eq!((view.base_offset, view.leader_epoch), (Offset(1 << 40), LeaderEpoch(9)));
        assert_eq!((view.max_timestamp, view.timestamp_type()), (99, TimestampType::LogAppendTime));
        assert_eq!((view.producer_id, view.producer_epoch, view.last_sequence()), (4.into(), 3.into(), 17));
    }
}
