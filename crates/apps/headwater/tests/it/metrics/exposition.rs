//! Reads Prometheus' text, and takes nothing that is not exactly so: every rule of both formats that our text could break.

use std::collections::{BTreeMap, BTreeSet};

/// Name and sorted labels.
type Series = (String, BTreeMap<String, String>);

/// The value of each series.
#[derive(Debug, Default)]
pub struct Exposition {
    samples: BTreeMap<Series, f64>,
}

impl Exposition {
    /// The value of one sample.
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.find(name, labels).unwrap_or_else(|| panic!("no {name} with {labels:?}"))
    }

    pub fn find(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.samples.get(&(name.to_owned(), labels)).copied()
    }

    /// How many samples a name has.
    pub fn count(&self, name: &str) -> usize {
        self.samples.keys().filter(|(known, _)| known == name).count()
    }

    pub fn names(&self) -> BTreeSet<&str> {
        self.samples.keys().map(|(name, _)| name.as_str()).collect()
    }
}

#[derive(Default)]
struct Family {
    name: String,
    kind: String,
    helped: bool,
}

/// Parses a text.
pub fn parse(text: &str, open_metrics: bool) -> Exposition {
    assert!(text.ends_with('\n'), "no newline at the end");
    let mut lines: Vec<&str> = text.split_terminator('\n').collect();
    if open_metrics {
        assert_eq!(lines.pop(), Some("# EOF"), "the end is not marked");
    }
    let mut out = Exposition::default();
    let (mut family, mut seen) = (Family::default(), BTreeSet::new());
    for line in lines {
        if let Some(comment) = line.strip_prefix("# ") {
            let (word, rest) = comment.split_once(' ').expect(line);
            let (name, rest) = rest.split_once(' ').expect(line);
            check_name(name, line);
            match word {
                "HELP" => {
                    assert!(seen.insert(name.to_owned()), "family {name} twice, or torn apart");
                    assert!(!rest.is_empty() && !rest.contains('\\'), "{line}");
                    family = Family { name: name.to_owned(), helped: true, ..Family::default() };
                }
                "TYPE" => {
                    assert!(family.helped && family.name == name && family.kind.is_empty(), "{line}");
                    assert!(["counter", "gauge", "summary", "histogram"].contains(&rest), "{line}");
                    let total = name.ends_with("_total");
                    assert_eq!(total, rest == "counter" && !open_metrics, "{line}");
                    family.kind = rest.to_owned();
                }
                _ => panic!("{line}"),
            }
            continue;
        }
        let (name, labels, value) = sample(line);
        check_sample(&family, &name, &labels, value, open_metrics, line);
        assert!(out.samples.insert((name, labels), value).is_none(), "twice: {line}");
    }
    check_histograms(&out);
    out
}

fn check_name(name: &str, line: &str) {
    let valid = name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b':');
    assert!(valid && !name.is_empty() && !name.as_bytes()[0].is_ascii_digit(), "{line}");
}

fn sample(line: &str) -> (String, BTreeMap<String, String>, f64) {
    let end = line.find(['{', ' ']).expect(line);
    let (name, mut rest) = line.split_at(end);
    check_name(name, line);
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, value) = rest.split_once("=\"").expect(line);
            check_name(label, line);
            let (value, after) = quoted(value, line);
            assert!(labels.insert(label.to_owned(), value).is_none(), "label twice: {line}");
            if let Some(after) = after.strip_prefix("} ") {
                rest = after;
                break;
            }
            rest = after.strip_prefix(',').expect(line);
        }
    } else {
        rest = rest.strip_prefix(' ').expect(line);
    }
    let value = match rest {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        "NaN" => f64::NAN,
        number => {
            let plain = number.bytes().all(|c| c.is_ascii_digit() || b"+-.e".contains(&c));
            assert!(plain, "{line}");
            number.parse().expect(line)
        }
    };
    (name.to_owned(), labels, value)
}

/// A label's value up to its closing quote, and what stands behind.
fn quoted<'a>(text: &'a str, line: &str) -> (String, &'a str) {
    let (mut value, mut chars) = (String::new(), text.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match chars.next().expect(line).1 {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                _ => panic!("{line}"),
            }),
            c => value.push(c),
        }
    }
    panic!("{line}")
}

fn check_sample(
    family: &Family,
    name: &str,
    labels: &BTreeMap<String, String>,
    value: f64,
    open_metrics: bool,
    line: &str,
) {
    let suffix =
        name.strip_prefix(family.name.as_str()).unwrap_or_else(|| panic!("in {}: {line}", family.name));
    let fits = match (family.kind.as_str(), suffix) {
        ("counter", "_total") => open_metrics,
        ("counter", "") => !open_metrics,
        ("gauge", "") => true,
        ("summary", "") => labels.get("quantile").is_some_and(|q| q.parse::<f64>().is_ok_and(|q| q <= 1.0)),
        ("histogram", "_bucket") => labels.contains_key("le"),
        ("summary" | "histogram", "_count" | "_sum") => true,
        _ => false,
    };
    assert!(fits, "{line}");
    if family.kind == "counter" || suffix == "_count" || suffix == "_bucket" {
        assert!(value >= 0.0, "{line}");
    }
}

/// Buckets grow with their bounds, and the last one has everything.
fn check_histograms(out: &Exposition) {
    let mut buckets: BTreeMap<Series, Vec<(f64, f64)>> = BTreeMap::new();
    for ((name, labels), value) in out.samples.iter().filter(|((name, _), _)| name.ends_with("_bucket")) {
        let mut labels = labels.clone();
        let bound = labels.remove("le").expect("a bound");
        let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().expect("a number") };
        buckets.entry((name.clone(), labels)).or_default().push((bound, *value));
    }
    for ((name, labels), mut buckets) in buckets {
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(buckets.is_sorted_by(|a, b| a.1 <= b.1), "{name} {labels:?}: {buckets:?}");
        let (bound, all) = buckets[buckets.len() - 1];
        assert_eq!(bound, f64::INFINITY, "{name} {labels:?}");
        let count = name.replace("_bucket", "_count");
        assert_eq!(out.samples.get(&(count, labels)), Some(&all), "{name}");
    }
}
