//! Choices of the log as readable scripts (`testdata/*.txt`): where segments roll, what a recovery cuts or refuses, what
//! may be deleted, which epochs and sequences count. `UPDATE=1` rewrites what they print.
//!
//! At the end of each script stands the replay law: the batches alone, without any other file, give the same log again.

use std::fmt::Write as _;
use std::path::Path;

use headwater_base::{LeaderEpoch, Offset};
use headwater_log::{
    Append, AppendContext, Disk, Log, LogConfig, MemDisk, OpenContext, OpenMode, Origin, SyncKind,
};

use crate::support::{DIR, NOW, Spec, contents, create, files, flip, open, sync};

/// A log, what became of its disk, and what a checkpoint would say.
struct Stage {
    disk: MemDisk,
    log: Option<Log>,
    config: LogConfig,
    epoch: i32,
    clean: bool,
    power_lost: bool,
    recovery_point: Offset,
}

/// The value of `name=value`.
fn value<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn number(words: &[&str], name: &str, default: i64) -> i64 {
    value(words, name).map_or(default, |text| text.parse().expect("a number"))
}

fn path(name: &str) -> String {
    format!("{DIR}/{name}")
}

impl Stage {
    fn new() -> Stage {
        Stage {
            disk: MemDisk::new(),
            log: None,
            config: LogConfig { index_interval_bytes: 150, ..LogConfig::default() },
            epoch: 0,
            clean: true,
            power_lost: false,
            recovery_point: Offset::ZERO,
        }
    }

    fn log(&mut self) -> &mut Log {
        self.log.as_mut().expect("the log is open")
    }

