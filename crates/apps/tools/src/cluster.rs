//! How a tool reaches a cluster.

use std::future::Future;
use std::path::Path;

use headwater_base::{ErrorCode, properties};
use headwater_client::config::{ClientConfig, Loaded, Properties, Role};
use headwater_client::{Admin, Error, ErrorKind};
use headwater_runtime::{RealConfig, RealGround, Runtime};

use crate::console::Thrown;

/// Runs `main` on a ground of its own.
pub fn block_on<F: Future>(main: impl FnOnce(Runtime) -> F) -> F::Output {
    let ground = RealGround::start(&RealConfig { data_cores: 1 }).expect("a thread can be started");
    ground.block_on(main)
}

/// A properties file, as Java's `Utils.loadProps` reads it.
pub fn load_properties(path: &str) -> Result<Properties, Thrown> {
    let bytes = std::fs::read(path).map_err(|error| {
        let class = match error.kind() {
            std::io::ErrorKind::NotFound => "java.nio.file.NoSuchFileException",
            std::io::ErrorKind::PermissionDenied => "java.nio.file.AccessDeniedException",
            _ => return Thrown::new("java.io.IOException", error.to_string()),
        };
        Thrown::new(class, Path::new(path).display().to_string())
    })?;
    // The bytes are Latin-1 in Java; files with other letters are written with escapes.
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    properties::parse(&text).map_err(|_| Thrown::illegal_argument("Malformed \\uxxxx encoding."))
}

/// The configuration of a tool's client: a file, if one is given, and where the cluster is.
pub fn client_properties(file: Option<&str>, bootstrap: Option<&str>) -> Result<Properties, Thrown> {
    let mut properties = match file {
        Some(file) => load_properties(file)?,
        None => Properties::new(),
    };
    if let Some(bootstrap) = bootstrap {
        properties.insert("bootstrap.servers".to_owned(), bootstrap.to_owned());
    }
    Ok(properties)
}

/// What is wrong with a tool's configuration, as `Admin.create` says it; else the configuration.
pub fn admin_config(properties: &Properties) -> Result<ClientConfig, Thrown> {
    let loaded = Loaded::parse(Role::Admin, properties).map_err(|error| config_exception(&error))?;
    ClientConfig::from_loaded(&loaded).map_err(|_| {
        Thrown::new("org.apache.kafka.common.KafkaException", "Failed to create new KafkaAdminClient")
    })
}

fn config_exception(error: &Error) -> Thrown {
    Thrown::new("org.apache.kafka.common.config.ConfigException", error.message())
}

/// An administrator.
pub fn admin(runtime: &Runtime, config: ClientConfig) -> Admin {
    Admin::new(runtime, config)
}

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        let class = exception_class(&error);
        if error.kind() != ErrorKind::Timeout {
            return Thrown::new(&class, error.message());
        }
        if error.message().starts_with("Call deleteRecords") {
            let call = "deleteRecords(api=METADATA)";
            return Thrown::new(&class, format!("Timed out waiting for a node assignment. Call: {call}"));
        }
        // The reference looks for a group's coordinator in a call of its own, and names its calls otherwise.
        let (before, call) = error.message().split_once("Call: ").unwrap_or((error.message(), ""));
        let call = match call {
            "describeConsumerGroups" => "describeConsumerGroups(api=FIND_COORDINATOR)",
            "deleteGroups" => "deleteConsumerGroups(api=FIND_COORDINATOR)",
            _ => return Thrown::new(&class, error.message()),
        };
        Thrown::new(&class, format!("{before}Call: {call}"))
    }
}

impl From<Error> for crate::console::Stop {
    fn from(error: Error) -> Self {
        Self::Thrown(error.into())
    }
}

impl Thrown {
    /// This failure inside of an exception of `class`, which takes its text for a message.
    pub fn wrapped(&self, class: &str) -> Thrown {
        Thrown::new(class, self.described())
    }
}

