//! `BeginTransactionRecord`: key 23, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(BeginTransactionRecord, "BeginTransactionRecord", 23, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BeginTransactionRecord {
    pub name: Option<String>,
}

impl BeginTransactionRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let mut m = Self { name: None };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.name = r.nullable_string(true, true),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        let mut tags = w.tags();
        if self.name.is_some() {
            tags.open(w, 0);
            w.nullable_string(true, true, self.name.as_deref());
            tags.close(w);
        }
        tags.finish(w);
    }
}
