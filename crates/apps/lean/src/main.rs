//! `lean`: a load generator whose own cost is almost nothing, for figures about a broker.
//!
//! What it does: prepares record batches and requests once and sends the same bytes again and again over plain sockets
//! (Produce 7, Fetch 11), in a closed loop (a fixed number in flight) or an open one (a fixed rate; latency counts from
//! the *intended* time of sending, so a stalled broker cannot hide its stall). It measures the broker's CPU time around
//! the run from its process's counters.
//!
//! What it does not know: any crate of ours. The few bytes of the protocol that it speaks are written here, so an error
//! of our codec cannot hide by being on both sides.
//!
//! Each command prints one line of `name=value` pairs; `bench/run` makes tables of them.
#![allow(clippy::print_stdout)] // the output is the product

mod admin;
mod arguments;
mod batch;
mod crowd;
mod feeder;
mod fetch;
mod group;
mod groups;
mod idle;
mod latency;
mod produce;
mod ready;
mod roundtrip;
mod storm;
mod usage;
mod verify;
mod wire;

use arguments::Arguments;

const USAGE: &str = "usage:
  lean ready    HOST:PORT [--timeout-s N] [--topics NAME,… --partitions N] [-- COMMAND…]
                starts COMMAND, prints how long until Metadata lists a broker, and until the topics take records
  lean topic    HOST:PORT TOPIC [--partitions N] [--config NAME=VALUE,…]     creates a topic and waits for its leaders
  lean delete   HOST:PORT TOPIC
  lean alter    HOST:PORT TOPIC --config NAME=VALUE,…
  lean idle     HOST:PORT [--connections N] [--seconds N] [--pid BROKER]     connections that rest after ApiVersions
  lean produce  HOST:PORT TOPIC [--partitions N] [--connections N] [--in-flight N] [--records N] [--size BYTES]
                [--lines] [--keys N] [--variants N] [--codec none|lz4|zstd]
                [--requests N] [--acks -1|0|1] [--rate REQUESTS/S] [--pid BROKER] [--feed]
  lean fetch    HOST:PORT TOPIC [--partitions N] [--connections N] [--max-bytes BYTES] [--requests N] [--bytes TOTAL]
                [--pid BROKER]
  lean verify   HOST:PORT TOPIC --acknowledged DIR [--partitions N]   reads all, holds it against what was acknowledged
  lean roundtrip HOST:PORT TOPIC [--rate RECORDS/S] [--requests N] [--size BYTES] [--acks -1|0|1] [--consumers N]
                [--pid BROKER]
  lean commits  HOST:PORT TOPIC [--connections N] [--requests N] [--partitions N] [--groups N]
                [--config NAME=VALUE,… of the topic of offsets] [--pid BROKER]
  lean rebalance HOST:PORT TOPIC [--members N] [--rounds N] [--pid BROKER]
  lean first    HOST:PORT TOPIC [--rounds N] [--pid BROKER]   time until a new group has its first record
  lean storm    HOST:PORT TOPIC [--groups N] [--members N] [--healthy N]   what others feel of many groups and members
  lean listed   HOST:PORT [--groups N]                    waits until so many groups are listed";

fn main() {
    let (words, command) = split_command(std::env::args().skip(1).collect());
    let mut words = words.into_iter();
    let done = match words.next().as_deref() {
        Some("ready") => Arguments::parse(words).and_then(|given| ready::run(&given, &command)),
        Some("topic") => Arguments::parse(words).and_then(|given| admin::create_topic(&given)),
        Some("delete") => Arguments::parse(words).and_then(|given| admin::delete(&given)),
        Some("alter") => Arguments::parse(words).and_then(|given| admin::alter(&given)),
        Some("idle") => Arguments::parse(words).and_then(|given| idle::run(&given)),
        Some("produce") => Arguments::parse(words).and_then(|given| produce::run(&given)),
        Some("fetch") => Arguments::parse(words).and_then(|given| fetch::run(&given)),
        Some("verify") => Arguments::parse(words).and_then(|given| verify::run(&given)),
        Some("roundtrip") => Arguments::parse(words).and_then(|given| roundtrip::run(&given)),
        Some("commits") => Arguments::parse(words).and_then(|given| groups::commits(&given)),
        Some("rebalance") => Arguments::parse(words).and_then(|given| groups::rebalance(&given)),
        Some("first") => Arguments::parse(words).and_then(|given| groups::first(&given)),
        Some("listed") => Arguments::parse(words).and_then(|given| storm::listed(&given)),
        Some("storm") => Arguments::parse(words).and_then(|given| storm::run(&given)),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(line) => println!("{line}"),
        Err(why) => {
            eprintln!("{why}");
            std::process::exit(1);
        }
    }
}

/// Everything after `--` is a command to start, not ours to read.
fn split_command(mut words: Vec<String>) -> (Vec<String>, Vec<String>) {
    match words.iter().position(|word| word == "--") {
        Some(at) => {
            let command = words.split_off(at + 1);
            words.pop();
            (words, command)
        }
        None => (words, Vec::new()),
    }
}
