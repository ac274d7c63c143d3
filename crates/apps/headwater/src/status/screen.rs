//! One screen of eighty columns for a person.

use super::health::{Health, Latency, Severity};
use super::paint::{Paint, Style};

/// Draws everything.
pub fn draw(health: &Health, paint: Paint) -> String {
    let mut lines = vec![headline(health, paint)];
    lines.extend(who(health).map(|text| format!("  {}", paint.text(Style::Faint, text))));
    lines.push(String::new());
    lines.extend(cluster(health, paint));
    lines.extend(groups(health, paint));
    lines.extend(traffic(health, paint));
    lines.extend(latencies(health, paint));
    lines.extend(directories(health, paint));
    lines.extend(process(health, paint));
    if !health.findings.is_empty() {
        lines.push(String::new());
    }
    for (severity, text) in &health.findings {
        lines.push(match severity {
            Severity::Problem => format!("  {} {text}", paint.text(Style::Bad, "PROBLEM")),
            Severity::Warning => format!("  {} {text}", paint.text(Style::Warning, "warning")),
        });
    }
    lines.join("\n") + "\n"
}

fn headline(health: &Health, paint: Paint) -> String {
    let warned = !health.findings.is_empty();
    let state = match (health.is_healthy(), warned) {
        (true, false) => paint.text(Style::Good, "● healthy"),
        (true, true) => paint.text(Style::Warning, "● healthy, with warnings"),
        (false, _) => paint.text(Style::Bad, "● NOT HEALTHY"),
    };
    let mut words = vec![state];
    if let Some(node) = &health.node_id {
        words.push(paint.text(Style::Strong, format!("node {node}")));
    }
    if let Some(version) = &health.version {
        words.push(format!("headwater {version}"));
    }
    if let Some(uptime) = health.uptime_s {
        words.push(format!("up {}", duration(uptime)));
    }
    words.join("  ")
}

fn who(health: &Health) -> impl Iterator<Item = String> {
    let roles = if health.roles.is_empty() { String::new() } else { format!("  roles {}", health.roles) };
    std::iter::once(format!("cluster {}{roles}", health.cluster_id))
}

/// A line with a heading in front, or with the room of one.
fn line(paint: Paint, title: &str, text: &str) -> String {
    format!("  {} {text}", paint.text(Style::Title, format!("{title:<9}"))).trim_end().to_owned()
}

fn cluster(health: &Health, paint: Paint) -> Vec<String> {
    let known = &health.cluster;
    let alarm = |count: u64, what: &str| match count {
        0 => format!("0 {what}"),
        count => paint.text(Style::Bad, format!("{} {what}", number(count as f64))),
    };
    let mut lines = Vec::new();
    let quorum = health.quorum.as_ref().map(|quorum| {
        format!(
            "leader {}   epoch {}   offset {}",
            quorum.leader,
            quorum.epoch,
            number(quorum.high_watermark as f64)
        )
    });
    lines.extend(quorum.map(|text| line(paint, "quorum", &text)));
    let fenced = known.fenced.map_or_else(String::new, |fenced| format!("   {}", alarm(fenced, "fenced")));
    lines.push(line(paint, "brokers", &format!("{} active{fenced}", known.brokers)));
    lines.push(line(
        paint,
        "topics",
        &format!(
            "{}   {} partitions   {}   {}",
            number(known.topics as f64),
            number(known.partitions as f64),
            alarm(known.offline, "offline"),
            alarm(known.under_replicated, "under-replicated"),
        ),
    ));
    lines
}

fn groups(health: &Health, paint: Paint) -> Option<String> {
    let known = health.groups.as_ref()?;
    let evicted = match known.evictions {
        0 => String::new(),
        1 => "   1 member put out".to_owned(),
        count => format!("   {} members put out", number(count as f64)),
    };
    let shown = |count: u64| number(count as f64);
    let (classic, consumer) = (shown(known.classic), shown(known.consumer));
    let (rebalancing, offsets) = (shown(known.rebalancing), shown(known.offsets));
    let text = format!(
        "{classic} classic   {consumer} consumer   {rebalancing} rebalancing   {offsets} offsets{evicted}"
    );
    Some(line(paint, "groups", &text))
}

