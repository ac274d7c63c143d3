//! The walk over a batch's records.
//!
//! The first walk only decides; it allocates nothing per record. If it finds records at fault, a second one writes
//! down which and why.

use headwater_base::error_code::ErrorCode;

use super::{MAX_RECORD_ERRORS, RecordError, Refusal, Rules};
use crate::compression::{Scratch, Window};
use crate::header::{BatchHeader, Codec, TimestampType};
use crate::record::{Brief, Fields, RecordsError, Unread, brief, parse};

/// What the records of a batch have to satisfy, and what has been seen of them.
pub(super) struct Walk<'a> {
    header: &'a BatchHeader,
    rules: &'a Rules<'a>,
    /// All records' timestamp when the batch has the time of the append.
    append_time: Option<i64>,
    /// Timestamps outside are refused, but −1 is not.
    earliest: i64,
    latest: i64,
    /// The records' timestamp type itself is at fault.
    wrong_type: bool,
    next: i32,
    /// Largest timestamp so far, −1 without one.
    pub(super) max_timestamp: i64,
    faulty: bool,
    /// What is at fault, in the second walk.
    report: Option<Report>,
}

/// Why a walk over bytes did not reach the last record.
enum Stop {
    /// The bytes end inside the record that begins here.
    More(usize),
    /// Boxed because it is large and rare.
    Refused(Box<Refusal>),
}

impl Stop {
    #[cold]
    fn refused(refusal: Refusal) -> Stop {
        Stop::Refused(Box::new(refusal))
    }
}

#[derive(Default)]
struct Report {
    errors: Vec<RecordError>,
    total: usize,
    timestamps: bool,
}

fn malformed(index: i32, what: &'static str) -> Refusal {
    RecordsError::Malformed { index, what }.into()
}

impl<'a> Walk<'a> {
    fn new(header: &'a BatchHeader, rules: &'a Rules<'a>) -> Walk<'a> {
        let append_time =
            (header.timestamp_type() == TimestampType::LogAppendTime).then_some(header.max_timestamp);
        // The reference looks at the type only where it does not look at the time.
        let bounded = rules.timestamp_type == TimestampType::CreateTime;
        let wrong_type = append_time.is_some_and(|time| !bounded || time == -1);
        let (earliest, latest) = if bounded {
            (
                rules.now_ms.saturating_sub(rules.timestamp_before_max_ms).max(0),
                rules.now_ms.saturating_add(rules.timestamp_after_max_ms),
            )
        } else {
            (i64::MIN, i64::MAX)
        };
        Walk {
            header,
            rules,
            append_time,
            earliest,
            latest,
            wrong_type,
            next: 0,
            max_timestamp: -1,
            faulty: false,
            report: None,
        }
    }

    /// Walks plain records.
    pub(super) fn slice(
        records: &[u8],
        header: &'a BatchHeader,
        rules: &'a Rules<'a>,
    ) -> Result<Walk<'a>, Refusal> {
        let mut walk = Walk::new(header, rules);
        walk.run_slice(records)?;
        if !walk.faulty {
            return Ok(walk);
        }
        let mut second = Walk { report: Some(Report::default()), ..Walk::new(header, rules) };
        second.run_slice(records)?;
        Err(second.refusal())
    }

