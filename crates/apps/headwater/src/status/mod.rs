//! `headwater status`: the health of a node on one screen.
//!
//! Numbers come from the node's metrics, looked at twice so that rates are those of now. With `--bootstrap-server` alone
//! the node, or any broker of Kafka's, is asked in Kafka's protocol, which knows less.
//!
//! The exit code is 0 for a healthy node, 1 for one that needs somebody, 2 when nothing answers.

mod health;
mod json;
mod kafka;
mod paint;
mod scrape;
mod screen;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::cli::{StatusArguments, StatusFormat};
use crate::failure::Failure;
use health::Health;
use paint::Paint;

/// Nobody answered.
const NO_ANSWER: u8 = 2;

/// Runs the command.
pub fn run(arguments: &StatusArguments) -> Result<ExitCode, Failure> {
    let health = match look(arguments) {
        Ok(health) => health,
        Err(failure) => {
            eprintln!("{failure}");
            return Ok(ExitCode::from(NO_ANSWER));
        }
    };
    let text = match arguments.format {
        StatusFormat::Json => json::text(&health),
        StatusFormat::Text => {
            let wanted = std::io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_none_or(|value| value != "dumb");
            screen::draw(&health, Paint::new(wanted))
        }
    };
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever pipes into `head` has seen enough.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            return Err(Failure::about("standard output", error));
        }
        _ => {}
    }
    Ok(if health.is_healthy() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn look(arguments: &StatusArguments) -> Result<Health, Failure> {
    let timeout = Duration::from_secs_f64(arguments.timeout_s.clamp(0.1, 3_600.0));
    let metrics = arguments.metrics.as_deref();
    let Some(address) = metrics.or(arguments.bootstrap_server.is_none().then_some(DEFAULT_METRICS)) else {
        let bootstrap = arguments.bootstrap_server.as_deref().unwrap_or_default();
        return kafka::look(bootstrap, timeout);
    };
    let first = scrape::get(address, timeout)?;
    let began = Instant::now();
    std::thread::sleep(Duration::from_secs_f64(arguments.interval_s.clamp(0.05, 60.0)));
    let second = scrape::get(address, timeout)?;
    let mut health = Health::of_metrics(&first, &second, began.elapsed().as_secs_f64());
    if let Some(bootstrap) = &arguments.bootstrap_server {
        health.compare(kafka::look(bootstrap, timeout), bootstrap);
    }
    Ok(health)
}

/// Where a node has its metrics when nobody says.
const DEFAULT_METRICS: &str = "127.0.0.1:9404";
