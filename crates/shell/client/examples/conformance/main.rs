//! The native client's checks against the broker at `$BOOTSTRAP`; `conformance/native/run` starts it.
//!
//! A check is a function; one line of output for each, then the sum:
//!
//! ```text
//! ok NAME
//! FAIL NAME why
//! N passed, N failed
//! ```
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::cloned_ref_to_slice_refs)]

mod admin;
mod consumer;
mod groups;
mod producer;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use headwater_client::config::{Properties, properties};
use headwater_client::{Admin, Error};
use headwater_runtime::{RealConfig, RealGround, Runtime};

type Outcome = Result<(), String>;
type Check = (&'static str, fn(World) -> Pin<Box<dyn Future<Output = Outcome>>>);

/// How long a check may take.
const PER_CHECK: Duration = Duration::from_secs(60);

/// What a check works with.
#[derive(Clone)]
struct World {
    runtime: Runtime,
    bootstrap: String,
}

impl World {
    fn with(&self, pairs: &[(&str, &str)]) -> Properties {
        let mut all = properties([("bootstrap.servers", self.bootstrap.as_str())]);
        all.extend(properties(pairs.iter().copied()));
        all
    }

    fn admin(&self) -> Admin {
        Admin::from_properties(&self.runtime, &self.with(&[])).expect("configuration")
    }

    /// A name nobody used before.
    fn fresh(&self, word: &str) -> String {
        format!("native-{word}-{:010x}", self.runtime.random_u64() >> 24)
    }

    /// A new topic.
    async fn topic(&self, word: &str, partitions: i32) -> Result<String, String> {
        let name = self.fresh(word);
        let mut topic = headwater_client::admin::NewTopic::new(&name);
        topic.partitions = Some(partitions);
        topic.replication_factor = Some(1);
        let results = self.admin().create_topics(vec![topic], false).await.map_err(text)?;
        results.into_iter().next().ok_or("no result")?.1.map_err(text)?;
        // A broker may hear of it a little after the controller has answered.
        for _ in 0..1500 {
            let described = self.admin().describe_topics(std::slice::from_ref(&name)).await.map_err(text)?;
            if described.iter().all(|(_, topic)| topic.is_ok()) {
                return Ok(name);
            }
            self.runtime.sleep(Duration::from_millis(20)).await;
        }
        Err(format!("{name} is not seen"))
    }
}

fn text(error: Error) -> String {
    format!("{:?}: {error}", error.kind())
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found:?}, expected {expected:?}")) }
}

macro_rules! checks {
    ($($module:ident :: $name:ident),* $(,)?) => {
        &[$((stringify!($name), |world| Box::pin($module::$name(world)))),*]
    };
}
use checks;

fn main() {
    let bootstrap = std::env::var("BOOTSTRAP").unwrap_or_else(|_| "127.0.0.1:9092".to_owned());
    let only = std::env::args().nth(1).unwrap_or_default();
    let ground = RealGround::start(&RealConfig { data_cores: 1 }).expect("threads");
    let failed = ground.block_on(|runtime| async move {
        let world = World { runtime: runtime.clone(), bootstrap };
        let (mut passed, mut failed) = (0, 0);
        for (name, check) in
            [admin::CHECKS, producer::CHECKS, consumer::CHECKS, groups::CHECKS, admin::HEAVY].concat()
        {
            if !name.contains(&only) {
                continue;
            }
            let outcome = runtime.timeout(PER_CHECK, check(world.clone())).await;
            match outcome.unwrap_or_else(|_| Err(format!("not done within {} s", PER_CHECK.as_secs()))) {
                Ok(()) => {
                    passed += 1;
                    println!("ok {name}");
                }
                Err(why) => {
                    failed += 1;
                    println!("FAIL {name} {why}");
                }
            }
        }
        println!("{passed} passed, {failed} failed");
        failed
    });
    std::process::exit(i32::from(failed > 0));
}
