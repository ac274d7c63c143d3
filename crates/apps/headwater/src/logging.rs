//! Logs: one line per event on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::failure::Failure;

/// Turns logging on. The command line wins over the environment, and that over what suits the command.
pub fn start(filter: Option<&str>, default: &str) -> Result<(), Failure> {
    let from_environment = std::env::var("HEADWATER_LOG").ok();
    let text = filter.or(from_environment.as_deref()).unwrap_or(default);
    let targets: Targets =
        text.parse().map_err(|error| Failure(format!("`{text}` does not say what to log: {error}")))?;
    let subscriber = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_max_level(tracing::Level::TRACE)
        .finish()
        .with(targets);
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|error| Failure(format!("logging cannot start: {error}")))
}
