//! What all clients share.

use headwater_base::config::host_port::{self, HostPort};

use super::{Loaded, Properties, Role};
use crate::error::{Error, ErrorKind, Result};
use crate::machine::backoff::Backoff;

/// What to do when no known broker can be reached (`metadata.recovery.strategy`, KIP-899).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryStrategy {
    /// Begin again with the bootstrap servers.
    Rebootstrap,
    /// Keep trying those that are known.
    None,
}

/// Connections, metadata, retries.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// `bootstrap.servers`.
    pub bootstrap: Vec<HostPort>,
    /// `client.id`.
    pub client_id: String,
    /// `request.timeout.ms`.
    pub request_timeout_ms: u64,
    /// `default.api.timeout.ms`: how long a call may take with all its attempts.
    pub api_timeout_ms: u64,
    /// `retries`.
    pub retries: u32,
    /// `retry.backoff.ms` and `retry.backoff.max.ms`.
    pub retry_backoff: Backoff,
    /// `reconnect.backoff.ms` and `reconnect.backoff.max.ms`.
    pub reconnect_backoff: Backoff,
    /// `socket.connection.setup.timeout.ms` and `socket.connection.setup.timeout.max.ms`.
    pub setup_timeout: Backoff,
    /// `connections.max.idle.ms`; `None` keeps idle connections.
    pub max_idle_ms: Option<u64>,
    /// `metadata.max.age.ms`.
    pub metadata_max_age_ms: u64,
    /// `metadata.recovery.strategy`.
    pub recovery: RecoveryStrategy,
    /// The largest frame that is taken from a broker, in bytes.
    pub max_response_bytes: usize,
}

/// Larger than any answer that a broker makes of our requests: `fetch.max.bytes` bounds it to 50 MiB and one batch.
const MAX_RESPONSE_BYTES: usize = 1 << 30;

impl ClientConfig {
    /// The configuration of an admin client, and the warnings about it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the reference's sentence.
    pub fn from_properties(given: &Properties) -> Result<(ClientConfig, Vec<String>)> {
        let loaded = Loaded::parse(Role::Admin, given)?;
        let config = ClientConfig::from_loaded(&loaded)?;
        Ok((config, loaded.warnings))
    }

    /// The shared part of a role's configuration.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the reference's sentence.
    pub fn from_loaded(loaded: &Loaded) -> Result<ClientConfig> {
        let (servers, controllers) = (loaded.list("bootstrap.servers"), loaded.list("bootstrap.controllers"));
        let bootstrap = match (servers, controllers) {
            ([], []) => {
                let message = "You must set either bootstrap.servers or bootstrap.controllers";
                return Err(Error::new(ErrorKind::Config, message));
            }
            (servers, []) => addresses("bootstrap.servers", servers)?,
            ([], controllers) => addresses("bootstrap.controllers", controllers)?,
            _ => {
                let message = "You cannot set both bootstrap.servers and bootstrap.controllers";
                return Err(Error::new(ErrorKind::Config, message));
            }
        };
        let api_timeout_ms = match loaded.unsigned("default.api.timeout.ms") {
            0 => 60_000,
            timeout => timeout,
        };
        let backoff = |first, most| Backoff::new(loaded.unsigned(first), loaded.unsigned(most));
        let rebootstrap = loaded
            .text("metadata.recovery.strategy")
            .is_none_or(|strategy| strategy.eq_ignore_ascii_case("rebootstrap"));
        Ok(ClientConfig {
            bootstrap,
            client_id: loaded.text("client.id").unwrap_or_default().to_owned(),
            request_timeout_ms: loaded.unsigned("request.timeout.ms"),
            api_timeout_ms,
            retries: u32::try_from(loaded.integer("retries")).unwrap_or(u32::MAX),
            retry_backoff: backoff("retry.backoff.ms", "retry.backoff.max.ms"),
            reconnect_backoff: backoff("reconnect.backoff.ms", "reconnect.backoff.max.ms"),
            setup_timeout: backoff(
                "socket.connection.setup.timeout.ms",
                "socket.connection.setup.timeout.max.ms",
            ),
            max_idle_ms: u64::try_from(loaded.integer("connections.max.idle.ms")).ok(),
            metadata_max_age_ms: loaded.unsigned("metadata.max.age.ms"),
            recovery: if rebootstrap { RecoveryStrategy::Rebootstrap } else { RecoveryStrategy::None },
            max_response_bytes: MAX_RESPONSE_BYTES,
        })
    }
}

/// `host:port` entries (`ClientUtils.parseAddresses`).
fn addresses(key: &str, entries: &[String]) -> Result<Vec<HostPort>> {
    let parse = |entry: &String| {
        let invalid = |_| Error::new(ErrorKind::Config, format!("Invalid url in {key}: {entry}"));
        let address = host_port::split(entry).map_err(invalid)?;
        if address.host.is_empty() {
            return Err(invalid(false));
        }
        Ok(address)
    };
    let wanted: Vec<&String> = entries.iter().filter(|entry| !entry.is_empty()).collect();
    if wanted.is_empty() {
        return Err(Error::new(ErrorKind::Config, format!("No resolvable bootstrap urls given in {key}")));
    }
    wanted.into_iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::properties;

    #[test]
    fn addresses_are_read() {
        let given = properties([("bootstrap.servers", "localhost:9092, [::1]:93"), ("client.id", "x")]);
        let (config, warnings) = ClientConfig::from_properties(&given).expect("good");
        let shown: Vec<String> = config.bootstrap.iter().map(ToString::to_string).collect();
        assert_eq!((shown, warnings), (vec!["localhost:9092".to_owned(), "[::1]:93".to_owned()], Vec::new()));
        for (bad, message) in [
            ("localhost", "Invalid url in bootstrap.servers: localhost"),
            ("a:1,b:x", "Invalid url in bootstrap.servers: b:x"),
            ("", "You must set either bootstrap.servers or bootstrap.controllers"),
        ] {
            let given = properties([("bootstrap.servers", bad)]);
            assert_eq!(ClientConfig::from_properties(&given).expect_err("bad").to_string(), message);
        }
    }
}
