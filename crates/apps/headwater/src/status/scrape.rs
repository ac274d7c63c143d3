//! Asks a node for its metrics, and reads them.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use crate::failure::Failure;

/// The most that is read: a node with a million partitions has less.
const MAX_BYTES: u64 = 1 << 30;

/// Labels and value.
type Sample = (BTreeMap<String, String>, f64);

/// Every sample, by name.
#[derive(Debug, Default)]
pub struct Samples {
    by_name: BTreeMap<String, Vec<Sample>>,
}

impl Samples {
    /// All samples of a name.
    pub fn of(&self, name: &str) -> &[Sample] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The sample that has these labels, and others perhaps.
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let has = |known: &BTreeMap<String, String>| {
            labels.iter().all(|(label, value)| known.get(*label).is_some_and(|known| known == value))
        };
        self.of(name).iter().find(|(known, _)| has(known)).map(|(_, value)| *value)
    }

    /// The sample without labels.
    pub fn plain(&self, name: &str) -> Option<f64> {
        self.of(name).iter().find(|(labels, _)| labels.is_empty()).map(|(_, value)| *value)
    }

    /// The label of the first sample.
    pub fn label(&self, name: &str, label: &str) -> Option<&str> {
        self.of(name).first()?.0.get(label).map(String::as_str)
    }

    /// All samples together.
    pub fn sum(&self, name: &str) -> f64 {
        self.of(name).iter().map(|(_, value)| value).sum()
    }
}

/// Opens a connection to `HOST:PORT`.
pub fn connect(address: &str, timeout: Duration) -> Result<TcpStream, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure(format!("{address} does not answer: {error}"));
    let addresses: Vec<SocketAddr> = address.to_socket_addrs().map_err(|error| failed(&error))?.collect();
    let mut outcome = Err(failed(&"the name has no address"));
    for address in addresses {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => {
                let limits = stream.set_read_timeout(Some(timeout));
                limits.and(stream.set_write_timeout(Some(timeout))).map_err(|error| failed(&error))?;
                return Ok(stream);
            }
            Err(error) => outcome = Err(failed(&error)),
        }
    }
    outcome
}

/// The metrics of a node.
pub fn get(address: &str, timeout: Duration) -> Result<Samples, Failure> {
    let address = address.trim_start_matches("http://").trim_end_matches('/').trim_end_matches("/metrics");
    let no_answer = |error: std::io::Error| Failure(format!("{address} does not answer: {error}"));
    let mut stream = connect(address, timeout).map_err(|failure| {
        Failure(format!(
            "{failure}\nIs a node running, with its metrics there? Say where with --metrics HOST:PORT \
             (its log line `Kafka Server started` tells), or ask in Kafka's protocol with --bootstrap-server HOST:PORT."
        ))
    })?;
    // HTTP/1.0, so that the text comes in one piece up to the end of the connection.
    let request = format!("GET /metrics HTTP/1.0\r\nHost: {address}\r\nAccept: text/plain\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(no_answer)?;
    let mut answer = Vec::new();
    stream.take(MAX_BYTES).read_to_end(&mut answer).map_err(no_answer)?;
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or_else(|| Failure(format!("{address} gives no metrics: it does not speak HTTP")))?;
    let status = head.lines().next().unwrap_or_default();
    if !status.contains(" 200 ") {
        let what = if status.contains(" 503 ") { body.trim() } else { status };
        return Err(Failure(format!("{address} gives no metrics: {what}")));
    }
    let samples = parse(body);
    if samples.of("headwater_info").is_empty() {
        return Err(Failure(format!("{address} gives metrics, but not those of a Headwater node")));
    }
    Ok(samples)
}

/// Reads Prometheus' text as this program writes it; lines of another form are passed over.
pub fn parse(text: &str) -> Samples {
    let mut samples = Samples::default();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, labels, value)) = sample(line) {
            samples.by_name.entry(name.to_owned()).or_default().push((labels, value));
        }
    }
    samples
}

fn sample(line: &str) -> Option<(&str, BTreeMap<String, String>, f64)> {
    let (name, mut rest) = line.split_at(line.find(['{', ' '])?);
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        while let Some((label, value)) = rest.split_once("=\"") {
            let (value, behind) = quoted(value)?;
            labels.insert(label.trim_start_matches(',').to_owned(), value);
            rest = behind;
            if rest.starts_with('}') {
                break;
            }
        }
        rest = rest.strip_prefix('}')?;
    }
    Some((name, labels, rest.trim().parse().ok()?))
}

fn quoted(text: &str) -> Option<(String, &str)> {
    let (mut value, mut chars) = (String::new(), text.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                c => value.push(c),
            },
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples() {
        let samples =
            parse("# HELP a b\na 1\na{x=\"1,}\\\"\",y=\"\"} 2.5\nb{q=\"0.5\"} NaN\nbroken\nc +Inf\n");
        assert_eq!((samples.plain("a"), samples.get("a", &[("x", "1,}\"")])), (Some(1.0), Some(2.5)));
        assert_eq!((samples.sum("a"), samples.label("b", "q")), (3.5, Some("0.5")));
        assert!(samples.get("b", &[]).is_some_and(f64::is_nan) && samples.plain("c") == Some(f64::INFINITY));
    }
}
