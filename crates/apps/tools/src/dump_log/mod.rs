//! `kafka-dump-log`: what stands in the files of a log directory (`org.apache.kafka.tools.DumpLogSegments`).
//!
//! Different from the reference: decoders are classes of Java there; here `--key-decoder-class` and `--value-decoder-class` know
//! the one for text, and the topic of remote log metadata cannot be decoded. Nothing is ever written, where the reference
//! creates an index that it does not find.

mod batches;
mod decoder;
mod index;
mod other;
mod time_index;

use std::io;
use std::path::{Path, PathBuf};

use crate::command_line::{DISPLAY_VERSION, HELP, help_or_version, require};
use crate::console::{Console, Stop, Thrown};
use crate::jopt::{OptionSet, Row, flag, parse, takes, takes_maybe};
use decoder::Decoder;

const STRING_DECODER: &str = "org.apache.kafka.tools.api.StringDecoder";
/// The class of what is said about a damaged index.
const CORRUPT_INDEX: &str = "org.apache.kafka.storage.internals.log.CorruptIndexException";

const OPTIONS: &[Row] = &[
    HELP,
    DISPLAY_VERSION,
    flag(&["print-data-log"], "If set, printing the messages content when dumping data logs. Automatically set if any decoder option is specified."),
    flag(&["verify-index-only"], "If set, just verify the index log without printing its content."),
    flag(&["index-sanity-check"], "If set, just checks the index sanity without printing its content. This is the same check that is executed on broker startup to determine if an index needs rebuilding or not."),
    takes(&["files"], "file1, file2, ...", "REQUIRED: The comma separated list of data and index log files to be dumped."),
    takes(&["max-message-size"], "size", "Size of largest message.").integer().defaults(&["5242880"]),
    takes(&["max-bytes"], "size", "Limit the amount of total batches read in bytes avoiding reading the whole .log file(s).").integer().defaults(&["2147483647"]),
    flag(&["deep-iteration"], "If set, uses deep instead of shallow iteration. Automatically set if print-data-log is enabled."),
    takes_maybe(&["value-decoder-class"], "", "If set, used to deserialize the messages. This class should implement org.apache.kafka.tools.api.Decoder trait. Custom jar should be available in kafka/libs directory.").defaults(&[STRING_DECODER]),
    takes_maybe(&["key-decoder-class"], "", "If set, used to deserialize the keys. This class should implement org.apache.kafka.tools.api.Decoder trait. Custom jar should be available in kafka/libs directory.").defaults(&[STRING_DECODER]),
    flag(&["offsets-decoder"], "If set, log data will be parsed as offset data from the __consumer_offsets topic."),
    flag(&["transaction-log-decoder"], "If set, log data will be parsed as transaction metadata from the __transaction_state topic."),
    flag(&["cluster-metadata-decoder"], "If set, log data will be parsed as cluster metadata records."),
    flag(&["remote-log-metadata-decoder"], "If set, log data will be parsed as TopicBasedRemoteLogMetadataManager (RLMM) metadata records. Instead, the value-decoder-class option can be used if a custom RLMM implementation is configured."),
    flag(&["share-group-state-decoder"], "If set, log data will be parsed as share group state data from the __share_group_state topic."),
    flag(&["skip-record-metadata"], "Skip metadata when printing records. This flag also skips control records."),
];

/// Runs the tool.
pub fn main(arguments: &[String], console: &mut Console) -> i32 {
    match run(arguments, console) {
        Ok(()) => 0,
        Err(Stop::Exit(code)) => code,
        Err(Stop::Thrown(thrown)) => thrown.uncaught(console),
    }
}

fn run(arguments: &[String], console: &mut Console) -> Result<(), Stop> {
    let options = parse(OPTIONS, false, arguments)?;
    let about = "This tool helps to parse a log file and dump its contents to the console, useful for debugging a seemingly \
                 corrupt log segment.";
    help_or_version(console, &options, arguments, about)?;
    require(console, &options, &["files"])?;
    let mut found = Findings::default();
    for name in options.value("files")?.unwrap_or_default().trim_end_matches(',').split(',') {
        // As `java.io.File` writes a path.
        let path = normalized(name);
        console.line(format!("Dumping {path}"));
        let file_name = path.rsplit('/').next().unwrap_or_default();
        let suffix = file_name.rfind('.').map(|at| &file_name[at..]);
        let file = File::new(&path);
        match suffix {
            Some(".log" | ".checkpoint") => {
                batches::dump(&file, &LogOptions::of(&options)?, &mut found, console)?
            }
            Some(".index") => index::dump(&file, &IndexOptions::of(&options)?, &mut found, console)?,
            Some(".timeindex") => time_index::dump(&file, &IndexOptions::of(&options)?, &mut found, console)?,
            Some(".snapshot") => other::producers(&file, console)?,
            Some(".txnindex") => other::transactions(&file, console)?,
            _ => console.error_line(format!("Ignoring unknown file {path}")),
        }
    }
    found.show(console);
    Ok(())
}

