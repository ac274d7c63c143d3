//! Control records: what their keys say, and transaction markers.
//!
//! The key is a version and a type (`ControlRecordType`); the value depends on the type. Those of the quorum (leader
//! change, snapshot header and footer, KRaft version, voters) are messages of the protocol crate.

use headwater_base::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

use crate::builder::{BatchBuilder, BatchOptions};

/// The kinds of control records, by their numbers in the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlType {
    /// End of an aborted transaction.
    Abort,
    /// End of a committed transaction.
    Commit,
    /// A leader of the quorum took office.
    LeaderChange,
    /// First record of a snapshot.
    SnapshotHeader,
    /// Last record of a snapshot.
    SnapshotFooter,
    /// Level of `kraft.version`.
    KRaftVersion,
    /// The voters of the quorum.
    KRaftVoters,
}

impl ControlType {
    const ALL: [ControlType; 7] = [
        ControlType::Abort,
        ControlType::Commit,
        ControlType::LeaderChange,
        ControlType::SnapshotHeader,
        ControlType::SnapshotFooter,
        ControlType::KRaftVersion,
        ControlType::KRaftVoters,
    ];

    /// The number in the key.
    #[must_use]
    pub fn id(self) -> i16 {
        self as i16
    }

    /// The key of a control record of this type (version 0).
    #[must_use]
    pub fn key(self) -> [u8; 4] {
        let [high, low] = self.id().to_be_bytes();
        [0, 0, high, low]
    }

    /// What `key` says; `None` for types that came later than this code and for keys that are none.
    #[must_use]
    pub fn from_key(key: &[u8]) -> Option<ControlType> {
        let &[v0, v1, t0, t1] = key.first_chunk::<4>()?;
        if i16::from_be_bytes([v0, v1]) < 0 {
            return None;
        }
        let id = usize::try_from(i16::from_be_bytes([t0, t1])).ok()?;
        Self::ALL.get(id).copied()
    }
}

/// The end of a transaction in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionMarker {
    /// Committed, or aborted.
    pub commit: bool,
    /// Epoch of the coordinator that wrote it.
    pub coordinator_epoch: i32,
}

impl TransactionMarker {
    /// The marker in a control record, if that is one.
    #[must_use]
    pub fn parse(key: &[u8], value: &[u8]) -> Option<TransactionMarker> {
        let commit = match ControlType::from_key(key)? {
            ControlType::Commit => true,
            ControlType::Abort => false,
            _ => return None,
        };
        let &[v0, v1, e0, e1, e2, e3] = value.first_chunk::<6>()?;
        if i16::from_be_bytes([v0, v1]) < 0 {
            return None;
        }
        Some(TransactionMarker { commit, coordinator_epoch: i32::from_be_bytes([e0, e1, e2, e3]) })
    }

    /// Its control record's value (version 0).
    #[must_use]
    pub fn value(self) -> [u8; 6] {
        let [a, b, c, d] = self.coordinator_epoch.to_be_bytes();
        [0, 0, a, b, c, d]
    }

    /// The batch that ends the producer's transaction at time `now_ms`. Sequence numbers are none's in it.
    #[must_use]
    pub fn batch(
        self,
        base_offset: Offset,
        leader_epoch: LeaderEpoch,
        producer: (ProducerId, ProducerEpoch),
        now_ms: i64,
    ) -> Vec<u8> {
        let mut builder = BatchBuilder::new(BatchOptions {
            base_offset,
            leader_epoch,
            producer_id: producer.0,
            producer_epoch: producer.1,
            transactional: true,
            control: true,
            ..Default::default()
        });
        let kind = if self.commit { ControlType::Commit } else { ControlType::Abort };
        builder.append(now_ms, Some(&kind.key()), Some(&self.value()), &[]);
        builder.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BatchView, Scratch};

    #[test]
    fn markers_come_back() {
        for commit in [false, true] {
            let marker = TransactionMarker { commit, coordinator_epoch: 77 };
            let bytes = marker.batch(Offset(3), LeaderEpoch(2), (ProducerId(9), ProducerEpoch(1)), 1234);
            let batch = BatchView::parse(&bytes).unwrap();
            assert!(batch.is_control() && batch.is_transactional());
            assert_eq!((batch.base_sequence, batch.max_timestamp), (-1, 1234));
            let mut space = Vec::new();
            let record = batch.records(&mut Scratch::new(), &mut space, 0).unwrap().next().unwrap().unwrap();
            let (key, value) = (record.key.unwrap(), record.value.unwrap());
            assert_eq!(TransactionMarker::parse(key, value), Some(marker));
        }
    }

    #[test]
    fn unknown_keys_are_none() {
        for kind in ControlType::ALL {
            assert_eq!(ControlType::from_key(&kind.key()), Some(kind));
        }
        assert_eq!(ControlType::from_key(&[0, 0, 0, 7]), None);
        assert_eq!(ControlType::from_key(&[0, 0, 0xff, 0xff]), None);
        assert_eq!(ControlType::from_key(&[0, 0, 0]), None);
    }
}
