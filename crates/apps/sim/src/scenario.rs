//! One seed: a node, its clients, its deaths, and what must hold in the end.
//!
//! ```text
//! workloads run ───────────────────────────────→ finish what they began
//! life 1 ✝  life 2 ✝  …  the last life: no faults │ read all │ clean stop, start │ read all │ invariants
//! ```

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use headwater_runtime::sim::{Node, Sim};
use headwater_runtime::{Random, TaskHandle};

use crate::client::Client;
use crate::cluster::{Cluster, Phase};
use crate::faults::{self, Swarm};
use crate::history::{Counts, History};
use crate::invariants::{self, Violation};
use crate::life;
use crate::workload::churn::churn;
use crate::workload::groups;
use crate::workload::last_read::read_all;
use crate::workload::topics::{NewTopic, create};
use crate::workload::{Stage, Switch, Topic, audit, consumer, producer};

/// Numbers of the producers of passing topics begin here.
const PASSING_PRODUCERS: u32 = 1_000;
/// Virtual time in which a node without faults must serve, and clients must come to an end.
const REST: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(5);
/// Virtual time in which clients may work in peace.
const WORK: Duration = Duration::from_millis(60);

/// What is planted to see that it is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Planted {
    /// Nothing.
    #[default]
    Nothing,
    /// Syncs of partitions succeed and make nothing durable.
    SyncsLie,
    /// Acknowledged as if on disk, and only in memory.
    MemoryTakenForDisk,
    /// Producers that count as idempotent send no sequences.
    NoSequences,
    /// Syncs of committed offsets succeed and make nothing durable.
    OffsetsSyncsLie,
    /// The leader of a group gives a partition to two members.
    AssignsTwice,
}

/// What a seed led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// Hash of everything that happened.
    pub trace_hash: u64,
    /// Events that it covers.
    pub trace_events: u64,
    /// Numbers.
    pub counts: Counts,
    /// Invariants that did not hold.
    pub violations: Vec<Violation>,
}

/// The world of one seed.
pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) cluster: Cluster,
    pub(crate) clients: Node,
    pub(crate) client: Client,
    pub(crate) history: Rc<RefCell<History>>,
    pub(crate) swarm: Swarm,
    pub(crate) random: Random,
    planted: Planted,
}

impl World {
    /// Tells what happens, with `HEADWATER_STORY=1` in the environment.
    pub(crate) fn tell(&self, what: std::fmt::Arguments<'_>) {
        self.client.tell(what);
    }
}

/// Plays a seed.
#[must_use]
pub fn run(seed: u64, planted: Planted) -> Report {
    run_with(seed, planted, |swarm| match planted {
        Planted::Nothing => swarm,
        Planted::OffsetsSyncsLie | Planted::AssignsTwice => {
            Swarm { kills: false, power_losses: true, stops: false, groups: 2, lives: 4, ..swarm }
        }
        _ => Swarm { kills: false, power_losses: true, stops: false, ..swarm },
    })
}

/// Plays a seed with other faults than it would have by itself.
#[must_use]
pub fn run_with(seed: u64, planted: Planted, choose: impl FnOnce(Swarm) -> Swarm) -> Report {
    let mut random = Random::new(seed ^ 0x5EED_0F5E_ED00);
    let swarm = choose(Swarm::roll(&mut random));
    let sim = Sim::with_config(seed, faults::sim_config(&mut random));
    let cluster = Cluster::new(&sim, &faults::shape(&mut random));
    match planted {
        Planted::SyncsLie => cluster.disks().iter().for_each(|disk| disk.ignore_syncs("steady")),
        Planted::OffsetsSyncsLie => {
            cluster.disks().iter().for_each(|disk| disk.ignore_syncs("__consumer_offsets"));
        }
        _ => {}
    }
    let clients = sim.add_node("clients", 1);
    let runtime = sim.start(clients, |_| async {});
    let history = Rc::new(RefCell::new(History::default()));
    let client = Client { runtime, address: cluster.address(), history: history.clone() };
    let world = World {
        sim: sim.clone(),
        cluster,
        clients,
        client,
        history: history.clone(),
        swarm,
        random,
        planted,
    };
    let trace = sim.run_until(async move {
        let sim = world.sim.clone();
        let (node, clients) = (world.cluster.node(), world.clients);
        play(world).await;
        let trace = (sim.trace_hash(), sim.trace_events());
        // Their tasks hold the world, which holds them.
        sim.kill(node);
        sim.kill(clients);
        trace
    });
    let mut history = history.borrow_mut();
    history.counts.lost_rightly = invariants::lost::lost_rightly(&history);
    Report {
        seed,
        trace_hash: trace.0,
        trace_events: trace.1,
        counts: history.counts,
        violations: invariants::check_all(&history),
    }
}

async fn play(mut world: World) {
    world.tell(format_args!("{:?}", world.swarm));
    let switch = Switch::default();
    let kept: Rc<RefCell<Vec<Topic>>> = Rc::default();
    let workloads = start_workloads(&mut world, &switch, &kept);
    for _ in 0..world.swarm.lives {
        life::one_life(&mut world).await;
    }
    let rested = rest(&mut world, &switch, workloads, &kept).await;
    if let Err(what) = rested {
        world.history.borrow_mut().stuck.push(what);
    }
    switch.set(Stage::Over);
}