/// A path without doubled and trailing slashes.
fn normalized(path: &str) -> String {
    let mut normal = String::new();
    for letter in path.chars() {
        if letter != '/' || !normal.ends_with('/') {
            normal.push(letter);
        }
    }
    if normal.len() > 1 { normal.trim_end_matches('/').to_owned() } else { normal }
}

/// One file that is looked at.
struct File {
    path: PathBuf,
    /// As it was typed.
    shown: String,
    /// What stands before the first dot of its name.
    base: String,
}

impl File {
    fn new(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or_default();
        let base = name.split('.').next().unwrap_or_default().to_owned();
        Self { path: PathBuf::from(path), shown: path.to_owned(), base }
    }

    fn absolute(&self) -> String {
        std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone()).display().to_string()
    }

    /// Another file of the same segment.
    fn sibling(&self, suffix: &str) -> PathBuf {
        Path::new(&self.absolute()).with_file_name(format!("{}{suffix}", self.base))
    }

    /// The offset with which the segment begins.
    fn base_offset(&self) -> Result<i64, Thrown> {
        let wrong = || {
            let text = &self.base;
            Thrown::new("java.lang.NumberFormatException", format!("For input string: \"{text}\""))
        };
        self.base.parse().map_err(|_| wrong())
    }
}

/// Why a file cannot be read, as Java's file channels say it.
fn unreadable(path: &Path, error: &io::Error) -> Thrown {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Thrown::new("java.nio.file.NoSuchFileException", path.to_string()),
        io::ErrorKind::PermissionDenied => {
            Thrown::new("java.nio.file.AccessDeniedException", path.to_string())
        }
        _ => Thrown::new("java.nio.file.FileSystemException", format!("{path}: {error}")),
    }
}

/// How logs are shown.
struct LogOptions {
    print: bool,
    deep: bool,
    skip_metadata: bool,
    max_bytes: i32,
    decoder: Decoder,
}

impl LogOptions {
    fn of(options: &OptionSet<'_>) -> Result<Self, Thrown> {
        let print = [
            "print-data-log",
            "offsets-decoder",
            "transaction-log-decoder",
            "cluster-metadata-decoder",
            "remote-log-metadata-decoder",
            "value-decoder-class",
            "key-decoder-class",
            "share-group-state-decoder",
        ]
        .iter()
        .any(|name| options.has(name));
        Ok(Self {
            print,
            deep: print || options.has("deep-iteration"),
            skip_metadata: options.has("skip-record-metadata"),
            max_bytes: options.integer("max-bytes")?.unwrap_or(i32::MAX),
            decoder: Decoder::of(options)?,
        })
    }
}

/// How indexes are shown.
struct IndexOptions {
    sanity_only: bool,
    verify_only: bool,
    max_message_size: i32,
}

impl IndexOptions {
    fn of(options: &OptionSet<'_>) -> Result<Self, Thrown> {
        Ok(Self {
            sanity_only: options.has("index-sanity-check"),
            verify_only: options.has("verify-index-only"),
            max_message_size: options.integer("max-message-size")?.unwrap_or(i32::MAX),
        })
    }
}

/// Lines about one file, under a headline.
type Section = Vec<(String, Vec<String>)>;

/// What is told at the end.
#[derive(Default)]
struct Findings {
    index_mismatches: Section,
    time_mismatches: Section,
    time_out_of_order: Section,
    not_found: Section,
    not_consecutive: Section,
}

impl Findings {
    fn add(section: &mut Section, file: &File, line: String) {
        let name = file.absolute();
        match section.iter_mut().find(|(it, _)| *it == name) {
            Some((_, lines)) => lines.push(line),
            None => section.push((name, vec![line])),
        }
    }

    fn show(self, console: &mut Console) {
        let sections = [
            ("Mismatches in :", self.index_mismatches),
            ("Found timestamp mismatch in :", self.time_mismatches),
            ("Found out of order timestamp in :", self.time_out_of_order),
            ("The following indexed offsets are not found in :", self.not_found),
            ("Non-consecutive offsets in ", self.not_consecutive),
        ];
        for (title, files) in sections {
            let files = crate::java::hash_order(files, |(name, _)| crate::java::string_hash(name));
            for (name, lines) in files {
                console.error_line(format!("{title}{name}"));
                lines.iter().for_each(|line| console.error_line(line));
            }
        }
    }
}
