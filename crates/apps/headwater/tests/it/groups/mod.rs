//! Consumer groups on the running node: members that pause, double or lie, a coordinator that is killed, commits that
//! cannot be written.

mod kills;
mod lies;
mod many;
pub mod member;
mod membership;
mod modern;
mod refused_commits;
