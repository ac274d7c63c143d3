//! `headwater server --config FILE`: a node as its file describes it, with Kafka's defaults.

use std::process::ExitCode;

use crate::cli::ServerArguments;
use crate::failure::Failure;
use crate::launch::{self, Ready};
use crate::settings;

/// Runs the command.
pub fn run(arguments: &ServerArguments) -> Result<ExitCode, Failure> {
    let mut texts = settings::read(&arguments.config)?;
    settings::apply_overrides(&mut texts, &arguments.overrides)?;
    let config = settings::check(&texts)?;
    launch::run(config, &Ready { port_file: arguments.port_file.clone(), banner: false })
}
