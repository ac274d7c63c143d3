//! `headwater storage format` (`kafka.tools.StorageTool`, `org.apache.kafka.metadata.storage.Formatter`).

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use headwater_base::NodeId;
use headwater_base::config::node::NodeConfig;
use headwater_metadata::ResourceType;
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::config_record::ConfigRecord;
use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;
use headwater_raft::VoterSet;
use headwater_raft::format::Format;

use super::directory::{self, META_PROPERTIES};
use super::features::Levels;
use super::random_uuid;
use super::voters::{self, Voter};
use crate::cli::FormatArguments;
use crate::failure::Failure;
use crate::settings;

/// What is to be formatted, and how.
#[derive(Debug)]
pub struct Plan {
    /// `cluster.id`.
    pub cluster_id: String,
    /// `node.id`.
    pub node_id: NodeId,
    /// All directories, that of the metadata log included, in the order of their names.
    pub directories: Vec<String>,
    /// The metadata log's directory.
    pub metadata_directory: String,
    /// The quorum's first members, for a dynamic quorum that is formatted with them.
    pub initial_voters: Option<Vec<Voter>>,
    /// Name of the controller's listener.
    pub controller_listener: String,
    /// Feature levels to begin with.
    pub levels: Levels,
    /// Configuration of all brokers to begin with.
    pub cluster_level: BTreeMap<String, String>,
    /// Skip what is formatted.
    pub ignore_formatted: bool,
}

/// Runs the command.
pub fn run(arguments: &FormatArguments, out: &mut Vec<String>) -> Result<ExitCode, Failure> {
    let config = settings::check(&settings::read(&arguments.config)?)?;
    format_directories(&plan(arguments, &config)?, out)?;
    Ok(ExitCode::SUCCESS)
}

fn plan(arguments: &FormatArguments, config: &NodeConfig) -> Result<Plan, Failure> {
    if !arguments.add_scram.is_empty() {
        return Err(Failure(
            "--add-scram: logins are not implemented in this build, so a credential would protect nothing"
                .to_owned(),
        ));
    }
    let levels = Levels::parse(arguments.release_version.as_deref(), &arguments.feature)?;
    let initial_voters = initial_voters(arguments, config)?;
    check_quorum(arguments, config, levels)?;
    let controller_listener = config.listeners.controller_names[0].clone();
    Ok(Plan {
        cluster_id: arguments.cluster_id.clone(),
        node_id: config.node_id,
        directories: directories(config),
        metadata_directory: config.metadata_log_dir.clone(),
        initial_voters,
        controller_listener,
        levels,
        cluster_level: BTreeMap::new(),
        ignore_formatted: arguments.ignore_formatted,
    })
}

/// All directories of a node, in the order of their names.
pub fn directories(config: &NodeConfig) -> Vec<String> {
    let mut directories = config.log_dirs.clone();
    directories.push(config.metadata_log_dir.clone());
    directories.sort();
    directories.dedup();
    directories
}

fn initial_voters(arguments: &FormatArguments, config: &NodeConfig) -> Result<Option<Vec<Voter>>, Failure> {
    let fixed = !config.quorum.voters.is_empty();
    if fixed && (arguments.standalone || arguments.initial_controllers.is_some()) {
        return Err(Failure(
            "You cannot specify controller.quorum.voters and format the node with --initial-controllers or \
             --standalone. If you want to use dynamic quorum, please remove controller.quorum.voters and specify \
             controller.quorum.bootstrap.servers instead."
                .to_owned(),
        ));
    }
    if let Some(text) = &arguments.initial_controllers {
        return voters::parse(text).map(Some);
    }
    if arguments.standalone {
        if !config.roles.controller {
            return Err(Failure("You can only use --standalone on a controller.".to_owned()));
        }
        return Ok(Some(vec![standalone(config)?]));
    }
    if config.roles.controller && !fixed && !arguments.no_initial_controllers {
        return Err(Failure(
            "Because controller.quorum.voters is not set on this controller, you must specify one of the following: \
             --standalone, --initial-controllers, or --no-initial-controllers."
                .to_owned(),
        ));
    }
    Ok(None)
}

/// The node itself as the only member of its quorum.
pub fn standalone(config: &NodeConfig) -> Result<Voter, Failure> {
    let listener = config
        .listeners
        .advertised_controller
        .first()
        .ok_or_else(|| Failure("No controller listeners found.".to_owned()))?;
    Ok(Voter {
        node_id: config.node_id,
        host: listener.address.host.clone(),
        port: listener.address.port,
        directory_id: random_uuid()?,
    })
}

fn check_quorum(arguments: &FormatArguments, config: &NodeConfig, levels: Levels) -> Result<(), Failure> {
    let chosen =
        arguments.standalone || arguments.initial_controllers.is_some() || arguments.no_initial_controllers;
    let dynamic = config.quorum.voters.is_empty() && chosen;
    match levels.kraft_version {
        Some(0) if dynamic => Err(Failure(
            "Cannot set kraft.version to 0 if controller.quorum.voters is empty and one of the flags --standalone, \
             --initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try removing \
             the --feature flag for kraft.version."
                .to_owned(),
        )),
        Some(level) if level > 0 && !dynamic => Err(Failure(format!(
            "Cannot set kraft.version to {level} unless controller.quorum.voters is empty and one of the flags \
             --standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic controllers \
             support, try using one of --standalone, --initial-controllers, or --no-initial-controllers and removing \
             controller.quorum.voters."
        ))),
        _ => Ok(()),
    }
}

/// What is known of one directory before it is formatted.
enum Found {
    Formatted,
    Empty,
    Unreadable,
}

