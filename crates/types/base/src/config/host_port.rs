//! Addresses inside values: `host:port`, `id@host:port`, `NAME://host:port` (`Utils.getHost`, `Utils.getPort`,
//! `QuorumConfig`, `CoreUtils.listenerListToEndPoints`).

use super::value::ConfigError;
use crate::NodeId;

/// A host and a port. The host may be empty, which means every interface or the local host, as the key says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// Name or address, without the brackets of an IPv6 address.
    pub host: String,
    /// TCP port; 0 lets the system choose.
    pub port: u16,
}

impl std::fmt::Display for HostPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

fn is_host_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-%._:".contains(c)
}

/// Splits `[scheme://][[]host[]]:port`. `Err` carries false when not even the form is right and true when only the
/// port is no port.
///
/// # Errors
/// See above.
pub fn split(text: &str) -> Result<HostPort, bool> {
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if scheme.chars().all(|c| is_host_character(c) && c != ':') => rest,
        Some(_) => return Err(false),
        None => text,
    };
    let (host, port) = rest.rsplit_once(':').ok_or(false)?;
    let host = host.strip_prefix('[').unwrap_or(host);
    let host = host.strip_suffix(']').unwrap_or(host);
    if port.is_empty()
        || !port.bytes().all(|byte| byte.is_ascii_digit())
        || !host.chars().all(is_host_character)
    {
        return Err(false);
    }
    Ok(HostPort { host: host.to_owned(), port: port.parse().map_err(|_| true)? })
}

/// One entry of `controller.quorum.voters`.
pub(super) fn voter(entry: &str) -> Result<(NodeId, HostPort), ConfigError> {
    const KEY: &str = "controller.quorum.voters";
    const FORM: &str = "Each entry should be in the form `{id}@{host}:{port}`.";
    let parts: Vec<&str> = entry.split('@').collect();
    let [id, address] = parts[..] else {
        return Err(ConfigError(format!("Invalid configuration value for {KEY}. {FORM}")));
    };
    let id: i32 =
        id.parse().map_err(|_| ConfigError(format!("Failed to parse voter ID as an integer from {id}")))?;
    let address = split(address).map_err(|port| {
        let part = if port { "port" } else { "name" };
        ConfigError(format!(
            "Failed to parse host {part} from entry {entry} for the configuration {KEY}. {FORM}"
        ))
    })?;
    Ok((NodeId(id), address))
}

/// One entry of `controller.quorum.bootstrap.servers`.
pub(super) fn bootstrap(entry: &str) -> Result<HostPort, ConfigError> {
    split(entry).map_err(|port| {
        let part = if port { "port" } else { "name" };
        ConfigError(format!(
            "Failed to parse host {part} from {entry} for the configuration controller.quorum.bootstrap.servers. \
             Each entry should be in the form \"{{host}}:{{port}}\""
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_addresses() {
        let cases = [
            ("localhost:9092", Some(("localhost", 9092))),
            (":9092", Some(("", 9092))),
            ("[::1]:9093", Some(("::1", 9093))),
            ("PLAINTEXT://0.0.0.0:0", Some(("0.0.0.0", 0))),
            ("localhost", None),
            ("localhost:", None),
            ("loc alhost:1", None),
            ("localhost:65536", None),
        ];
        for (text, expected) in cases {
            let split = split(text).ok();
            assert_eq!(split.as_ref().map(|it| (it.host.as_str(), it.port)), expected, "{text}");
        }
    }

    #[test]
    fn voters() {
        let (id, address) = voter("3@[::1]:9093").expect("valid");
        assert_eq!((id, address.to_string().as_str()), (NodeId(3), "[::1]:9093"));
        for entry in ["1", "a@h:1", "1@h", "1@h:x", "1@h:1@", "1@h:99999"] {
            assert!(voter(entry).is_err(), "{entry}");
        }
    }
}
