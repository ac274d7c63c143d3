//! `AbortTransactionRecord`: key 25, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(AbortTransactionRecord, "AbortTransactionRecord", 25, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AbortTransactionRecord {
    pub reason: Option<String>,
}

impl AbortTransactionRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let mut m = Self { reason: None };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.reason = r.nullable_string(true, true),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        let mut tags = w.tags();
        if self.reason.is_some() {
            tags.open(w, 0);
            w.nullable_string(true, true, self.reason.as_deref());
            tags.close(w);
        }
        tags.finish(w);
    }
}
