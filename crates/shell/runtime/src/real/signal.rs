//! Signals, limits and the name of the machine.

use crate::Signal;
use crate::sync::{Either, select2};
use std::io;
use tokio::signal::unix::{SignalKind, signal};

pub(crate) async fn shutdown_signal() -> io::Result<Signal> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(match select2(interrupt.recv(), terminate.recv()).await {
        Either::First(_) => Signal::Interrupt,
        Either::Second(_) => Signal::Terminate,
    })
}

pub(crate) fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

pub(crate) fn boot_id() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned()).filter(|id| !id.is_empty())
}

/// Raises the limit of open files to what the process may have; returns the new limit (`u64::MAX` for none).
///
/// # Errors
/// What the system says.
pub fn raise_open_file_limit() -> io::Result<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        setrlimit(Resource::Nofile, limit)?;
    }
    Ok(limit.current.unwrap_or(u64::MAX))
}
