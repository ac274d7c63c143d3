//! Whether an address can be reached from elsewhere.

use std::net::IpAddr;

use crate::failure::Failure;

/// Splits `HOST:PORT`; an IPv6 address stands in brackets. An empty host is every interface.
pub fn split(listen: &str) -> Result<(String, u16), Failure> {
    let bad =
        || Failure(format!("--listen {listen}: expected HOST:PORT, such as 127.0.0.1:9092 or [::1]:9092"));
    let (host, port) = listen.rsplit_once(':').ok_or_else(bad)?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    if bare.is_none() && host.contains(':') {
        return Err(bad());
    }
    Ok((bare.unwrap_or(host).to_owned(), port.parse().map_err(|_| bad())?))
}

/// True when only this machine can reach the host.
pub fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

/// True for the addresses that stand for every interface.
pub fn is_any(host: &str) -> bool {
    host.is_empty() || host.parse::<IpAddr>().is_ok_and(|address| address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let cases = [
            ("127.0.0.1:9092", Some(("127.0.0.1", 9092))),
            ("[::1]:0", Some(("::1", 0))),
            (":9092", Some(("", 9092))),
            ("localhost", None),
            ("::1:9092", None),
            ("localhost:x", None),
            ("localhost:70000", None),
        ];
        for (text, expected) in cases {
            let split = split(text).ok();
            assert_eq!(split.as_ref().map(|(host, port)| (host.as_str(), *port)), expected, "{text}");
        }
    }

    #[test]
    fn who_can_reach_it() {
        for host in ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "0.0.0.0", "::", "10.0.0.1", "example.com", "localhost.example.com"] {
            assert!(!is_loopback(host), "{host}");
        }
        assert!(is_any("") && is_any("0.0.0.0") && is_any("::") && !is_any("10.0.0.1"));
    }
}
