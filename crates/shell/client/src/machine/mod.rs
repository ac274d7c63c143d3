//! What the client decides, without sockets, clocks and tasks: bytes, answers and moments come in as values.

pub mod assignor;
pub mod backoff;
pub mod connection;
pub mod decode;
pub mod frames;
pub mod metadata;
pub mod producer;
pub mod session;
