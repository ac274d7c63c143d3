//! Requests by API: how many, how long, which errors.

use headwater_base::error_code::ErrorCode;
use headwater_protocol::api::ApiKey;

use super::text::{Kind, Text};
use crate::metrics::requests::{ApiMetrics, MAX_CODES, MAX_VERSIONS, Phase};
use crate::metrics::windows::Look;
use crate::metrics::{Counter, Distribution, Metrics};

/// Kafka's percentiles.
pub const QUANTILES: [(f64, &str); 6] =
    [(0.5, "0.50"), (0.75, "0.75"), (0.95, "0.95"), (0.98, "0.98"), (0.99, "0.99"), (0.999, "0.999")];

/// Upper bounds of the buckets that are shown, as powers of two in microseconds: 64 µs to 67 s.
const SHOWN_BUCKETS: std::ops::RangeInclusive<u32> = 6..=26;

const TIMES: &[(Phase, &str)] = &[
    (Phase::Total, "Time from the whole request to the sent answer, in milliseconds, of late."),
    (Phase::RequestQueue, "Time that requests wait for those that came with them, in milliseconds, of late."),
    (Phase::Local, "Time in the handler, in milliseconds, of late."),
    (Phase::Remote, "Time of waiting for syncs, data or the controller, in milliseconds, of late."),
    (Phase::ResponseQueue, "Time that answers wait for earlier answers, in milliseconds, of late."),
    (Phase::ResponseSend, "Time that answers wait for the socket, in milliseconds, of late."),
];

/// One API that was used, and its counters on the cores where it was.
struct Used<'a> {
    key: ApiKey,
    cores: Vec<&'a ApiMetrics>,
}

impl Used<'_> {
    fn sum(&self, counter: impl Fn(&ApiMetrics) -> &Counter) -> u64 {
        self.cores.iter().map(|core| counter(core).get()).sum()
    }

    fn times(&self, phase: Phase) -> Distribution {
        let mut all = Distribution::default();
        self.cores.iter().for_each(|core| core.times[phase as usize].add_to(&mut all));
        all
    }

    /// What Kafka calls the requests. It counts fetches also by who sends them; here that is always a consumer.
    fn names(&self) -> &'static [&'static str] {
        match self.key {
            ApiKey::Fetch => &["Fetch", "FetchConsumer"],
            _ => std::slice::from_ref(&self.key.row().name),
        }
    }
}

/// Writes all families.
pub fn write(text: &mut Text, metrics: &Metrics, look: &mut Look<'_>) {
    let used: Vec<Used<'_>> = ApiKey::rows()
        .iter()
        .map(|row| Used {
            key: row.key,
            cores: metrics.cores.iter().filter_map(|core| core.requests.of(row.key)).collect(),
        })
        .filter(|used| !used.cores.is_empty())
        .collect();
    counts(text, &used);
    let name = |phase: Phase| format!("kafka_network_requestmetrics_{}", phase.metric());
    for (phase, help) in TIMES {
        let family = name(*phase);
        text.family(&family, Kind::Summary, help);
        for api in &used {
            let all = api.times(*phase);
            let lately = look.lately((phase.metric(), i32::from(api.key.code())), &all);
            api.names().iter().for_each(|name| summary(text, &family, &[("request", name)], &lately, &all));
        }
    }
    buckets(text, &used);
}

fn counts(text: &mut Text, used: &[Used<'_>]) {
    const REQUESTS: &str = "kafka_network_requestmetrics_requests_total";
    text.family(REQUESTS, Kind::Counter, "Requests by API and version.");
    for api in used {
        for version in 0..MAX_VERSIONS {
            let count = api.sum(|core| &core.started[version]);
            for name in api.names().iter().filter(|_| count > 0) {
                text.sample(REQUESTS, &[("request", name), ("version", &version.to_string())], count);
            }
        }
    }
    const ERRORS: &str = "kafka_network_requestmetrics_errors_total";
    text.family(ERRORS, Kind::Counter, "Error codes in answers by API, NONE included.");
    for api in used {
        for code in 0..MAX_CODES {
            let count = api.sum(|core| &core.errors[code]);
            let error = ErrorCode::from_code(code as i16 - 1).name();
            for name in api.names().iter().filter(|_| count > 0) {
                text.sample(ERRORS, &[("request", name), ("error", error)], count);
            }
        }
    }
    let mut family = |name: &str, kind, help, value: &dyn Fn(&Used<'_>) -> u64| {
        text.family(name, kind, help);
        for api in used {
            api.names().iter().for_each(|request| text.sample(name, &[("request", request)], value(api)));
        }
    };
    family("headwater_request_bytes_total", Kind::Counter, "Bytes of requests by API.", &|api| {
        api.sum(|core| &core.request_bytes)
    });
    family("headwater_response_bytes_total", Kind::Counter, "Bytes of answers by API.", &|api| {
        api.sum(|core| &core.response_bytes)
    });
    family(
        "headwater_requests_in_flight",
        Kind::Gauge,
        "Requests that are not answered yet, by API.",
        &|api| {
            let started: u64 = (0..MAX_VERSIONS).map(|version| api.sum(|core| &core.started[version])).sum();
            started.saturating_sub(api.sum(|core| &core.finished))
        },
    );
}

/// Quantiles of late; count and sum since the start.
pub fn summary(
    text: &mut Text,
    name: &str,
    labels: &[(&str, &str)],
    lately: &Distribution,
    all: &Distribution,
) {
    let mut labelled = labels.to_vec();
    labelled.push(("quantile", ""));
    for (q, shown) in QUANTILES {
        if let Some(last) = labelled.last_mut() {
            last.1 = shown;
        }
        text.sample(name, &labelled, lately.quantile_ms(q).unwrap_or(f64::NAN));
    }
    text.sample(&format!("{name}_count"), labels, all.count());
    text.sample(&format!("{name}_sum"), labels, all.sum_seconds() * 1e3);
}

/// The total time once more, as a histogram that can be added up over nodes.
fn buckets(text: &mut Text, used: &[Used<'_>]) {
    const NAME: &str = "headwater_request_duration_seconds";
    text.family(NAME, Kind::Histogram, "Time from the whole request to the sent answer, since the start.");
    for api in used {
        let all = api.times(Phase::Total);
        let request = ("request", api.key.row().name);
        for exponent in SHOWN_BUCKETS {
            let bound = ((1_u64 << exponent) as f64 / 1e6).to_string();
            text.sample(&format!("{NAME}_bucket"), &[request, ("le", &bound)], all.below(exponent));
        }
        text.sample(&format!("{NAME}_bucket"), &[request, ("le", "+Inf")], all.count());
        text.sample(&format!("{NAME}_count"), &[request], all.count());
        text.sample(&format!("{NAME}_sum"), &[request], all.sum_seconds());
    }
}
