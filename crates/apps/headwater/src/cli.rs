//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A Kafka platform in one binary, compatible with Apache Kafka 4.3.1.
#[derive(Debug, Parser)]
#[command(name = "headwater", version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// What to log on standard error: error, warn, info, debug, or pairs such as `warn,headwater_broker=debug`. The
    /// environment variable HEADWATER_LOG does the same.
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
    /// How a log line looks: text for people, or one JSON object.
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A sentence and its fields.
    Text,
    /// One JSON object.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a node of its own on this machine, with its storage made on the first start.
    Start(StartArguments),
    /// Start a node from a server.properties file, exactly as Kafka would read it.
    Server(ServerArguments),
    /// Format storage and look at it, as kafka-storage does.
    Storage(StorageArguments),
    /// Show how a running node is, on one screen. The exit code is 0 for a healthy one, 1 for one that needs somebody, 2
    /// when nothing answers.
    Status(StatusArguments),
    /// Kafka's command-line tools; `headwater kafka-dump-log …` runs one.
    Tools(ToolsArguments),
}

impl Command {
    /// What is logged when nobody says: a server tells its story, a command that a person watches only its troubles.
    pub fn default_log(&self) -> &'static str {
        match self {
            Command::Server(_) => "info",
            Command::Start(_) | Command::Storage(_) | Command::Status(_) | Command::Tools(_) => "warn",
        }
    }
}

/// Arguments of `start`.
#[derive(Debug, Args)]
pub struct StartArguments {
    /// Folder for all data. Without it: `$XDG_DATA_HOME/headwater`, by custom `~/.local/share/headwater`.
    #[arg(long, value_name = "DIR", conflicts_with = "ephemeral")]
    pub data: Option<PathBuf>,
    /// Where clients connect. Port 0 takes any free port.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9092")]
    pub listen: String,
    /// Write the port into this file once the node is ready.
    #[arg(long, value_name = "FILE")]
    pub port_file: Option<PathBuf>,
    /// Keep the data in a temporary folder and delete it at the end.
    #[arg(long)]
    pub ephemeral: bool,
    /// Print nothing on standard output.
    #[arg(long, short)]
    pub quiet: bool,
    /// Set a configuration key, as in a server.properties file; can be repeated.
    #[arg(long = "override", value_name = "KEY=VALUE")]
    pub overrides: Vec<String>,
    /// Listen on an address that others can reach although nothing asks them who they are.
    #[arg(long)]
    pub allow_public: bool,
}

/// Arguments of `server`.
#[derive(Debug, Args)]
pub struct ServerArguments {
    /// The server.properties file.
    #[arg(long, short, value_name = "FILE")]
    pub config: PathBuf,
    /// Set a configuration key over the file; can be repeated.
    #[arg(long = "override", value_name = "KEY=VALUE")]
    pub overrides: Vec<String>,
    /// Write the port of the first listener into this file once the node is ready.
    #[arg(long, value_name = "FILE")]
    pub port_file: Option<PathBuf>,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub struct StatusArguments {
    /// Where the node gives its metrics; 127.0.0.1:9404 if neither this nor --bootstrap-server is given.
    #[arg(long, value_name = "HOST:PORT")]
    pub metrics: Option<String>,
    /// A broker to ask in Kafka's protocol: alone, for what can be known of any broker; with --metrics, to see that
    /// clients are served.
    #[arg(long, value_name = "HOST:PORT")]
    pub bootstrap_server: Option<String>,
    /// For a person, or for a program.
    #[arg(long, value_enum, default_value_t = StatusFormat::Text)]
    pub format: StatusFormat,
    /// Seconds between two looks, from which rates are computed.
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0)]
    pub interval_s: f64,
    /// Seconds after which nothing is expected any more.
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
    pub timeout_s: f64,
}

/// Arguments of `tools`.
#[derive(Debug, Args)]
pub struct ToolsArguments {
    /// What to do.
    #[command(subcommand)]
    pub command: ToolsCommand,
}

/// The commands of `tools`.
#[derive(Debug, Subcommand)]
pub enum ToolsCommand {
    /// List the tools.
    List,
    /// Make a link for each tool, by the name of Kafka's script, with and without `.sh`.
    Install {
        /// The folder that gets the links.
        dir: PathBuf,
    },
}

/// How `status` speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// One screen.
    Text,
    /// One JSON object.
    Json,
}

/// Arguments of `storage`.
#[derive(Debug, Args)]
pub struct StorageArguments {
    /// What to do.
    #[command(subcommand)]
    pub command: StorageCommand,
}

/// The commands of `storage`.
#[derive(Debug, Subcommand)]
pub enum StorageCommand {
    /// Get information about the log directories on this node.
    Info {
        /// The configuration file to use.
        #[arg(long, short, value_name = "CONFIG")]
        config: PathBuf,
    },
    /// Format the log directories on this node.
    Format(FormatArguments),
    /// Print a random UUID.
    RandomUuid,
}

/// Arguments of `storage format`.
#[derive(Debug, Args)]
pub struct FormatArguments {
    /// The configuration file to use.
    #[arg(long, short, value_name = "CONFIG")]
    pub config: PathBuf,
    /// The cluster ID to use.
    #[arg(long, short = 't')]
    pub cluster_id: String,
    /// A SCRAM credential to write; refused, since logins are not implemented.
    #[arg(long, short = 'S')]
    pub add_scram: Vec<String>,
    /// Skip directories that are formatted already instead of failing.
    #[arg(long, short = 'g')]
    pub ignore_formatted: bool,
    /// The release whose feature levels to begin with: 4.0-IV0 to 4.3-IV0, or 4.0 to 4.3.
    #[arg(long, short)]
    pub release_version: Option<String>,
    /// The level of one feature, as feature=level; can be repeated.
    #[arg(long, short)]
    pub feature: Vec<String>,
    /// Make this controller a dynamic quorum of one.
    #[arg(long, short, group = "quorum")]
    pub standalone: bool,
    /// Format a node that finds its dynamic quorum later.
    #[arg(long, short = 'N', group = "quorum")]
    pub no_initial_controllers: bool,
    /// The first members of the dynamic quorum, as id@host:port:directory between commas.
    #[arg(long, short = 'I', group = "quorum")]
    pub initial_controllers: Option<String>,
}
