//! Prometheus' two text formats: 0.0.4 and OpenMetrics 1.0.

use std::fmt::Write as _;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `text/plain; version=0.0.4`.
    Plain,
    /// `application/openmetrics-text; version=1.0.0`.
    OpenMetrics,
}

impl Format {
    /// The format that a client asks for with `Accept`: OpenMetrics if it is named at all, without a weight of zero.
    #[must_use]
    pub fn of_accept(accept: &str) -> Self {
        let wants = |entry: &str| {
            let mut parts = entry.split(';').map(str::trim);
            parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/openmetrics-text"))
                && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        };
        if accept.split(',').any(wants) { Format::OpenMetrics } else { Format::Plain }
    }

    /// The answer's `Content-Type`.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Plain => "text/plain; version=0.0.4; charset=utf-8",
            Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// What kind of metric a family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows; its name ends with `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Quantiles, a count and a sum.
    Summary,
    /// Buckets, a count and a sum.
    Histogram,
}

/// Text under way.
#[derive(Debug)]
pub struct Text {
    out: String,
    format: Format,
}

/// A value as text.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// Exact.
    Integer(i64),
    /// Seconds, milliseconds, shares.
    Float(f64),
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}
impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Value::from(value as u64)
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Integer(value.into())
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Float(value)
    }
}

impl Text {
    /// Nothing yet.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self { out: String::new(), format }
    }

    /// Bytes that were not taken yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// True when all was taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Gives away what there is.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// Begins a family: everything up to the next is of this name. A counter's name has its `_total`.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) {
        debug_assert_eq!(kind == Kind::Counter, name.ends_with("_total"), "{name}");
        let shown = match self.format {
            Format::OpenMetrics => name.strip_suffix("_total").unwrap_or(name),
            Format::Plain => name,
        };
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Summary => "summary",
            Kind::Histogram => "histogram",
        };
        let _ = writeln!(self.out, "# HELP {shown} {help}\n# TYPE {shown} {kind}");
    }

    /// One sample of the family.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Into<Value>) {
        self.out.push_str(name);
        for (index, (label, text)) in labels.iter().enumerate() {
            self.out.push(if index == 0 { '{' } else { ',' });
            self.out.push_str(label);
            self.out.push_str("=\"");
            self.escaped(text);
            self.out.push('"');
        }
        self.out.push_str(if labels.is_empty() { " " } else { "} " });
        let _ = match value.into() {
            Value::Integer(value) => writeln!(self.out, "{value}"),
            Value::Float(value) if value.is_nan() => writeln!(self.out, "NaN"),
            Value::Float(f64::INFINITY) => writeln!(self.out, "+Inf"),
            Value::Float(f64::NEG_INFINITY) => writeln!(self.out, "-Inf"),
            Value::Float(value) => writeln!(self.out, "{value}"),
        };
    }

    /// A family of one sample without labels.
    pub fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Into<Value>) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// The end of everything.
    pub fn finish(&mut self) {
        if self.format == Format::OpenMetrics {
            self.out.push_str("# EOF\n");
        }
    }

    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\\' => self.out.push_str("\\\\"),
                '"' => self.out.push_str("\\\""),
                '\n' => self.out.push_str("\\n"),
                c => self.out.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats() {
        let show = |format| {
            let mut text = Text::new(format);
            text.family("a_total", Kind::Counter, "Things.");
            text.sample("a_total", &[("dir", "C:\\\"x\"\n"), ("b", "")], 3_u64);
            text.single("g", Kind::Gauge, "A share.", f64::NAN);
            text.sample("g", &[], 0.000_064);
            text.finish();
            text.take()
        };
        let plain = "# HELP a_total Things.\n# TYPE a_total counter\na_total{dir=\"C:\\\\\\\"x\\\"\\n\",b=\"\"} 3\n\
                     # HELP g A share.\n# TYPE g gauge\ng NaN\ng 0.000064\n";
        assert_eq!(show(Format::Plain), plain);
        let open = plain.replace("HELP a_total", "HELP a").replace("TYPE a_total", "TYPE a") + "# EOF\n";
        assert_eq!(show(Format::OpenMetrics), open);
    }

    #[test]
    fn what_a_client_accepts() {
        let prometheus =
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        assert_eq!(Format::of_accept(prometheus), Format::OpenMetrics);
        for plain in
            ["", "*/*", "text/plain", "application/openmetrics-text;q=0,text/plain", "x/openmetrics-text"]
        {
            assert_eq!(Format::of_accept(plain), Format::Plain, "{plain}");
        }
    }
}
