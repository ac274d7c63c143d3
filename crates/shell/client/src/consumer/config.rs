//! The consumer's configuration (`ConsumerConfig`).

use headwater_base::config::iso_duration;

use crate::admin::IsolationLevel;
use crate::config::{ClientConfig, Loaded, Properties, Role};
use crate::error::{Error, ErrorKind, Result};
use crate::machine::assignor::Assignor;

/// Where to begin without a committed offset, or when the position is not there any more (`auto.offset.reset`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetPolicy {
    /// At the first record that is there.
    Earliest,
    /// Behind the last record.
    Latest,
    /// At the first record that is not older than this, in milliseconds (KIP-1106).
    ByDuration(u64),
    /// Nowhere: it is an error.
    None,
}

/// The consumer's configuration.
#[derive(Clone, Debug)]
pub struct ConsumerConfig {
    /// What all clients share.
    pub client: ClientConfig,
    /// `group.id`.
    pub group: Option<String>,
    /// `auto.offset.reset`.
    pub reset: ResetPolicy,
    /// `isolation.level`.
    pub isolation: IsolationLevel,
    /// `enable.auto.commit`, `auto.commit.interval.ms`.
    pub auto_commit_ms: Option<u64>,
    /// `allow.auto.create.topics`.
    pub create_topics: bool,
    /// `check.crcs`.
    pub check_crcs: bool,
    /// `client.rack`.
    pub rack: String,
    /// `fetch.min.bytes`.
    pub fetch_min_bytes: i32,
    /// `fetch.max.bytes`.
    pub fetch_max_bytes: i32,
    /// `fetch.max.wait.ms`.
    pub fetch_max_wait_ms: i32,
    /// `max.partition.fetch.bytes`.
    pub partition_max_bytes: i32,
    /// `max.poll.records`.
    pub max_poll_records: usize,
    /// `partition.assignment.strategy`, best first.
    pub assignors: Vec<Assignor>,
    /// `group.instance.id`.
    pub instance_id: Option<String>,
    /// `session.timeout.ms`.
    pub session_timeout_ms: u64,
    /// `heartbeat.interval.ms`.
    pub heartbeat_ms: u64,
    /// `max.poll.interval.ms`.
    pub max_poll_interval_ms: u64,
    /// `exclude.internal.topics`.
    pub exclude_internal: bool,
}

impl ConsumerConfig {
    /// Reads Kafka's keys; gives the warnings too.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the reference's sentence.
    pub fn from_properties(given: &Properties) -> Result<(ConsumerConfig, Vec<String>)> {
        let loaded = Loaded::parse(Role::Consumer, given)?;
        let mut client = ClientConfig::from_loaded(&loaded)?;
        client.retries = u32::MAX;
        let group = loaded.text("group.id").map(str::to_owned);
        if group.as_deref() == Some("") {
            let message = "The configured group.id should not be an empty string or whitespace.";
            return Err(Error::new(ErrorKind::Config, message));
        }
        let int = |key: &str| i32::try_from(loaded.integer(key)).unwrap_or(i32::MAX);
        let config = ConsumerConfig {
            reset: reset(loaded.text("auto.offset.reset").unwrap_or("latest"))?,
            isolation: match loaded.text("isolation.level") {
                Some("read_committed") => IsolationLevel::ReadCommitted,
                _ => IsolationLevel::ReadUncommitted,
            },
            auto_commit_ms: auto_commit(&loaded, given, group.is_some())?,
            create_topics: loaded.boolean("allow.auto.create.topics"),
            check_crcs: loaded.boolean("check.crcs"),
            rack: loaded.text("client.rack").unwrap_or_default().to_owned(),
            fetch_min_bytes: int("fetch.min.bytes"),
            fetch_max_bytes: int("fetch.max.bytes"),
            fetch_max_wait_ms: int("fetch.max.wait.ms"),
            partition_max_bytes: int("max.partition.fetch.bytes"),
            max_poll_records: loaded.unsigned("max.poll.records") as usize,
            assignors: assignors(loaded.list("partition.assignment.strategy"))?,
            instance_id: loaded.text("group.instance.id").map(str::to_owned),
            session_timeout_ms: loaded.unsigned("session.timeout.ms"),
            heartbeat_ms: loaded.unsigned("heartbeat.interval.ms"),
            max_poll_interval_ms: loaded.unsigned("max.poll.interval.ms"),
            exclude_internal: loaded.boolean("exclude.internal.topics"),
            client,
            group,
        };
        if config.heartbeat_ms >= config.session_timeout_ms {
            return Err(Error::new(
                ErrorKind::Config,
                "Heartbeat must be set lower than the session timeout",
            ));
        }
        Ok((config, loaded.warnings))
    }
}

