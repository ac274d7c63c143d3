//! Logs: one line per event on standard error. How much is logged can change while a node runs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write};
use std::sync::OnceLock;

use headwater_broker::loggers::{LogLevel, LogLevels, Loggers};
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload;

use crate::cli::LogFormat;
use crate::failure::Failure;
use crate::log_json::Json;

/// What it was started with, and how to change it.
struct Running {
    targets: Targets,
    change: Box<dyn Fn(Targets) + Send + Sync>,
}

/// A process has one log.
static RUNNING: OnceLock<Running> = OnceLock::new();

/// Turns logging on. The command line wins over the environment, and that over what suits the command.
pub fn start(filter: Option<&str>, default: &str, format: LogFormat) -> Result<(), Failure> {
    let from_environment = std::env::var("HEADWATER_LOG").ok();
    let text = filter.or(from_environment.as_deref()).unwrap_or(default);
    let targets: Targets =
        text.parse().map_err(|error| Failure(format!("`{text}` does not say what to log: {error}")))?;
    let lines = tracing_subscriber::fmt()
        .with_writer(|| OneLine)
        .with_ansi(format == LogFormat::Text && io::stderr().is_terminal())
        .with_max_level(tracing::Level::TRACE);
    match format {
        LogFormat::Text => install(lines.finish(), targets),
        LogFormat::Json => install(lines.event_format(Json).finish(), targets),
    }
}

/// Standard error, where an event is one line: a client's names must not look like lines of ours.
struct OneLine;

impl Write for OneLine {
    /// Takes whole events: the subscriber writes each in one go.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        io::stderr().lock().write_all(&one_line(event))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Writes out the control characters before the end of the line. Not the one that colours begin with: the subscriber
/// writes those out that are not its own.
fn one_line(event: &[u8]) -> Cow<'_, [u8]> {
    let (line, end) = event.strip_suffix(b"\n").map_or((event, &b""[..]), |line| (line, &b"\n"[..]));
    let is_control = |byte: &u8| byte.is_ascii_control() && *byte != b'\x1b';
    if !line.iter().any(is_control) {
        return Cow::Borrowed(event);
    }
    let mut text = Vec::with_capacity(event.len() + 16);
    for byte in line {
        match is_control(byte) {
            true => text.extend(byte.escape_ascii()),
            false => text.push(*byte),
        }
    }
    text.extend_from_slice(end);
    Cow::Owned(text)
}

fn install<S: Subscriber + Send + Sync + 'static>(lines: S, targets: Targets) -> Result<(), Failure> {
    let (layer, handle) = reload::Layer::new(targets.clone());
    tracing::subscriber::set_global_default(lines.with(layer))
        .map_err(|error| Failure(format!("logging cannot start: {error}")))?;
    let change = Box::new(move |targets| {
        // It fails only when the subscriber is gone, and nobody logs then.
        let _ = handle.reload(targets);
    });
    let _ = RUNNING.set(Running { targets, change });
    Ok(())
}

/// Lets a node's administrators change what is logged.
pub fn attach(loggers: &Loggers) {
    let Some(running) = RUNNING.get() else { return };
    let root = running.targets.default_level().map_or(LogLevel::Fatal, level);
    let own = running.targets.iter().map(|(name, filter)| (name.to_owned(), level(filter)));
    let levels = LogLevels { root, own: own.collect::<BTreeMap<_, _>>() };
    loggers.attach(levels, |levels| (running.change)(targets(levels)));
}

fn targets(levels: &LogLevels) -> Targets {
    let own = levels.own.iter().map(|(name, level)| (name.clone(), filter(*level)));
    Targets::new().with_default(filter(levels.root)).with_targets(own)
}

/// Pairs of what is the same here and there.
const LEVELS: [(LevelFilter, LogLevel); 6] = [
    (LevelFilter::OFF, LogLevel::Fatal),
    (LevelFilter::ERROR, LogLevel::Error),
    (LevelFilter::WARN, LogLevel::Warn),
    (LevelFilter::INFO, LogLevel::Info),
    (LevelFilter::DEBUG, LogLevel::Debug),
    (LevelFilter::TRACE, LogLevel::Trace),
];

fn level(filter: LevelFilter) -> LogLevel {
    LEVELS.iter().find(|(known, _)| *known == filter).map_or(LogLevel::Info, |(_, level)| *level)
}

fn filter(level: LogLevel) -> LevelFilter {
    LEVELS.iter().find(|(_, known)| *known == level).map_or(LevelFilter::INFO, |(filter, _)| *filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_it_tells() {
        let text = |event: &str| String::from_utf8(one_line(event.as_bytes()).into_owned()).expect("text");
        assert_eq!(text("WARN topic=a é b\n"), "WARN topic=a é b\n");
        assert_eq!(text("WARN topic=a\n2026 ERROR b\r\0 c\n"), "WARN topic=a\\n2026 ERROR b\\r\\x00 c\n");
    }
}
