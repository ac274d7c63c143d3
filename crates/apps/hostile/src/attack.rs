//! Frames on many connections, until enough of them have reached the broker.

use std::fmt;
use std::io::{self, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::Options;
use crate::corpus::{self, Corpus};
use crate::wire;

/// Frames on one connection.
const FRAMES: u64 = 4;
/// After how many connections of a thread topics are deleted that came into being.
const CLEAN_EVERY: u64 = 2_000;

/// What came of it.
#[derive(Debug, Default)]
pub struct Attack {
    /// Frames that were answered, or at which the broker hung up.
    pub reached: u64,
    answers: u64,
    connections: u64,
    created: u64,
    slow: Vec<Slow>,
}

/// Frames that were long under way.
#[derive(Clone, Copy, Debug)]
pub struct Slow {
    /// Of the first of them; `--seed` and this repeat them.
    round: u64,
    begun: Instant,
    took: Duration,
}

/// From when on frames count as long under way: longer than most waits that a request may ask for.
const SLOW: Duration = Duration::from_millis(300);

impl Attack {
    /// The frames that were under way at a moment, as text.
    pub fn at(&self, corpus: &Corpus, moment: Instant) -> Vec<String> {
        let under_way =
            self.slow.iter().filter(|slow| slow.begun <= moment && moment <= slow.begun + slow.took);
        let text = |slow: &Slow| {
            let kinds: Vec<String> =
                (slow.round..slow.round + FRAMES).map(|round| corpus.name(round)).collect();
            format!("round {}: {} ms, {}", slow.round, slow.took.as_millis(), kinds.join(", "))
        };
        under_way.map(text).collect()
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Attack { reached, answers, connections, created, .. } = self;
        write!(
            f,
            "{reached} frames on {connections} connections, {answers} answers, {created} topics by chance"
        )
    }
}

/// Attacks until so many frames have reached the broker.
pub fn run(options: &Options, threads: usize, corpus: &Arc<Corpus>) -> Result<Attack, String> {
    let reached = Arc::new(AtomicU64::new(0));
    let mut running = Vec::new();
    for thread in 0..threads as u64 {
        let (corpus, reached) = (Arc::clone(corpus), Arc::clone(&reached));
        let (address, frames) = (options.address.clone(), options.frames);
        let first = (options.seed << 40) + (thread << 32);
        running.push(std::thread::spawn(move || one(&address, frames, &corpus, &reached, first)));
    }
    let mut sum = Attack::default();
    for thread in running {
        let part = thread.join().map_err(|_| "an attacker panicked".to_owned())??;
        sum.reached += part.reached;
        sum.answers += part.answers;
        sum.connections += part.connections;
        sum.created += part.created;
        sum.slow.extend(part.slow);
    }
    Ok(sum)
}

fn one(
    address: &str,
    frames: u64,
    corpus: &Corpus,
    reached: &AtomicU64,
    first: u64,
) -> Result<Attack, String> {
    let mut attack = Attack::default();
    let mut round = first;
    while reached.load(Ordering::Relaxed) < frames {
        let (first, begun) = (round, Instant::now());
        let answers =
            connection(address, corpus, &mut round).map_err(|why| format!("round {first}: {why}"))?;
        let took = begun.elapsed();
        if took >= SLOW {
            attack.slow.push(Slow { round: first, begun, took });
        }
        // All were answered, or one more made the broker hang up.
        let here = (answers + 1).min(FRAMES);
        attack.answers += answers;
        attack.reached += here;
        attack.connections += 1;
        reached.fetch_add(here, Ordering::Relaxed);
        if attack.connections % CLEAN_EVERY == 0 {
            let mut stream = wire::connect(address)?;
            attack.created += corpus::clean_up(&mut stream)? as u64;
        }
    }
    let mut stream = wire::connect(address)?;
    attack.created += corpus::clean_up(&mut stream)? as u64;
    Ok(attack)
}

/// Sends some frames, says that no more come, and reads what there is to read; how many answers that was.
fn connection(address: &str, corpus: &Corpus, round: &mut u64) -> Result<u64, String> {
    let mut stream = wire::connect(address)?;
    let mut bytes = Vec::new();
    for _ in 0..FRAMES {
        bytes.append(&mut corpus.hostile(*round));
        *round += 1;
    }
    match stream.write_all(&bytes).and_then(|()| stream.shutdown(Shutdown::Write)) {
        Ok(()) => {}
        // The broker hung up before it had read everything.
        Err(error) if is_gone(&error) => {}
        Err(error) => return Err(error.to_string()),
    }
    let mut answers = 0;
    loop {
        match wire::receive(&mut stream) {
            Ok(Some(_)) => answers += 1,
            Ok(None) => return Ok(answers),
            Err(error) => return Err(format!("neither answered nor hung up: {error}")),
        }
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::NotConnected
    )
}
