//! Integration tests of the quorum's machine and formats.

mod checkpoint;
mod script;
mod simulation;
