//! A broker is sent bytes that no client sends, while a healthy client works beside them and must not notice.
//!
//!     hostile HOST:PORT --pid BROKER --disk DIR [--frames N] [--p99-ms MS] [--longest-ms MS] [--grown-mib MIB] [--seed N]
//!
//! The frames are good requests of every API and version that the broker advertises (made from the specification, and by
//! hand for those that carry records), changed in a few places; random bytes; lengths that lie; frames cut short. A frame
//! counts when the broker has answered it or hung up on it. Meanwhile connections stand idle, and others trickle. Then
//! come requests that are good, and as large as they may be. A probe appends and syncs in DIR, on the broker's disk: what the
//! disk keeps that waiting beside the frames, it may keep the client waiting too. Ends with `N passed, N failed`.
//!
//! What it does not know: how the broker works. It measures from outside: answers, times, resident memory.

#![allow(clippy::print_stdout)] // the output is the product

mod attack;
mod corpus;
mod crowd;
mod disk;
#[allow(dead_code)]
#[path = "../../../types/protocol/tests/it/generator.rs"]
mod generator;
mod healthy;
mod heavy;
#[path = "../../../types/protocol/tests/it/mutate.rs"]
mod mutate;
#[allow(dead_code)]
#[path = "../../../../xtask/src/notation.rs"]
mod notation;
#[allow(dead_code)]
#[path = "../../../types/protocol/tests/it/random.rs"]
mod random;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use corpus::Corpus;
use disk::Probe;
use healthy::{Healthy, Seen};

/// Threads that attack.
const ATTACKERS: usize = 6;
/// Connections that do nothing.
const IDLE: usize = 1_000;
/// Connections that announce much and send little.
const TRICKLING: usize = 200;
/// What an idle connection may cost at most, in KiB.
const IDLE_KIB: u64 = 16;
/// A round that is worth a look at what was under way beside it, in milliseconds.
const NOTABLE_MS: f64 = 100.0;
/// How long the healthy client is measured alone.
const QUIET: Duration = Duration::from_secs(2);

struct Options {
    address: String,
    pid: u32,
    disk: PathBuf,
    frames: u64,
    p99_ms: u64,
    longest_ms: u64,
    grown_mib: u64,
    seed: u64,
}

fn main() {
    let outcome = Options::parse().and_then(|options| run(&options));
    match outcome {
        Ok(failed) => std::process::exit(i32::from(failed > 0)),
        Err(why) => {
            eprintln!("{why}");
            std::process::exit(2);
        }
    }
}

impl Options {
    fn parse() -> Result<Options, String> {
        let mut words = std::env::args().skip(1);
        let address = words.next().ok_or("hostile HOST:PORT --pid BROKER [--frames N] …")?;
        let (p99_ms, longest_ms) = (250, 1_000);
        let mut options = Options {
            address,
            pid: 0,
            disk: ".".into(),
            frames: 20_000,
            p99_ms,
            longest_ms,
            grown_mib: 64,
            seed: 1,
        };
        while let Some(name) = words.next() {
            let word = words.next();
            if name == "--disk" {
                options.disk = word.ok_or("--disk needs a folder")?.into();
                continue;
            }
            let value = word.and_then(|value| value.parse::<u64>().ok());
            let value = value.ok_or_else(|| format!("{name} needs a number"))?;
            match name.as_str() {
                "--pid" => options.pid = u32::try_from(value).map_err(|_| "no such process")?,
                "--frames" => options.frames = value,
                "--p99-ms" => options.p99_ms = value,
                "--longest-ms" => options.longest_ms = value,
                "--grown-mib" => options.grown_mib = value,
                "--seed" => options.seed = value,
                other => return Err(format!("unknown option {other}")),
            }
        }
        Ok(options)
    }
}