    fn run(&mut self, line: &str) -> Vec<String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let arguments = &words[1..];
        match words[0] {
            "config" => self.configure(arguments),
            "create" => {
                self.log = Some(create(&self.disk, self.config.clone()));
                return vec![self.state()];
            }
            "epoch" => self.epoch = arguments[0].parse().expect("an epoch"),
            "append" => return self.append(arguments),
            "sync" => self.sync(SyncKind::Data),
            "checkpoint" => {
                self.sync(SyncKind::Checkpoint);
                self.recovery_point = self.log().recovery_point();
            }
            "kill" => {
                self.log = None;
                self.disk.process_crash();
                self.clean = false;
            }
            "power_loss" => {
                self.log = None;
                self.disk.power_loss(arguments[0].parse().expect("a seed"));
                (self.clean, self.power_lost) = (false, true);
            }
            "stop" => {
                self.log().close().expect("closes");
                self.recovery_point = self.log().recovery_point();
                (self.log, self.clean, self.power_lost) = (None, true, false);
            }
            "open" => return self.open(),
            "flip" => flip(&self.disk, &path(arguments[0]), arguments[1].parse().expect("a position")),
            "cut" => self.cut(arguments),
            "remove" => self.disk.remove_file(&path(arguments[0])).expect("is there"),
            "truncate" => {
                let offset = Offset(arguments[0].parse().expect("an offset"));
                self.log().truncate_to(offset, NOW).expect("truncates");
                return vec![self.state()];
            }
            "start" => {
                let offset = Offset(arguments[0].parse().expect("an offset"));
                self.log().increase_log_start_offset(offset).expect("moves");
                return vec![self.state()];
            }
            "deletable" => return vec![self.deletable(arguments)],
            "end_of_epoch" => {
                let epoch = LeaderEpoch(arguments[0].parse().expect("an epoch"));
                let found = self.log().end_offset_for_epoch(epoch);
                return vec![
                    found.map_or("unknown".to_owned(), |(epoch, end)| format!("epoch {epoch} ends at {end}")),
                ];
            }
            "show" => return vec![self.state(), format!("files: {}", files(&self.disk).join(" "))],
            other => panic!("no such command: {other}"),
        }
        Vec::new()
    }

    fn configure(&mut self, words: &[&str]) {
        let config = &mut self.config;
        config.segment_bytes = number(words, "segment.bytes", i64::from(config.segment_bytes)) as u32;
        config.segment_ms = number(words, "segment.ms", config.segment_ms);
        config.segment_index_bytes =
            number(words, "segment.index.bytes", i64::from(config.segment_index_bytes)) as u32;
        config.retention_ms = number(words, "retention.ms", config.retention_ms);
        config.retention_bytes = number(words, "retention.bytes", config.retention_bytes);
        let config = config.clone();
        if let Some(log) = &mut self.log {
            log.set_config(config);
        }
    }

    /// `append RECORDS [len=BYTES] [at=MS] [now=MS] [producer=ID/EPOCH/SEQUENCE]`
    fn append(&mut self, words: &[&str]) -> Vec<String> {
        let producer = value(words, "producer").map(|text| {
            let parts: Vec<i64> = text.split('/').map(|part| part.parse().expect("a number")).collect();
            (parts[0], parts[1] as i16, parts[2] as i32)
        });
        let at = number(words, "at", NOW);
        let spec = Spec {
            count: words[0].parse().expect("a count"),
            value_len: number(words, "len", 20) as usize,
            timestamp: at,
            producer,
            transactional: false,
        };
        let context = AppendContext {
            leader_epoch: LeaderEpoch(self.epoch),
            origin: Origin::Client,
            transaction_version: -1,
            now_ms: number(words, "now", at),
        };
        let before = self.log().segment_count();
        let said = match self.log().append_as_leader(&mut spec.bytes(), &context) {
            Ok(Append::Appended(place)) => format!("{} to {}", place.base_offset, place.last_offset),
            Ok(Append::Duplicate(place)) => {
                format!("duplicate of {} to {}", place.base_offset, place.last_offset)
            }
            Err(error) => format!("refused: {error}"),
        };
        let rolled = self.log().segment_count() - before;
        vec![if before > 0 && rolled > 0 { format!("{said}, in a new segment") } else { said }]
    }

    fn sync(&mut self, kind: SyncKind) {
        let disk = self.disk.clone();
        sync(self.log(), &disk, kind);
    }

    fn open(&mut self) -> Vec<String> {
        let context = OpenContext {
            clean_shutdown: self.clean,
            power_lost: self.power_lost,
            recovery_point: self.recovery_point,
            ..OpenContext::clean(NOW)
        };
        match Log::open(std::sync::Arc::new(self.disk.clone()), DIR, self.config.clone(), &context) {
            Ok((log, report)) => {
                self.log = Some(log);
                let mut lines = report.lines();
                lines.push(self.state());
                lines
            }
            Err(error) => vec![format!("refused: {error}")],
        }
    }

    /// `cut FILE BYTES`: takes so many bytes from its end.
    fn cut(&mut self, words: &[&str]) {
        let file = self.disk.open(&path(words[0]), OpenMode::Existing).expect("is there");
        let bytes: u64 = words[1].parse().expect("a number");
        file.truncate(file.len().expect("has a length") - bytes).expect("cuts");
    }

    fn deletable(&mut self, words: &[&str]) -> String {
        let high_watermark = Offset(number(words, "high_watermark", self.log().log_end_offset().0));
        let now_ms = number(words, "now", NOW);
        match self.log().deletable_segments(high_watermark, now_ms).expect("decides") {
            None => "none".to_owned(),
            Some((count, reason)) => format!("{count} by {reason:?}"),
        }
    }

    fn state(&mut self) -> String {
        let log = self.log();
        let mut text = format!("{}..{} in", log.log_start_offset(), log.log_end_offset());
        for base in log.segment_bases() {
            write!(text, " [{base}").expect("a string takes everything");
        }
        write!(text, ", durable to {}, recovery point {}", log.durable_offset(), log.recovery_point())
            .expect("a string takes everything");
        for entry in log.epochs().entries() {
            write!(text, ", epoch {} from {}", entry.epoch, entry.start_offset)
                .expect("a string takes everything");
        }
        text
    }

    /// What must follow from the batches alone.
    fn follows(log: &Log) -> String {
        let producers: Vec<_> =
            log.producers().iter().map(|(id, entry)| (id, entry.epoch, entry.last_sequence())).collect();
        format!("{:?} {:?} {producers:?}", contents(log), log.epochs().entries())
    }

    fn replay_law(mut self) {
        let Some(log) = self.log.take() else { return };
        if log.log_start_offset() > Offset::ZERO {
            // A start inside a segment is in no batch, but in the checkpoint of the directory.
            return;
        }
        let expected = Stage::follows(&log);
        drop(log);
        for name in files(&self.disk).into_iter().filter(|name| !name.ends_with(".log")) {
            self.disk.remove_file(&path(&name)).expect("is there");
        }
        let (again, _) =
            open(&self.disk, self.config.clone(), OpenContext::unclean(Offset::ZERO, false, NOW));
        assert_eq!(Stage::follows(&again), expected, "the batches give another log");
    }
}

/// Runs a script: every line that is not indented is a command, the indented lines behind it are what it printed.
fn check(file: &Path) {
    let text = std::fs::read_to_string(file).expect("the script can be read");
    let mut stage = Stage::new();
    let mut out = String::new();
    for line in text.lines().filter(|line| !line.starts_with("  ")) {
        writeln!(out, "{line}").expect("a string takes everything");
        if !line.is_empty() && !line.starts_with('#') {
            for said in stage.run(line) {
                writeln!(out, "  {said}").expect("a string takes everything");
            }
        }
    }
    stage.replay_law();
    if out != text {
        assert!(std::env::var_os("UPDATE").is_some(), "{} prints:\n{out}", file.display());
        std::fs::write(file, out).expect("the script can be written");
    }
}

#[test]
fn the_scripts_print_what_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut scripts: Vec<_> =
        std::fs::read_dir(folder).expect("testdata").map(|entry| entry.expect("an entry").path()).collect();
    scripts.sort();
    assert!(scripts.len() >= 5, "scripts are missing");
    scripts.iter().for_each(|script| check(script));
}