    /// Walks compressed records as they come out.
    pub(super) fn compressed(
        codec: Codec,
        payload: &[u8],
        header: &'a BatchHeader,
        rules: &'a Rules<'a>,
        scratch: &mut Scratch,
    ) -> Result<Walk<'a>, Refusal> {
        let limit = rules.max_decompressed_bytes;
        let mut walk = Walk::new(header, rules);
        scratch.with_window(codec, payload, limit, |window| walk.run_window(window))?;
        if !walk.faulty {
            return Ok(walk);
        }
        let mut second = Walk { report: Some(Report::default()), ..Walk::new(header, rules) };
        scratch.with_window(codec, payload, limit, |window| second.run_window(window))?;
        Err(second.refusal())
    }

    fn run_slice(&mut self, records: &[u8]) -> Result<(), Refusal> {
        let at = match self.run(records) {
            Ok(at) => at,
            Err(Stop::More(_)) => return Err(RecordsError::Premature.into()),
            Err(Stop::Refused(refusal)) => return Err(*refusal),
        };
        if at == records.len() { Ok(()) } else { Err(RecordsError::Remaining.into()) }
    }

    fn run_window(&mut self, window: &mut Window<'_>) -> Result<(), Refusal> {
        loop {
            let at = match self.run(window.bytes()) {
                Ok(at) => {
                    window.consume(at);
                    break;
                }
                Err(Stop::More(at)) => at,
                Err(Stop::Refused(refusal)) => return Err(*refusal),
            };
            window.consume(at);
            if !window.fill()? {
                return Err(RecordsError::Premature.into());
            }
        }
        if !window.bytes().is_empty() || window.fill()? {
            return Err(RecordsError::Remaining.into());
        }
        Ok(())
    }

    /// Takes records from the front of `bytes`: where the last one ended.
    fn run(&mut self, bytes: &[u8]) -> Result<usize, Stop> {
        let mut at = 0;
        while self.next < self.header.record_count {
            let seen = match brief(bytes, at) {
                Some(brief) => brief,
                None => self.unusual(bytes, at)?,
            };
            let append_time = self.append_time;
            let created = self.header.base_timestamp.wrapping_add(seen.timestamp_delta);
            let timestamp = append_time.unwrap_or(created);
            let keyless = self.rules.compacted && !seen.has_key;
            let early_or_late = timestamp != -1 && (timestamp < self.earliest || timestamp > self.latest);
            if seen.offset_delta != self.next {
                return Err(Stop::refused(malformed(self.next, "offsets are not consecutive")));
            }
            if keyless || early_or_late || self.wrong_type {
                self.faulty = true;
                self.write_down(&bytes[at..], timestamp, keyless, early_or_late);
            }
            self.max_timestamp = self.max_timestamp.max(timestamp);
            self.next += 1;
            at = seen.end;
        }
        Ok(at)
    }

    /// A record that is long, has headers, or is none.
    #[inline(never)]
    fn unusual(&self, bytes: &[u8], at: usize) -> Result<Brief, Stop> {
        match parse(&bytes[at..]) {
            Ok((fields, size)) => Ok(Brief {
                timestamp_delta: fields.timestamp_delta,
                offset_delta: fields.offset_delta,
                has_key: fields.key.is_some(),
                end: at + size,
            }),
            Err(Unread::More) => Err(Stop::More(at)),
            Err(Unread::Malformed(what)) => Err(Stop::refused(malformed(self.next, what))),
        }
    }

    #[cold]
    fn write_down(&mut self, record: &[u8], timestamp: i64, keyless: bool, early_or_late: bool) {
        let Some(mut report) = self.report.take() else { return };
        report.total += 1;
        report.timestamps |= !keyless;
        if report.errors.len() < MAX_RECORD_ERRORS {
            let (fields, _) = parse(record).expect("was seen to be a record");
            let message = self.fault(&fields, timestamp, keyless, early_or_late);
            report.errors.push(RecordError { batch_index: self.next, message });
        }
        self.report = Some(report);
    }

    fn fault(&self, fields: &Fields<'_>, timestamp: i64, keyless: bool, early_or_late: bool) -> String {
        let rules = self.rules;
        if keyless {
            return format!(
                "Compacted topic cannot accept message without key in topic partition {}",
                rules.topic_partition
            );
        }
        if early_or_late {
            return format!(
                "Timestamp {timestamp} of message with offset {} is out of range. The timestamp should be within \
                 [{}, {}]",
                self.offset(fields),
                rules.now_ms.wrapping_sub(rules.timestamp_before_max_ms),
                rules.now_ms.wrapping_add(rules.timestamp_after_max_ms)
            );
        }
        format!(
            "Invalid timestamp type in message {}. Producer should not set timestamp type to LogAppendTime.",
            self.describe(fields, timestamp)
        )
    }

    fn offset(&self, fields: &Fields<'_>) -> i64 {
        self.header.base_offset.0 + i64::from(fields.offset_delta)
    }

    /// A record as the reference prints it; it sees compressed ones in part only.
    fn describe(&self, fields: &Fields<'_>, timestamp: i64) -> String {
        let compressed = self.header.attributes.codec_id() != 0;
        let (name, null) = if compressed { ("PartialDefaultRecord", -1) } else { ("DefaultRecord", 0) };
        let size = |bytes: Option<&[u8]>| bytes.map_or(null, |bytes| bytes.len() as i64);
        format!(
            "{name}(offset={}, timestamp={timestamp}, key={} bytes, value={} bytes)",
            self.offset(fields),
            size(fields.key),
            size(fields.value)
        )
    }

    fn refusal(self) -> Refusal {
        let Report { errors, total, timestamps } = self.report.unwrap_or_default();
        let (error, message) = if timestamps {
            let message = "One or more records have been rejected due to invalid timestamp".to_owned();
            (ErrorCode::InvalidTimestamp, message)
        } else {
            let first: Vec<String> = errors.iter().take(3).map(ToString::to_string).collect();
            let message = format!(
                "One or more records have been rejected due to {total} record errors in total, and only showing the \
                 first three errors at most: [{}]",
                first.join(", ")
            );
            (ErrorCode::InvalidRecord, message)
        };
        Refusal { record_errors: errors, ..Refusal::new(error, message) }
    }
}
