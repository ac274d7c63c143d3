//! The group coordinator driven by scripts and by chance. `UPDATE=1 cargo test -p headwater-group` rewrites the scripts'
//! answers.
#![allow(clippy::unwrap_used, missing_docs)]

mod assignors;
mod chance;
mod consumer;
mod consumer_chance;
mod expressions;
mod scripts;
mod world;