/// What was found, as lines; the number of failures.
fn run(options: &Options) -> Result<u64, String> {
    let mut report = Report::default();
    let corpus = Arc::new(Corpus::of(&options.address)?);
    println!("  {} APIs, {} versions", corpus.apis(), corpus.versions());
    let healthy = Healthy::start(&options.address)?;
    std::thread::sleep(QUIET);
    let quiet = healthy.take();
    println!("  alone:  {quiet}");

    let before = resident_kib(options.pid)?;
    let idle = crowd::idle(&options.address, IDLE)?;
    let with_idle = resident_kib(options.pid)?;
    let each = with_idle.saturating_sub(before) / IDLE as u64;
    report.result(&format!("{IDLE} idle connections cost {each} KiB each"), each <= IDLE_KIB);
    let trickling = crowd::Trickle::start(&options.address, TRICKLING)?;
    healthy.take();

    let probe = Probe::start(&options.disk)?;
    let attacked = Instant::now();
    let attack = attack::run(options, ATTACKERS, &corpus)?;
    let took = attacked.elapsed();
    let beside = healthy.take();
    let syncs = probe.stop()?;
    println!("  beside: {beside}");
    println!("  {attack} in {:.1} s", took.as_secs_f64());
    let kept = trickling.stop();
    report.result(&format!("{} frames were answered or hung up on", attack.reached), true);
    report.result(&format!("{kept} of {TRICKLING} trickling connections are still read"), kept == TRICKLING);
    report.result("the idle connections are still served", idle.iter().all(wire::is_alive));
    drop(idle);
    judge_healthy(options, &mut report, &quiet, &beside);
    let longest = beside.longest();
    let disk_ms = longest.begun.map_or(0.0, |begun| syncs.held_up_ms(begun, longest.took()));
    judge_longest(options, &mut report, "beside hostile frames", longest.ms(), disk_ms);
    if let Some(begun) = longest.begun.filter(|_| longest.ms() > NOTABLE_MS) {
        println!(
            "  the longest round began {:.1} s after the attack; under way were:",
            (begun - attacked).as_secs_f64()
        );
        attack.at(&corpus, begun).iter().for_each(|slow| println!("    {slow}"));
    }
    // What was queued for a moment goes back, and the allocator gives back what it holds.
    std::thread::sleep(Duration::from_secs(2));
    let after = resident_kib(options.pid)?;
    let grown = after.saturating_sub(before) / 1024;
    let name = format!("resident memory grew by {grown} MiB, from {} to {} MiB", before / 1024, after / 1024);
    report.result(&name, grown <= options.grown_mib);
    let (longest, errors) = heavy::run(&options.address, &healthy)?;
    report.result(&format!("the healthy client saw {errors} errors beside heavy requests"), errors == 0);
    // What keeps the disk busy here is the broker itself.
    judge_longest(options, &mut report, "beside heavy requests", longest.ms(), 0.0);
    healthy.finish()?;
    println!("{} passed, {} failed", report.passed, report.failed);
    Ok(report.failed)
}

fn judge_healthy(options: &Options, report: &mut Report, quiet: &Seen, beside: &Seen) {
    report.result(&format!("the healthy client saw {} errors", beside.errors), beside.errors == 0);
    report.result(&format!("it went on: {} rounds", beside.rounds), beside.rounds > 0 && quiet.rounds > 0);
    let p99 = beside.p99_ms();
    report.result(
        &format!("its p99 was {p99:.1} ms, at most {} ms are allowed", options.p99_ms),
        p99 <= options.p99_ms as f64,
    );
}

fn judge_longest(options: &Options, report: &mut Report, when: &str, ms: f64, disk_ms: f64) {
    let allowed = options.longest_ms;
    let name = format!(
        "its longest round {when} took {ms:.0} ms, at most {allowed} ms are allowed, and {disk_ms:.0} ms for the disk"
    );
    report.result(&name, ms - disk_ms <= allowed as f64);
}

#[derive(Default)]
struct Report {
    passed: u64,
    failed: u64,
}

impl Report {
    fn result(&mut self, name: &str, good: bool) {
        println!("{} {name}", if good { "ok" } else { "FAIL" });
        self.passed += u64::from(good);
        self.failed += u64::from(!good);
    }
}

/// The broker's resident memory.
fn resident_kib(pid: u32) -> Result<u64, String> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))
        .map_err(|error| format!("the broker (process {pid}) is gone: {error}"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).ok_or_else(|| line.to_owned())
}