/// Without further faults everything comes to an end, and all is read, twice.
async fn rest(
    world: &mut World,
    switch: &Switch,
    workloads: Vec<TaskHandle<()>>,
    kept: &Rc<RefCell<Vec<Topic>>>,
) -> Result<(), String> {
    let runtime = world.sim.driver();
    let topics_at_least = workloads.len();
    life::begin(world, false);
    serving(world).await?;
    let ending = async {
        // Those whose topics are made only now must not go home with nothing done.
        while kept.borrow().len() < topics_at_least {
            runtime.sleep(LOOK).await;
        }
        runtime.sleep(WORK).await;
        switch.set(Stage::Finishing);
        for workload in workloads {
            let _ = workload.await;
        }
    };
    let ended = runtime.timeout(REST, ending).await;
    ended.map_err(|_| format!("clients do not come to an end; the node: {:?}", world.cluster.phase()))?;
    let topics = kept.borrow().clone();
    read(world, &topics).await?;
    life::stop(world).await?;
    life::begin(world, false);
    serving(world).await?;
    read(world, &topics).await
}

async fn serving(world: &World) -> Result<(), String> {
    let runtime = world.sim.driver();
    let waiting = async {
        loop {
            match world.cluster.phase() {
                Phase::Serving => return Ok(()),
                Phase::Failed(why) => return Err(format!("the node does not start: {why}")),
                _ => runtime.sleep(LOOK).await,
            }
        }
    };
    runtime.timeout(REST, waiting).await.map_err(|_| "the node does not start in time".to_owned())?
}

async fn read(world: &World, topics: &[Topic]) -> Result<(), String> {
    let runtime = world.sim.driver();
    let reading = async {
        read_all(&world.client, topics).await?;
        groups::view::view_all(&world.client).await?;
        audit::audit(&world.client).await
    };
    let read = runtime.timeout(REST, reading).await;
    read.map_err(|_| "the final reader does not come to an end".to_owned())?
        .map_err(|lost| format!("the final reader: {lost}"))
}

fn start_workloads(
    world: &mut World,
    switch: &Switch,
    kept: &Rc<RefCell<Vec<Topic>>>,
) -> Vec<TaskHandle<()>> {
    let mut workloads = Vec::new();
    let runtime = world.client.runtime.clone();
    for index in 0..1 + world.random.below(2) {
        let mut configs = faults::topic_configs(&mut world.random);
        if world.planted == Planted::MemoryTakenForDisk {
            configs.insert("headwater.acks.all".to_owned(), "memory".to_owned());
        }
        let new = NewTopic {
            name: format!("steady{index}"),
            partitions: 1 + world.random.below(3) as i32,
            configs,
        };
        let producers: Vec<producer::Plan> = (0..1 + world.random.below(2))
            .map(|number| producer_plan(world, index as u32 * 10 + number as u32))
            .collect();
        let consumer = consumer_plan(&mut world.random);
        let steady = steady(
            world.client.clone(),
            switch.clone(),
            kept.clone(),
            new,
            producers,
            consumer,
            world.planted,
        );
        workloads.push(runtime.spawn_local("steady", steady));
    }
    let offsets = (!world.random.chance(3)).then(|| faults::offsets_topic(&mut world.random));
    for number in 0..world.swarm.groups {
        let plan = groups::Plan::roll(&mut world.random, number);
        let plan = groups::Plan { assigns_twice: world.planted == Planted::AssignsTwice, ..plan };
        let group = groups::group(world.client.clone(), switch.clone(), plan, offsets.clone(), kept.clone());
        workloads.push(runtime.spawn_local("group", group));
    }
    if world.random.chance(2) {
        let churning = churn(world.client.clone(), switch.clone(), PASSING_PRODUCERS, kept.clone());
        workloads.push(runtime.spawn_local("churn", churning));
    }
    workloads
}

/// A topic that lasts, with producers and a consumer.
async fn steady(
    client: Client,
    switch: Switch,
    kept: Rc<RefCell<Vec<Topic>>>,
    new: NewTopic,
    producers: Vec<producer::Plan>,
    consumer: consumer::Plan,
    planted: Planted,
) {
    let Some(mut topic) = create(&client, &switch, &new).await else { return };
    kept.borrow_mut().push(topic.clone());
    if planted == Planted::MemoryTakenForDisk {
        topic.on_disk = true;
        if let Some(history) = client.history.borrow_mut().topics.get_mut(&topic.id) {
            history.on_disk = true;
        }
    }
    let topics = std::slice::from_ref(&topic);
    let mut tasks = Vec::new();
    for plan in producers {
        let producer = producer::Producer::new(client.clone(), plan, switch.clone(), topics);
        tasks.push(client.runtime.spawn_local("producer", producer.run()));
    }
    let consumer = consumer::Consumer::new(client.clone(), consumer, switch, topics);
    tasks.push(client.runtime.spawn_local("consumer", consumer.run()));
    for task in tasks {
        let _ = task.await;
    }
}

fn producer_plan(world: &mut World, number: u32) -> producer::Plan {
    let planted = world.planted;
    let random = &mut world.random;
    producer::Plan {
        number,
        idempotent: !random.chance(4),
        without_sequences: planted == Planted::NoSequences,
        version: random.between(3, 13) as i16,
        max_under_way: 1 + random.below(5) as usize,
        max_records: 1 + random.below(12),
        think: Duration::from_micros(random.below(10_000)),
        max_batches: 200,
    }
}

fn consumer_plan(random: &mut Random) -> consumer::Plan {
    consumer::Plan {
        version: random.between(10, 17) as i16,
        session: random.chance(2),
        max_wait_ms: random.below(300) as i32,
        max_bytes: 1_000 + random.below(200_000) as i32,
        think: Duration::from_millis(random.below(20)),
        rewind_one_in: [0, 10, 40][random.below(3) as usize],
    }
}
