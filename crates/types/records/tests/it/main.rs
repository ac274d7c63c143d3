//! Record batches against the reference, and against hostile bytes.

#![allow(clippy::unwrap_used, missing_docs)]

mod cases;
mod hostile;
mod memory;
mod random;
mod reference;
mod show;
