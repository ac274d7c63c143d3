//! `headwater`: a Kafka node in one binary.
//!
//! This crate is the command line only: it reads arguments, files and the environment, formats storage, and starts the
//! node of `headwater-broker` on the real ground. One file per command.

mod address;
mod cli;
mod failure;
mod launch;
mod log_json;
mod logging;
mod server;
mod settings;
mod start;
mod status;
mod storage;
mod tools;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // First of all and without anything else: a tool starts in milliseconds.
    if let Some(code) = tools::run_by_name() {
        return code;
    }
    let cli = Cli::parse();
    let outcome = logging::start(cli.log.as_deref(), cli.command.default_log(), cli.log_format).and_then(
        |()| match &cli.command {
            Command::Start(arguments) => start::run(arguments),
            Command::Server(arguments) => server::run(arguments),
            Command::Storage(arguments) => storage::run(arguments),
            Command::Status(arguments) => status::run(arguments),
            Command::Tools(arguments) => tools::administer(&arguments.command),
        },
    );
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