fn traffic(health: &Health, paint: Paint) -> Vec<String> {
    let Some(now) = &health.traffic else { return Vec::new() };
    let errors = format!("{} errors/s", rate(now.errors));
    let errors = if now.errors > 0.0 { paint.text(Style::Warning, errors) } else { errors };
    vec![
        line(
            paint,
            "traffic",
            &format!(
                "in {} records/s, {}/s   out {}/s",
                rate(now.records_in),
                size(now.bytes_in),
                size(now.bytes_out)
            ),
        ),
        line(paint, "", &format!("{} requests/s   {errors}", rate(now.requests))),
    ]
}

fn latencies(health: &Health, paint: Paint) -> Vec<String> {
    if health.latencies.is_empty() {
        return Vec::new();
    }
    let heading = format!("{:<10}{:>10}{:>10}{:>10}{:>12}", "", "p50 ms", "p99 ms", "p99.9 ms", "per second");
    let mut lines = vec![line(paint, "latency", &paint.text(Style::Faint, heading))];
    for (name, Latency { p50, p99, p999, per_second }) in &health.latencies {
        let cell = |value: &Option<f64>| value.map_or_else(|| "-".to_owned(), millis);
        let row = format!(
            "{name:<10}{:>10}{:>10}{:>10}{:>12}",
            cell(p50),
            cell(p99),
            cell(p999),
            rate(*per_second)
        );
        lines.push(line(paint, "", &row));
    }
    lines
}

fn directories(health: &Health, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, directory) in health.directories.iter().enumerate() {
        let title = if number == 0 { "disk" } else { "" };
        let used = directory.total_bytes.saturating_sub(directory.available_bytes);
        let logs = format!("logs {}", size(directory.log_bytes as f64));
        let state = if !directory.online {
            paint.text(Style::Bad, "OFFLINE")
        } else if directory.total_bytes == 0 {
            logs
        } else {
            let share = used as f64 / directory.total_bytes as f64;
            format!(
                "{} {:>3.0} % of {}   {logs}",
                paint.bar(20, share),
                share * 100.0,
                size(directory.total_bytes as f64)
            )
        };
        lines.push(line(paint, title, &state));
        lines.push(line(paint, "", &paint.text(Style::Faint, &directory.path)));
    }
    lines
}

fn process(health: &Health, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    if !health.connections.is_empty() {
        let each = health.connections.iter().map(|(listener, count)| format!("{count} {listener}"));
        lines.push(line(paint, "clients", &each.collect::<Vec<_>>().join("   ")));
    }
    if let Some(process) = &health.process {
        let files = number(process.max_files as f64);
        let memory = format!(
            "{} resident   {} of {} for requests",
            size(process.resident_bytes as f64),
            size(process.request_memory_used as f64),
            size(process.request_memory_total as f64)
        );
        lines.push(line(paint, "memory", &memory));
        let text = format!(
            "cpu {:.0} %   connection threads {:.0} % idle   {} of {files} files",
            process.cpu * 100.0,
            process.idle * 100.0,
            number(process.open_files as f64),
        );
        lines.push(line(paint, "process", &text));
    }
    lines
}

