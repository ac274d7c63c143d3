//! The same for programs.

use std::fmt::Write as _;

use super::health::{Health, Severity};

/// One JSON object on several lines; what is not known is `null`.
pub fn text(health: &Health) -> String {
    let mut out = Object::default();
    out.field("healthy", health.is_healthy().to_string());
    out.field("node_id", optional(health.node_id.as_ref().and_then(|id| id.parse::<i32>().ok())));
    out.field("version", health.version.as_ref().map_or_else(null, quoted));
    out.field("cluster_id", quoted(&health.cluster_id));
    let roles = health.roles.split(',').filter(|role| !role.is_empty());
    out.field("roles", list(roles.map(quoted)));
    out.field("uptime_seconds", optional(health.uptime_s));
    out.field(
        "quorum",
        health.quorum.as_ref().map_or_else(null, |quorum| {
            object(&[
                ("leader", quorum.leader.to_string()),
                ("epoch", quorum.epoch.to_string()),
                ("high_watermark", quorum.high_watermark.to_string()),
            ])
        }),
    );
    let cluster = &health.cluster;
    out.field(
        "brokers",
        object(&[("active", cluster.brokers.to_string()), ("fenced", optional(cluster.fenced))]),
    );
    out.field("topics", cluster.topics.to_string());
    out.field(
        "partitions",
        object(&[
            ("total", cluster.partitions.to_string()),
            ("offline", cluster.offline.to_string()),
            ("under_replicated", cluster.under_replicated.to_string()),
        ]),
    );
    out.field("groups", groups(health));
    out.field(
        "per_second",
        health.traffic.as_ref().map_or_else(null, |now| {
            object(&[
                ("records_in", float(now.records_in)),
                ("bytes_in", float(now.bytes_in)),
                ("bytes_out", float(now.bytes_out)),
                ("requests", float(now.requests)),
                ("errors", float(now.errors)),
            ])
        }),
    );
    out.field("latency_ms", latencies(health));
    rest(&mut out, health);
    out.text()
}

fn latencies(health: &Health) -> String {
    let latencies: Vec<(&str, String)> = health
        .latencies
        .iter()
        .map(|(name, latency)| {
            let times = [
                ("p50", latency.p50.map_or_else(null, float)),
                ("p99", latency.p99.map_or_else(null, float)),
                ("p999", latency.p999.map_or_else(null, float)),
                ("per_second", float(latency.per_second)),
            ];
            (name.as_str(), object(&times))
        })
        .collect();
    object(&latencies)
}

fn groups(health: &Health) -> String {
    health.groups.as_ref().map_or_else(null, |known| {
        object(&[
            ("classic", known.classic.to_string()),
            ("consumer", known.consumer.to_string()),
            ("rebalancing", known.rebalancing.to_string()),
            ("offsets", known.offsets.to_string()),
            ("evictions", known.evictions.to_string()),
        ])
    })
}

fn rest(out: &mut Object, health: &Health) {
    let directories = health.directories.iter().map(|directory| {
        object(&[
            ("path", quoted(&directory.path)),
            ("online", directory.online.to_string()),
            ("log_bytes", directory.log_bytes.to_string()),
            ("total_bytes", directory.total_bytes.to_string()),
            ("available_bytes", directory.available_bytes.to_string()),
        ])
    });
    out.field("directories", list(directories));
    let connections: Vec<(&str, String)> =
        health.connections.iter().map(|(listener, count)| (listener.as_str(), count.to_string())).collect();
    out.field("connections", object(&connections));
    out.field(
        "process",
        health.process.as_ref().map_or_else(null, |process| {
            object(&[
                ("resident_bytes", process.resident_bytes.to_string()),
                ("request_memory_used_bytes", process.request_memory_used.to_string()),
                ("request_memory_total_bytes", process.request_memory_total.to_string()),
                ("open_files", process.open_files.to_string()),
                ("max_files", process.max_files.to_string()),
                ("cpus_used", float(process.cpu)),
                ("connection_threads_idle", float(process.idle)),
            ])
        }),
    );
    let of = |wanted: Severity| {
        let found = health.findings.iter().filter(move |(severity, _)| *severity == wanted);
        list(found.map(|(_, text)| quoted(text)))
    };
    out.field("problems", of(Severity::Problem));
    out.field("warnings", of(Severity::Warning));
}

/// Lines of a JSON object.
#[derive(Default)]
struct Object {
    lines: Vec<String>,
}

impl Object {
    fn field(&mut self, name: &str, value: String) {
        self.lines.push(format!("  {}: {value}", quoted(name)));
    }

    fn text(&self) -> String {
        format!("{{\n{}\n}}\n", self.lines.join(",\n"))
    }
}

fn null() -> String {
    "null".to_owned()
}

fn optional(value: Option<impl ToString>) -> String {
    value.map_or_else(null, |value| value.to_string())
}

fn float(value: f64) -> String {
    if value.is_finite() { format!("{}", (value * 1e3).round() / 1e3) } else { null() }
}

fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}: {value}", quoted(name))).collect();
    format!("{{{}}}", fields.join(", "))
}

fn list(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(", "))
}

fn quoted(text: impl AsRef<str>) -> String {
    let mut out = String::from('"');
    for c in text.as_ref().chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_null() {
        let mut health = Health { cluster_id: "a\"b\n".to_owned(), ..Health::default() };
        health.problem("bad".to_owned());
        let text = text(&health);
        assert!(text.contains("\"healthy\": false,\n  \"node_id\": null,"), "{text}");
        assert!(text.contains("\"cluster_id\": \"a\\\"b\\u000a\""), "{text}");
        assert!(text.contains("\"problems\": [\"bad\"],\n  \"warnings\": []\n}\n"), "{text}");
    }
}
