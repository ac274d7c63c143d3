//! `TransactionLogKey`: key 0, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(TransactionLogKey, "TransactionLogKey", 0, 0..=0, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransactionLogKey {
    pub transactional_id: String,
}

impl TransactionLogKey {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { transactional_id: r.string(false) }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(false, &self.transactional_id);
    }
}
