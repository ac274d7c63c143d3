//! Whole nodes, from seeds.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod clock;
mod limits;
mod named_cases;
mod planted;
mod seeds;
mod sequences;
mod support;