/// Java's classes, or the names of their protocols.
fn assignors(names: &[String]) -> Result<Vec<Assignor>> {
    let one = |name: &String| {
        let unknown = || Error::new(ErrorKind::Config, format!("{name} is no assignor that this client has"));
        Assignor::from_name(name).ok_or_else(unknown)
    };
    if names.is_empty() {
        return Err(Error::new(ErrorKind::Config, "partition.assignment.strategy must not be empty"));
    }
    names.iter().map(one).collect()
}

/// `AutoOffsetResetStrategy.fromString`.
fn reset(text: &str) -> Result<ResetPolicy> {
    let by_duration = || {
        let nanoseconds = iso_duration::nanoseconds(text.strip_prefix("by_duration:")?)?;
        u64::try_from(nanoseconds / 1_000_000).ok().filter(|_| nanoseconds >= 0)
    };
    match text {
        "earliest" => Ok(ResetPolicy::Earliest),
        "latest" => Ok(ResetPolicy::Latest),
        "none" => Ok(ResetPolicy::None),
        _ => by_duration().map(ResetPolicy::ByDuration).ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                format!(
                    "Invalid value {text} for configuration auto.offset.reset: Invalid value `{text}` for configuration \
                     auto.offset.reset. The value must be either 'earliest', 'latest', 'none' or of the format \
                     'by_duration:<PnDTnHnMn.nS.>'."
                ),
            )
        }),
    }
}

/// Without a group there is nothing to commit to (`ConsumerConfig.maybeOverrideEnableAutoCommit`).
fn auto_commit(loaded: &Loaded, given: &Properties, has_group: bool) -> Result<Option<u64>> {
    if !loaded.boolean("enable.auto.commit") {
        return Ok(None);
    }
    if has_group {
        return Ok(Some(loaded.unsigned("auto.commit.interval.ms")));
    }
    if given.contains_key("enable.auto.commit") {
        let message = "enable.auto.commit cannot be set to true when default group id (null) is used.";
        return Err(Error::new(ErrorKind::Config, message));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::properties;

    fn of(pairs: &[(&str, &str)]) -> Result<ConsumerConfig> {
        let mut given = properties([("bootstrap.servers", "a:1")]);
        given.extend(properties(pairs.iter().copied()));
        ConsumerConfig::from_properties(&given).map(|(config, _)| config)
    }

    #[test]
    fn reset_policies_and_commits() {
        for (text, policy) in [
            ("earliest", ResetPolicy::Earliest),
            ("none", ResetPolicy::None),
            ("by_duration:PT1M", ResetPolicy::ByDuration(60_000)),
        ] {
            assert_eq!(of(&[("auto.offset.reset", text)]).unwrap().reset, policy);
        }
        for text in ["soon", "by_duration:-PT1M", "by_duration:x", "LATEST"] {
            assert!(of(&[("auto.offset.reset", text)]).is_err(), "{text}");
        }
        assert_eq!(of(&[]).unwrap().auto_commit_ms, None);
        assert_eq!(of(&[("group.id", "g")]).unwrap().auto_commit_ms, Some(5_000));
        assert!(of(&[("enable.auto.commit", "true")]).is_err());
        assert!(of(&[("group.id", "")]).is_err());
    }
}
