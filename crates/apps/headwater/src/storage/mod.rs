//! `headwater storage`: kafka-storage's commands, with its options and its words.
//!
//! Different from kafka-storage: refused arguments are explained in this program's own words; features that are not
//! implemented here have no level but 0; `--add-scram` is refused; `version-mapping` and `feature-dependencies` do not
//! exist.

mod directory;
mod features;
mod format;
mod info;
mod voters;

use std::io::Write as _;
use std::process::ExitCode;

use headwater_base::Uuid;

pub use directory::read_meta_properties;
pub use features::Levels;
pub use format::{Plan, directories, format_directories, standalone};

use crate::cli::{StorageArguments, StorageCommand};
use crate::failure::Failure;

/// Runs one command.
pub fn run(arguments: &StorageArguments) -> Result<ExitCode, Failure> {
    let mut out = Vec::new();
    let outcome = match &arguments.command {
        StorageCommand::Info { config } => info::run(config, &mut out),
        StorageCommand::Format(arguments) => format::run(arguments, &mut out),
        StorageCommand::RandomUuid => random_uuid().map(|id| {
            out.push(id.to_string());
            ExitCode::SUCCESS
        }),
    };
    // What was said before something failed is said all the same.
    let mut stdout = std::io::stdout().lock();
    for line in out {
        writeln!(stdout, "{line}").map_err(|error| Failure::about("standard output", error))?;
    }
    outcome
}

/// A new id from the system's randomness.
pub fn random_uuid() -> Result<Uuid, Failure> {
    use std::io::Read as _;
    const SOURCE: &str = "/dev/urandom";
    let mut bytes = [0; 16];
    std::fs::File::open(SOURCE)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(|error| Failure::about(SOURCE, error))?;
    let bits = Uuid::from_bytes(bytes).0;
    Ok(Uuid::from_random((bits >> 64) as u64, bits as u64))
}
