//! Tests that run over every message and every version.

mod allocations;
mod entry;
mod frames;
mod generator;
mod hostile;
mod mutate;
mod named_cases;
#[allow(dead_code)]
#[path = "../../../../../xtask/src/notation.rs"]
mod notation;
mod random;
mod reference;
mod registry;
mod round_trip;
mod specification;
