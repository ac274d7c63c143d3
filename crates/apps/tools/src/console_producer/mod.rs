//! `kafka-console-producer`: lines of standard input become records (`org.apache.kafka.tools.ConsoleProducer`).
//!
//! Different from the reference: `--line-reader` knows Kafka's own reader of lines only, since classes of Java cannot be loaded; a
//! separator of headers is a text, not a regular expression.

mod input;
mod lines;
mod options;

use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::rc::Rc;

use headwater_client::Error;
use headwater_client::producer::{Producer, ProducerConfig, Record};
use headwater_runtime::Runtime;

use crate::cluster::{block_on, exception_class};
use crate::command_line::usage;
use crate::console::{Console, Stop, Thrown};
use crate::jopt::parse;
use input::Lines;
use lines::LineReader;

/// Runs the tool.
pub fn main(arguments: &[String], console: &mut Console) -> i32 {
    match run(arguments, console) {
        Ok(()) => 0,
        Err(Stop::Exit(code)) => code,
        Err(Stop::Thrown(thrown)) if thrown.class.starts_with("joptsimple.") => {
            console.error_line(thrown.text());
            1
        }
        Err(Stop::Thrown(thrown)) => {
            console.error_line(thrown.described());
            1
        }
    }
}

fn run(arguments: &[String], console: &mut Console) -> Result<(), Stop> {
    let options = match parse(options::OPTIONS, false, arguments) {
        Ok(options) => options,
        Err(error) => return Err(usage(console, options::OPTIONS, &error.to_string())),
    };
    options::check(console, &options, arguments)?;
    let class = options.value("line-reader")?.unwrap_or_default();
    if class != options::LINE_READER {
        return Err(Thrown::new("java.lang.ClassNotFoundException", class).into());
    }
    let topic = options.value("topic")?.unwrap_or_default();
    let reader = LineReader::new(&topic, &options::reader(&options)?)?;
    let properties = options::producer(&options)?;
    let (config, _) = ProducerConfig::from_properties(&properties)
        .map_err(|error| Thrown::new("org.apache.kafka.common.config.ConfigException", error.message()))?;
    console.flush();
    let sync = options.has("sync");
    block_on(async |runtime| {
        let producer = Producer::new(&runtime, config);
        let failures = Rc::new(RefCell::new(Vec::new()));
        let outcome = write(&runtime, &producer, reader, sync, &failures, console).await;
        // What was read before something failed is written all the same.
        producer.close().await;
        report(&failures, console);
        outcome
    })
}

/// Records that could not be written, in the words of the reference's log.
type Failures = Rc<RefCell<Vec<String>>>;

async fn write(
    runtime: &Runtime,
    producer: &Producer,
    mut reader: LineReader,
    sync: bool,
    failures: &Failures,
    console: &mut Console,
) -> Result<(), Stop> {
    let prompts = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mut lines = Lines::open(runtime)?;
    loop {
        if prompts {
            console.text(">");
            console.flush();
        }
        let Some(line) = lines.next().await? else { return Ok(()) };
        let record = reader.record(&line)?;
        if sync {
            let sent = producer.send(record).await;
            sent.map_err(|error| Thrown::from(error).wrapped("java.util.concurrent.ExecutionException"))?;
            continue;
        }
        let told = message(&record);
        let kept = failures.clone();
        let callback = {
            let told = told.clone();
            move |result: Result<_, Error>| {
                if let Err(error) = result {
                    kept.borrow_mut().push(failure(&told, &error));
                }
            }
        };
        if let Err(error) = producer.send_with(record, callback).await {
            failures.borrow_mut().push(failure(&told, &error));
        }
        report(failures, console);
    }
}

fn report(failures: &Failures, console: &mut Console) {
    for text in failures.take() {
        console.error_line(text);
    }
}

/// What the reference's callback logs of a record.
fn message(record: &Record) -> String {
    let size = |bytes: &Option<Vec<u8>>| {
        bytes.as_ref().map_or_else(|| "null".to_owned(), |bytes| format!("{} bytes", bytes.len()))
    };
    format!(
        "ERROR Error when sending message to topic {} with key: {}, value: {} with error:",
        record.topic,
        size(&record.key),
        size(&record.value)
    )
}

fn failure(told: &str, error: &Error) -> String {
    // In the form of a line of the reference's log, which names its writer at the end.
    let logger = "org.apache.kafka.clients.producer.internals.ErrorLoggingCallback";
    format!("{told} {}: {} ({logger})", exception_class(error), error.message())
}