/// A whole number with its thousands apart.
fn number(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0
            && digit.is_ascii_digit()
            && (digits.len() - index).is_multiple_of(3)
            && !out.ends_with('-')
        {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn rate(value: f64) -> String {
    if value > 0.0 && value < 10.0 { format!("{value:.1}") } else { number(value) }
}

fn millis(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => number(value),
    }
}

fn size(bytes: f64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut value, mut unit) = (bytes, 0);
    while value >= 1_024.0 && unit + 1 < UNITS.len() {
        value /= 1_024.0;
        unit += 1;
    }
    if unit == 0 || value >= 100.0 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

fn duration(seconds: f64) -> String {
    let seconds = seconds as u64;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::health::{Cluster, Directory, Groups, Process, Quorum, Traffic};
    use super::*;

    fn healthy() -> Health {
        Health {
            node_id: Some("1".to_owned()),
            version: Some("0.1.0".to_owned()),
            cluster_id: "4L6g3nShT-eMCtK--X86sw".to_owned(),
            roles: "broker,controller".to_owned(),
            uptime_s: Some(93_600.0),
            quorum: Some(Quorum { leader: 1, epoch: 7, high_watermark: 120_400 }),
            cluster: Cluster {
                brokers: 1,
                fenced: Some(0),
                topics: 12,
                partitions: 3_400,
                offline: 0,
                under_replicated: 0,
            },
            groups: Some(Groups {
                classic: 1_200,
                consumer: 30,
                rebalancing: 2,
                offsets: 45_000,
                evictions: 0,
            }),
            traffic: Some(Traffic {
                records_in: 120_400.0,
                bytes_in: 1.2e8,
                bytes_out: 2.5e6,
                requests: 950.0,
                errors: 0.0,
            }),
            latencies: vec![
                (
                    "Produce".to_owned(),
                    Latency { p50: Some(0.21), p99: Some(1.5), p999: Some(44.0), per_second: 900.0 },
                ),
                ("Fetch".to_owned(), Latency { p50: None, p99: None, p999: None, per_second: 0.0 }),
            ],
            directories: vec![Directory {
                path: "/var/lib/headwater".to_owned(),
                online: true,
                log_bytes: 5 << 30,
                total_bytes: 100 << 30,
                available_bytes: 48 << 30,
            }],
            connections: vec![("PLAINTEXT".to_owned(), 23), ("CONTROLLER".to_owned(), 0)],
            process: Some(Process {
                resident_bytes: 120 << 20,
                request_memory_used: 0,
                request_memory_total: 288 << 20,
                open_files: 210,
                max_files: 20_000,
                cpu: 0.12,
                idle: 0.97,
            }),
            findings: Vec::new(),
        }
    }

    #[test]
    fn a_healthy_node() {
        let expected = "\
● healthy  node 1  headwater 0.1.0  up 1 d 2 h
  cluster 4L6g3nShT-eMCtK--X86sw  roles broker,controller

  quorum    leader 1   epoch 7   offset 120,400
  brokers   1 active   0 fenced
  topics    12   3,400 partitions   0 offline   0 under-replicated
  groups    1,200 classic   30 consumer   2 rebalancing   45,000 offsets
  traffic   in 120,400 records/s, 114 MiB/s   out 2.4 MiB/s
            950 requests/s   0 errors/s
  latency                 p50 ms    p99 ms  p99.9 ms  per second
            Produce         0.21      1.50      44.0         900
            Fetch              -         -         -           0
  disk      ##########..........  52 % of 100 GiB   logs 5.0 GiB
            /var/lib/headwater
  clients   23 PLAINTEXT   0 CONTROLLER
  memory    120 MiB resident   0 B of 288 MiB for requests
  process   cpu 12 %   connection threads 97 % idle   210 of 20,000 files
";
        assert_eq!(draw(&healthy(), Paint::new(false)), expected);
    }

    #[test]
    fn one_that_is_not() {
        let mut health = healthy();
        health.cluster.offline = 2;
        health.directories[0].online = false;
        health.judge_cluster();
        health.judge_directories();
        health.warning("something else".to_owned());
        assert!(!health.is_healthy());
        let plain = draw(&health, Paint::new(false));
        assert!(plain.starts_with("● NOT HEALTHY  node 1"), "{plain}");
        let end = "\n  PROBLEM 2 partitions without a leader\n  PROBLEM log directory /var/lib/headwater is offline\n  \
                   warning something else\n";
        assert!(plain.ends_with(end) && plain.contains("  disk      OFFLINE\n"), "{plain}");
        let painted = draw(&health, Paint::new(true));
        assert!(painted.contains("\x1b[1;31mPROBLEM\x1b[0m"), "{painted}");
        let longest = plain.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(80), "{plain}");
    }

    #[test]
    fn numbers() {
        assert_eq!(
            (number(-1.0), number(999.0), number(1_234_567.0)),
            ("-1".into(), "999".into(), "1,234,567".into())
        );
        assert_eq!(
            (size(0.0), size(1_023.0), size(1_536.0)),
            ("0 B".into(), "1023 B".into(), "1.5 KiB".into())
        );
        assert_eq!((duration(59.0), duration(3_700.0)), ("59 s".to_owned(), "1 h 1 min".to_owned()));
    }
}
