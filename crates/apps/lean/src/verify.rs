//! Reads everything that a topic has and holds it against what its writer was told: `conformance/kills` asks this.
//!
//! The values are `NUMBER filler`, and the numbers of a partition were sent in growing order. For each partition there is
//! a file with a little-endian i64 for each number that was sent: the offset at which it was acknowledged, or −1.

use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::batch::{self, Record};
use crate::wire::{Connection, fetch_request, fetched};

/// How long a partition may have no leader, as after a start.
const PATIENCE: Duration = Duration::from_secs(30);
const MAX_BYTES: i32 = 4 << 20;

/// What is known and found of one partition.
struct Judge {
    /// Where each number was acknowledged, −1 if it was not.
    acknowledged: Vec<i64>,
    seen: Vec<bool>,
    /// The last record: offset and number.
    last: Option<(i64, i64)>,
    records: u64,
    digest: u64,
    wrong: Vec<String>,
}

impl Judge {
    fn of(acknowledged: Vec<i64>) -> Self {
        let seen = vec![false; acknowledged.len()];
        Self { acknowledged, seen, last: None, records: 0, digest: 0xcbf2_9ce4_8422_2325, wrong: Vec::new() }
    }

    fn record(&mut self, record: &Record<'_>) {
        let number = record.value.split(|byte| *byte == b' ').next().and_then(|word| {
            let text = std::str::from_utf8(word).ok()?;
            text.parse::<i64>().ok()
        });
        let Some(number) = number.filter(|number| (0..self.seen.len() as i64).contains(number)) else {
            return self.wrong.push(format!("offset {}: a record that nobody sent", record.offset));
        };
        let at = number as usize;
        if let Some((offset, before)) = self.last {
            if record.offset <= offset {
                self.wrong.push(format!("offset {} comes after {offset}", record.offset));
            }
            if number <= before {
                let what = if self.seen[at] { "doubled" } else { "out of order" };
                self.wrong
                    .push(format!("offset {}: number {number} is {what}, after {before}", record.offset));
            }
        }
        let acknowledged = self.acknowledged[at];
        if acknowledged >= 0 && acknowledged != record.offset && !self.seen[at] {
            let offset = record.offset;
            self.wrong
                .push(format!("number {number} lies at {offset}, and was acknowledged at {acknowledged}"));
        }
        self.seen[at] = true;
        self.last = Some((record.offset, number));
        self.records += 1;
        for bytes in [&record.offset.to_be_bytes()[..], record.value] {
            for byte in bytes {
                self.digest = (self.digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }

    /// What is wrong, after the last record.
    fn end(&mut self) -> &[String] {
        let mut pairs = self.acknowledged.iter().zip(&self.seen).enumerate();
        let mut lost = pairs.by_ref().filter(|(_, (offset, seen))| **offset >= 0 && !**seen);
        if let Some((number, (offset, _))) = lost.next() {
            let count = lost.count() + 1;
            self.wrong.push(format!(
                "{count} acknowledged records are lost, the first is number {number} at {offset}"
            ));
        }
        let (sent, end) = (self.acknowledged.len() as i64, self.last.map_or(0, |(_, number)| number + 1));
        if end != sent {
            self.wrong.push(format!(
                "it ends with number {}, and numbers up to {} were sent",
                end - 1,
                sent - 1
            ));
        }
        &self.wrong
    }
}

/// Reads and judges; the line tells how many records there are, and a digest of them all.
pub fn run(given: &Arguments) -> Result<String, String> {
    let count = given.count("partitions", 1)?;
    let folder = given.text("acknowledged", ".");
    let mut judges = Vec::new();
    for partition in 0..count {
        let path = format!("{folder}/{partition}");
        let bytes = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
        let offsets =
            bytes.chunks_exact(8).map(|bytes| i64::from_le_bytes(bytes.try_into().expect("eight bytes")));
        judges.push(Judge::of(offsets.collect()));
    }
    read(given, &mut judges)?;
    let mut wrong = Vec::new();
    for (partition, judge) in judges.iter_mut().enumerate() {
        let first = judge.end().iter().take(3);
        wrong.extend(first.map(|why| format!("partition {partition}: {why}")));
    }
    if !wrong.is_empty() {
        return Err(wrong.join("; "));
    }
    let records: u64 = judges.iter().map(|judge| judge.records).sum();
    let digests: Vec<String> = judges.iter().map(|judge| format!("{:016x}", judge.digest)).collect();
    Ok(format!("records={records} digest={}", digests.join("-")))
}

/// Reads every partition from the first offset to the high watermark.
fn read(given: &Arguments, judges: &mut [Judge]) -> Result<(), String> {
    let mut connection = Connection::open(&given.broker)?;
    for (partition, judge) in judges.iter_mut().enumerate() {
        let (mut next, mut progress) = (0, Instant::now());
        loop {
            connection.send(&fetch_request(&given.topic, &[(partition, next)], MAX_BYTES, 1, 100))?;
            let (mut end, mut read, mut bad) = (i64::MAX, next, None);
            let outcome = fetched(connection.receive()?, |one| {
                end = one.high_watermark;
                match batch::records(one.records, |record| judge.record(record)) {
                    Ok(behind) => read = behind.unwrap_or(next),
                    Err(why) => bad = Some(why),
                }
            });
            if let Some(why) = bad {
                return Err(format!("partition {partition} from {next} on: {why}"));
            }
            match outcome {
                Ok(()) if read >= end => break,
                Ok(()) if read > next => progress = Instant::now(),
                Ok(()) if progress.elapsed() > PATIENCE => {
                    return Err(format!("partition {partition}: nothing comes at {next}, before {end}"));
                }
                Err(why) if progress.elapsed() > PATIENCE => return Err(why),
                Ok(()) | Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
            next = read;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with `stored`, where ten numbers were sent and acknowledged at the offsets 0 to 9.
    fn wrong(stored: &[(i64, i64)]) -> usize {
        let mut judge = Judge::of((0..10).collect());
        for (offset, number) in stored {
            let value = format!("{number} xx");
            judge.record(&Record { offset: *offset, value: value.as_bytes() });
        }
        judge.end().len()
    }

    #[test]
    fn planted_damage_is_found() {
        let good: Vec<(i64, i64)> = (0..10).map(|number| (number, number)).collect();
        assert_eq!(wrong(&good), 0);
        assert!(wrong(&good[..9]) > 0, "a lost end");
        let without = |at: usize| [&good[..at], &good[at + 1..]].concat();
        assert!(wrong(&without(3)) > 0, "a lost record");
        assert!(wrong(&[&good[..], &[(10, 9)]].concat()) > 0, "a double");
        let mut swapped = good.clone();
        (swapped[3], swapped[4]) = ((3, 4), (4, 3));
        assert!(wrong(&swapped) > 0, "a swap");
        let mut moved = good.clone();
        moved[9] = (10, 9);
        assert!(wrong(&moved) > 0, "another offset than was acknowledged");
        assert!(wrong(&[&good[..], &[(10, 10)]].concat()) > 0, "one that was not sent");
    }

    #[test]
    fn what_was_not_acknowledged_may_be_missing_in_the_middle() {
        let mut judge = Judge::of(vec![0, -1, 1]);
        for (offset, value) in [(0, "0 x"), (1, "2 x")] {
            judge.record(&Record { offset, value: value.as_bytes() });
        }
        assert!(judge.end().is_empty());
    }
}
