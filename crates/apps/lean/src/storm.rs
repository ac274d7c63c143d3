//! Ten thousand groups and a group of a thousand members on one node, and what others feel of it.
//!
//! Healthy clients ask every few milliseconds, each from the intended time on: a member's heartbeat, and a producer's
//! record at acks=1. Neither waits for a disk, so what they wait for is the node. Their worst time is told for each phase.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::batch::{self, Shape};
use crate::crowd::Crowd;
use crate::group::{Member, commit_frame, committed, describe, list};
use crate::groups::fresh;
use crate::wire::{Connection, produce_request, produced};

/// What happens, in order; the first is the measure for the others.
const PHASES: [&str; 7] = ["quiet", "groups", "joins", "describe", "comes", "leaves", "ends"];
const EVERY: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(300);
/// Heartbeats of the big group: short enough that a rebalance is soon known.
const HEARTBEAT: Duration = Duration::from_millis(1_000);
/// Commits under way on the connection that makes the groups.
const WINDOW: usize = 20;

/// How long reading all groups may take.
const LOADED: Duration = Duration::from_secs(30);

/// The worst waits of each phase, in microseconds: a heartbeat's, a produce's.
type Worst = Arc<Mutex<[(u128, u128); PHASES.len()]>>;

struct Healthy {
    phase: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
    worst: Worst,
    threads: Vec<JoinHandle<Result<usize, String>>>,
}

impl Healthy {
    fn begin(given: &Arguments, count: usize) -> Result<Self, String> {
        let (phase, over, worst) =
            (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default(), Worst::default());
        let mut threads = Vec::new();
        for number in 0..count {
            let mut member = Member::open(&given.broker, &fresh(&format!("healthy{number}")), &given.topic)?;
            member.enter()?;
            let frame = produce_request(&given.topic, 0, 1, &batch::build(&Shape::ONE, 1));
            let (phase, over, worst) = (Arc::clone(&phase), Arc::clone(&over), Arc::clone(&worst));
            threads.push(thread::spawn(move || ask(&mut member, &frame, &phase, &over, &worst)));
        }
        Ok(Self { phase, over, worst, threads })
    }

    fn enter(&self, phase: &str) {
        let index = PHASES.iter().position(|known| *known == phase).unwrap_or(0);
        self.phase.store(index, Ordering::Release);
    }

    fn end(self) -> Result<(usize, [(u128, u128); PHASES.len()]), String> {
        self.over.store(true, Ordering::Release);
        let mut asked = 0;
        for thread in self.threads {
            asked += thread.join().map_err(|_| "a healthy client panicked")??;
        }
        Ok((asked, *self.worst.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// A healthy client's life.
fn ask(
    member: &mut Member,
    produce: &[u8],
    phase: &AtomicUsize,
    over: &AtomicBool,
    worst: &Worst,
) -> Result<usize, String> {
    let mut asked = 0;
    let mut intended = Instant::now();
    while !over.load(Ordering::Acquire) {
        intended += EVERY;
        thread::sleep(intended.saturating_duration_since(Instant::now()));
        // Late by itself, because its own thread was not woken: that is not the node's.
        let begun = Instant::now();
        match member.heartbeat()? {
            0 => {}
            code => return Err(format!("a healthy member's heartbeat: error {code}")),
        }
        let heartbeat = begun.elapsed().as_micros();
        let begun = Instant::now();
        member.connection.send(produce)?;
        produced(member.connection.receive()?)?;
        let record = begun.elapsed().as_micros();
        intended = intended.max(Instant::now() - EVERY);
        asked += 1;
        let mut known = worst.lock().unwrap_or_else(PoisonError::into_inner);
        let (heartbeats, records) = &mut known[phase.load(Ordering::Acquire)];
        (*heartbeats, *records) = ((*heartbeats).max(heartbeat), (*records).max(record));
    }
    Ok(asked)
}

/// Plays all phases.
pub fn run(given: &Arguments) -> Result<String, String> {
    let (groups, members) = (given.count("groups", 1_000)?, given.count("members", 100)?);
    let healthy = Healthy::begin(given, given.count("healthy", 4)?)?;
    thread::sleep(Duration::from_secs(2));
    healthy.enter("groups");
    let begun = Instant::now();
    make_groups(given, groups)?;
    let groups_ms = begun.elapsed().as_millis();
    healthy.enter("joins");
    let big = fresh("big");
    let mut crowd = Crowd::new(&given.broker, &big, &given.topic, HEARTBEAT);
    let begun = Instant::now();
    crowd.come(members)?;
    let mut generation = crowd.together(0, PATIENCE)?;
    let joins_ms = begun.elapsed().as_millis();
    healthy.enter("describe");
    let mut connection = Connection::open(&given.broker)?;
    let begun = Instant::now();
    for _ in 0..20 {
        let (state, count) = describe(&mut connection, &big)?;
        if usize::try_from(count) != Ok(members) {
            return Err(format!("{big} is {state} and has {count} members"));
        }
    }
    let describe_ms = begun.elapsed().as_millis() / 20;
    let listed = list(&mut connection)?;
    if usize::try_from(listed).unwrap_or(0) < groups {
        return Err(format!("{listed} groups are listed"));
    }
    healthy.enter("comes");
    let begun = Instant::now();
    crowd.come(1)?;
    generation = crowd.together(generation, PATIENCE)?;
    let comes_ms = begun.elapsed().as_millis();
    healthy.enter("leaves");
    let begun = Instant::now();
    crowd.leave(1)?;
    crowd.together(generation, PATIENCE)?;
    let leaves_ms = begun.elapsed().as_millis();
    healthy.enter("ends");
    crowd.leave(members)?;
    let (asked, worst) = healthy.end()?;
    let phases = PHASES.iter().zip(worst).map(|(name, (heartbeat, record))| {
        format!(
            "{name}_heartbeat_ms={:.1} {name}_produce_ms={:.1}",
            heartbeat as f64 / 1e3,
            record as f64 / 1e3
        )
    });
    let phases: Vec<String> = phases.collect();
    let most = worst[1..].iter().map(|(heartbeat, record)| heartbeat.max(record)).max().copied().unwrap_or(0);
    Ok(format!(
        "groups={groups} members={members} asked={asked} groups_ms={groups_ms} joins_ms={joins_ms} describe_ms={describe_ms} \
         comes_ms={comes_ms} leaves_ms={leaves_ms} {} worst_ms={:.1}",
        phases.join(" "),
        most as f64 / 1e3
    ))
}

/// Waits until at least `--groups` are listed.
pub fn listed(given: &Arguments) -> Result<String, String> {
    let groups = given.count("groups", 1)?;
    let mut connection = Connection::open(&given.broker)?;
    let begun = Instant::now();
    loop {
        // While a partition is being read the answer is an error.
        let listed = list(&mut connection);
        if let Ok(count) = &listed
            && usize::try_from(*count).is_ok_and(|count| count >= groups)
        {
            return Ok(format!("listed={count} listed_ms={:.1}", begun.elapsed().as_secs_f64() * 1e3));
        }
        if begun.elapsed() > LOADED {
            return Err(format!("{listed:?} groups after {LOADED:?}"));
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Each group gets one committed offset.
fn make_groups(given: &Arguments, count: usize) -> Result<(), String> {
    let name = fresh("many");
    let mut connection = Connection::open(&given.broker)?;
    for number in 0..count + WINDOW {
        if number < count {
            connection.send(&commit_frame(&format!("{name}-{number}"), (-1, ""), &given.topic, 1, 1))?;
        }
        if number >= WINDOW {
            committed(connection.receive()?)?;
        }
    }
    Ok(())
}
