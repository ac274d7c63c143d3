//! Figures of the log alone, on real files without any runtime: what many empty partitions cost, and one append and one
//! read. `cargo run --release -p headwater-log --example figures [FOLDER]`
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

#[path = "../tests/it/std_disk.rs"]
mod std_disk;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use headwater_base::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Uuid};
use headwater_log::compact::{Compaction, CompactionLimits, Statistics, Step};
use headwater_log::{AppendContext, Disk, Log, LogConfig, OpenContext, SyncKind};
use headwater_records::{BatchBuilder, BatchOptions};
use std_disk::StdDisk;

const PARTITIONS: usize = 10_000;

fn main() {
    let root = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let root = root.join(format!("headwater-log-figures-{}", std::process::id()));
    std::fs::create_dir_all(&root).unwrap();
    let disk: Arc<dyn Disk> = Arc::new(StdDisk(root.clone()));
    partitions(&disk);
    for value in [100, 1_000, 16_000, 100_000] {
        appends(&disk, value);
    }
    compaction(&disk);
    std::fs::remove_dir_all(&root).unwrap();
}

/// A log of half a gigabyte, with eight records of each key, compacted.
fn compaction(disk: &Arc<dyn Disk>) {
    let config = LogConfig { segment_bytes: 64 << 20, ..LogConfig::default() };
    let mut log = Log::create(disk.clone(), "c-0", config, Some(Uuid(7)), 0).unwrap();
    let context = AppendContext::client(LeaderEpoch(0), 0);
    for batch in 0..40_000_u64 {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        for record in 0..25 {
            let key = (batch * 25 + record).wrapping_mul(0x9E37_79B9_7F4A_7C15) % 125_000;
            builder.append(
                1_700_000_000_000,
                Some(format!("key-{key:012}").as_bytes()),
                Some(&[b'x'; 500]),
                &[],
            );
        }
        log.append_as_leader(&mut builder.build(), &context).unwrap();
    }
    let plan = log.dirty(SyncKind::Checkpoint).unwrap();
    plan.run(disk.as_ref()).unwrap();
    log.mark_durable(&plan);
    let end = log.log_end_offset();
    log.on_high_watermark(end);
    let limits =
        CompactionLimits { slots: 5_000_000, load_factor: 0.9, io_bytes: 256 << 10, hash_key: [1, 2] };
    let range = log.extent(end).cleanable(None, 0).unwrap().unwrap();
    let begun = Instant::now();
    let mut compaction = Compaction::new(&log, range, limits, 0).unwrap();
    let outcome = loop {
        match compaction.step(&log).unwrap() {
            Step::Moved(_) => {}
            Step::Ready(replacement) => drop(replacement.run(&mut |change| change(&mut log)).unwrap()),
            Step::Over(outcome) => break outcome,
        }
    };
    let Statistics { bytes_read, bytes_written, map_entries, .. } = outcome.statistics;
    println!(
        "compaction of {} MB with {map_entries} keys: {:?}, {} MB stay, {} KiB resident",
        bytes_read >> 20,
        begun.elapsed(),
        bytes_written >> 20,
        resident()
    );
}

/// Resident memory of the process in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn partitions(disk: &Arc<dyn Disk>) {
    let before = resident();
    let begun = Instant::now();
    let mut logs: Vec<Log> = (0..PARTITIONS)
        .map(|index| {
            Log::create(disk.clone(), &format!("p-{index}"), LogConfig::default(), Some(Uuid(7)), 0).unwrap()
        })
        .collect();
    disk.sync_dir("").unwrap();
    println!("{PARTITIONS} empty partitions: created in {:?}, {} KiB", begun.elapsed(), resident() - before);
    let begun = Instant::now();
    logs.iter_mut().for_each(|log| log.close().unwrap());
    println!("  closed in {:?}", begun.elapsed());
    drop(logs);
    let context = OpenContext::clean(0);
    let open = |what: &str, context: &OpenContext| -> Vec<Log> {
        let begun = Instant::now();
        let open =
            |index| Log::open(disk.clone(), &format!("p-{index}"), LogConfig::default(), context).unwrap().0;
        let logs = (0..PARTITIONS).map(open).collect();
        println!("  {what} in {:?}", begun.elapsed());
        logs
    };
    let mut logs = open("opened", &context);
    let mut batch = batch(0, 100);
    for log in &mut logs {
        log.append_as_leader(&mut batch, &AppendContext::client(LeaderEpoch(0), 0)).unwrap();
        log.close_idle().unwrap();
    }
    drop(logs);
    let logs = open("with one batch each, recovered", &OpenContext::unclean(Offset(0), false, 0));
    println!("  {} KiB more than before", resident() - before);
    drop(logs);
    open("opened again", &context);
}

fn batch(sequence: i32, value: usize) -> Vec<u8> {
    let mut builder = BatchBuilder::new(BatchOptions {
        producer_id: ProducerId(1),
        producer_epoch: ProducerEpoch(0),
        base_sequence: sequence,
        ..BatchOptions::default()
    });
    builder.append(1_700_000_000_000, None, Some(&vec![b'x'; value]), &[]);
    builder.build()
}

fn appends(disk: &Arc<dyn Disk>, value: usize) {
    let name = format!("a{value}-0");
    let mut log = Log::create(disk.clone(), &name, LogConfig::default(), Some(Uuid(7)), 0).unwrap();
    let count = (400_000_000 / (value + 2_000)).min(200_000) as i32;
    let context = AppendContext::client(LeaderEpoch(0), 0);
    let mut batches: Vec<Vec<u8>> = (0..count).map(|sequence| batch(sequence, value)).collect();
    let begun = Instant::now();
    for batch in &mut batches {
        log.append_as_leader(batch, &context).unwrap();
    }
    let each = begun.elapsed() / count as u32;
    let end = log.log_end_offset();
    let begun = Instant::now();
    for offset in 0..count {
        let from = Offset(i64::from(offset).max(end.0 - 20));
        log.read(from, 1 << 20, true, end).unwrap();
    }
    let tail = begun.elapsed() / count as u32;
    let begun = Instant::now();
    for offset in 0..count {
        log.read(Offset(i64::from(offset) * 7919 % end.0), 1 << 20, true, end).unwrap();
    }
    let random = begun.elapsed() / count as u32;
    let plan = log.dirty(SyncKind::Checkpoint).unwrap();
    plan.run(disk.as_ref()).unwrap();
    log.mark_durable(&plan);
    println!("{value} B: append {each:?}, lookup at the end {tail:?}, anywhere {random:?}");
}