/// Formats what is not formatted.
pub fn format_directories(plan: &Plan, out: &mut Vec<String>) -> Result<(), Failure> {
    let mut empty = Vec::new();
    let mut formatted = Vec::new();
    let mut unreadable = Vec::new();
    for directory in &plan.directories {
        match look(plan, directory)? {
            Found::Formatted => formatted.push(directory),
            Found::Empty => empty.push(directory),
            Found::Unreadable => unreadable.push(directory),
        }
    }
    if let Some(directory) = formatted.first().filter(|_| !plan.ignore_formatted) {
        return Err(Failure(format!(
            "Log directory {directory} is already formatted. Use --ignore-formatted to ignore this directory and \
             format the others."
        )));
    }
    for directory in &unreadable {
        out.push(format!("I/O error trying to read log directory {directory}. Ignoring..."));
    }
    if empty.is_empty() && formatted.is_empty() {
        return Err(Failure("No available log directories to format.".to_owned()));
    }
    if empty.is_empty() {
        out.push("All of the log directories are already formatted.".to_owned());
        return Ok(());
    }
    let levels = plan.levels.records();
    let configs = configs(plan);
    out.push(format!("Bootstrap metadata: {}", shown(&levels, &configs, plan.levels)));
    // The metadata log comes last: a node whose other directories are not formatted has none.
    empty.sort_by_key(|directory| **directory == plan.metadata_directory);
    let records =
        levels.into_iter().map(MetadataRecord::from).chain(configs.into_iter().map(MetadataRecord::from));
    let values: Vec<Vec<u8>> = records
        .map(|record| record.to_value().map_err(|error| Failure(format!("a bootstrap record: {error}"))))
        .collect::<Result<_, _>>()?;
    for directory in empty {
        format_one(plan, directory, &values, out)?;
    }
    Ok(())
}

fn look(plan: &Plan, directory: &str) -> Result<Found, Failure> {
    let path = Path::new(directory);
    if path.exists() && !path.is_dir() {
        return Ok(Found::Unreadable);
    }
    let found = match directory::read_meta_properties(path) {
        Err(_) => return Ok(Found::Unreadable),
        Ok(None) => return Ok(Found::Empty),
        Ok(Some(found)) => found,
    };
    let file = path.join(META_PROPERTIES);
    if found.cluster_id.as_ref().is_some_and(|id| *id != plan.cluster_id) {
        return Err(Failure(format!(
            "Invalid cluster.id in: {}. Expected {}, but read {}",
            file.display(),
            plan.cluster_id,
            found.cluster_id.unwrap_or_default()
        )));
    }
    if found.node_id.is_some_and(|id| id != plan.node_id.0) {
        return Err(Failure(format!(
            "Stored node id {} doesn't match previous node id {} in {}. If you moved your data, make sure your \
             configured node id matches. If you intend to create a new node, you should remove all data in your data \
             directories.",
            found.node_id.unwrap_or_default(),
            plan.node_id,
            file.display()
        )));
    }
    Ok(Found::Formatted)
}

fn format_one(
    plan: &Plan,
    directory: &str,
    records: &[Vec<u8>],
    out: &mut Vec<String>,
) -> Result<(), Failure> {
    let holds_metadata = directory == plan.metadata_directory;
    let own = plan.initial_voters.iter().flatten().find(|voter| voter.node_id == plan.node_id);
    let (kind, directory_id) = match (holds_metadata, &plan.initial_voters, own) {
        (false, _, _) => ("data directory", random_uuid()?),
        (true, None, _) => ("metadata directory", random_uuid()?),
        (true, Some(_), None) => ("dynamic metadata directory", random_uuid()?),
        (true, Some(_), Some(own)) => ("dynamic metadata voter directory", own.directory_id),
    };
    let version = plan.levels.metadata_version.name();
    out.push(format!("Formatting {kind} {directory} with metadata.version {version}."));
    let voters: Option<VoterSet> =
        plan.initial_voters.as_deref().map(|them| voters::voter_set(them, &plan.controller_listener));
    let format = Format {
        cluster_id: &plan.cluster_id,
        node_id: plan.node_id,
        bootstrap_records: records,
        initial_voters: voters.as_ref(),
        now_ms: now_ms(),
    };
    let files = format.files(directory_id, holds_metadata);
    directory::write_files(Path::new(directory), &files)
        .map_err(|error| Failure(format!("Error while writing meta.properties file {directory}: {error}")))
}

/// The configuration with which it begins; that of all brokers is that of the broker without a name.
fn configs(plan: &Plan) -> Vec<ConfigRecord> {
    let record = |(name, value): (&String, &String)| ConfigRecord {
        resource_type: ResourceType::BROKER.0,
        resource_name: String::new(),
        name: name.clone(),
        value: Some(value.clone()),
    };
    plan.cluster_level.iter().map(record).collect()
}

/// The records as Java shows them.
fn shown(levels: &[FeatureLevelRecord], configs: &[ConfigRecord], of: Levels) -> String {
    let levels = levels
        .iter()
        .map(|it| format!("FeatureLevelRecord(name='{}', featureLevel={})", it.name, it.feature_level));
    let configs = configs.iter().map(|it| {
        format!(
            "ConfigRecord(resourceType={}, resourceName='{}', name='{}', value='{}')",
            it.resource_type,
            it.resource_name,
            it.name,
            it.value.as_deref().unwrap_or_default()
        )
    });
    let records: Vec<String> =
        levels.chain(configs).map(|record| format!("ApiMessageAndVersion({record} at version 0)")).collect();
    format!(
        "BootstrapMetadata(records=[{}], metadataVersionLevel={}, source=format command)",
        records.join(", "),
        of.metadata_version.0
    )
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