/// The class of Kafka's exception for a failure.
pub fn exception_class(error: &Error) -> String {
    let name = match error.kind() {
        ErrorKind::Api(code) => return code_class(code),
        ErrorKind::Disconnected => "DisconnectException",
        ErrorKind::Timeout => "TimeoutException",
        ErrorKind::UnsupportedVersion => "UnsupportedVersionException",
        ErrorKind::RecordTooLarge => "RecordTooLargeException",
        ErrorKind::Serialization => "SerializationException",
        ErrorKind::CorruptRecord => "CorruptRecordException",
        ErrorKind::NoOffset => {
            return "org.apache.kafka.clients.consumer.NoOffsetForPartitionException".to_owned();
        }
        ErrorKind::Config => return "org.apache.kafka.common.config.ConfigException".to_owned(),
        ErrorKind::Closed | ErrorKind::IllegalState => return "java.lang.IllegalStateException".to_owned(),
        ErrorKind::Protocol => return "org.apache.kafka.common.protocol.types.SchemaException".to_owned(),
    };
    format!("org.apache.kafka.common.errors.{name}")
}

/// The exception of an error code (`Errors`). Most are called as their codes are.
pub fn code_class(code: ErrorCode) -> String {
    let name = match code {
        ErrorCode::InvalidRecord => return "org.apache.kafka.common.InvalidRecordException".to_owned(),
        ErrorCode::CorruptMessage => "CorruptRecord",
        ErrorCode::RequestTimedOut => "Timeout",
        ErrorCode::MessageTooLarge => "RecordTooLarge",
        ErrorCode::StaleControllerEpoch => "ControllerMoved",
        ErrorCode::OffsetMetadataTooLarge => {
            return "org.apache.kafka.common.errors.OffsetMetadataTooLarge".to_owned();
        }
        ErrorCode::InvalidRegularExpression => {
            return "org.apache.kafka.common.errors.InvalidRegularExpression".to_owned();
        }
        ErrorCode::NetworkException => "Network",
        ErrorCode::InvalidTopicException => "InvalidTopic",
        ErrorCode::RecordListTooLarge => "RecordBatchTooLarge",
        ErrorCode::TopicAuthorizationFailed => "TopicAuthorization",
        ErrorCode::GroupAuthorizationFailed => "GroupAuthorization",
        ErrorCode::ClusterAuthorizationFailed => "ClusterAuthorization",
        ErrorCode::TopicAlreadyExists => "TopicExists",
        ErrorCode::InvalidConfig => "InvalidConfiguration",
        ErrorCode::OutOfOrderSequenceNumber => "OutOfOrderSequence",
        ErrorCode::DuplicateSequenceNumber => "DuplicateSequence",
        ErrorCode::InvalidProducerIdMapping => "InvalidPidMapping",
        ErrorCode::InvalidTransactionTimeout => "InvalidTxnTimeout",
        ErrorCode::TransactionalIdAuthorizationFailed => "TransactionalIdAuthorization",
        ErrorCode::KafkaStorageError => "KafkaStorage",
        ErrorCode::SaslAuthenticationFailed => "SaslAuthentication",
        ErrorCode::DelegationTokenAuthDisabled => "DelegationTokenDisabled",
        ErrorCode::DelegationTokenRequestNotAllowed => "UnsupportedByAuthentication",
        ErrorCode::DelegationTokenAuthorizationFailed => "DelegationTokenAuthorization",
        ErrorCode::NonEmptyGroup => "GroupNotEmpty",
        ErrorCode::PrincipalDeserializationFailure => "PrincipalDeserialization",
        ErrorCode::FetchSessionTopicIdError => "FetchSessionTopicId",
        other => {
            let words = other.name().split('_').map(|word| {
                let (first, rest) = word.split_at(1);
                format!("{first}{}", rest.to_ascii_lowercase())
            });
            return format!("org.apache.kafka.common.errors.{}Exception", words.collect::<String>());
        }
    };
    format!("org.apache.kafka.common.errors.{name}Exception")
}
