//! `headwater start`: a node for people. Listens on this machine only, makes its storage on the first start, and gives a
//! new cluster the defaults that suit its size.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use headwater_base::config::node::{NodeConfig, cluster_level_defaults, start_properties};

use crate::address;
use crate::cli::StartArguments;
use crate::failure::Failure;
use crate::launch::{self, Ready};
use crate::settings;
use crate::storage::{self, Levels, Plan};

/// Runs the command.
pub fn run(arguments: &StartArguments) -> Result<ExitCode, Failure> {
    if !arguments.ephemeral {
        return run_in(&data_directory(arguments.data.as_deref())?, arguments);
    }
    let directory = std::env::temp_dir().join(format!("headwater-{}", storage::random_uuid()?));
    let outcome = run_in(&directory, arguments);
    match std::fs::remove_dir_all(&directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(dir = %directory.display(), %error, "the temporary folder stays");
        }
        _ => {}
    }
    outcome
}

fn run_in(directory: &Path, arguments: &StartArguments) -> Result<ExitCode, Failure> {
    let directory =
        std::path::absolute(directory).map_err(|error| Failure::about(directory.display(), error))?;
    let text =
        directory.to_str().ok_or_else(|| Failure::about(directory.display(), "the name is not UTF-8"))?;
    if text.contains(',') {
        return Err(Failure(format!(
            "{text}: a folder with a comma in its name cannot hold data (log.dirs is a list)"
        )));
    }
    let (host, port) = address::split(&arguments.listen)?;
    let bound = if address::is_any(&host) { String::new() } else { host };
    let listen = if bound.contains(':') { format!("[{bound}]:{port}") } else { format!("{bound}:{port}") };
    let mut texts = start_properties(&listen, text);
    if port == 0 {
        // Who takes any port for clients has more than one node in mind.
        texts.insert("headwater.metrics.listener".to_owned(), "127.0.0.1:0".to_owned());
    }
    settings::apply_overrides(&mut texts, &arguments.overrides)?;
    let config = settings::check(&texts)?;
    if !arguments.allow_public {
        check_private(&config)?;
    }
    format_if_new(&config)?;
    launch::run(config, &Ready { port_file: arguments.port_file.clone(), banner: !arguments.quiet })
}

/// Where data lies when nobody says: the place for a user's data (XDG base directories).
fn data_directory(given: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(given) = given {
        return Ok(given.to_path_buf());
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("headwater")).ok_or_else(|| {
        Failure("there is no home folder: say where the data belongs with --data DIR".to_owned())
    })
}

/// Nobody is asked who he is, so nobody else may come.
fn check_private(config: &NodeConfig) -> Result<(), Failure> {
    if let Some(listener) = config.metrics_listener.as_ref().filter(|it| !address::is_loopback(&it.host)) {
        return Err(Failure(format!(
            "headwater.metrics.listener={listener} can be reached from other machines, and nobody is asked who he is.\n\
             Listen on 127.0.0.1, or add --allow-public if everybody who can reach this address may read the metrics."
        )));
    }
    match config.listeners.bound.iter().find(|listener| !address::is_loopback(&listener.address.host)) {
        None => Ok(()),
        Some(listener) => Err(Failure(format!(
            "{listener} can be reached from other machines, and whoever reaches it could read and change everything: \
             nobody is asked who he is.\nListen on 127.0.0.1, or add --allow-public if everybody who can reach this \
             address may do everything."
        ))),
    }
}

/// The first start makes the storage.
fn format_if_new(config: &NodeConfig) -> Result<(), Failure> {
    let mut is_new = true;
    for directory in storage::directories(config) {
        match storage::read_meta_properties(Path::new(&directory)) {
            Ok(found) => is_new &= found.is_none(),
            // A disk that fails is no new one. What that means for the node is its own to say.
            Err(_) => is_new = false,
        }
    }
    if !is_new {
        return Ok(());
    }
    let plan = Plan {
        cluster_id: storage::random_uuid()?.to_string(),
        node_id: config.node_id,
        directories: storage::directories(config),
        metadata_directory: config.metadata_log_dir.clone(),
        initial_voters: match config.quorum.voters.is_empty() {
            true => Some(vec![storage::standalone(config)?]),
            false => None,
        },
        controller_listener: config.listeners.controller_names[0].clone(),
        levels: Levels::LATEST,
        cluster_level: cluster_level_defaults(1),
        ignore_formatted: false,
    };
    let mut said = Vec::new();
    let outcome = storage::format_directories(&plan, &mut said);
    for line in said {
        tracing::info!(what = %line, "storage is formatted");
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(listen: &str) -> NodeConfig {
        settings::check(&start_properties(listen, "/data")).expect("valid")
    }

    #[test]
    fn only_loopback_is_private() {
        for listen in ["127.0.0.1:9092", "localhost:0", "[::1]:9092"] {
            assert!(check_private(&config(listen)).is_ok(), "{listen}");
        }
        for listen in [":9092", "10.1.2.3:9092", "example.com:9092"] {
            let failure = check_private(&config(listen)).expect_err(listen);
            assert!(failure.0.contains("--allow-public"), "{failure}");
        }
    }
}
