//! The broker's own stepping machines: values in, values out; no clock, no task, no lock.

pub mod fetch_session;
