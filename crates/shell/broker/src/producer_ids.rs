//! Producer ids in blocks of a thousand: the controller hands out a block, the broker hands out its ids.
//!
//! An id is given once, across restarts too, because a block is recorded before its first id is given.

use std::sync::{Mutex, PoisonError};

use headwater_base::ProducerId;

/// The block in use.
#[derive(Debug, Default)]
pub struct ProducerIds {
    block: Mutex<Block>,
}

#[derive(Debug, Default)]
struct Block {
    next: i64,
    end: i64,
}

impl ProducerIds {
    fn block(&self) -> std::sync::MutexGuard<'_, Block> {
        self.block.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next id, if the block has one.
    pub fn take(&self) -> Option<ProducerId> {
        let mut block = self.block();
        (block.next < block.end).then(|| {
            block.next += 1;
            ProducerId(block.next - 1)
        })
    }

    /// Puts a new block in. What is left of the old one is given up, if somebody else put it in meanwhile.
    pub fn refill(&self, first: i64, len: i32) {
        *self.block() = Block { next: first, end: first + i64::from(len) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_given_once_and_only_from_the_block() {
        let ids = ProducerIds::default();
        assert_eq!(ids.take(), None);
        ids.refill(1000, 2);
        assert_eq!(
            [ids.take(), ids.take(), ids.take()],
            [Some(ProducerId(1000)), Some(ProducerId(1001)), None]
        );
    }
}
