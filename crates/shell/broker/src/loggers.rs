//! The levels of the log, which can be changed while the node runs (KIP-412). They are not kept: a restart has those of
//! its command line again.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The logger that all others inherit from.
pub const ROOT: &str = "root";

/// What of this node writes to the log. A part inherits from the one whose name its own begins with, and all from
/// [`ROOT`].
pub const KNOWN: &[&str] = &[
    "headwater",
    "headwater_broker",
    "headwater_broker::api",
    "headwater_broker::cleaner",
    "headwater_broker::connection",
    "headwater_broker::controller_calls",
    "headwater_broker::coordinator",
    "headwater_broker::data",
    "headwater_broker::folders",
    "headwater_broker::live_config",
    "headwater_broker::log_directory",
    "headwater_broker::metrics",
    "headwater_broker::moves",
    "headwater_broker::node",
    "headwater_broker::partition",
    "headwater_broker::quorum",
    "headwater_broker::replicas",
    "headwater_broker::room",
];

/// How much is logged. Kafka's names, as the protocol has them; here nothing is more severe than an error, so that `Fatal`
/// is silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum LogLevel {
    Fatal,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    const ALL: [(LogLevel, &'static str); 6] = [
        (LogLevel::Debug, "DEBUG"),
        (LogLevel::Error, "ERROR"),
        (LogLevel::Fatal, "FATAL"),
        (LogLevel::Info, "INFO"),
        (LogLevel::Trace, "TRACE"),
        (LogLevel::Warn, "WARN"),
    ];

    /// The level of a name, which must be in capitals.
    #[must_use]
    pub fn of(name: &str) -> Option<LogLevel> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(level, _)| *level)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(level, _)| *level == self).map_or("", |(_, name)| name)
    }

    /// All names, in the order of the alphabet.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(_, name)| *name)
    }
}

/// Levels by logger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLevels {
    /// That of [`ROOT`].
    pub root: LogLevel,
    /// Those of loggers that have one of their own.
    pub own: BTreeMap<String, LogLevel>,
}

impl LogLevels {
    /// The level that a logger has or inherits.
    #[must_use]
    pub fn effective(&self, logger: &str) -> LogLevel {
        let above = |name: &str| {
            logger.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        let nearest = self.own.iter().filter(|(name, _)| above(name)).max_by_key(|(name, _)| name.len());
        nearest.map_or(self.root, |(_, level)| *level)
    }
}

type Apply = Box<dyn Fn(&LogLevels) + Send>;

struct State {
    levels: LogLevels,
    apply: Option<Apply>,
}

/// The levels of a running node.
pub struct Loggers(Mutex<State>);

impl Default for Loggers {
    fn default() -> Self {
        let levels = LogLevels { root: LogLevel::Info, own: BTreeMap::new() };
        Self(Mutex::new(State { levels, apply: None }))
    }
}

impl Loggers {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on `apply` is told of every change. `levels` are those that the log has at present.
    pub fn attach(&self, levels: LogLevels, apply: impl Fn(&LogLevels) + Send + 'static) {
        let mut state = self.state();
        state.levels = levels;
        state.apply = Some(Box::new(apply));
    }

    /// Whether there is such a logger.
    #[must_use]
    pub fn exists(&self, logger: &str) -> bool {
        logger == ROOT || KNOWN.contains(&logger) || self.state().levels.own.contains_key(logger)
    }

    /// Every logger with the level that it has or inherits.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, LogLevel> {
        let state = self.state();
        let own = state.levels.own.keys().map(String::as_str);
        let names = KNOWN.iter().copied().chain(own);
        let mut all: BTreeMap<String, LogLevel> =
            names.map(|name| (name.to_owned(), state.levels.effective(name))).collect();
        all.insert(ROOT.to_owned(), state.levels.root);
        all
    }

    /// Gives a logger a level, or takes it away so that it inherits. The root always has one.
    pub fn set(&self, logger: &str, level: Option<LogLevel>) {
        let mut state = self.state();
        match level {
            Some(level) if logger == ROOT => state.levels.root = level,
            Some(level) => {
                state.levels.own.insert(logger.to_owned(), level);
            }
            None => {
                state.levels.own.remove(logger);
            }
        }
        if let Some(apply) = &state.apply {
            apply(&state.levels);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::Arc;

    #[test]
    fn loggers_inherit() {
        let loggers = Loggers::default();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&seen);
        let levels = LogLevels { root: LogLevel::Warn, own: BTreeMap::new() };
        loggers.attach(levels, move |levels| told.lock().expect("not poisoned").push(levels.clone()));
        loggers.set("headwater_broker", Some(LogLevel::Debug));
        loggers.set(ROOT, Some(LogLevel::Error));
        let all = loggers.all();
        assert_eq!(all["headwater_broker::quorum"], LogLevel::Debug);
        assert_eq!((all["headwater"], all[ROOT]), (LogLevel::Error, LogLevel::Error));
        loggers.set("headwater_broker", None);
        assert_eq!(loggers.all()["headwater_broker::quorum"], LogLevel::Error);
        assert_eq!(seen.lock().expect("not poisoned").len(), 3);
        assert!(loggers.exists("headwater_broker") && !loggers.exists("nobody"));
    }

    /// A part of the broker that logs must be known.
    #[test]
    fn every_module_that_logs_has_a_logger() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for entry in std::fs::read_dir(source).expect("the sources are there") {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
            let logger = format!("headwater_broker::{name}");
            if name != "loggers" && logs(&path) {
                assert!(KNOWN.contains(&logger.as_str()), "{logger}");
            }
        }
    }

    fn logs(path: &Path) -> bool {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).expect("a folder of sources");
            return entries.into_iter().any(|entry| logs(&entry.expect("an entry").path()));
        }
        std::fs::read_to_string(path).is_ok_and(|text| text.contains("tracing::"))
    }
}
