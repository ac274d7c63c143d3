//! `cargo run -p headwater-sim -- --seeds N --from S`: plays seeds and tells of those that fail.

use std::io::Write as _;
use std::process::ExitCode;

use headwater_sim::seeds::run_many;

const USAGE: &str = "headwater-sim [--seeds N] [--from SEED]";

fn main() -> ExitCode {
    let (mut count, mut first) = (100, 0);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|text| text.parse().ok());
        match (name.as_str(), value) {
            ("--seeds", Some(value)) => count = value,
            ("--from", Some(value)) => first = value,
            _ => {
                say(USAGE);
                return ExitCode::from(2);
            }
        }
    }
    let sums = run_many(first, count, |report| {
        for violation in &report.violations {
            say(&format!("seed {}: {violation}", report.seed));
        }
        say(&format!("replay: cargo run -p headwater-sim -- --from {} --seeds 1", report.seed));
    });
    say(&sums.line());
    if sums.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say(line: &str) {
    // Nobody to talk to is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{line}");
}
